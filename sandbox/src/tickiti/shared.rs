//! One simulated install and what is around it, as the server and its control see it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::wire::install::Common;
use crate::wire::log::Log;

use super::idempotency::Keys;
use super::model::State;
use super::store;

/// One simulated install and what is around it.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) state: Mutex<State>,
    pub(crate) common: Common,
    pub(crate) keys: Arc<Keys>,
}

impl Shared {
    pub(crate) fn new(state: State, now: i64, log: Log) -> Self {
        Self {
            state: Mutex::new(state),
            common: Common::new(now, log),
            keys: Arc::default(),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> i64 {
        self.common.now()
    }

    /// Sets the clock; tickets whose hold ends are opened, as the nightly job does.
    pub(crate) fn set_clock(&self, now: i64) {
        self.common.store_clock(now);
        store::release_holds(&mut self.lock(), now);
    }
}
