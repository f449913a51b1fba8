//! JSON the way JavaScript prints it, for what a signature covers.
//!
//! Whole numbers lose their `.0`, and keys that are whole numbers come first, in order of size. Fractions are printed
//! alike within the bounds of [`crate::types::Amount`]; beyond them, and for whole numbers above 2^53, JavaScript has
//! texts of its own that are not imitated.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// Largest whole number that JavaScript tells apart from its neighbours.
pub(crate) const MAX_SAFE: u64 = 9_007_199_254_740_991;

/// The whole number that a fraction-free float stands for.
pub(crate) fn whole(number: f64) -> Option<i64> {
    #[expect(clippy::cast_precision_loss, reason = "2^53 - 1 is exact")]
    let fits = number.fract() == 0.0 && number.abs() <= MAX_SAFE as f64;
    #[expect(clippy::cast_possible_truncation, reason = "checked above")]
    fits.then_some(number as i64)
}

/// A value that is written as JavaScript would write it.
pub(crate) struct Plain<'a>(pub(crate) &'a Value);

/// The same for an object.
pub(crate) struct PlainMap<'a>(pub(crate) &'a Map<String, Value>);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Number(number) if number.is_f64() => match number.as_f64().and_then(whole) {
                Some(whole) => serializer.serialize_i64(whole),
                None => number.serialize(serializer),
            },
            Value::Array(items) => serializer.collect_seq(items.iter().map(Plain)),
            Value::Object(entries) => PlainMap(entries).serialize(serializer),
            other => other.serialize(serializer),
        }
    }
}

impl Serialize for PlainMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries: Vec<_> = self
            .0
            .iter()
            .map(|(key, value)| (key, Plain(value)))
            .collect();
        entries.sort_by_key(|(key, _)| index(key).map_or((1, 0), |index| (0, index)));
        serializer.collect_map(entries)
    }
}

/// A key that JavaScript takes for the index of an array.
fn index(key: &str) -> Option<u32> {
    let index: u32 = key.parse().ok()?;
    (index < u32::MAX && index.to_string() == key).then_some(index)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn prints_as_javascript_does() {
        for (value, expected) in [
            (
                json!({"a": 5.0, "b": [-0.0, 180.5]}),
                r#"{"a":5,"b":[0,180.5]}"#,
            ),
            (
                json!({"b": 1, "10": 2, "9": 3, "01": 4}),
                r#"{"9":3,"10":2,"01":4,"b":1}"#,
            ),
            (
                json!({"a": "más / \u{1}\n"}),
                "{\"a\":\"más / \\u0001\\n\"}",
            ),
            (json!(9_007_199_254_740_991.0), "9007199254740991"),
        ] {
            assert_eq!(serde_json::to_string(&Plain(&value)).unwrap(), expected);
        }
    }
}
