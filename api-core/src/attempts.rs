//! Attempts at calls: how many there were and, where somebody wants to know, what became of each.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use url::Url;

use crate::{endpoint::Spec, error::ErrorKind, trace::Trace};

/// Of how many attempts it is kept what became of them; a call that makes more is no less counted.
const KEPT: usize = 128;

/// Counts attempts over one call or several. Clones count together, and are equal to each other alone.
#[derive(Debug, Clone, Default)]
pub struct Attempts(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    count: AtomicU32,
    kept: Option<Mutex<Vec<Attempt>>>,
}

/// What became of an attempt that was part of a trace.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Attempt {
    /// The endpoint.
    pub spec: &'static Spec,
    /// Which attempt at its call it was, from 1.
    pub number: u32,
    /// Host that was asked.
    pub host: String,
    /// Its port.
    pub port: Option<u16>,
    /// The place in the trace that the back end was told.
    pub trace: Trace,
    /// When it began.
    pub began: SystemTime,
    /// How long it took, the answer's body included.
    pub took: Duration,
    /// Status of the answer, when there was one.
    pub status: Option<u16>,
    /// What went wrong, in a word; `cancelled` when nobody waited for its end.
    pub failed: Option<&'static str>,
}

impl Attempts {
    /// Attempts of which is kept what became of them, for those that are part of a trace.
    #[must_use]
    pub fn kept() -> Self {
        Self(Arc::new(Inner {
            count: AtomicU32::new(0),
            kept: Some(Mutex::default()),
        }))
    }

    /// How many were made so far.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.0.count.load(Ordering::Relaxed)
    }

    /// What became of those that have ended; afterwards that is no longer kept.
    #[must_use]
    pub fn take(&self) -> Vec<Attempt> {
        let kept = self.0.kept.as_ref();
        kept.map(|kept| std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner)))
            .unwrap_or_default()
    }

    pub(crate) fn add_one(&self) {
        self.0.count.fetch_add(1, Ordering::Relaxed);
    }

    /// An attempt that begins, when that is to be kept.
    pub(crate) fn begin(
        &self,
        spec: &'static Spec,
        number: u32,
        url: &Url,
        trace: &Trace,
    ) -> Option<Running<'_>> {
        let kept = self.0.kept.as_ref().filter(|_| trace.is_sampled())?;
        let attempt = Attempt {
            spec,
            number,
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port_or_known_default(),
            trace: trace.clone(),
            began: SystemTime::now(),
            took: Duration::ZERO,
            status: None,
            failed: Some("cancelled"),
        };
        Some(Running {
            kept,
            attempt: Some(attempt),
            began: Instant::now(),
        })
    }
}

impl PartialEq for Attempts {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Attempts {}

/// An attempt under way. It is kept when this is dropped: one whose future is dropped ends in no other way.
pub(crate) struct Running<'a> {
    kept: &'a Mutex<Vec<Attempt>>,
    attempt: Option<Attempt>,
    began: Instant,
}

impl Running<'_> {
    pub(crate) fn end(mut self, status: Option<u16>, failed: Option<&ErrorKind>) {
        if let Some(attempt) = &mut self.attempt {
            attempt.status = status;
            attempt.failed = failed.map(word);
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let Some(mut attempt) = self.attempt.take() else {
            return;
        };
        attempt.took = self.began.elapsed();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(attempt);
        }
    }
}

fn word(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Invalid(_) | ErrorKind::Encode(_) | ErrorKind::Path(_) => "invalid",
        ErrorKind::Setup(_) => "setup",
        ErrorKind::Connect(_) => "connect",
        ErrorKind::Timeout { .. } => "timeout",
        ErrorKind::Interrupted(_) => "interrupted",
        ErrorKind::Redirect { .. } => "redirect",
        ErrorKind::TooLarge { .. } => "too_large",
        ErrorKind::Status { .. } => "status",
        ErrorKind::Logical(_) => "refused",
        ErrorKind::Decode { .. } => "decode",
        ErrorKind::Unavailable { .. } => "unavailable",
    }
}
