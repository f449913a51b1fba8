//! JSON as JavaScript reads and prints it, which is what signatures are made from.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

/// A JSON value whose objects keep their order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// The message that a body is signed as: its top-level keys sorted, no blanks; `{}` without a body.
pub(crate) fn message(body: &[u8]) -> Option<String> {
    if body.is_empty() {
        return Some("{}".to_owned());
    }
    let mut json: Json = serde_json::from_slice(body).ok()?;
    if let Json::Object(members) = &mut json {
        members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    }
    let mut text = String::new();
    json.print(&mut text);
    Some(text)
}

impl Json {
    fn print(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Number(number) => out.push_str(&print_number(*number)),
            Self::Text(text) => out.push_str(&quoted(text)),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.print(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (key, value)) in in_property_order(members).into_iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    out.push_str(&quoted(key));
                    out.push(':');
                    value.print(out);
                }
                out.push('}');
            }
        }
    }
}

/// Keys that look like array indices come first, by number; the others as they were added.
fn in_property_order(members: &[(String, Json)]) -> Vec<&(String, Json)> {
    let mut members: Vec<_> = members.iter().collect();
    // Stable, and every other key sorts behind the largest index.
    members.sort_by_key(|(key, _)| index(key).unwrap_or(u64::MAX));
    members
}

fn index(key: &str) -> Option<u64> {
    let number: u32 = key.parse().ok()?;
    (number.to_string() == key && number != u32::MAX).then_some(number.into())
}

fn quoted(text: &str) -> String {
    // Both languages escape the same characters in the same way.
    serde_json::Value::from(text).to_string()
}

/// A number as JavaScript prints it.
fn print_number(number: f64) -> String {
    let size = number.abs();
    if number == 0.0 {
        "0".to_owned()
    } else if (1e-6..1e21).contains(&size) {
        number.to_string()
    } else {
        let text = format!("{number:e}");
        if size < 1.0 {
            text
        } else {
            text.replace('e', "e+")
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyJson)
    }
}

struct AnyJson;

impl<'de> Visitor<'de> for AnyJson {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        // JavaScript has no other numbers than these.
        Ok(Json::Number(
            Number::from(number).as_f64().unwrap_or_default(),
        ))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(
            Number::from(number).as_f64().unwrap_or_default(),
        ))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members: Vec<(String, Json)> = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, Json>()? {
            // The last value wins, at the place of the first.
            match members.iter_mut().find(|(known, _)| *known == key) {
                Some((_, old)) => *old = value,
                None => members.push((key, value)),
            }
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_printed_as_javascript_prints_it() {
        for (body, expected) in [
            ("", "{}"),
            ("{}", "{}"),
            (
                r#"{"b": 1, "a": {"z": 1, "y": [1, 2]}}"#,
                r#"{"a":{"z":1,"y":[1,2]},"b":1}"#,
            ),
            (
                r#"{"a": 5.0, "b": 180.50, "c": 1e3, "d": -0.0}"#,
                r#"{"a":5,"b":180.5,"c":1000,"d":0}"#,
            ),
            (
                r#"{"a": 1e21, "b": 1e20, "c": 1.5e-7, "d": 0.000001}"#,
                r#"{"a":1e+21,"b":100000000000000000000,"c":1.5e-7,"d":0.000001}"#,
            ),
            (r#"{"a": 9007199254740993}"#, r#"{"a":9007199254740992}"#),
            (
                r#"{"a": "\u00f3\/\u2028\n\u001F"}"#,
                "{\"a\":\"ó/\u{2028}\\n\\u001f\"}",
            ),
            (r#"{"a": 1, "b": 2, "a": 3}"#, r#"{"a":3,"b":2}"#),
            (
                r#"{"x": {"b": 1, "10": 2, "9": 3, "07": 4}}"#,
                r#"{"x":{"9":3,"10":2,"b":1,"07":4}}"#,
            ),
            (
                r#"{"a": null, "b": true, "c": "\""}"#,
                r#"{"a":null,"b":true,"c":"\""}"#,
            ),
        ] {
            assert_eq!(
                message(body.as_bytes()).as_deref(),
                Some(expected),
                "{body}"
            );
        }
        assert_eq!(message(b"{"), None);
    }
}
