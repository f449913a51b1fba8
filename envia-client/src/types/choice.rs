//! Closed vocabularies.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use super::{InvalidValue, amount_of};
use crate::json;

macro_rules! numbered {
    ($($(#[$doc:meta])* $name:ident, $expected:literal, [$($values:tt)+] {
        $($(#[$variant_doc:meta])* $variant:ident = $number:literal $label:literal),+ $(,)?
    })+) => {$(
        $(#[$doc])*
        ///
        /// Read from the number, also as text, or from the label; sent as the number.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_doc])* $variant = $number),+
        }

        impl $name {
            /// All values, in order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The number on the wire.
            #[must_use]
            pub const fn number(self) -> u8 {
                self as u8
            }

            /// What people call it.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$variant => $label),+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.label())
            }
        }

        impl FromStr for $name {
            type Err = InvalidValue;

            fn from_str(text: &str) -> Result<Self, InvalidValue> {
                let said = text.trim();
                let known = |value: &&Self| {
                    value.label().eq_ignore_ascii_case(said) || value.number().to_string() == said
                };
                let found = Self::ALL.iter().find(known).copied();
                found.ok_or_else(|| InvalidValue::new(text, $expected))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_u8(self.number())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                spoken(&Value::deserialize(deserializer)?).parse().map_err(de::Error::custom)
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
                schemars::json_schema!({"type": "integer", "enum": [$($values)+]})
            }
        }
    )+};
}

numbered! {
    /// What kind of freight a shipment is.
    ShipmentKind, "1 (Paquete), 2 (LTL) or 3 (FTL)", [1, 2, 3] {
        /// A parcel.
        Parcel = 1 "Paquete",
        /// Less than a truck load.
        Ltl = 2 "LTL",
        /// A full truck load.
        Ftl = 3 "FTL",
    }
    /// Whether a shipment crosses a border.
    International, "0 (Nacional), 1 (Internacional) or 2 (Importación)", [0, 1, 2] {
        /// Within Mexico.
        Domestic = 0 "Nacional",
        /// Out of Mexico.
        Export = 1 "Internacional",
        /// Into Mexico.
        Import = 2 "Importación",
    }
    /// How a ticket stands against the time promised for it.
    Sla, "0 (on time), 1 (at risk) or 2 (overdue)", [0, 1, 2] {
        /// Time is left.
        OnTime = 0 "on time",
        /// Little time is left.
        AtRisk = 1 "at risk",
        /// The time is over.
        Overdue = 2 "overdue",
    }
}

/// A scalar as text, whole numbers without decimals.
pub(crate) fn spoken(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(_) => match amount_of(value).and_then(json::whole) {
            Some(whole) => whole.to_string(),
            None => value.to_string(),
        },
        other => other.to_string(),
    }
}

/// How a call of a tool ended, for the activity log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ActivityStatus {
    /// It gave a result.
    Success,
    /// It failed.
    Error,
    /// A rule forbids it.
    Denied,
}

#[cfg(test)]
mod tests {
    use serde_json::{from_str, to_string};

    use super::*;

    #[test]
    fn zero_is_a_value() {
        for json in ["0", "\"0\"", "0.0", "\"nacional\""] {
            let read: International = from_str(json).unwrap();
            assert_eq!(
                (read, to_string(&read).unwrap().as_str()),
                (International::Domestic, "0")
            );
        }
        assert_eq!(from_str::<Sla>("\"At risk\"").unwrap(), Sla::AtRisk);
        assert_eq!(ShipmentKind::Ftl.to_string(), "FTL");
        for json in ["0", "4", "null", "\"\"", "true"] {
            assert!(from_str::<ShipmentKind>(json).is_err(), "{json}");
        }
        assert_eq!(to_string(&ActivityStatus::Denied).unwrap(), "\"denied\"");
    }
}
