//! Decoders for answers of a back end that is loose with types.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A flag: true and false, 1 and 0 as number or text; anything else is taken as not told.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(flag) => Some(flag),
        Value::Number(number) => number.as_u64().map(|number| number != 0),
        Value::String(text) => match text.as_str() {
            "1" | "true" => Some(true),
            "0" | "false" | "" => Some(false),
            _ => None,
        },
        _ => None,
    })
}

/// Texts that may come as whole numbers.
pub(crate) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a text or a whole number")]
    enum Text {
        Text(String),
        Number(u64),
    }
    let texts = Vec::<Text>::deserialize(deserializer)?;
    let text = |text| match text {
        Text::Text(text) => text,
        Text::Number(number) => number.to_string(),
    };
    Ok(texts.into_iter().map(text).collect())
}

/// The object under a key, or the object itself when the key is not there.
pub(crate) fn unwrap(mut object: Map<String, Value>, key: &str) -> Value {
    match object.remove(key) {
        Some(inner @ Value::Object(_)) => inner,
        Some(other) => {
            object.insert(key.to_owned(), other);
            Value::Object(object)
        }
        None => Value::Object(object),
    }
}

/// A number that may come as text; anything else is taken as not told.
pub(crate) fn number<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr,
{
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.to_string().parse().ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}
