//! The trace that a call belongs to, as W3C's Trace Context writes it in the header `traceparent`.

use std::fmt;

use http::{HeaderName, HeaderValue};
use uuid::Uuid;

/// The header's name.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("traceparent");
/// Length of version, trace, parent and flags with the dashes between them.
const LENGTH: usize = 55;

/// A trace that someone else began. Nothing is made up where there is none.
#[derive(Clone, PartialEq, Eq)]
pub struct Trace {
    /// 32 hex digits in lower case, not all 0.
    id: Box<str>,
    sampled: bool,
}

impl Trace {
    /// Reads the value of `traceparent`; `None` when it is malformed. Of later versions than 00 it takes what 00 has.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches([' ', '\t']);
        let (known, later) = text.split_at_checked(LENGTH)?;
        let mut parts = known.split('-');
        let mut part = |length: usize| {
            let part = parts.next()?;
            let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            (part.len() == length && part.bytes().all(hex)).then_some(part)
        };
        let (version, id, parent, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
        let ends = match version {
            "00" => later.is_empty(),
            "ff" => false,
            _ => later.is_empty() || later.starts_with('-'),
        };
        let empty = |id: &str| id.bytes().all(|digit| digit == b'0');
        if !ends || empty(id) || empty(parent) {
            return None;
        }
        Some(Self {
            id: id.into(),
            sampled: u8::from_str_radix(flags, 16).ok()? & 1 == 1,
        })
    }

    /// What the trace is found by: 32 hex digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The header of one request of this trace, with a new parent id.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        // Its last half has a bit that is always set, so it is never all 0.
        let (_, parent) = Uuid::new_v4().as_u64_pair();
        let flags = u8::from(self.sampled);
        HeaderValue::try_from(format!("00-{}-{parent:016x}-{flags:02x}", self.id)).ok()
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Trace").field(&self.id).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_request_of_the_trace_has_its_id_and_a_parent_of_its_own() {
        for flags in ["00", "01"] {
            let text = format!("00-{ID}-00f067aa0ba902b7-{flags}");
            let trace = Trace::parse(&text).unwrap();
            assert_eq!(trace.id(), ID);
            let header = trace.header().unwrap();
            let sent = header.to_str().unwrap();
            assert!(
                sent.starts_with(&format!("00-{ID}-")) && sent.ends_with(flags),
                "{sent}"
            );
            assert_ne!(sent, text);
            assert_ne!(header, trace.header().unwrap());
            assert_eq!(Trace::parse(sent).as_ref(), Some(&trace));
        }
    }

    #[test]
    fn what_is_malformed_is_no_trace() {
        let parent = "00f067aa0ba902b7";
        for text in [
            String::new(),
            "00".to_owned(),
            format!("00-{ID}-{parent}"),
            format!("00-{ID}-{parent}-1"),
            format!("00-{ID}-{parent}-01-more"),
            format!("ff-{ID}-{parent}-01"),
            format!("01-{ID}-{parent}-01more"),
            format!("00-{}-{parent}-01", "0".repeat(32)),
            format!("00-{ID}-{}-01", "0".repeat(16)),
            format!("00-{}-{parent}-01", ID.to_uppercase()),
            format!("00-{ID}-{parent}-0g"),
            format!("00_{ID}_{parent}_01"),
            format!("00-{}é-{parent}-01", &ID[..30]),
        ] {
            assert_eq!(Trace::parse(&text), None, "{text}");
        }
        for text in [
            format!("01-{ID}-{parent}-03"),
            format!("cc-{ID}-{parent}-01-more"),
        ] {
            let trace = Trace::parse(&text).unwrap();
            assert!(trace.header().unwrap().to_str().unwrap().ends_with("-01"));
        }
    }
}
