//! Tickets, responses and files as the reads answer them.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::types::{
    AttachmentId, Priority, QueueId, Reported, ResponseId, Sha256, Status, TicketId, TicketNumber,
    lenient,
};

/// The header of a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Ticket {
    /// Internal id.
    pub id: TicketId,
    /// Number that people see.
    pub number: TicketNumber,
    /// One line that names the matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// State.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Reported<Status>>,
    /// Urgency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Reported<Priority>>,
    /// Internal id of the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<QueueId>,
    /// Name of the queue (name of the key inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_name: Option<String>,
    /// Address of the customer who raised it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub originator_email: Option<String>,
    /// Name of that customer (name of the key inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raised_by_name: Option<String>,
    /// Address of the assignee or key of a team; absent when nobody is assigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_to_email: Option<String>,
    /// Resolution; its form is not documented.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub resolved: Value,
    /// Date on which a held ticket opens again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_hold_until: Option<String>,
    /// Time of creation, ISO 8601 with offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// Time of the last change, ISO 8601 with offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// What else the answer said: participants, linked tickets.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A row of a ticket search.
///
/// Its columns follow the perspective and their names are not documented, so the row is kept as it came; the methods
/// look where our best knowledge says (inferred).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct TicketRow {
    /// Every column.
    pub columns: Map<String, Value>,
}

impl TicketRow {
    /// Internal id.
    #[must_use]
    pub fn id(&self) -> Option<TicketId> {
        self.column("id")
    }

    /// Number that people see.
    #[must_use]
    pub fn number(&self) -> Option<TicketNumber> {
        self.column("number")
            .or_else(|| self.column("ticket_number"))
    }

    /// One line that names the matter.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.columns.get("subject")?.as_str()
    }

    /// State.
    #[must_use]
    pub fn status(&self) -> Option<Reported<Status>> {
        self.column("status")
    }

    /// Urgency.
    #[must_use]
    pub fn priority(&self) -> Option<Reported<Priority>> {
        self.column("priority")
    }

    /// Name of the queue.
    #[must_use]
    pub fn queue_name(&self) -> Option<&str> {
        self.columns.get("queue_name")?.as_str()
    }

    fn column<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.columns.get(name)?.clone()).ok()
    }
}

/// One response of a thread: a message, a note, or a record of changes.
///
/// Which fields are there depends on what was asked for. Rows of `tickets.responses_query` carry `response_id` and
/// `ticket_number`, the threads of a ticket carry `id`; [`Self::key`] takes either.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ThreadResponse {
    /// Internal id, in the thread of a ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ResponseId>,
    /// Internal id, in rows across tickets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_id: Option<ResponseId>,
    /// Number of the ticket, in rows across tickets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_number: Option<TicketNumber>,
    /// True for a note that only staff see.
    #[serde(
        default,
        deserialize_with = "lenient::flag",
        skip_serializing_if = "Option::is_none"
    )]
    pub is_internal: Option<bool>,
    /// True when it is kept at the top of the thread.
    #[serde(
        default,
        deserialize_with = "lenient::flag",
        skip_serializing_if = "Option::is_none"
    )]
    pub is_pinned: Option<bool>,
    /// True when staff wrote it.
    #[serde(
        default,
        deserialize_with = "lenient::flag",
        skip_serializing_if = "Option::is_none"
    )]
    pub staff_response: Option<bool>,
    /// Address of the author.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by_email: Option<String>,
    /// Time of creation, ISO 8601 with offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// Time of the last change, ISO 8601 with offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// True when it came in by mail.
    #[serde(
        default,
        deserialize_with = "lenient::flag",
        skip_serializing_if = "Option::is_none"
    )]
    pub is_email_sourced: Option<bool>,
    /// True when it has no body and only records changes.
    #[serde(
        default,
        deserialize_with = "lenient::flag",
        skip_serializing_if = "Option::is_none"
    )]
    pub is_audit_only: Option<bool>,
    /// The stored HTML, as it came and not made safe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// True when `html` was cut.
    #[serde(
        default,
        deserialize_with = "lenient::flag",
        skip_serializing_if = "Option::is_none"
    )]
    pub html_truncated: Option<bool>,
    /// The body as plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plain_text: Option<String>,
    /// True when `plain_text` was cut.
    #[serde(
        default,
        deserialize_with = "lenient::flag",
        skip_serializing_if = "Option::is_none"
    )]
    pub plain_text_truncated: Option<bool>,
    /// Length of the whole body in characters.
    #[serde(
        default,
        deserialize_with = "lenient::size",
        skip_serializing_if = "Option::is_none"
    )]
    pub body_chars: Option<u64>,
    /// Files of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Vec<AttachmentInfo>>,
    /// What the response changed; its form is not documented.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub audit: Value,
    /// Time of deletion, for rows that were asked for with the deleted ones (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<String>,
    /// What else the answer said.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl ThreadResponse {
    /// The internal id, under whichever name it came.
    #[must_use]
    pub fn key(&self) -> Option<ResponseId> {
        self.response_id.or(self.id)
    }
}

/// A file on a response, without its content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AttachmentInfo {
    /// Internal id, for `tickets.attachment`.
    pub id: AttachmentId,
    /// File name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// True when the body shows it.
    #[serde(
        default,
        deserialize_with = "lenient::flag",
        skip_serializing_if = "Option::is_none"
    )]
    pub is_inline: Option<bool>,
    /// Media type (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Size in bytes (inferred).
    #[serde(
        default,
        deserialize_with = "lenient::size",
        skip_serializing_if = "Option::is_none"
    )]
    pub file_size: Option<u64>,
    /// SHA-256 of the content (inferred).
    #[serde(
        default,
        deserialize_with = "lenient::known",
        skip_serializing_if = "Option::is_none"
    )]
    pub sha256: Option<Sha256>,
    /// What else the answer said.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
