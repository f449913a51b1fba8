//! The trace that a call belongs to, as W3C's Trace Context writes it in the headers `traceparent` and `tracestate`.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The header with trace and parent.
pub(crate) const PARENT: HeaderName = HeaderName::from_static("traceparent");
/// The header with what systems on the way have added.
pub(crate) const STATE: HeaderName = HeaderName::from_static("tracestate");
/// Length of version, trace, parent and flags with the dashes between them.
const LENGTH: usize = 55;
/// Longest `tracestate` that is passed on, in bytes: what everybody must be able to.
const LONGEST_STATE: usize = 512;

/// A place in a trace: everything that is done from here names it as its parent. Nothing is made up where there is no trace,
/// unless [`Trace::begin`] is asked to.
#[derive(Clone, PartialEq, Eq)]
pub struct Trace {
    /// 32 hex digits in lower case, not all 0.
    id: Box<str>,
    /// 0 where nothing came before.
    parent: u64,
    sampled: bool,
    state: Option<Box<str>>,
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
            parent: u64::from_str_radix(parent, 16).ok()?,
            sampled: u8::from_str_radix(flags, 16).ok()? & 1 == 1,
            state: None,
        })
    }

    /// A trace that begins here, and is recorded.
    #[must_use]
    pub fn begin() -> Self {
        Self {
            id: Uuid::new_v4().simple().to_string().into(),
            parent: 0,
            sampled: true,
            state: None,
        }
    }

    /// The same with the value of `tracestate`, which is passed on as it is; without one that cannot be.
    #[must_use]
    pub fn with_state(mut self, state: &str) -> Self {
        let state = state.trim_matches([' ', '\t', ',']);
        let visible = |byte: u8| matches!(byte, b' '..=b'~' | b'\t');
        let fits = (1..=LONGEST_STATE).contains(&state.len()) && state.bytes().all(visible);
        self.state = fits.then(|| state.into());
        self
    }

    /// A new place in the same trace, for something whose parent is this one.
    #[must_use]
    pub fn child(&self) -> Self {
        // Its last half has a bit that is always set, so it is never all 0.
        let (_, parent) = Uuid::new_v4().as_u64_pair();
        Self {
            parent,
            ..self.clone()
        }
    }

    /// What the trace is found by: 32 hex digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What this place is known by to those that name it as their parent; 0 when the trace begins here.
    #[must_use]
    pub fn parent(&self) -> u64 {
        self.parent
    }

    /// Whether whoever began the trace has it recorded.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.sampled
    }

    /// What systems on the way have added.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// Tells a request that this place is its parent.
    pub(crate) fn put(&self, headers: &mut HeaderMap) {
        let flags = u8::from(self.sampled);
        let parent = format!("00-{}-{:016x}-{flags:02x}", self.id, self.parent);
        if let Ok(parent) = HeaderValue::try_from(parent) {
            headers.insert(PARENT, parent);
        }
        let state = self.state.as_deref().map(HeaderValue::from_str);
        if let Some(Ok(state)) = state {
            headers.insert(STATE, state);
        }
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
            assert_eq!((trace.id(), trace.parent()), (ID, 0x00f0_67aa_0ba9_02b7));
            assert_eq!(told(&trace), text);
            let child = trace.child();
            let sent = told(&child);
            assert!(
                sent.starts_with(&format!("00-{ID}-")) && sent.ends_with(flags),
                "{sent}"
            );
            assert_ne!(sent, text);
            assert_ne!(child, trace.child());
            assert_eq!(Trace::parse(&sent), Some(child));
        }
    }

    fn told(trace: &Trace) -> String {
        let mut headers = HeaderMap::new();
        trace.put(&mut headers);
        headers[PARENT].to_str().unwrap().to_owned()
    }

    #[test]
    fn a_trace_that_begins_is_recorded_and_has_nothing_before_it() {
        let trace = Trace::begin();
        assert_eq!((trace.parent(), trace.is_sampled()), (0, true));
        assert_ne!(trace, Trace::begin());
        let child = trace.child();
        assert_eq!(Trace::parse(&told(&child)), Some(child));
    }

    #[test]
    fn the_state_is_passed_on_as_it_is() {
        let trace = Trace::parse(&format!("00-{ID}-00f067aa0ba902b7-01")).unwrap();
        let state = |text: &str| {
            let mut headers = HeaderMap::new();
            trace.clone().with_state(text).child().put(&mut headers);
            let state = headers.get(STATE)?;
            Some(state.to_str().unwrap().to_owned())
        };
        let text = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";
        assert_eq!(state(text).as_deref(), Some(text));
        assert_eq!(state(&format!(" {text},")).as_deref(), Some(text));
        let long = format!("a={}", "x".repeat(510));
        assert_eq!(state(&long).as_deref(), Some(&*long));
        for wrong in ["", ",", "a=é", "a=\u{7f}", &format!("{long}x")] {
            assert_eq!(state(wrong), None, "{wrong}");
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
            assert!(trace.is_sampled());
        }
    }
}
