//! Lists whose wrapper the API does not settle.

use std::{fmt, marker::PhantomData, ops::Deref};

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};

/// A list, taken from a bare array or from the one array inside an object.
///
/// Several endpoints are documented without their wrapper, so all that were seen are accepted (inferred). It can be
/// used as a slice of the rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Rows<T> {
    /// The rows, in the order of the answer.
    pub rows: Vec<T>,
    /// What stood beside the rows.
    pub extra: Map<String, Value>,
}

impl<T> IntoIterator for Rows<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Rows<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter()
    }
}

impl<T> Deref for Rows<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.rows
    }
}

impl<'de, T: de::DeserializeOwned> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RowsVisitor(PhantomData))
    }
}

struct RowsVisitor<T>(PhantomData<T>);

impl<'de, T: de::DeserializeOwned> de::Visitor<'de> for RowsVisitor<T> {
    type Value = Rows<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array, or an object with one array in it")
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<Rows<T>, A::Error> {
        let mut rows = Vec::new();
        while let Some(row) = items.next_element()? {
            rows.push(row);
        }
        Ok(Rows {
            rows,
            extra: Map::new(),
        })
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut entries: A) -> Result<Rows<T>, A::Error> {
        let mut extra = Map::new();
        while let Some((key, value)) = entries.next_entry::<String, Value>()? {
            extra.insert(key, value);
        }
        let mut arrays = extra.iter().filter(|(_, value)| value.is_array());
        let key = match (arrays.next(), arrays.next()) {
            (Some((key, _)), None) => key.clone(),
            (Some(_), Some(_)) if extra.get("data").is_some_and(Value::is_array) => "data".into(),
            _ => return Err(de::Error::invalid_type(de::Unexpected::Map, &self)),
        };
        let rows = extra.remove(&key).unwrap_or_default();
        let rows = serde_json::from_value(rows).map_err(de::Error::custom)?;
        Ok(Rows { rows, extra })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn takes_every_wrapper() {
        for answer in [
            json!([1, 2]),
            json!({"queues": [1, 2]}),
            json!({"data": [1, 2], "columns": ["a"]}),
        ] {
            let rows: Rows<u8> = serde_json::from_value(answer.clone()).unwrap();
            assert_eq!(rows.rows, [1, 2], "{answer}");
            assert_eq!((rows.len(), rows.first()), (2, Some(&1)));
            assert_eq!((&rows).into_iter().sum::<u8>(), 3);
        }
        let rows: Rows<u8> = serde_json::from_value(json!({"queues": [], "total": 3})).unwrap();
        assert_eq!(Value::Object(rows.extra), json!({"total": 3}));
    }

    #[test]
    fn refuses_what_has_no_single_list() {
        for answer in [
            json!({}),
            json!({"a": [], "b": []}),
            json!("x"),
            json!(["x"]),
        ] {
            assert!(
                serde_json::from_value::<Rows<u8>>(answer.clone()).is_err(),
                "{answer}"
            );
        }
    }
}
