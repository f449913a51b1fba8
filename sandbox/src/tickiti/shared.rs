//! One simulated install and what is around it, as the server and its control see it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::fault::Faults;
use super::idempotency::Keys;
use super::log::Log;
use super::model::State;
use super::store;

/// One simulated install and what is around it.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) state: Mutex<State>,
    pub(crate) faults: Faults,
    pub(crate) log: Arc<Log>,
    pub(crate) keys: Arc<Keys>,
    clock: AtomicI64,
}

impl Shared {
    pub(crate) fn new(state: State, now: i64, log_capacity: usize) -> Self {
        Self {
            state: Mutex::new(state),
            faults: Faults::default(),
            log: Arc::new(Log::new(log_capacity)),
            keys: Arc::default(),
            clock: AtomicI64::new(now),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.load(Ordering::Relaxed)
    }

    /// Sets the clock; tickets whose hold ends are opened, as the nightly job does.
    pub(crate) fn set_clock(&self, now: i64) {
        self.clock.store(now, Ordering::Relaxed);
        store::release_holds(&mut self.lock(), now);
    }
}
