//! Resolution categories: how a ticket was resolved.

use api_core::{Endpoint, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    permission::{ADMIN, HAS_RESOLUTION_TRACKING, WORKFLOW_READ, WORKFLOW_WRITE},
    types::Id,
};

/// Creates a resolution category. The answer does not hold its id; list the categories again and look for the name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {
    /// Name that staff choose when they close a ticket. Example: `Fixed`.
    pub name: String,
    /// Colour as `#rrggbb`. Example: `#2e7d32`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^#[0-9a-fA-F]{6}$")))]
    pub colour: Option<String>,
}

impl Create {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            colour: None,
        }
    }
}

impl Endpoint for Create {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "workflow.resolutions.create",
        "workflow/resolution-categories/create",
        Repeat::Never,
        Reversal::Reversible("workflow.resolutions.delete"),
    )
    .abilities(WORKFLOW_WRITE)
    .role(ADMIN)
    .plans(&[HAS_RESOLUTION_TRACKING]);
}

/// Deletes a resolution category. Categories in use are refused. It can be made again, under a new id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    /// Id of the category, from `workflow.resolutions.index`. Example: 2.
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
        "workflow.resolutions.delete",
        "workflow/resolution-categories/delete",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(WORKFLOW_WRITE)
    .role(ADMIN)
    .plans(&[HAS_RESOLUTION_TRACKING]);
}

/// Lists the resolution categories.
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
    type Response = Vec<Resolution>;
    const SPEC: Spec = Spec::read(
        "workflow.resolutions.index",
        "workflow/resolution-categories",
    )
    .abilities(WORKFLOW_READ)
    .role(ADMIN)
    .plans(&[HAS_RESOLUTION_TRACKING]);
}

/// Puts the resolution categories into an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reorder {
    /// The ids of all categories, in the wanted order, from `workflow.resolutions.index`. Example: `[2, 1, 3]`.
    pub ids: Vec<Id>,
}

impl Reorder {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(ids: Vec<Id>) -> Self {
        Self { ids }
    }
}

impl Endpoint for Reorder {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "workflow.resolutions.reorder",
        "workflow/resolution-categories/reorder",
        Repeat::Natural,
        Reversal::Reversible("workflow.resolutions.reorder"),
    )
    .abilities(WORKFLOW_WRITE)
    .role(ADMIN)
    .plans(&[HAS_RESOLUTION_TRACKING]);
}

/// Changes a resolution category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// Id of the category to change, from `workflow.resolutions.index`. Example: 2.
    pub id: Id,
    /// New name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// New colour as `#rrggbb`. Example: `#2e7d32`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^#[0-9a-fA-F]{6}$")))]
    pub colour: Option<String>,
}

impl Update {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(id: impl Into<Id>) -> Self {
        Self {
            id: id.into(),
            name: None,
            colour: None,
        }
    }
}

impl Endpoint for Update {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "workflow.resolutions.update",
        "workflow/resolution-categories/update",
        Repeat::Natural,
        Reversal::Reversible("workflow.resolutions.update"),
    )
    .abilities(WORKFLOW_WRITE)
    .role(ADMIN)
    .plans(&[HAS_RESOLUTION_TRACKING]);
}

/// A resolution category, as listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Resolution {
    /// Its id.
    pub id: Id,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its colour, as it is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// Columns that are not known to this version.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
