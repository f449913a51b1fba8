//! Decoders for answers of a back end that is loose with types.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

use super::choice::spoken;

/// A value in the form that is expected of it; in any other it is taken as not told.
pub(crate) fn known<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

/// A text; a number is taken by its digits, anything else as not told.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let scalar = value.is_string() || value.is_number();
    Ok(scalar.then(|| spoken(&value)))
}

/// A list, rows of another form left out; anything else is an empty list.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(rows) => rows
            .into_iter()
            .filter_map(|row| serde_json::from_value(row).ok())
            .collect(),
        _ => Vec::new(),
    })
}

/// A flag that lets something be used: true and 1, also as text; null is taken as not told, and anything else as false.
pub(crate) fn open_flag<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<bool>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::Bool(open) => Some(open),
        Value::String(text) => Some(text == "1" || text == "true"),
        number => Some(number.as_f64() == Some(1.0)),
    })
}

/// The flag that a value is.
pub(crate) fn as_flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(_) => match spoken(value).as_str() {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        },
        _ => None,
    }
}
