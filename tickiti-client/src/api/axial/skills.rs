//! Skills: instructions and actions for one kind of request.

use api_core::{Endpoint, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    permission::{HAS_AI_ASSISTANT, SKILLS_READ, SKILLS_WRITE},
    types::{Id, nullable},
};

pub mod actions;

/// Creates a skill with its actions, all or nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {
    /// Key that addresses the skill: lower case, dots and underscores. Example: `billing.refund_request`.
    pub key: String,
    /// Name that people see. Example: `Refund requests`.
    pub title: String,
    /// What the skill is for; the assistant chooses skills by it. Example: `Customer wants money back for an order`.
    pub description: String,
    /// What the assistant shall do, as Markdown.
    pub instructions: String,
    /// Keywords or example phrases that call for the skill.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triggers: Option<String>,
    /// How freely it writes: `vetted` = statements about the product only from approved stock responses, `guided` =
    /// freely, but citing approved content, `open` = no citations expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub composition: Option<Composition>,
    /// Identifiers of the stock responses that it may cite; each must have the AI relevance `as_is` or `compose`.
    /// Example: `["Late parcel"]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub citation_set: Option<Vec<String>>,
    /// True puts the skill to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Place among the skills, the smallest first (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordinal: Option<i64>,
    /// Key of a parent skill; null for none.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "nullable::deserialize"
    )]
    #[cfg_attr(feature = "schema", schemars(extend("x-nullable" = true)))]
    pub parent_key: Option<Option<String>>,
    /// Actions of the skill, each a full action object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<actions::Action>>,
}

impl Create {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(
        key: impl Into<String>,
        title: impl Into<String>,
        description: impl Into<String>,
        instructions: impl Into<String>,
    ) -> Self {
        Self {
            key: key.into(),
            title: title.into(),
            description: description.into(),
            instructions: instructions.into(),
            triggers: None,
            composition: None,
            citation_set: None,
            enabled: None,
            ordinal: None,
            parent_key: None,
            actions: None,
        }
    }
}

impl Endpoint for Create {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "axial.skills.create",
        "axial/skills/create",
        Repeat::Never,
        Reversal::Reversible("axial.skills.delete"),
    )
    .abilities(SKILLS_WRITE)
    .sysadmin()
    .plans(&[HAS_AI_ASSISTANT])
    .since("2026-10");
}

/// Deletes a skill and its actions. It can be made again from what `axial.skills.show` answered before. The skill
/// `axial.core` is refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    /// Key of the skill, such as `billing.refund_request`, or its id.
    pub skill: SkillRef,
}

impl Delete {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(skill: impl Into<SkillRef>) -> Self {
        Self {
            skill: skill.into(),
        }
    }
}

impl Endpoint for Delete {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "axial.skills.delete",
        "axial/skills/delete",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(SKILLS_WRITE)
    .sysadmin()
    .plans(&[HAS_AI_ASSISTANT])
    .since("2026-10");
}

/// Lists the skills: key, title, description, composition, whether enabled and reserved, number of actions.
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
    type Response = Value;
    const SPEC: Spec = Spec::read("axial.skills.index", "axial/skills")
        .abilities(SKILLS_READ)
        .sysadmin()
        .plans(&[HAS_AI_ASSISTANT])
        .since("2026-10");
}

/// Lists what skills and actions can be made of: local handlers, permissions, compositions, names of fields.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Options {}

impl Options {
    /// Takes no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Endpoint for Options {
    type Response = Value;
    const SPEC: Spec = Spec::read("axial.skills.options", "axial/skills/options")
        .abilities(SKILLS_READ)
        .sysadmin()
        .plans(&[HAS_AI_ASSISTANT])
        .since("2026-10");
}

/// Shows one skill with its instructions and actions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Show {
    /// Key of the skill, such as `billing.refund_request`, or its id.
    pub skill: SkillRef,
}

impl Show {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(skill: impl Into<SkillRef>) -> Self {
        Self {
            skill: skill.into(),
        }
    }
}

impl Endpoint for Show {
    type Response = Value;
    const SPEC: Spec = Spec::read("axial.skills.show", "axial/skills/show")
        .abilities(SKILLS_READ)
        .sysadmin()
        .plans(&[HAS_AI_ASSISTANT])
        .since("2026-10");
}

/// Changes a skill. Only the fields that are given change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// Key of the skill, such as `billing.refund_request`, or its id.
    pub skill: SkillRef,
    /// New key: lower case, dots and underscores. The skill `axial.core` cannot be renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Name that people see. Example: `Refund requests`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the skill is for; the assistant chooses skills by it. Example: `Customer wants money back for an order`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What the assistant shall do, as Markdown. Replaces the earlier instructions as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Keywords or example phrases that call for the skill.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triggers: Option<String>,
    /// How freely it writes: `vetted` = statements about the product only from approved stock responses, `guided` =
    /// freely, but citing approved content, `open` = no citations expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub composition: Option<Composition>,
    /// Identifiers of the stock responses that it may cite; each must have the AI relevance `as_is` or `compose`.
    /// Example: `["Late parcel"]`. Replaces the earlier ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub citation_set: Option<Vec<String>>,
    /// True puts the skill to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Place among the skills, the smallest first (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordinal: Option<i64>,
    /// Key of a parent skill; null for none.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "nullable::deserialize"
    )]
    #[cfg_attr(feature = "schema", schemars(extend("x-nullable" = true)))]
    pub parent_key: Option<Option<String>>,
}

impl Update {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(skill: impl Into<SkillRef>) -> Self {
        Self {
            skill: skill.into(),
            key: None,
            title: None,
            description: None,
            instructions: None,
            triggers: None,
            composition: None,
            citation_set: None,
            enabled: None,
            ordinal: None,
            parent_key: None,
        }
    }
}

impl Endpoint for Update {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "axial.skills.update",
        "axial/skills/update",
        Repeat::Natural,
        Reversal::Reversible("axial.skills.update"),
    )
    .abilities(SKILLS_WRITE)
    .sysadmin()
    .plans(&[HAS_AI_ASSISTANT])
    .since("2026-10");
}

/// How freely a skill lets the assistant write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "documented variants would turn the schema's plain list into a choice of constants"
)]
pub enum Composition {
    Vetted,
    Guided,
    Open,
}

/// The one skill that a call is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "the key or the id of a skill")]
pub enum SkillRef {
    /// By its key, such as `billing.refund_request`.
    Key(String),
    /// By its id.
    Id(Id),
}

impl From<&str> for SkillRef {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<String> for SkillRef {
    fn from(key: String) -> Self {
        Self::Key(key)
    }
}

impl From<Id> for SkillRef {
    fn from(id: Id) -> Self {
        Self::Id(id)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for SkillRef {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SkillRef".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": ["string", "integer"]})
    }
}
