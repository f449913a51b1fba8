//! Decoders for answers of a back end that is loose with types.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
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

/// A value in the form that is expected of it; in any other it is taken as not told.
///
/// For fields whose form is inferred, and for answers of writes: that something was done must not get lost because the
/// install says more, or says it in another way.
pub(crate) fn known<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

/// A number of bytes or characters: a whole number or its digits; anything else is taken as not told.
pub(crate) fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_u64(),
        Value::String(digits) => digits.parse().ok(),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::types::TicketId;

    #[derive(Debug, Deserialize)]
    struct Answer {
        #[serde(default, deserialize_with = "flag")]
        flag: Option<bool>,
        #[serde(default, deserialize_with = "size")]
        size: Option<u64>,
        #[serde(default, deserialize_with = "known")]
        id: Option<TicketId>,
    }

    #[test]
    fn what_is_not_understood_is_not_told() {
        for (answer, expected) in [
            (json!({}), (None, None, None)),
            (
                json!({"flag": 1, "size": "12", "id": "7"}),
                (Some(true), Some(12), Some(7)),
            ),
            (
                json!({"flag": "0", "size": 12, "id": 7}),
                (Some(false), Some(12), Some(7)),
            ),
            (
                json!({"flag": [], "size": {}, "id": {"id": 7}}),
                (None, None, None),
            ),
            (
                json!({"flag": null, "size": null, "id": null}),
                (None, None, None),
            ),
        ] {
            let found: Answer = serde_json::from_value(answer.clone()).unwrap();
            let found = (found.flag, found.size, found.id.map(TicketId::get));
            assert_eq!(found, expected, "{answer}");
        }
    }

    #[test]
    fn unwraps_objects_alone() {
        let object = |value: Value| value.as_object().unwrap().clone();
        assert_eq!(unwrap(object(json!({"a": {"b": 1}})), "a"), json!({"b": 1}));
        for whole in [json!({"b": 1}), json!({"a": 1})] {
            assert_eq!(unwrap(object(whole.clone()), "a"), whole);
        }
    }
}
