//! The wrappers of answers.
//!
//! The back end's documentation settles few of them, so all that its neighbours use are accepted (inferred).

use std::collections::BTreeMap;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, DeserializeOwned},
};
use serde_json::{Map, Value, value::RawValue};

use super::{Id, amount_of};
use crate::{json, verdict};

/// Where a list tells how many rows there are in all, the first that is there (inferred).
const TOTALS: [&str; 5] = [
    "total_rows",
    "recordsFiltered",
    "recordsTotal",
    "total",
    "count",
];
/// Where the payload stands.
pub(crate) const DATA: &str = "data";

/// A list: a bare array, or an object with the array as `data`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Page<T> {
    /// The rows, in the order of the answer.
    pub rows: Vec<T>,
    /// Number of rows in all, on this page or not; `None` when the answer does not tell.
    pub total: Option<u64>,
    /// Number of rows that could not be read and were left out. Where none could be read, that is an error instead.
    pub unreadable: usize,
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Page<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Row by row from its own text: one that is no good JSON must not spoil the others.
        let answer = Box::<RawValue>::deserialize(deserializer)?;
        let (found, total) = if answer.get().starts_with('[') {
            (list(answer.get()), None)
        } else {
            let answer: BTreeMap<String, &RawValue> =
                serde_json::from_str(answer.get()).map_err(de::Error::custom)?;
            let number = |key: &&str| {
                let value: Value = serde_json::from_str(answer.get(*key)?.get()).ok()?;
                amount_of(&value)
            };
            let data = answer
                .get(DATA)
                .ok_or_else(|| de::Error::missing_field(DATA))?;
            let total = TOTALS.iter().find_map(number).and_then(json::whole);
            (
                list(data.get()),
                total.and_then(|total| u64::try_from(total).ok()),
            )
        };
        let (mut rows, mut problem) = (Vec::new(), None);
        let mut unreadable = 0;
        for row in found.map_err(de::Error::custom)? {
            let value = serde_json::from_str::<Value>(row.get());
            match value.and_then(serde_json::from_value) {
                Ok(row) => rows.push(row),
                Err(error) => {
                    unreadable += 1;
                    problem.get_or_insert(error);
                }
            }
        }
        match problem {
            Some(error) if rows.is_empty() => Err(de::Error::custom(error)),
            _ => Ok(Self {
                rows,
                total,
                unreadable,
            }),
        }
    }
}

/// The rows of a list, each as its text.
fn list(text: &str) -> Result<Vec<&RawValue>, serde_json::Error> {
    serde_json::from_str(text)
}

/// A record: bare, as `data`, or as the one row of `data`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct One<T>(pub T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for One<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let record = record(Value::deserialize(deserializer)?);
        serde_json::from_value(record)
            .map(Self)
            .map_err(de::Error::custom)
    }
}

/// What is left when the wrapper of a record is taken off.
///
/// An object with an `id` of its own is the record even when it has `data`: tickets have both.
pub(crate) fn record(answer: Value) -> Value {
    match answer {
        Value::Object(mut answer) if !answer.contains_key("id") => match answer.remove(DATA) {
            Some(Value::Array(rows)) => first(rows),
            Some(data) => data,
            None => Value::Object(answer),
        },
        Value::Array(rows) => first(rows),
        bare => bare,
    }
}

fn first(rows: Vec<Value>) -> Value {
    rows.into_iter().next().unwrap_or_default()
}

/// The id in an answer: of the record, or in place of it. Zero is none.
pub(crate) fn id_in(answer: Value, names: &[&str]) -> Option<Id> {
    let id = match record(answer) {
        Value::Object(record) => names.iter().find_map(|name| record.get(*name).cloned())?,
        bare => bare,
    };
    let id: Id = serde_json::from_value(id).ok()?;
    (id.get() > 0).then_some(id)
}

/// The answer of a write that says no more than that it was done.
///
/// Accepted are an object, `true`, nothing at all, and a number above zero. What tells that it was *not* done is an error
/// before it comes to this; anything else cannot be read, so that the caller looks whether it was done.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Done {
    /// What the answer said, when it was an object.
    pub said: Map<String, Value>,
}

impl<'de> Deserialize<'de> for Done {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            answer if !verdict::is_done(&answer) => Err(de::Error::custom(verdict::UNCLEAR)),
            Value::Object(said) => Ok(Self { said }),
            _ => Ok(Self::default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_in_every_wrapper() {
        for (answer, total) in [
            (json!([1, 2]), None),
            (json!({"data": [1, 2]}), None),
            (
                json!({"data": [1, 2], "total_rows": 7, "count": 2}),
                Some(7),
            ),
            (
                json!({"data": [1, 2], "recordsTotal": "9", "recordsFiltered": 8}),
                Some(8),
            ),
            (json!({"data": [1, 2], "total": "x", "count": 2}), Some(2)),
        ] {
            let page: Page<u8> = serde_json::from_value(answer.clone()).unwrap();
            assert_eq!((page.rows, page.total), (vec![1, 2], total), "{answer}");
        }
        let page: Page<u8> = serde_json::from_value(json!(["x", 2])).unwrap();
        assert_eq!((page.rows, page.unreadable), (vec![2], 1));
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        for row in [r#""\ud800""#, r#"{"a": 1, "b": "\udc00x"}"#, deep.as_str()] {
            for answer in [
                format!("[1, {row}, 2]"),
                format!(r#" {{"total": "3", "data": [1, {row}, 2]}} "#),
            ] {
                let page: Page<u8> = serde_json::from_str(&answer).unwrap();
                assert_eq!((page.rows, page.unreadable), (vec![1, 2], 1), "{answer}");
            }
        }
        for answer in [
            json!({}),
            json!({"data": {}}),
            json!(["x"]),
            json!(1),
            json!(null),
        ] {
            assert!(
                serde_json::from_value::<Page<u8>>(answer.clone()).is_err(),
                "{answer}"
            );
        }
    }

    #[test]
    fn records_in_every_wrapper() {
        for answer in [
            json!({"id": 7}),
            json!({"data": {"id": 7}}),
            json!({"data": [{"id": 7}]}),
            json!([{"id": 7}]),
        ] {
            assert_eq!(record(answer.clone()), json!({"id": 7}), "{answer}");
        }
        let ticket = json!({"id": 7, "data": "{}"});
        assert_eq!(record(ticket.clone()), ticket);
    }

    #[test]
    fn ids_in_every_place() {
        for answer in [
            json!({"id": 7}),
            json!({"id": "7"}),
            json!({"data": {"ticket_id": 7}}),
            json!({"data": 7}),
            json!([{"id": 7}]),
        ] {
            assert_eq!(
                id_in(answer.clone(), &["id", "ticket_id"]),
                Some(Id::new(7)),
                "{answer}"
            );
        }
        for answer in [
            json!({"data": true}),
            json!({"id": 0}),
            json!({"data": "0"}),
        ] {
            assert_eq!(id_in(answer.clone(), &["id"]), None, "{answer}");
        }
    }
}
