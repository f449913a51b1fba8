//! What changes seldom, kept for a while.
//!
//! One refresh at a time: callers that come while it is under way wait for it and share its outcome. When it fails the
//! old value is served, and said to be old. An empty answer is no value: it is not kept.

use std::{
    fmt,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use api_core::Error;

/// How long a value counts as fresh (inferred for the ticket types, documented for the shipment statuses).
pub const TTL: Duration = Duration::from_secs(12 * 3600);
/// How long an old value is served after a refresh failed before another one is tried (inferred).
pub const PAUSE: Duration = Duration::from_secs(30);

/// Tells the time, for expiry alone.
pub trait Clock: Send + Sync + fmt::Debug + 'static {
    /// Time since a moment that stays the same; it never goes back.
    fn now(&self) -> Duration;
}

/// The time since the clock was made.
#[derive(Debug)]
pub struct SystemClock(Instant);

impl Default for SystemClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A value that is fetched when it is first wanted, and again when it is old.
#[derive(Debug)]
pub struct Cache<T> {
    what: &'static str,
    clock: Arc<dyn Clock>,
    is_empty: fn(&T) -> bool,
    state: Mutex<State<T>>,
    /// Held while a refresh is under way.
    refreshing: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State<T> {
    value: Option<(Arc<T>, Duration)>,
    failure: Option<(Arc<RefreshError>, Duration)>,
    /// Refreshes that came to an end.
    ended: u64,
}

/// A value, and how old it is.
#[derive(Debug)]
#[non_exhaustive]
pub struct Cached<T> {
    /// The value.
    pub value: Arc<T>,
    /// Time since it was fetched.
    pub age: Duration,
    /// Why it could not be fetched anew, when it is older than it should be.
    pub stale: Option<Arc<RefreshError>>,
}

/// A refresh that brought no value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// The call failed.
    #[error(transparent)]
    Failed(#[from] Error),
    /// The answer was empty.
    #[error("the back end answered an empty list")]
    Empty,
}

/// There is no value, not even an old one.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the {what} could not be loaded, and none were loaded before; try again later: {source}")]
#[non_exhaustive]
pub struct NeverLoaded {
    /// What is missing.
    pub what: &'static str,
    /// Why it could not be fetched.
    pub source: Arc<RefreshError>,
}

impl<T> Cached<T> {
    /// True when the value is older than it should be, because it could not be fetched anew.
    #[must_use]
    pub const fn is_stale(&self) -> bool {
        self.stale.is_some()
    }
}

impl<T: Send + Sync> Cache<T> {
    /// An empty cache. `what` names the content in errors, such as `ticket types`.
    pub fn new(what: &'static str, is_empty: fn(&T) -> bool, clock: Arc<dyn Clock>) -> Self {
        Self {
            what,
            clock,
            is_empty,
            state: Mutex::new(State {
                value: None,
                failure: None,
                ended: 0,
            }),
            refreshing: tokio::sync::Mutex::new(()),
        }
    }

    /// The value; fetched when there is none that is fresh.
    ///
    /// A refresh whose caller goes away is dropped, and the next caller begins another.
    ///
    /// # Errors
    ///
    /// When it cannot be fetched and never was.
    pub async fn get<F, R>(&self, fetch: F) -> Result<Cached<T>, NeverLoaded>
    where
        F: FnOnce() -> R,
        R: Future<Output = Result<T, Error>>,
    {
        let seen = {
            let state = self.state();
            if let Some(cached) = self.without_fetching(&state) {
                return Ok(cached);
            }
            state.ended
        };
        let turn = self.refreshing.lock().await;
        {
            let state = self.state();
            if state.ended > seen {
                // Another caller's refresh came to an end meanwhile: good or bad, its outcome is ours too.
                return self.outcome(&state);
            }
        }
        let fetched = match fetch().await {
            Ok(value) if (self.is_empty)(&value) => Err(RefreshError::Empty),
            fetched => fetched.map_err(RefreshError::Failed),
        };
        let now = self.clock.now();
        let mut state = self.state();
        state.ended += 1;
        match fetched {
            Ok(value) => {
                state.value = Some((Arc::new(value), now));
                state.failure = None;
            }
            Err(error) => state.failure = Some((Arc::new(error), now)),
        }
        let outcome = self.outcome(&state);
        drop(state);
        drop(turn);
        outcome
    }

    /// The value that there is, however old; nothing is fetched.
    #[must_use]
    pub fn peek(&self) -> Option<Arc<T>> {
        self.state()
            .value
            .as_ref()
            .map(|(value, _)| Arc::clone(value))
    }

    /// A fresh value, or an old one right after a refresh failed.
    fn without_fetching(&self, state: &State<T>) -> Option<Cached<T>> {
        let (_, fetched) = state.value.as_ref()?;
        let now = self.clock.now();
        let fresh = now.saturating_sub(*fetched) < TTL;
        let paused = state.failure.as_ref();
        let paused = paused.is_some_and(|(_, failed)| now.saturating_sub(*failed) < PAUSE);
        if fresh || paused {
            return self.outcome(state).ok();
        }
        None
    }

    fn outcome(&self, state: &State<T>) -> Result<Cached<T>, NeverLoaded> {
        let failure = state.failure.as_ref().map(|(error, _)| Arc::clone(error));
        if let Some((value, fetched)) = &state.value {
            return Ok(Cached {
                value: Arc::clone(value),
                age: self.clock.now().saturating_sub(*fetched),
                stale: failure,
            });
        }
        Err(NeverLoaded {
            what: self.what,
            source: failure.unwrap_or_else(|| Arc::new(RefreshError::Empty)),
        })
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
