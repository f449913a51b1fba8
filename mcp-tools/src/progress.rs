//! How far a call is, for callers that want to know.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Shortest time between two notices.
const PACE: Duration = Duration::from_millis(300);

/// Where a call tells how far it is; by default nowhere. Cheap to clone.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<Told>>);

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// Bytes or rows so far; only ever more.
    pub done: u64,
    /// All of them, where that is known.
    pub total: Option<u64>,
}

struct Told {
    sink: Box<dyn Fn(Notice) + Send + Sync>,
    last: Mutex<Option<(Instant, u64)>>,
}

impl Progress {
    /// Tells it to this; at most a few times in a second.
    #[must_use]
    pub fn to(sink: impl Fn(Notice) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(Told {
            sink: Box::new(sink),
            last: Mutex::default(),
        })))
    }

    /// So much is done. What is no more than before, or comes too soon after it, is not passed on, unless it is the end.
    pub fn tell(&self, done: u64, total: Option<u64>) {
        let Some(told) = &self.0 else { return };
        {
            let mut last = told.last.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((at, before)) = *last
                && (done <= before || (at.elapsed() < PACE && total != Some(done)))
            {
                return;
            }
            *last = Some((Instant::now(), done));
        }
        (told.sink)(Notice { done, total });
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Progress({})", self.0.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_told_seldom_and_only_forward() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        let progress = Progress::to(move |notice| sink.lock().unwrap().push(notice.done));
        for done in [1, 2, 3, 2, 50, 100, 100] {
            progress.tell(done, Some(100));
        }
        assert_eq!(*seen.lock().unwrap(), [1, 100]);
        Progress::default().tell(1, None);
    }
}
