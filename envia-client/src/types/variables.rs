//! The type-specific variables of a ticket.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// The variables of a ticket, by name.
///
/// Read from an object, from an object as JSON text, from null, and from an empty text or list (inferred: the back end
/// is not documented here); written as an object.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Variables {
    /// The variables.
    pub values: Map<String, Value>,
    /// True when there was something that could not be read: a limit cannot be held against it.
    pub unreadable: bool,
}

impl Variables {
    /// Normalises what an answer holds.
    #[must_use]
    pub fn from_value(value: Value) -> Self {
        let values = match value {
            Value::Object(values) => return Self::from(values),
            Value::Null => Some(Map::new()),
            Value::Array(rows) => rows.is_empty().then(Map::new),
            Value::String(text) if text.trim().is_empty() => Some(Map::new()),
            Value::String(text) => match serde_json::from_str(&text) {
                // Text inside text is read once more, and no further.
                Ok(Value::String(inner)) => serde_json::from_str(&inner).ok(),
                Ok(inner) => return Self::from_value(inner),
                Err(_) => None,
            },
            Value::Bool(_) | Value::Number(_) => None,
        };
        Self {
            unreadable: values.is_none(),
            values: values.unwrap_or_default(),
        }
    }
}

impl From<Map<String, Value>> for Variables {
    fn from(values: Map<String, Value>) -> Self {
        Self {
            values,
            unreadable: false,
        }
    }
}

impl Serialize for Variables {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.values.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Variables {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from_value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_form_becomes_an_object() {
        let some = json!({"amount": 5});
        for (found, expected, unreadable) in [
            (some.clone(), &some, false),
            (json!("{\"amount\":5}"), &some, false),
            (json!("\"{\\\"amount\\\":5}\""), &some, false),
            (json!(null), &json!({}), false),
            (json!([]), &json!({}), false),
            (json!("[]"), &json!({}), false),
            (json!("null"), &json!({}), false),
            (json!(" "), &json!({}), false),
            (json!([1]), &json!({}), true),
            (json!("amount: 5"), &json!({}), true),
            (json!(5), &json!({}), true),
        ] {
            let variables: Variables = serde_json::from_value(found.clone()).unwrap();
            assert_eq!(
                serde_json::to_value(&variables).unwrap(),
                *expected,
                "{found}"
            );
            assert_eq!(variables.unreadable, unreadable, "{found}");
        }
    }
}
