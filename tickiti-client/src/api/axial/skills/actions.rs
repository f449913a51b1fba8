//! Actions: what a skill can look up or do.

use api_core::{Endpoint, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::SkillRef;
use crate::permission::{HAS_AI_ASSISTANT, SKILLS_WRITE};

/// Deletes an action of a skill. It can be put back from what `axial.skills.show` answered before. The answer is the
/// whole skill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    /// Key of the skill, such as `billing.refund_request`, or its id.
    pub skill: SkillRef,
    /// Name of the action. Example: `lookup_order`.
    pub name: String,
}

impl Delete {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(skill: impl Into<SkillRef>, name: impl Into<String>) -> Self {
        Self {
            skill: skill.into(),
            name: name.into(),
        }
    }
}

impl Endpoint for Delete {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "axial.skills.actions.delete",
        "axial/skills/actions/delete",
        Repeat::Natural,
        Reversal::Reversible("axial.skills.actions.upsert"),
    )
    .abilities(SKILLS_WRITE)
    .sysadmin()
    .plans(&[HAS_AI_ASSISTANT])
    .since("2026-10");
}

/// Adds an action to a skill, or changes the one of that name; of an existing action only the fields that are given
/// change. The answer is the whole skill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Upsert {
    /// Key of the skill, such as `billing.refund_request`, or its id.
    pub skill: SkillRef,
    /// The action. A new one needs `name`, `description`, `handler_type`, `handler_ref` and `permission`.
    pub action: Action,
}

impl Upsert {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(skill: impl Into<SkillRef>, action: Action) -> Self {
        Self {
            skill: skill.into(),
            action,
        }
    }
}

impl Endpoint for Upsert {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "axial.skills.actions.upsert",
        "axial/skills/actions/upsert",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(SKILLS_WRITE)
    .sysadmin()
    .plans(&[HAS_AI_ASSISTANT])
    .since("2026-10");
}

/// An action of a skill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Action {
    /// Name that the language model calls it by, lower case; addresses the action inside its skill. Example:
    /// `lookup_order`.
    pub name: String,
    /// What the action does, for the language model. Needed for a new action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON Schema of the action's input. Example: `{"type": "object", "properties": {"order_no": {"type":
    /// "string"}}}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Map<String, Value>>,
    /// Who carries it out: `local` = the install itself, `remote` = an agent outside. Needed for a new action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler_type: Option<HandlerType>,
    /// What carries it out: for `local` a handler that `axial.skills.options` lists, for `remote` the agent's id of the
    /// action. Needed for a new action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler_ref: Option<String>,
    /// On whose behalf it may run: `staff`, `participant` (somebody on the ticket) or `system`. Needed for a new
    /// action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission: Option<Permission>,
    /// True asks a person before it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requires_confirmation: Option<bool>,
    /// True puts the action to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Place among the skill's actions, the smallest first (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordinal: Option<i64>,
    /// How long to wait for a remote action, in milliseconds. Only for `remote`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u32>,
    /// True runs it before the language model's first turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefetch: Option<bool>,
    /// Input for the run before the first turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefetch_params: Option<Map<String, Value>>,
    /// Fields that are not known to this version, sent as they are.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Action {
    /// An action with its name alone.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: None,
            parameters: None,
            handler_type: None,
            handler_ref: None,
            permission: None,
            requires_confirmation: None,
            enabled: None,
            ordinal: None,
            timeout_ms: None,
            prefetch: None,
            prefetch_params: None,
            extra: Map::new(),
        }
    }
}

/// Who carries an action out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "documented variants would turn the schema's plain list into a choice of constants"
)]
pub enum HandlerType {
    Local,
    Remote,
}

/// On whose behalf an action may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "documented variants would turn the schema's plain list into a choice of constants"
)]
pub enum Permission {
    Staff,
    Participant,
    System,
}
