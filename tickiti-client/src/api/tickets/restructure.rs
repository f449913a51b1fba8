//! Deleting, restoring, merging, splitting and linking tickets.

use api_core::{Endpoint, Problem, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    permission::{TICKETS_READ, TICKETS_WRITE},
    rules::Rules,
    types::{Email, ResponseId, Rows, TicketNumber, TicketRef},
};

const MAX_NUMBERS: usize = 1000;
const MAX_LINKS: usize = 100;
const MAX_IDS: usize = 500;
const MAX_SUBJECT: usize = 255;

/// Deletes tickets, by number or all that one customer raised. All of them or none are deleted.
///
/// `tickets.restore` brings one back. Needs the right to manage every queue concerned.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    /// Numbers of the tickets, at most 1000. Give this or `originator_email`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_NUMBERS)))]
    pub ticket_numbers: Option<Vec<TicketNumber>>,
    /// E-mail address of a customer: **every** ticket that they raised. Give this or `ticket_numbers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub originator_email: Option<Email>,
    /// Name of a queue: only the customer's tickets in it. Only with `originator_email`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// True: lists what would be deleted and deletes nothing. **Absent or false deletes.**
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dry_run: Option<bool>,
}

impl Delete {
    /// Deletes tickets by number.
    #[must_use]
    pub const fn new(ticket_numbers: Vec<TicketNumber>) -> Self {
        Self {
            ticket_numbers: Some(ticket_numbers),
            originator_email: None,
            queue: None,
            dry_run: None,
        }
    }

    /// Deletes every ticket that a customer raised.
    #[must_use]
    pub const fn raised_by(originator_email: Email) -> Self {
        Self {
            ticket_numbers: None,
            originator_email: Some(originator_email),
            queue: None,
            dry_run: None,
        }
    }
}

impl Endpoint for Delete {
    type Response = Value;

    // By address, a repeat also deletes what came in between, so the whole endpoint counts as never repeatable.
    const SPEC: Spec = Spec::write(
        "tickets.delete",
        "tickets/delete",
        Repeat::Never,
        Reversal::Reversible("tickets.restore"),
    )
    .abilities(TICKETS_WRITE)
    .since("2026-10");

    fn problems(&self) -> Vec<Problem> {
        let mut rules = Rules::default();
        rules
            .require(
                self.ticket_numbers.is_some() != self.originator_email.is_some(),
                "ticket_numbers, originator_email",
                "exclude each other: give exactly one of them",
            )
            .require(
                self.queue.is_none() || self.originator_email.is_some(),
                "queue",
                "only goes with `originator_email`",
            );
        if let Some(numbers) = &self.ticket_numbers {
            rules.count("ticket_numbers", numbers, 1..=MAX_NUMBERS);
        }
        rules.take()
    }
}

/// Brings a deleted ticket back, with the responses that were deleted with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Restore {
    /// Number of the deleted ticket.
    pub ticket_number: TicketNumber,
}

impl Restore {
    /// Restores this ticket.
    #[must_use]
    pub const fn new(ticket_number: TicketNumber) -> Self {
        Self { ticket_number }
    }
}

impl Endpoint for Restore {
    type Response = Value;

    const SPEC: Spec = Spec::write(
        "tickets.restore",
        "tickets/restore",
        Repeat::Natural,
        Reversal::Reversible("tickets.delete"),
    )
    .abilities(TICKETS_WRITE)
    .since("2026-10");
}

/// Merges two tickets. The older survives with the participants and responses of both, the newer is deleted.
///
/// The order of the two fields makes no difference; the answer names the survivor. Needs the right to manage both
/// queues. There is no way to take a merge apart again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Merge {
    /// Number of one ticket.
    pub ticket_number: TicketNumber,
    /// Number of the other ticket.
    pub other_ticket_number: TicketNumber,
}

impl Merge {
    /// Merges these two.
    #[must_use]
    pub const fn new(one: TicketNumber, other: TicketNumber) -> Self {
        Self {
            ticket_number: one,
            other_ticket_number: other,
        }
    }
}

impl Endpoint for Merge {
    type Response = Value;

    const SPEC: Spec = Spec::write(
        "tickets.merge",
        "tickets/merge",
        Repeat::Natural,
        Reversal::Irreversible,
    )
    .abilities(TICKETS_WRITE)
    .since("2026-10");

    fn problems(&self) -> Vec<Problem> {
        let differ = self.ticket_number != self.other_ticket_number;
        Rules::default()
            .require(
                differ,
                "other_ticket_number",
                "is the same ticket: give two different ones",
            )
            .take()
    }
}

/// Makes a new ticket out of responses of one ticket; it is linked to the source for good.
///
/// The new ticket has the customer and participants of the source. Needs the right to manage the source's queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Split {
    /// Internal ids of the responses, 1 to 500, all of the same ticket.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_IDS)))]
    pub response_ids: Vec<ResponseId>,
    /// Subject of the new ticket, at most 255 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_SUBJECT)))]
    pub subject: String,
    /// Name of the queue for the new ticket; absent means the source's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// True: the source keeps its responses. Default false: they move.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<bool>,
}

impl Split {
    /// Splits these responses off under a new subject.
    pub fn new(response_ids: Vec<ResponseId>, subject: impl Into<String>) -> Self {
        Self {
            response_ids,
            subject: subject.into(),
            queue: None,
            copy: None,
        }
    }
}

impl Endpoint for Split {
    type Response = Value;

    const SPEC: Spec = Spec::write(
        "tickets.split",
        "tickets/split",
        Repeat::Never,
        Reversal::Compensable,
    )
    .abilities(TICKETS_WRITE)
    .since("2026-10");

    fn problems(&self) -> Vec<Problem> {
        Rules::default()
            .count("response_ids", &self.response_ids, 1..=MAX_IDS)
            .length("subject", Some(&self.subject), 1..=MAX_SUBJECT)
            .take()
    }
}

/// Links a ticket with others. A pair that is linked already stays as it is. Needs sight of all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Link {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: TicketRef,
    /// Numbers of the tickets to link it with, 1 to 100.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_LINKS)))]
    pub linked_ticket_numbers: Vec<TicketNumber>,
}

impl Link {
    /// Links a ticket with others.
    pub fn new(ticket: impl Into<TicketRef>, others: Vec<TicketNumber>) -> Self {
        Self {
            ticket: ticket.into(),
            linked_ticket_numbers: others,
        }
    }
}

impl Endpoint for Link {
    type Response = Value;

    const SPEC: Spec = Spec::write(
        "tickets.link",
        "tickets/link",
        Repeat::Natural,
        Reversal::Reversible("tickets.unlink"),
    )
    .abilities(TICKETS_WRITE)
    .since("2026-10");

    fn problems(&self) -> Vec<Problem> {
        let others = &self.linked_ticket_numbers;
        Rules::default()
            .count("linked_ticket_numbers", others, 1..=MAX_LINKS)
            .take()
    }
}

/// Removes the link between two tickets; the link of a split ticket to its source cannot be removed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unlink {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: TicketRef,
    /// Number of the ticket at the other end of the link.
    pub linked_ticket_number: TicketNumber,
}

impl Unlink {
    /// Unlinks two tickets.
    pub fn new(ticket: impl Into<TicketRef>, other: TicketNumber) -> Self {
        Self {
            ticket: ticket.into(),
            linked_ticket_number: other,
        }
    }
}

impl Endpoint for Unlink {
    type Response = Value;

    const SPEC: Spec = Spec::write(
        "tickets.unlink",
        "tickets/unlink",
        Repeat::Natural,
        Reversal::Reversible("tickets.link"),
    )
    .abilities(TICKETS_WRITE)
    .since("2026-10");
}

/// Lists the tickets that a ticket is linked with; `tickets.show` has them too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Links {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: TicketRef,
}

impl Links {
    /// Links of this ticket.
    pub fn new(ticket: impl Into<TicketRef>) -> Self {
        Self {
            ticket: ticket.into(),
        }
    }
}

impl Endpoint for Links {
    type Response = Rows<Value>;

    const SPEC: Spec = Spec::read("tickets.links", "tickets/links")
        .abilities(TICKETS_READ)
        .since("2026-10");
}
