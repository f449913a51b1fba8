//! What one simulated install is to the server around it.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;

use super::answer::Answer;
use super::fault::Faults;
use super::log::{Log, Open};

/// An install behind the server. Not generic, so that the program holds one server for all of them.
pub(crate) trait Install: Debug + Send + Sync {
    /// Faults, log and clock.
    fn common(&self) -> &Common;

    /// Name of the endpoint that a request leads to.
    fn endpoint(&self, head: &Parts) -> Option<&'static str>;

    /// Answers a request; `delay` is waited between its gates and its work.
    fn answer<'a>(
        &'a self,
        arrived: &'a Arrived,
        open: &'a Open,
        delay: Duration,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

    /// The answer to a body that no endpoint would read.
    fn too_large(&self) -> Answer;

    /// Sets the clock, with what hangs on it.
    fn set_clock(&self, now: i64);

    /// Replaces the switches by those of a JSON body.
    fn set_switches(&self, body: &[u8]) -> serde_json::Result<()>;
}

/// A request that was read.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
    pub(crate) peer: std::net::IpAddr,
}

/// Faults, log and clock of an install.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) faults: Faults,
    pub(crate) log: Arc<Log>,
    clock: AtomicI64,
}

impl Common {
    pub(crate) fn new(now: i64, log: Log) -> Self {
        Self {
            faults: Faults::default(),
            log: Arc::new(log),
            clock: AtomicI64::new(now),
        }
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.load(Ordering::Relaxed)
    }

    pub(crate) fn store_clock(&self, now: i64) {
        self.clock.store(now, Ordering::Relaxed);
    }
}

pub(crate) async fn pause(duration: Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}
