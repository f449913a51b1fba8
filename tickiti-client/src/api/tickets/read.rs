//! Reading one ticket or one response.

use api_core::{Endpoint, Spec};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};

use super::objects::{ThreadResponse, Ticket};
use crate::{
    permission::TICKETS_READ,
    types::{ResponseId, TicketNumber, TicketRef, lenient},
};

/// A part of a response that can be left out to make an answer small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "documented variants would turn the schema's plain list into a choice of constants"
)]
pub enum BodyField {
    Html,
    PlainText,
    Attachments,
}

/// Reads a ticket: header, participants, linked tickets, and the whole thread with internal notes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Show {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: TicketRef,
    /// Heavy parts to return, default all; `plain_text` is the smallest readable form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<BodyField>>,
    /// Cuts each body there, and marks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_body_chars: Option<u32>,
}

impl Show {
    /// The whole ticket.
    pub fn new(ticket: impl Into<TicketRef>) -> Self {
        Self {
            ticket: ticket.into(),
            fields: None,
            max_body_chars: None,
        }
    }
}

impl Endpoint for Show {
    type Response = Shown;

    const SPEC: Spec = Spec::read("tickets.show", "tickets/show").abilities(TICKETS_READ);
}

/// A ticket with its thread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Shown {
    /// The header.
    pub ticket: Ticket,
    /// The thread: pinned ones first, then oldest to newest.
    pub responses: Vec<ThreadResponse>,
    /// What else the answer said.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Reads the thread of a ticket without its header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Responses {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: TicketRef,
    /// Heavy parts to return, default all; `plain_text` is the smallest readable form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<BodyField>>,
    /// Cuts each body there, and marks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_body_chars: Option<u32>,
}

impl Responses {
    /// The whole thread.
    pub fn new(ticket: impl Into<TicketRef>) -> Self {
        Self {
            ticket: ticket.into(),
            fields: None,
            max_body_chars: None,
        }
    }
}

impl Endpoint for Responses {
    type Response = Thread;

    const SPEC: Spec = Spec::read("tickets.responses", "tickets/responses").abilities(TICKETS_READ);
}

/// The thread of a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Thread {
    /// Number of the ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_number: Option<TicketNumber>,
    /// The responses: pinned ones first, then oldest to newest.
    pub responses: Vec<ThreadResponse>,
    /// What else the answer said.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Reads one response by its id: body, flags, changes, files, and the number of its ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResponseShow {
    /// Internal id of the response, as threads and response searches give it.
    pub response_id: ResponseId,
    /// Cuts `html` and `plain_text` after so many characters and marks what was cut; absent means whole bodies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_body_chars: Option<u32>,
}

impl ResponseShow {
    /// The whole response.
    #[must_use]
    pub const fn new(response_id: ResponseId) -> Self {
        Self {
            response_id,
            max_body_chars: None,
        }
    }
}

impl Endpoint for ResponseShow {
    type Response = ShownResponse;

    const SPEC: Spec = Spec::read("tickets.response_show", "tickets/response")
        .abilities(TICKETS_READ)
        .since("2026-10");
}

/// One response; taken from under the key `response` or bare (inferred).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct ShownResponse {
    /// The response.
    pub response: ThreadResponse,
}

impl<'de> Deserialize<'de> for ShownResponse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let answer = lenient::unwrap(Map::deserialize(deserializer)?, "response");
        let response: ThreadResponse = serde_json::from_value(answer).map_err(de::Error::custom)?;
        if response.key().is_none() {
            return Err(de::Error::missing_field("response_id"));
        }
        Ok(Self { response })
    }
}
