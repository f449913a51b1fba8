//! Escalations: what happens when a ticket waits too long.

use api_core::{Endpoint, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    permission::{ADMIN, HAS_ESCALATIONS, WORKFLOW_READ, WORKFLOW_WRITE},
    types::{Email, Id, lenient},
};

/// Creates an escalation. The answer does not hold its id; list the escalations again and look for the minutes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {
    /// After how many business minutes without a reply it fires (inferred). Example: 240.
    pub minutes: u32,
    /// What happens then: `notify` = a notice inside the product, `email` = a mail to `email`.
    pub action: Action,
    /// Receiver of the mail when `action` is `email`; the ticket's assignee when absent (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Fields that are not known to this version, such as the interval of repeats, sent as they are.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Create {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(minutes: u32, action: Action) -> Self {
        Self {
            minutes,
            action,
            email: None,
            extra: Map::new(),
        }
    }
}

impl Endpoint for Create {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "workflow.escalations.create",
        "workflow/escalations/create",
        Repeat::Never,
        Reversal::Reversible("workflow.escalations.delete"),
    )
    .abilities(WORKFLOW_WRITE)
    .role(ADMIN)
    .plans(&[HAS_ESCALATIONS]);
}

/// Deletes an escalation. It can be made again, under a new id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    /// Id of the escalation, from `workflow.escalations.index`. Example: 3.
    pub id: Id,
}

impl Delete {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(id: impl Into<Id>) -> Self {
        Self { id: id.into() }
    }
}

impl Endpoint for Delete {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "workflow.escalations.delete",
        "workflow/escalations/delete",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(WORKFLOW_WRITE)
    .role(ADMIN)
    .plans(&[HAS_ESCALATIONS]);
}

/// Lists the escalations.
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
    type Response = Escalations;
    const SPEC: Spec = Spec::read("workflow.escalations.index", "workflow/escalations")
        .abilities(WORKFLOW_READ)
        .role(ADMIN)
        .plans(&[HAS_ESCALATIONS]);
}

/// Changes an escalation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// Id of the escalation to change, from `workflow.escalations.index`. Example: 3.
    pub id: Id,
    /// After how many business minutes without a reply it fires (inferred). Example: 240.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// What happens then: `notify` = a notice inside the product, `email` = a mail to `email`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// Receiver of the mail when `action` is `email`; the ticket's assignee when absent (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Fields that are not known to this version, such as the interval of repeats, sent as they are.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Update {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(id: impl Into<Id>) -> Self {
        Self {
            id: id.into(),
            minutes: None,
            action: None,
            email: None,
            extra: Map::new(),
        }
    }
}

impl Endpoint for Update {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "workflow.escalations.update",
        "workflow/escalations/update",
        Repeat::Natural,
        Reversal::Reversible("workflow.escalations.update"),
    )
    .abilities(WORKFLOW_WRITE)
    .role(ADMIN)
    .plans(&[HAS_ESCALATIONS]);
}

/// What an escalation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "documented variants would turn the schema's plain list into a choice of constants"
)]
pub enum Action {
    Notify,
    Email,
}

/// What listing escalations answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Escalations {
    /// The escalations.
    pub escalations: Vec<Escalation>,
    /// Further parts of the answer, most likely the business hours (inferred).
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An escalation, as listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Escalation {
    /// Its id.
    pub id: Id,
    /// Its business minutes.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::number"
    )]
    pub minutes: Option<u32>,
    /// What it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Receiver of its mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Columns that are not known to this version.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
