//! Which shipment is meant.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{ShipmentId, choice::spoken};

/// A shipment by its id or by its tracking number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShipmentRef {
    /// By id.
    Id(ShipmentId),
    /// By tracking number.
    Tracking(String),
}

impl ShipmentRef {
    /// The text that stands in a path.
    #[must_use]
    pub fn as_text(&self) -> Cow<'_, str> {
        match self {
            Self::Id(id) => Cow::Owned(id.to_string()),
            Self::Tracking(number) => Cow::Borrowed(number),
        }
    }
}

impl From<ShipmentId> for ShipmentRef {
    fn from(id: ShipmentId) -> Self {
        Self::Id(id)
    }
}

impl fmt::Display for ShipmentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.as_text())
    }
}

impl Serialize for ShipmentRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Id(id) => id.serialize(serializer),
            Self::Tracking(number) => serializer.serialize_str(number),
        }
    }
}

/// A number is an id, a text a tracking number: those may consist of digits.
impl<'de> Deserialize<'de> for ShipmentRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(match value.as_u64() {
            Some(id) => Self::Id(ShipmentId::new(id)),
            None => Self::Tracking(spoken(&value)),
        })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for ShipmentRef {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ShipmentRef".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": ["integer", "string"], "minLength": 1})
    }
}
