//! Perspectives: saved ticket searches with conditions and an order.

use api_core::{Endpoint, Problem, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    permission::{SETTINGS_READ, SETTINGS_WRITE, STAFF},
    rules::Rules,
    types::PerspectiveId,
};

/// Creates a perspective owned by the token's owner. The answer holds its id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {
    /// Name that staff see, such as `Urgent refunds`.
    pub name: String,
    /// A sentence about what the perspective shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// True shows it to all staff, false to its owner alone. Only an administrator may set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<bool>,
    /// True shows it in the CRM view as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_in_crm: Option<bool>,
    /// How its tickets are laid out. The screens offer `Card` and `List`; the exact spelling on the wire is inferred
    /// from them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_mode: Option<String>,
    /// Conditions that a ticket must meet to be shown, as objects with `field`, `operator` and `value`. Given
    /// conditions replace all earlier ones. Read those of an existing perspective first (`settings.perspectives.index`
    /// with scope `all`) to learn the names in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Vec<Condition>>,
    /// Sorting, the first entry counting most, as objects with `field` and `ascending`. Given orders replace all
    /// earlier ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orders: Option<Vec<Order>>,
}

impl Create {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: None,
            shared: None,
            show_in_crm: None,
            display_mode: None,
            conditions: None,
            orders: None,
        }
    }
}

impl Endpoint for Create {
    type Response = Created;
    const SPEC: Spec = Spec::write(
        "settings.perspectives.create",
        "settings/perspectives/create",
        Repeat::Never,
        Reversal::Reversible("settings.perspectives.delete"),
    )
    .abilities(SETTINGS_WRITE)
    .role(STAFF);
}

/// Deletes a perspective. It can be made again from its conditions and orders, under a new id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    /// Id of the perspective to delete, from `settings.perspectives.index`. Example: 12.
    pub perspective_id: PerspectiveId,
}

impl Delete {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(perspective_id: impl Into<PerspectiveId>) -> Self {
        Self {
            perspective_id: perspective_id.into(),
        }
    }
}

impl Endpoint for Delete {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "settings.perspectives.delete",
        "settings/perspectives/delete",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(SETTINGS_WRITE)
    .role(STAFF);
}

/// Lists perspectives.
///
/// With scope `mine` the list is empty for an owner who never opened the web interface; scope `all` does not depend on
/// it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Index {
    /// `mine`, the default: those on the index page of the token's owner. `all`: every one that the owner may see, with
    /// conditions and orders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
}

impl Index {
    /// The request without any of its fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Endpoint for Index {
    type Response = Value;
    const SPEC: Spec = Spec::read("settings.perspectives.index", "settings/perspectives")
        .abilities(SETTINGS_READ)
        .role(STAFF);
}

/// Shows one perspective with its conditions and orders. Give `perspective_id` or `name`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Show {
    /// Id of the perspective, from `settings.perspectives.index`. Give this or `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub perspective_id: Option<PerspectiveId>,
    /// Exact name of a perspective that the token's owner has or that is shared. Give this or `perspective_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Show {
    /// The request without any of its fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Endpoint for Show {
    type Response = Value;
    const SPEC: Spec = Spec::read("settings.perspectives.show", "settings/perspectives/show")
        .abilities(SETTINGS_READ)
        .role(STAFF)
        .since("2026-10");

    fn problems(&self) -> Vec<Problem> {
        Rules::default()
            .require(
                self.perspective_id.is_some() != self.name.is_some(),
                "perspective_id, name",
                "exclude each other: give exactly one of them",
            )
            .take()
    }
}

/// Changes a perspective. Only the fields that are given change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// Id of the perspective to change, from `settings.perspectives.index`. Example: 12.
    pub perspective_id: PerspectiveId,
    /// Name that staff see, such as `Urgent refunds`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A sentence about what the perspective shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// True shows it to all staff, false to its owner alone. Only an administrator may set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<bool>,
    /// True shows it in the CRM view as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_in_crm: Option<bool>,
    /// How its tickets are laid out. The screens offer `Card` and `List`; the exact spelling on the wire is inferred
    /// from them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_mode: Option<String>,
    /// Conditions that a ticket must meet to be shown, as objects with `field`, `operator` and `value`. Given
    /// conditions replace all earlier ones. Read those of an existing perspective first (`settings.perspectives.index`
    /// with scope `all`) to learn the names in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Vec<Condition>>,
    /// Sorting, the first entry counting most, as objects with `field` and `ascending`. Given orders replace all
    /// earlier ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orders: Option<Vec<Order>>,
}

impl Update {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(perspective_id: impl Into<PerspectiveId>) -> Self {
        Self {
            perspective_id: perspective_id.into(),
            name: None,
            description: None,
            shared: None,
            show_in_crm: None,
            display_mode: None,
            conditions: None,
            orders: None,
        }
    }
}

impl Endpoint for Update {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "settings.perspectives.update",
        "settings/perspectives/update",
        Repeat::Natural,
        Reversal::Reversible("settings.perspectives.update"),
    )
    .abilities(SETTINGS_WRITE)
    .role(STAFF);
}

/// Which perspectives a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "documented variants would turn the schema's plain list into a choice of constants"
)]
pub enum Scope {
    Mine,
    All,
}

/// One condition of a perspective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Condition {
    /// Property of a ticket that is tested. The names are not documented; take them from existing perspectives.
    pub field: String,
    /// How it is compared. The screens offer "is", "is not" and "contains"; take the spelling from existing
    /// perspectives.
    pub operator: String,
    /// What it is compared with: text, number, truth value or list, as the field needs.
    pub value: Value,
}

/// One sorting rule of a perspective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Order {
    /// Property of a ticket to sort by. Take the names from existing perspectives.
    pub field: String,
    /// True sorts from small to large or old to new, false the other way.
    pub ascending: bool,
}

/// What creating a perspective answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Created {
    /// Id of the new perspective.
    pub perspective_id: PerspectiveId,
    /// Columns that are not known to this version.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
