//! Reads a request body and notes every key that validation would refuse.
//!
//! Numbers must be JSON numbers: the real validation converts numeric text, but a client should not lean on it.

use serde_json::{Map, Value};

use super::boom::Boom;

/// First and last of the characters that no one sees, by number: fillers, joiners, marks of direction, variants, tags.
const UNSEEN: [(u32, u32); 16] = [
    (0xad, 0xad),
    (0x34f, 0x34f),
    (0x61c, 0x61c),
    (0x115f, 0x1160),
    (0x17b4, 0x17b5),
    (0x180b, 0x180f),
    (0x200b, 0x200f),
    (0x202a, 0x202e),
    (0x2060, 0x206f),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xfe00, 0xfe0f),
    (0xfeff, 0xfeff),
    (0xffa0, 0xffa0),
    (0xfff0, 0xfffb),
    (0xe0000, 0xe0fff),
];

/// The keys of one body.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    map: &'a Map<String, Value>,
    wrong: Vec<String>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(map: &'a Map<String, Value>) -> Self {
        Self {
            map,
            wrong: Vec::new(),
        }
    }

    /// Notes keys that are not among these.
    pub(crate) fn only(&mut self, known: &[&str]) {
        let unknown = self.map.keys().filter(|key| !known.contains(&key.as_str()));
        self.wrong.extend(unknown.cloned());
    }

    /// Notes a key as wrong.
    pub(crate) fn refuse(&mut self, key: &str) {
        self.wrong.push(key.to_owned());
    }

    /// The value of a key in the form that `read` takes; notes it when the form is another one.
    pub(crate) fn read<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = read(self.map.get(key)?);
        if value.is_none() {
            self.refuse(key);
        }
        value
    }

    /// Notes a key that is absent.
    pub(crate) fn require(&mut self, key: &str) {
        if !self.map.contains_key(key) {
            self.refuse(key);
        }
    }

    /// An id: an integer from 1.
    pub(crate) fn id(&mut self, key: &str) -> Option<u64> {
        self.read(key, |value| integer(value).filter(|id| *id > 0))
    }

    /// A text that is not empty.
    pub(crate) fn text(&mut self, key: &str) -> Option<String> {
        self.read(key, |value| {
            let text = value.as_str().filter(|text| !text.is_empty());
            text.map(str::to_owned)
        })
    }

    /// Ends the validation.
    ///
    /// # Errors
    ///
    /// 400 with the keys that were noted.
    pub(crate) fn check(self) -> Result<(), Boom> {
        if self.wrong.is_empty() {
            Ok(())
        } else {
            Err(Boom::invalid("payload", self.wrong))
        }
    }
}

/// A whole number from 0; `5.0` is one.
pub(crate) fn integer(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let number = value.as_f64()?;
        let text = (number.fract() == 0.0).then(|| format!("{number}"))?;
        text.parse().ok()
    })
}

/// True for a text that shows nothing (inferred: the real validation may be satisfied with less).
pub(crate) fn is_blank(text: &str) -> bool {
    !text.chars().any(|c| {
        let seen = |(first, last): &(u32, u32)| !(*first..=*last).contains(&u32::from(c));
        !c.is_whitespace() && !c.is_control() && UNSEEN.iter().all(seen)
    })
}
