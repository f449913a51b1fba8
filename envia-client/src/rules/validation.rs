//! Conditions on single fields of a shipment. How values are compared is (inferred) and stands here alone.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::types::{amount_of, choice::spoken};

/// A condition on one field of the shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Validation {
    /// Name of the field.
    pub field: String,
    /// How it is compared.
    pub operator: Operator,
    /// What it is compared with.
    pub value: String,
}

/// How a field is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Operator {
    /// `==`: the same text.
    Equal,
    /// `!=`: another text.
    NotEqual,
    /// `>`, as numbers.
    Greater,
    /// `>=`, as numbers.
    AtLeast,
    /// `<`, as numbers.
    Less,
    /// `<=`, as numbers.
    AtMost,
    /// An operator, or a kind of validation, that is not known: no value fits.
    Unknown(String),
}

impl Operator {
    pub(crate) fn read(text: &str) -> Self {
        match text {
            "==" => Self::Equal,
            "!=" => Self::NotEqual,
            ">" => Self::Greater,
            ">=" => Self::AtLeast,
            "<" => Self::Less,
            "<=" => Self::AtMost,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// How it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Unknown(text) => text,
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Validation {
    /// Whether a field's value fits. A missing field does not.
    #[must_use]
    pub fn holds(&self, found: Option<&Value>) -> bool {
        let Some(found) = found.and_then(scalar) else {
            return false;
        };
        let numbers = || Some((number(&found)?, number(&self.value)?));
        let ordered = |holds: fn(f64, f64) -> bool| numbers().is_some_and(|(a, b)| holds(a, b));
        match self.operator {
            Operator::Equal => found == self.value,
            Operator::NotEqual => found != self.value,
            Operator::Greater => ordered(|a, b| a > b),
            Operator::AtLeast => ordered(|a, b| a >= b),
            Operator::Less => ordered(|a, b| a < b),
            Operator::AtMost => ordered(|a, b| a <= b),
            Operator::Unknown(_) => false,
        }
    }
}

/// A value as it is compared: numbers without needless decimals, true and false as 1 and 0, texts without blanks
/// around them. `None` for what is no scalar.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Bool(flag) => Some(u8::from(*flag).to_string()),
        Value::Number(_) | Value::String(_) => Some(spoken(value).trim().to_owned()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn number(text: &str) -> Option<f64> {
    amount_of(&Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn operators() {
        for (operator, value, found, holds) in [
            ("==", "1", json!(1), true),
            ("==", "1", json!("1"), true),
            ("==", "1", json!(true), true),
            ("==", "1", json!(1.0), true),
            ("==", "1", json!(0), false),
            ("==", "0", json!(false), true),
            ("==", "ground", json!("ground "), true),
            ("!=", "1", json!(0), true),
            ("!=", "1", json!("1"), false),
            (">", "9", json!("10"), true),
            (">", "9", json!(9), false),
            (">=", "9", json!(9.0), true),
            ("<", "0.5", json!(0.25), true),
            ("<=", "2", json!("3"), false),
            (">", "9", json!("many"), false),
            ("<", "many", json!(1), false),
            ("=~", "1", json!(1), false),
            (" == ", "1", json!(1), false),
            ("!=", "1", json!([0]), false),
            ("!=", "1", json!(null), false),
        ] {
            let validation = Validation {
                field: "overcharge_applied".into(),
                operator: Operator::read(operator),
                value: value.into(),
            };
            assert_eq!(
                validation.holds(Some(&found)),
                holds,
                "{found} {operator} {value}"
            );
            assert!(!validation.holds(None), "{operator}");
        }
    }
}
