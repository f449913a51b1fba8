//! Queues: where tickets wait.

use api_core::{Endpoint, Problem, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    permission::{ADMIN, WORKFLOW_READ, WORKFLOW_WRITE},
    rules::Rules,
    types::{MailboxId, QueueId},
};

/// Creates a queue. The answer does not hold its id; list the queues again and look for the name.
///
/// Under the permissive model every member of staff may use it at once, under the restrictive model nobody may.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {
    /// Name of the queue. Example: `Claims`.
    pub name: String,
    /// Mailbox that its mail is sent through, from `mail.mailboxes.index`; the install's default one when absent
    /// (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outgoing_mailbox_id: Option<MailboxId>,
}

impl Create {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            outgoing_mailbox_id: None,
        }
    }
}

impl Endpoint for Create {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "workflow.queues.create",
        "workflow/queues/create",
        Repeat::Never,
        Reversal::Reversible("workflow.queues.delete"),
    )
    .abilities(WORKFLOW_WRITE)
    .role(ADMIN);
}

/// Deletes a queue. Built-in queues and queues in use are refused. It can be made again, under a new id; who may use it
/// must then be set again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    /// Id of the queue to delete, from `workflow.queues.index`. Example: 3.
    pub queue_id: QueueId,
}

impl Delete {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(queue_id: impl Into<QueueId>) -> Self {
        Self {
            queue_id: queue_id.into(),
        }
    }
}

impl Endpoint for Delete {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "workflow.queues.delete",
        "workflow/queues/delete",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(WORKFLOW_WRITE)
    .role(ADMIN);
}

/// Lists the queues with their numbers of tickets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Index {}

impl Index {
    /// Takes no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Endpoint for Index {
    type Response = Queues;
    const SPEC: Spec = Spec::read("workflow.queues.index", "workflow/queues")
        .abilities(WORKFLOW_READ)
        .role(ADMIN);
}

/// Moves all tickets of one queue to another.
///
/// Afterwards nothing tells which tickets came from where, so moving back takes along what was in the other queue
/// before. List the tickets first if it may have to be undone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Move {
    /// Queue to empty, from `workflow.queues.index`. Example: 3.
    pub from_queue_id: QueueId,
    /// Queue that receives the tickets, from `workflow.queues.index`. Example: 1.
    pub to_queue_id: QueueId,
}

impl Move {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(from_queue_id: impl Into<QueueId>, to_queue_id: impl Into<QueueId>) -> Self {
        Self {
            from_queue_id: from_queue_id.into(),
            to_queue_id: to_queue_id.into(),
        }
    }
}

impl Endpoint for Move {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "workflow.queues.move",
        "workflow/queues/move",
        Repeat::Never,
        Reversal::Irreversible,
    )
    .abilities(WORKFLOW_WRITE)
    .role(ADMIN);

    fn problems(&self) -> Vec<Problem> {
        Rules::default()
            .require(
                self.from_queue_id != self.to_queue_id,
                "to_queue_id",
                "is the same queue: give two different ones",
            )
            .take()
    }
}

/// Changes a queue. Only the fields that are given change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// Id of the queue to change, from `workflow.queues.index`. Example: 3.
    pub queue_id: QueueId,
    /// New name. Calls that name the queue must use it from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Mailbox that its mail is sent through, from `mail.mailboxes.index`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outgoing_mailbox_id: Option<MailboxId>,
    /// True demands a resolution when one of its tickets is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub track_resolutions: Option<bool>,
    /// True makes it a place where tickets wait to be released (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_parked: Option<bool>,
    /// Queue that its parked tickets are released to (inferred), from `workflow.queues.index`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release_queue_id: Option<QueueId>,
    /// Kind of content of the queue; the values are not documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

impl Update {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(queue_id: impl Into<QueueId>) -> Self {
        Self {
            queue_id: queue_id.into(),
            name: None,
            outgoing_mailbox_id: None,
            track_resolutions: None,
            is_parked: None,
            release_queue_id: None,
            content_type: None,
        }
    }
}

impl Endpoint for Update {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "workflow.queues.update",
        "workflow/queues/update",
        Repeat::Natural,
        Reversal::Reversible("workflow.queues.update"),
    )
    .abilities(WORKFLOW_WRITE)
    .role(ADMIN);
}

/// What listing queues answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Queues {
    /// The queues.
    pub queues: Vec<Queue>,
    /// Further parts of the answer.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A queue, as listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Queue {
    /// Its id.
    pub id: QueueId,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Further columns, such as numbers of tickets.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
