//! How often a caller may come: a bucket that fills steadily, and that each request takes one from.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Requests that may come at once after a pause, in seconds of the steady rate.
const BURST: f64 = 10.0;

/// The bucket of one caller.
#[derive(Debug)]
pub(super) struct Bucket {
    /// Requests in a second.
    rate: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    left: f64,
    at: Instant,
}

impl Bucket {
    /// A full bucket for so many requests in a minute.
    pub(super) fn per_minute(requests: u32) -> Self {
        let rate = f64::from(requests) / 60.0;
        Self {
            rate,
            state: Mutex::new(State {
                left: capacity(rate),
                at: Instant::now(),
            }),
        }
    }

    /// Takes one, or tells how long to wait for it.
    pub(super) fn take(&self) -> Result<(), Duration> {
        self.take_at(Instant::now())
    }

    fn take_at(&self, now: Instant) -> Result<(), Duration> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(state.at).as_secs_f64();
        state.left = (state.left + passed * self.rate).min(capacity(self.rate));
        state.at = now;
        if state.left >= 1.0 {
            state.left -= 1.0;
            return Ok(());
        }
        let wait = (1.0 - state.left) / self.rate;
        Err(Duration::from_secs_f64(wait.clamp(0.0, 60.0)))
    }
}

fn capacity(rate: f64) -> f64 {
    (rate * BURST).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_the_steady_rate() {
        let bucket = Bucket::per_minute(60);
        let start = Instant::now();
        let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
        for turn in 0..10 {
            assert!(bucket.take_at(at(0.01)).is_ok(), "{turn}");
        }
        let wait = bucket.take_at(at(0.01)).unwrap_err();
        assert!(
            wait > Duration::from_millis(900) && wait <= Duration::from_secs(1),
            "{wait:?}"
        );
        assert!(bucket.take_at(at(1.02)).is_ok());
        assert!(bucket.take_at(at(1.03)).is_err());
        // A long pause fills it no further than a burst.
        for _ in 0..10 {
            assert!(bucket.take_at(at(1_000.0)).is_ok());
        }
        assert!(bucket.take_at(at(1_000.0)).is_err());
    }
}
