//! Shipments: what the rules of ticket types look at.

use std::borrow::Cow;

use api_core::{
    Endpoint, Method, Problem, Spec,
    path::{self, PathError},
};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};

use crate::{
    problems::Problems,
    types::{ShipmentId, ShipmentRef, answer, lenient},
};

/// Reads one shipment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Show {
    /// The shipment, by id or by tracking number. Examples: 900123, `TST0001112223`.
    #[serde(skip_serializing)]
    pub shipment: ShipmentRef,
}

impl Show {
    /// The request for one shipment.
    pub fn new(shipment: impl Into<ShipmentRef>) -> Self {
        Self {
            shipment: shipment.into(),
        }
    }
}

impl Endpoint for Show {
    type Response = Shipment;
    /// That this is where the rules' shipment data comes from, and that the path takes a tracking number too, is
    /// (inferred).
    const SPEC: Spec =
        Spec::read("shipments.show", "shipments/details/{shipment}").method(Method::Get);

    fn path(&self) -> Result<Cow<'static, str>, PathError> {
        path::fill(Self::SPEC.path, &[("shipment", &self.shipment.as_text())])
    }

    fn problems(&self) -> Vec<Problem> {
        Problems::default()
            .filled("shipment", Some(&self.shipment.as_text()))
            .take()
    }
}

/// A shipment, with all fields that the answer holds: validations of ticket types may name any of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Shipment {
    /// The fields, by name.
    pub fields: Map<String, Value>,
}

impl Shipment {
    /// Id of the shipment.
    #[must_use]
    pub fn id(&self) -> Option<ShipmentId> {
        serde_json::from_value(self.field("id")?.clone()).ok()
    }

    /// Its tracking number.
    #[must_use]
    pub fn tracking_number(&self) -> Option<String> {
        self.text("tracking_number")
    }

    /// Id of its status.
    #[must_use]
    pub fn status_id(&self) -> Option<u64> {
        self.text("status_id")?.trim().parse().ok()
    }

    /// Name of its status, when the answer tells.
    #[must_use]
    pub fn status(&self) -> Option<String> {
        self.text("status")
    }

    /// A field as it came; `None` when it is absent or null.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Option<String> {
        lenient::text(self.field(name)?).ok().flatten()
    }
}

impl<'de> Deserialize<'de> for Shipment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match answer::record(Value::deserialize(deserializer)?) {
            Value::Object(fields) => Ok(Self { fields }),
            _ => Err(de::Error::custom("expected a shipment")),
        }
    }
}
