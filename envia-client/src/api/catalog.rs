//! Catalogues: ticket types with their rules, and the statuses of shipments.

use api_core::{Endpoint, Method, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::types::{Id, Page, TypeId, lenient};

/// Lists all ticket types, inactive and internal ones among them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketTypes {}

impl Endpoint for TicketTypes {
    type Response = Page<TicketType>;
    const SPEC: Spec =
        Spec::read("catalog.ticket_types", "catalog/ticket-types").method(Method::Get);
}

/// A ticket type as the catalogue has it; [`crate::rules::TypeRules`] reads what it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TicketType {
    /// Id of the type.
    pub id: TypeId,
    /// Name in lower snake case, such as `overweight`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// What people call it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub description: Option<String>,
    /// The rules: an object, an object as JSON text, or null.
    #[serde(default)]
    pub rules: Value,
    /// Whether it is in use; `None` when the answer does not tell. What is neither 1 nor true is out of use.
    #[serde(default, deserialize_with = "lenient::open_flag")]
    pub active: Option<bool>,
    /// What else the answer holds.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl TicketType {
    /// A type that is in use, with rules in any of their forms.
    #[must_use]
    pub fn new(id: TypeId, name: impl Into<String>, rules: Value) -> Self {
        Self {
            id,
            name: Some(name.into()),
            description: None,
            rules,
            active: Some(true),
            extra: Map::new(),
        }
    }
}

/// Lists the statuses that a shipment can have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShipmentStatuses {}

impl Endpoint for ShipmentStatuses {
    type Response = Page<ShipmentStatus>;
    const SPEC: Spec =
        Spec::read("catalog.shipment_statuses", "catalog/shipment-statuses").method(Method::Get);
}

/// A status that a shipment can have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ShipmentStatus {
    /// Id of the status.
    pub id: Id,
    /// Its name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// What else the answer holds.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
