//! Closed vocabularies of requests, and how answers report them.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::InvalidValue;

/// State of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Waits for staff.
    Open,
    /// Parked until a date.
    OnHold,
    /// Done.
    Closed,
}

impl Status {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::OnHold => "on-hold",
            Self::Closed => "closed",
        }
    }
}

impl FromStr for Status {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        match text.trim().to_ascii_lowercase().as_str() {
            "open" => Ok(Self::Open),
            "on-hold" | "on_hold" | "on hold" => Ok(Self::OnHold),
            "closed" => Ok(Self::Closed),
            _ => Err(InvalidValue::new(text, "one of open, on-hold, closed")),
        }
    }
}

/// Urgency of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// `10` on the wire.
    Low,
    /// `20` on the wire; what a ticket has unless told otherwise.
    Normal,
    /// `30` on the wire.
    High,
    /// `40` on the wire.
    Urgent,
}

impl Priority {
    /// The number on the wire, as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "10",
            Self::Normal => "20",
            Self::High => "30",
            Self::Urgent => "40",
        }
    }
}

impl FromStr for Priority {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        match text.trim().to_ascii_lowercase().as_str() {
            "10" | "low" => Ok(Self::Low),
            "20" | "normal" => Ok(Self::Normal),
            "30" | "high" => Ok(Self::High),
            "40" | "urgent" => Ok(Self::Urgent),
            _ => Err(InvalidValue::new(
                text,
                "one of Low, Normal, High, Urgent, 10, 20, 30, 40",
            )),
        }
    }
}

/// A value that an answer reports: one that this crate knows, or a newer one as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reported<T> {
    /// A value of the vocabulary.
    Known(T),
    /// A value that this crate does not know.
    Other(String),
}

impl<T: Copy> Reported<T> {
    /// The value, when it is of the vocabulary.
    #[must_use]
    pub const fn known(&self) -> Option<T> {
        match self {
            Self::Known(value) => Some(*value),
            Self::Other(_) => None,
        }
    }
}

impl<T: Serialize> Serialize for Reported<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(serializer),
            Self::Other(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de, T: FromStr> Deserialize<'de> for Reported<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = word(deserializer)?;
        Ok(match text.parse() {
            Ok(value) => Self::Known(value),
            Err(_) => Self::Other(text.into_owned()),
        })
    }
}

macro_rules! wire {
    ($name:ident, $schema:tt) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                word(deserializer)?.parse().map_err(de::Error::custom)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($schema)
            }
        }
    };
}

wire!(Status, {"type": "string", "enum": ["open", "on-hold", "closed"]});
wire!(Priority, {
    "type": "string",
    "enum": ["Low", "Normal", "High", "Urgent", "10", "20", "30", "40"]
});

/// Text, or a whole number as text.
fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
    struct Word;

    impl<'de> de::Visitor<'de> for Word {
        type Value = Cow<'de, str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a word or a whole number")
        }

        fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
            Ok(Cow::Owned(number.to_string()))
        }

        fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Cow::Owned(number.to_string()))
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Cow::Owned(text.to_owned()))
        }

        fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(text))
        }
    }

    deserializer.deserialize_any(Word)
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::*;

    #[test]
    fn priority_is_a_word_or_a_number_and_leaves_as_a_numeric_text() {
        for value in [json!("High"), json!("high"), json!("30"), json!(30)] {
            let priority: Priority = from_value(value).unwrap();
            assert_eq!(to_value(priority).unwrap(), json!("30"));
        }
        assert!(from_value::<Priority>(json!("35")).is_err());
    }

    #[test]
    fn unknown_reports_survive() {
        let status: Reported<Status> = from_value(json!("on-hold")).unwrap();
        assert_eq!(status.known(), Some(Status::OnHold));
        let status: Reported<Status> = from_value(json!("archived")).unwrap();
        assert_eq!(status, Reported::Other("archived".into()));
        assert_eq!(to_value(&status).unwrap(), json!("archived"));
    }
}
