//! Internal ids, one type per kind: read in every form that back ends and models write them in, sent in one.

use std::fmt;

use serde::{Deserializer, de};

const EXPECTED: &str = "an id: a whole number, or its decimal digits as text";

/// A text that is not what a field wants.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not {expected}")]
pub struct InvalidValue {
    found: String,
    expected: &'static str,
}

impl InvalidValue {
    /// Names the text, cut to what a person reads, and what would have been right.
    #[must_use]
    pub fn new(found: &str, expected: &'static str) -> Self {
        const SHOWN: usize = 60;
        let mut shown: String = found.chars().take(SHOWN).collect();
        if shown.len() < found.len() {
            shown.push('…');
        }
        Self {
            found: shown,
            expected,
        }
    }

    /// What the field wants, as a phrase: `a calendar date as YYYY-MM-DD`.
    #[must_use]
    pub const fn expected(&self) -> &'static str {
        self.expected
    }
}

/// Declares types of ids, so that one kind cannot be passed as another.
///
/// The crate that uses it needs `serde`, and `schemars` under a feature `schema` of its own.
#[macro_export]
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

        impl ::std::str::FromStr for $name {
            type Err = $crate::InvalidValue;

            fn from_str(text: &str) -> Result<Self, $crate::InvalidValue> {
                $crate::id::parse(text).map(Self)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_u64(self.0)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                $crate::id::read(deserializer).map(Self)
            }
        }

        #[cfg(feature = "schema")]
        impl ::schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({"type": ["integer", "string"], "pattern": "^[0-9]+$"})
            }
        }
    )+};
}

/// An id from decimal digits; for [`ids!`](crate::ids).
///
/// # Errors
///
/// When the text holds anything else than digits, or a number that is too large.
pub fn parse(text: &str) -> Result<u64, InvalidValue> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(id) if digits => Ok(id),
        _ => Err(InvalidValue::new(text, EXPECTED)),
    }
}

/// An id from an integer, a whole number or decimal digits as text; for [`ids!`](crate::ids).
///
/// # Errors
///
/// When the value is none of these.
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    deserializer.deserialize_any(IdVisitor)
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
