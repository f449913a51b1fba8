//! JSON the way JavaScript prints it, for what a signature covers.
//!
//! Whole numbers lose their `.0`, very large and very small ones have an exponent, whole numbers above 2^53 are rounded,
//! and keys that are whole numbers come first, in order of size.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, value::RawValue};

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
            Value::Number(number) => {
                let small = number.as_i64().filter(|n| n.unsigned_abs() <= MAX_SAFE);
                let float = number.as_f64().filter(|_| small.is_none());
                match float.and_then(|float| RawValue::from_string(text(float)).ok()) {
                    Some(printed) => printed.serialize(serializer),
                    None => number.serialize(serializer),
                }
            }
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

/// A number as JavaScript prints it.
fn text(number: f64) -> String {
    let size = number.abs();
    if number == 0.0 {
        "0".to_owned()
    } else if (1e-6..1e21).contains(&size) {
        number.to_string()
    } else if size < 1.0 {
        format!("{number:e}")
    } else {
        format!("{number:e}").replace('e', "e+")
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
                r#"{"9":3,"10":2,"b":1,"01":4}"#,
            ),
            (
                json!({"a": "más / \u{1}\n"}),
                "{\"a\":\"más / \\u0001\\n\"}",
            ),
            (json!(9_007_199_254_740_991.0), "9007199254740991"),
            (json!(-3), "-3"),
            (json!(0.000_001), "0.000001"),
            (json!(1.5e-7), "1.5e-7"),
            (json!(1e20), "100000000000000000000"),
            (json!(-1.5e21), "-1.5e+21"),
            (json!(u64::MAX), "18446744073709552000"),
        ] {
            assert_eq!(serde_json::to_string(&Plain(&value)).unwrap(), expected);
        }
    }
}
