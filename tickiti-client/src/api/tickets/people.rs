//! Who is on a ticket.

use api_core::{Endpoint, Problem, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::respond::Responded;
use crate::{
    permission::TICKETS_WRITE,
    rules::Rules,
    types::{Email, TicketRef},
};

/// Makes another customer the one who raised the ticket; the former one stays a participant.
///
/// The change is recorded on the thread. Needs the right to manage the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OriginatorUpdate {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: TicketRef,
    /// E-mail address of the new originator.
    pub originator_email: Email,
}

impl OriginatorUpdate {
    /// Gives a ticket to a customer.
    pub fn new(ticket: impl Into<TicketRef>, originator_email: Email) -> Self {
        Self {
            ticket: ticket.into(),
            originator_email,
        }
    }
}

impl Endpoint for OriginatorUpdate {
    type Response = Value;

    const SPEC: Spec = Spec::write(
        "tickets.originator_update",
        "tickets/originator-update",
        Repeat::Natural,
        Reversal::Reversible("tickets.originator_update"),
    )
    .abilities(TICKETS_WRITE)
    .since("2026-10");
}

macro_rules! participants {
    ($($(#[$doc:meta])* $name:ident, $spec:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub struct $name {
            /// The ticket.
            #[serde(flatten)]
            pub ticket: TicketRef,
            /// E-mail addresses, at least one.
            #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
            pub participants: Vec<Email>,
            /// E-mail address of who does it; absent means the owner of the token.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub from_email: Option<Email>,
        }

        impl $name {
            /// Names the ticket and the people.
            pub fn new(ticket: impl Into<TicketRef>, participants: Vec<Email>) -> Self {
                Self {
                    ticket: ticket.into(),
                    participants,
                    from_email: None,
                }
            }
        }

        impl Endpoint for $name {
            type Response = Responded;

            const SPEC: Spec = $spec;

            fn problems(&self) -> Vec<Problem> {
                let some = !self.participants.is_empty();
                Rules::default()
                    .require(some, "participants", "is empty: give at least one address")
                    .take()
            }
        }
    )+};
}

participants! {
    /// Adds people to a ticket, so that they are kept informed; recorded on the thread.
    ParticipantsAdd, Spec::write(
        "tickets.participants_add",
        "tickets/participants/add",
        Repeat::Keyed,
        Reversal::Reversible("tickets.participants_remove"),
    )
    .abilities(TICKETS_WRITE)
    .since("2026-10");
    /// Takes people off a ticket; recorded on the thread. The customer who raised it cannot be removed.
    ParticipantsRemove, Spec::write(
        "tickets.participants_remove",
        "tickets/participants/remove",
        Repeat::Keyed,
        Reversal::Reversible("tickets.participants_add"),
    )
    .abilities(TICKETS_WRITE)
    .since("2026-10");
}
