//! Ids, one type per kind.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::InvalidValue;

const EXPECTED: &str = "an id: a whole number, or its decimal digits as text";

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        ///
        /// Read from an integer or from decimal digits as text, sent as an integer.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// Wraps a number.
            #[must_use]
            pub const fn new(id: u64) -> Self {
                Self(id)
            }

            /// The number.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl From<u64> for $name {
            fn from(id: u64) -> Self {
                Self(id)
            }
        }

        impl FromStr for $name {
            type Err = InvalidValue;

            fn from_str(text: &str) -> Result<Self, InvalidValue> {
                parse(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_u64(self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(IdVisitor).map(Self)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": ["integer", "string"], "pattern": "^[0-9]+$"})
            }
        }
    )+};
}

ids! {
    /// Id of something without a type of its own.
    Id,
    /// Id of a company, a customer of Envia.
    CompanyId,
    /// Id of a ticket.
    TicketId,
    /// Id of a ticket type.
    TypeId,
    /// Id of a shipment.
    ShipmentId,
    /// Id of a member of staff.
    StaffId,
    /// Id of a credit.
    CreditId,
    /// Id of a carrier.
    CarrierId,
    /// Id of an uploaded file.
    FileId,
}

fn parse(text: &str) -> Result<u64, InvalidValue> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(id) if digits => Ok(id),
        _ => Err(InvalidValue::new(text, EXPECTED)),
    }
}

struct IdVisitor;

impl de::Visitor<'_> for IdVisitor {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_u64<E: de::Error>(self, id: u64) -> Result<u64, E> {
        Ok(id)
    }

    fn visit_i64<E: de::Error>(self, id: i64) -> Result<u64, E> {
        u64::try_from(id).map_err(|_| E::invalid_value(de::Unexpected::Signed(id), &self))
    }

    fn visit_f64<E: de::Error>(self, id: f64) -> Result<u64, E> {
        // Some JSON writers print whole numbers as `3.0`; up to 2^53 they are exact.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if id.fract() == 0.0 && (0.0..=EXACT).contains(&id) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked above"
            )]
            return Ok(id as u64);
        }
        Err(E::invalid_value(de::Unexpected::Float(id), &self))
    }

    fn visit_str<E: de::Error>(self, id: &str) -> Result<u64, E> {
        parse(id).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_and_digits_and_sends_numbers() {
        for json in ["912", "\"912\"", "912.0", "\"0912\""] {
            let id: TicketId = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&id).unwrap(), "912", "{json}");
        }
        assert_eq!("7".parse::<CompanyId>().unwrap(), CompanyId::new(7));
    }

    #[test]
    fn refuses_what_is_no_id() {
        for json in [
            "-1",
            "1.5",
            "\"\"",
            "\"+1\"",
            "\"1a\"",
            "null",
            "true",
            "\"99999999999999999999\"",
        ] {
            assert!(serde_json::from_str::<Id>(json).is_err(), "{json}");
        }
        let error = "x1".parse::<Id>().unwrap_err();
        assert_eq!(error.to_string(), format!("`x1` is not {EXPECTED}"));
    }
}
