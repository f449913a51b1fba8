//! Interventions: tickets with input fields whose outcome goes to a remote system.

use api_core::{Endpoint, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    permission::{ADMIN, HAS_INTERVENTIONS, WORKFLOW_READ, WORKFLOW_WRITE},
    types::{Id, Issued},
};

/// Creates an intervention. The answer does not hold its id; list the interventions again and look for the name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {
    /// Name that calls use; its templates are called `<name>.private`, `<name>.public` and `<name>.final`. Example:
    /// `refund_request`.
    pub name: String,
    /// Title that staff see. Example: `Refund request`.
    pub title: String,
    /// Name of the queue that its tickets go to. Example: `Claims`.
    pub queue_name: String,
    /// True notifies the people who administer the inbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_inbox_managers: Option<bool>,
    /// True makes its tickets urgent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_urgent: Option<bool>,
    /// How long to wait for the remote system, in seconds. Example: 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_timeout_seconds: Option<u32>,
    /// True passes the outcome on to a remote system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_enabled: Option<bool>,
    /// Fields that are not known to this version, sent as they are. The address that receives the outcome and the list
    /// of input fields belong here; their names are guessed to be `remote_epilog_url` and `fields` (inferred).
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Create {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        title: impl Into<String>,
        queue_name: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            title: title.into(),
            queue_name: queue_name.into(),
            notify_inbox_managers: None,
            create_urgent: None,
            remote_timeout_seconds: None,
            remote_enabled: None,
            extra: Map::new(),
        }
    }
}

impl Endpoint for Create {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "workflow.interventions.create",
        "workflow/interventions/create",
        Repeat::Never,
        Reversal::Reversible("workflow.interventions.delete"),
    )
    .abilities(WORKFLOW_WRITE)
    .role(ADMIN)
    .plans(&[HAS_INTERVENTIONS]);
}

/// Deletes an intervention.
///
/// The tokens of its remote systems go with it; no call brings them back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    /// Id of the intervention to delete, from `workflow.interventions.index`. Example: 6.
    pub intervention_id: Id,
}

impl Delete {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(intervention_id: impl Into<Id>) -> Self {
        Self {
            intervention_id: intervention_id.into(),
        }
    }
}

impl Endpoint for Delete {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "workflow.interventions.delete",
        "workflow/interventions/delete",
        Repeat::Natural,
        Reversal::Irreversible,
    )
    .abilities(WORKFLOW_WRITE)
    .role(ADMIN)
    .plans(&[HAS_INTERVENTIONS]);
}

/// Makes a token for a remote system of an intervention. The answer holds the token, this once.
///
/// No call takes a token back, except deleting the intervention (inferred).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GenerateToken {
    /// Id of the intervention, from `workflow.interventions.index`. Example: 6.
    pub intervention_id: Id,
    /// Name of the remote system that will use the token. Example: `shop`.
    pub remote_name: String,
}

impl GenerateToken {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(intervention_id: impl Into<Id>, remote_name: impl Into<String>) -> Self {
        Self {
            intervention_id: intervention_id.into(),
            remote_name: remote_name.into(),
        }
    }
}

impl Endpoint for GenerateToken {
    type Response = Issued;
    const SPEC: Spec = Spec::write(
        "workflow.interventions.generate_token",
        "workflow/interventions/generate-token",
        Repeat::Never,
        Reversal::Irreversible,
    )
    .abilities(WORKFLOW_WRITE)
    .role(ADMIN)
    .plans(&[HAS_INTERVENTIONS])
    .answers_secret();
}

/// Lists the interventions.
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
    type Response = Interventions;
    const SPEC: Spec = Spec::read("workflow.interventions.index", "workflow/interventions")
        .abilities(WORKFLOW_READ)
        .role(ADMIN)
        .plans(&[HAS_INTERVENTIONS]);
}

/// Changes an intervention. All fields are sent: read them first and change what shall differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// Id of the intervention to change, from `workflow.interventions.index`. Example: 6.
    pub intervention_id: Id,
    /// Name that calls use; its templates are called `<name>.private`, `<name>.public` and `<name>.final`. Example:
    /// `refund_request`.
    pub name: String,
    /// Title that staff see. Example: `Refund request`.
    pub title: String,
    /// Name of the queue that its tickets go to. Example: `Claims`.
    pub queue_name: String,
    /// True notifies the people who administer the inbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_inbox_managers: Option<bool>,
    /// True makes its tickets urgent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_urgent: Option<bool>,
    /// How long to wait for the remote system, in seconds. Example: 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_timeout_seconds: Option<u32>,
    /// True passes the outcome on to a remote system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_enabled: Option<bool>,
    /// Fields that are not known to this version, sent as they are. The address that receives the outcome and the list
    /// of input fields belong here; their names are guessed to be `remote_epilog_url` and `fields` (inferred).
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Update {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(
        intervention_id: impl Into<Id>,
        name: impl Into<String>,
        title: impl Into<String>,
        queue_name: impl Into<String>,
    ) -> Self {
        Self {
            intervention_id: intervention_id.into(),
            name: name.into(),
            title: title.into(),
            queue_name: queue_name.into(),
            notify_inbox_managers: None,
            create_urgent: None,
            remote_timeout_seconds: None,
            remote_enabled: None,
            extra: Map::new(),
        }
    }
}

impl Endpoint for Update {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "workflow.interventions.update",
        "workflow/interventions/update",
        Repeat::Natural,
        Reversal::Reversible("workflow.interventions.update"),
    )
    .abilities(WORKFLOW_WRITE)
    .role(ADMIN)
    .plans(&[HAS_INTERVENTIONS]);
}

/// What listing interventions answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Interventions {
    /// The interventions.
    pub interventions: Vec<Intervention>,
    /// Further parts of the answer.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An intervention, as listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Intervention {
    /// Its id.
    pub id: Id,
    /// Name that calls use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Title that staff see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Columns that are not known to this version.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
