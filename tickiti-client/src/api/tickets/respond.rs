//! Answering and closing a ticket.

use api_core::{Endpoint, Problem, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::create::hold;
use crate::{
    permission::TICKETS_WRITE,
    rules::{Rules, filled},
    types::{
        AssigneeKey, Date, Email, Priority, ResponseId, Status, TicketId, TicketRef, UploadedFile,
        lenient,
    },
};

/// Adds a reply or an internal note to a ticket, changes its attributes, or both.
///
/// A public reply reopens a closed or held ticket unless `keep_status` or a `status` is given; notes and changes alone
/// do not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Respond {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: TicketRef,
    /// Author, usually the token's owner.
    pub from_email: Email,
    /// HTML; needed unless something else changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// True: a note for staff. Default: a public reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_internal: Option<bool>,
    /// `on-hold` needs `on_hold_until`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Day it opens again; alone it holds the ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_hold_until: Option<Date>,
    /// True: a public reply reopens nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_status: Option<bool>,
    /// A staff address, `team:<id>`, or `Unassigned`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_to_email: Option<AssigneeKey>,
    /// New urgency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Resolution, by id or name; closing may require it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved: Option<String>,
    /// Moves it there, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// New subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Addresses to add.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_participants: Option<Vec<Email>>,
    /// Not who raised it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remove_participants: Option<Vec<Email>>,
    /// True: mails the whole reply, not a notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_full_email: Option<bool>,
    /// Files to attach for download, each uploaded before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Vec<UploadedFile>>,
}

impl Respond {
    /// A call that says nothing yet; set `content`, a status or an attribute.
    pub fn new(ticket: impl Into<TicketRef>, from_email: Email) -> Self {
        Self {
            ticket: ticket.into(),
            from_email,
            content: None,
            is_internal: None,
            status: None,
            on_hold_until: None,
            keep_status: None,
            assigned_to_email: None,
            priority: None,
            resolved: None,
            queue: None,
            subject: None,
            add_participants: None,
            remove_participants: None,
            send_full_email: None,
            attachments: None,
        }
    }

    /// A reply that the customer receives.
    pub fn reply(
        ticket: impl Into<TicketRef>,
        from_email: Email,
        content: impl Into<String>,
    ) -> Self {
        let mut request = Self::new(ticket, from_email);
        request.content = Some(content.into());
        request
    }

    /// A note that only staff see.
    pub fn note(
        ticket: impl Into<TicketRef>,
        from_email: Email,
        content: impl Into<String>,
    ) -> Self {
        let mut request = Self::reply(ticket, from_email, content);
        request.is_internal = Some(true);
        request
    }

    fn changes_something(&self) -> bool {
        let listed = |list: &Option<Vec<Email>>| list.as_ref().is_some_and(|list| !list.is_empty());
        self.status.is_some()
            || self.on_hold_until.is_some()
            || self.assigned_to_email.is_some()
            || self.priority.is_some()
            || self.resolved.is_some()
            || self.queue.is_some()
            || self.subject.is_some()
            || listed(&self.add_participants)
            || listed(&self.remove_participants)
    }
}

impl Endpoint for Respond {
    type Response = Responded;

    const SPEC: Spec = Spec::write(
        "tickets.respond",
        "tickets/respond",
        Repeat::Keyed,
        Reversal::Compensable,
    )
    // What it changes besides stays readable on the thread.
    .adds(true)
    .abilities(TICKETS_WRITE);

    fn problems(&self) -> Vec<Problem> {
        let mut rules = Rules::default();
        rules.require(
            filled(self.content.as_ref()) || self.changes_something(),
            "content",
            "is missing: give a message, or change the status or an attribute",
        );
        hold(
            &mut rules,
            self.status,
            self.on_hold_until.is_some(),
            "on_hold_until",
        );
        rules.take()
    }
}

/// Closes a ticket, with or without a last message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Close {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: TicketRef,
    /// Author; default the token's owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_email: Option<Email>,
    /// Last message, HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// True: the message is a note for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_internal: Option<bool>,
    /// Resolution, by id or name; the queue may require it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved: Option<String>,
    /// Moves it there, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// New subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

impl Close {
    /// Closes without a message.
    pub fn new(ticket: impl Into<TicketRef>) -> Self {
        Self {
            ticket: ticket.into(),
            from_email: None,
            content: None,
            is_internal: None,
            resolved: None,
            queue: None,
            subject: None,
        }
    }
}

impl Endpoint for Close {
    type Response = Responded;

    const SPEC: Spec = Spec::write(
        "tickets.close",
        "tickets/close",
        Repeat::Keyed,
        Reversal::Reversible("tickets.respond"),
    )
    .adds(true)
    .abilities(TICKETS_WRITE)
    .since("2026-10");
}

/// What a call did that went through the reply code: respond, close, and the two participant calls.
///
/// All of it is documented for `tickets.respond`; that the others answer the same is inferred.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Responded {
    /// Internal id of the ticket.
    #[serde(
        default,
        deserialize_with = "lenient::known",
        skip_serializing_if = "Option::is_none"
    )]
    pub ticket_id: Option<TicketId>,
    /// Internal id of the response that was added; one without a body when only attributes changed (inferred).
    #[serde(
        default,
        deserialize_with = "lenient::known",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_id: Option<ResponseId>,
    /// True when a ticket that was not open is open now.
    #[serde(
        default,
        deserialize_with = "lenient::flag",
        skip_serializing_if = "Option::is_none"
    )]
    pub reopened: Option<bool>,
    /// Fields that were sent but not understood; their place in the answer is inferred.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub ignored_params: Value,
    /// What else the answer said.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
