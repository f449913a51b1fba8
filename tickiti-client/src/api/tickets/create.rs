//! Opening a ticket.

use api_core::{Endpoint, Problem, Repeat, Reversal, Spec};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{
    permission::TICKETS_WRITE,
    rules::{Rules, filled},
    types::{
        AssigneeKey, Date, Email, Priority, ResponseId, Status, TicketId, TicketNumber,
        UploadedFile, lenient,
    },
};

/// Opens a ticket, in exactly one of three ways: with subject and content, from a template, or by an intervention.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(remote = "Self")]
pub struct Create {
    /// E-mail address of the customer who raises the ticket; an unknown one becomes a new customer.
    pub originator_email_address: Email,
    /// True: the customer sees the opening message and is told of it. False: it is an internal note for staff alone.
    pub is_public: bool,
    /// Name of the queue to file the ticket in; absent means Inbox. Not with `intervention`, which names its own queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_name: Option<String>,
    /// Identifier of an e-mail template to write the ticket from; its values go into `data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template_identifier: Option<String>,
    /// Name of an intervention to start; needs `uid`, and its values go into `data.data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intervention: Option<String>,
    /// Your own unique id for the intervention, such as an order number with a suffix. Only with `intervention`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// True: the opening message is shown as written by the customer instead of the owner of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_passed_originator_as_responder: Option<bool>,
    /// E-mail addresses of further people to keep informed, besides the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub participants: Option<Vec<Email>>,
    /// True: refuse when an @tag or #hashtag in the content matches nobody. Otherwise it stays text and is reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strict_tags: Option<bool>,
    /// Subject, content and attributes of the ticket, or the values of a template or intervention.
    #[serde(default, skip_serializing_if = "TicketData::is_empty")]
    pub data: TicketData,
    /// Files to attach for download, each uploaded before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Vec<UploadedFile>>,
}

/// The inner fields of [`Create`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct TicketData {
    /// One line that names the matter; the customer sees it. Needed without template and intervention.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Opening message as HTML. Needed without template and intervention.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Who shall work on it: a staff e-mail address or `team:<id>`. Absent: nobody yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_to_email: Option<AssigneeKey>,
    /// Urgency; absent means Normal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// State to start in; absent means open. `on-hold` needs `on_hold_until`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Date on which a ticket on hold opens again, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_hold_until: Option<Date>,
    /// Values of an intervention, by field name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Map<String, Value>>,
    /// Values of a template, by placeholder name.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl TicketData {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Create {
    /// A ticket with subject and HTML content, visible to the customer.
    pub fn new(originator: Email, subject: impl Into<String>, content: impl Into<String>) -> Self {
        let mut request = Self::bare(originator);
        request.data.subject = Some(subject.into());
        request.data.content = Some(content.into());
        request
    }

    /// A ticket written from a template with its values, visible to the customer.
    pub fn from_template(
        originator: Email,
        identifier: impl Into<String>,
        values: Map<String, Value>,
    ) -> Self {
        let mut request = Self::bare(originator);
        request.template_identifier = Some(identifier.into());
        request.data.extra = values;
        request
    }

    /// A ticket that starts an intervention with its values; `uid` is the caller's own unique id for it.
    pub fn by_intervention(
        originator: Email,
        name: impl Into<String>,
        uid: impl Into<String>,
        values: Map<String, Value>,
    ) -> Self {
        let mut request = Self::bare(originator);
        request.intervention = Some(name.into());
        request.uid = Some(uid.into());
        request.data.data = Some(values);
        request
    }

    fn bare(originator_email_address: Email) -> Self {
        Self {
            originator_email_address,
            is_public: true,
            queue_name: None,
            template_identifier: None,
            intervention: None,
            uid: None,
            use_passed_originator_as_responder: None,
            participants: None,
            strict_tags: None,
            data: TicketData::default(),
            attachments: None,
        }
    }
}

impl Serialize for Create {
    /// Repeats the queue inside `data`: installs of June 2026 look for it there, newer ones ignore it (inferred).
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(queue) = &self.queue_name else {
            return Self::serialize(self, serializer);
        };
        let mut both = self.clone();
        both.data
            .extra
            .insert("queue_name".into(), queue.clone().into());
        Self::serialize(&both, serializer)
    }
}

impl<'de> Deserialize<'de> for Create {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

impl Endpoint for Create {
    type Response = Created;

    const SPEC: Spec = Spec::write(
        "tickets.create",
        "tickets",
        Repeat::Keyed,
        Reversal::Compensable,
    )
    .abilities(TICKETS_WRITE);

    fn problems(&self) -> Vec<Problem> {
        let mut rules = Rules::default();
        let template = self.template_identifier.is_some();
        let intervention = self.intervention.is_some();
        rules.require(
            !(template && intervention),
            "template_identifier, intervention",
            "exclude each other: a ticket is written from a template or by an intervention",
        );
        if !template && !intervention {
            rules
                .require(
                    filled(self.data.subject.as_ref()),
                    "data.subject",
                    "is missing: give subject and content, or a template, or an intervention",
                )
                .require(
                    filled(self.data.content.as_ref()),
                    "data.content",
                    "is missing: give subject and content, or a template, or an intervention",
                );
        }
        rules
            .require(
                !intervention || filled(self.uid.as_ref()),
                "uid",
                "is missing: an intervention needs the caller's own unique id",
            )
            .require(
                intervention || self.uid.is_none(),
                "uid",
                "only goes with `intervention`",
            )
            .require(
                !intervention || self.queue_name.is_none(),
                "queue_name",
                "does not go with `intervention`, which names its own queue",
            )
            .require(
                !intervention || self.data.extra.is_empty(),
                "data",
                "has values that belong one level down: those of an intervention go into `data.data`",
            )
            .require(
                self.data.assigned_to_email != Some(AssigneeKey::Unassigned),
                "data.assigned_to_email",
                "cannot be Unassigned here: leave it out to open the ticket unassigned",
            );
        hold(
            &mut rules,
            self.data.status,
            self.data.on_hold_until.is_some(),
            "data.on_hold_until",
        );
        rules.take()
    }
}

/// The date of a hold goes with the hold.
pub(super) fn hold(rules: &mut Rules, status: Option<Status>, dated: bool, field: &'static str) {
    rules
        .require(
            status != Some(Status::OnHold) || dated,
            field,
            "is missing: on-hold needs the date on which the ticket opens again, YYYY-MM-DD",
        )
        .require(
            !dated || matches!(status, None | Some(Status::OnHold)),
            field,
            "only goes with the status on-hold",
        );
}

/// The ticket that was opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Created {
    /// Its number.
    pub ticket_number: TicketNumber,
    /// Its internal id (inferred).
    #[serde(
        default,
        deserialize_with = "lenient::known",
        skip_serializing_if = "Option::is_none"
    )]
    pub ticket_id: Option<TicketId>,
    /// Internal id of the opening response (inferred).
    #[serde(
        default,
        deserialize_with = "lenient::known",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_id: Option<ResponseId>,
    /// Name of the queue it landed in.
    #[serde(
        default,
        deserialize_with = "lenient::known",
        skip_serializing_if = "Option::is_none"
    )]
    pub queue: Option<String>,
    /// True when a routing rule moved it to another queue than asked for.
    #[serde(
        default,
        deserialize_with = "lenient::flag",
        skip_serializing_if = "Option::is_none"
    )]
    pub rerouted: Option<bool>,
    /// Why it was moved.
    #[serde(
        default,
        deserialize_with = "lenient::known",
        skip_serializing_if = "Option::is_none"
    )]
    pub reroute_reason: Option<String>,
    /// Tags in the content that matched nobody; the form of one is not documented.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub tag_warnings: Value,
    /// What else the answer said.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
