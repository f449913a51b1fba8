//! Money in Mexican pesos.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use super::InvalidValue;
use crate::json::{self, MAX_SAFE};

const EXPECTED: &str = "an amount in MXN: 0, or a number of at least 0.01";

/// An amount in Mexican pesos (MXN), zero or at least one centavo.
///
/// Read from a number or from a number as text; sent as a number, without decimals when it has none.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Amount(f64);

impl Amount {
    /// Checks a number and takes it.
    ///
    /// # Errors
    ///
    /// When the number is not finite, below zero, between zero and one centavo, or 2^53 and more.
    pub fn new(pesos: f64) -> Result<Self, InvalidValue> {
        #[expect(clippy::cast_precision_loss, reason = "2^53 - 1 is exact")]
        let fits = pesos == 0.0 || (0.01..=MAX_SAFE as f64).contains(&pesos);
        if fits {
            return Ok(Self(pesos));
        }
        Err(InvalidValue::new(&pesos.to_string(), EXPECTED))
    }

    /// The number of pesos.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// The finite number that a value is or spells.
pub(crate) fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number: &f64| number.is_finite())
}

impl FromStr for Amount {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let number = text.trim().parse();
        Self::new(number.map_err(|_| InvalidValue::new(text, EXPECTED))?)
    }
}

impl TryFrom<f64> for Amount {
    type Error = InvalidValue;

    fn try_from(pesos: f64) -> Result<Self, InvalidValue> {
        Self::new(pesos)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match json::whole(self.0) {
            Some(whole) => serializer.serialize_i64(whole),
            None => serializer.serialize_f64(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let number =
            number(&value).ok_or_else(|| de::Error::custom(format!("this is not {EXPECTED}")))?;
        Self::new(number).map_err(de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Amount {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "number", "minimum": 0})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_and_texts_and_sends_numbers() {
        for (json, expected) in [
            ("180.5", "180.5"),
            ("5.0", "5"),
            ("0", "0"),
            ("\" 5000 \"", "5000"),
            ("\"1450.00\"", "1450"),
            ("10000000000000000e-1", "1000000000000000"),
        ] {
            let amount: Amount = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&amount).unwrap(), expected, "{json}");
        }
    }

    #[test]
    fn refuses_what_is_no_amount() {
        for json in [
            "-1", "0.001", "1e300", "\"NaN\"", "\"inf\"", "\"\"", "null", "[]",
        ] {
            assert!(serde_json::from_str::<Amount>(json).is_err(), "{json}");
        }
    }
}
