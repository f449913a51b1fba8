//! Texts with a form: checked when made, plain text on the wire.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de};

use super::InvalidValue;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $check:path, $expected:literal, $schema:tt;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Checks a text and takes it.
            ///
            /// # Errors
            ///
            /// When the text has another form.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
                let text = text.into();
                if $check(&text) {
                    return Ok(Self(text));
                }
                Err(InvalidValue::new(&text, $expected))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidValue;

            fn from_str(text: &str) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidValue;

            fn try_from(text: &str) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidValue;

            fn try_from(text: String) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
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
                schemars::json_schema!($schema)
            }
        }
    )+};
}

texts! {
    /// The number of a ticket that people see, digits alone.
    TicketNumber: is_digits,
        "a ticket number: digits alone, such as 481230", {"type": "string", "pattern": "^[0-9]+$"};
    /// A calendar date, `YYYY-MM-DD`.
    Date: is_date, "a calendar date as YYYY-MM-DD", {"type": "string", "format": "date"};
    /// A date, or a date and a time of day in UTC: `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS`.
    DateTime: is_date_time, "a date as YYYY-MM-DD, or a time as YYYY-MM-DD HH:MM:SS (UTC)", {
        "type": "string",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?$"
    };
    /// An e-mail address; checked lightly, the back end has the last word.
    Email: is_email, "an e-mail address", {"type": "string", "format": "email"};
    /// SHA-256 of a file's content, 64 hexadecimal digits.
    Sha256: is_sha256, "a SHA-256 hash: 64 hexadecimal digits", {
        "type": "string",
        "pattern": "^[0-9a-fA-F]{64}$"
    };
}

macro_rules! from_text {
    ($($name:ident),+) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }
    )+};
}

from_text!(Date, DateTime, Email, Sha256);

impl From<u64> for TicketNumber {
    fn from(number: u64) -> Self {
        Self(number.to_string())
    }
}

impl<'de> Deserialize<'de> for TicketNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl de::Visitor<'_> for Number {
            type Value = TicketNumber;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a ticket number, as digits or as a whole number")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<TicketNumber, E> {
                Ok(number.into())
            }

            fn visit_str<E: de::Error>(self, number: &str) -> Result<TicketNumber, E> {
                TicketNumber::new(number).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Number)
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_email(text: &str) -> bool {
    let plain = !text
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || ",;<>".contains(c));
    let parts = text.split_once('@');
    plain
        && parts
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
}

fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-').map(fixed);
    let (Some(Some((4, year))), Some(Some((2, month))), Some(Some((2, day)))) =
        (parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    (1..=days(year, month)).contains(&day)
}

fn is_date_time(text: &str) -> bool {
    match text.split_once(' ') {
        None => is_date(text),
        Some((date, time)) => is_date(date) && is_time(time),
    }
}

fn is_time(text: &str) -> bool {
    let parts: Vec<_> = text.split(':').map(fixed).collect();
    matches!(
        parts.as_slice(),
        [Some((2, 0..=23)), Some((2, 0..=59)), Some((2, 0..=59))]
    )
}

/// Width and value of a run of digits.
fn fixed(text: &str) -> Option<(usize, u32)> {
    if !is_digits(text) {
        return None;
    }
    text.parse().ok().map(|value| (text.len(), value))
}

/// Days of a month; none for a month that does not exist.
const fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: FromStr>(good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(text.parse::<T>().is_ok(), "{text} is good");
        }
        for text in bad {
            assert!(text.parse::<T>().is_err(), "{text} is bad");
        }
    }

    #[test]
    fn dates_are_of_the_calendar() {
        check::<Date>(
            &["2026-11-20", "2024-02-29", "2000-02-29"],
            &[
                "2026-02-29",
                "1900-02-29",
                "2026-13-01",
                "2026-00-10",
                "2026-4-31",
                "2026-04-31",
                "20261120",
                "",
                "+026-01-01",
                "2026-01-01 ",
            ],
        );
        check::<DateTime>(
            &["2026-11-20", "2026-11-20 23:59:59"],
            &[
                "2026-11-20T10:00:00",
                "2026-11-20 24:00:00",
                "2026-11-20 10:00",
                "2026-11-31 10:00:00",
            ],
        );
    }

    #[test]
    fn addresses_and_numbers() {
        check::<Email>(
            &["dana@customer.example.com", "o'b+x@host", "ü@exämple.com"],
            &[
                "",
                "a",
                "@b",
                "a@",
                "a@b@c",
                "a b@c",
                "a@b\n",
                "Dana <dana@b.c>",
            ],
        );
        check::<TicketNumber>(&["481230", "1"], &["", "#481230", "48 12", "-1"]);
        check::<Sha256>(
            &["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
            &["9f86", ""],
        );
    }

    #[test]
    fn ticket_numbers_come_as_numbers_too_and_leave_as_text() {
        for json in ["481230", "\"481230\""] {
            let number: TicketNumber = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&number).unwrap(), "\"481230\"");
        }
    }
}
