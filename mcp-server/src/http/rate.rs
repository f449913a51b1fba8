//! How often a caller may come: a bucket that fills steadily, and that each request takes one from. Servers that share a
//! store share the bucket.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use mcp_tools::store::{Store, StoreError, Swap};
use tokio::{sync, time::timeout};

/// Requests that may come at once after a pause, in seconds of the steady rate.
const BURST: f64 = 10.0;
/// How long a store may take.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long a store that failed is left alone.
const PAUSE: Duration = Duration::from_secs(5);
/// How often it is told that a store fails.
const TOLD_EVERY: Duration = Duration::from_secs(60);
/// How often a bucket that others change at the same time is tried.
const TRIES: usize = 16;
/// How much longer than it matters a bucket is kept: clocks differ.
const MARGIN: Duration = Duration::from_secs(60);
/// How far clocks are believed to differ.
const SKEW: Duration = Duration::from_secs(10);

/// How often one caller may come.
#[derive(Debug)]
pub(super) struct Rate {
    pace: Pace,
    /// The bucket of this process alone: without a store, and while it fails.
    own: Mutex<Level>,
    shared: Option<Shared>,
}

/// The bucket that several processes take from.
struct Shared {
    store: Arc<dyn Store>,
    name: String,
    /// One request of this process at a time goes to the store; the others would only lose against it.
    known: sync::Mutex<Option<Level>>,
    trouble: Mutex<Trouble>,
}

/// When a store failed, and when that was told.
#[derive(Debug, Default)]
struct Trouble {
    failed: Option<Instant>,
    told: Option<Instant>,
}

/// A steady rate, and what may come at once.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// Time between two requests.
    every: Duration,
    /// How far ahead of it requests may come.
    ahead: Duration,
}

/// When a bucket will be full again, since 1970. That one time is all its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Level(Duration);

impl Pace {
    fn per_minute(requests: u32) -> Self {
        let requests = requests.max(1);
        let burst = (f64::from(requests) / 60.0 * BURST).max(1.0);
        let every = Duration::from_secs(60) / requests;
        Self {
            every,
            ahead: every.mul_f64(burst - 1.0),
        }
    }

    /// The bucket with one taken, or how long to wait for it.
    fn take(self, level: Level, now: Duration) -> Result<Level, Duration> {
        let most = now + self.ahead + self.every + SKEW;
        // A clock that was put back would have everybody wait until it has caught up.
        let full = Some(level.0).filter(|full| (now..=most).contains(full));
        let full = full.unwrap_or(now);
        let ahead = full - now;
        match ahead.checked_sub(self.ahead) {
            None | Some(Duration::ZERO) => Ok(Level(full + self.every)),
            Some(wait) => Err(wait),
        }
    }
}

impl Level {
    const FULL: Self = Self(Duration::ZERO);

    fn bytes(self) -> [u8; 8] {
        let micros = u64::try_from(self.0.as_micros()).unwrap_or(u64::MAX);
        micros.to_be_bytes()
    }

    /// Whatever else stands there is no level.
    fn of(bytes: &[u8]) -> Self {
        let micros = bytes.try_into().map_or(0, u64::from_be_bytes);
        Self(Duration::from_micros(micros))
    }
}

impl Rate {
    /// A full bucket for so many requests in a minute.
    pub(super) fn per_minute(requests: u32) -> Self {
        Self {
            pace: Pace::per_minute(requests),
            own: Mutex::new(Level::FULL),
            shared: None,
        }
    }

    /// The same for all processes that take from the bucket of this name in a store. One that no other process sees adds
    /// nothing.
    pub(super) fn with_store(mut self, store: Arc<dyn Store>, name: &str) -> Self {
        self.shared = store.is_shared().then(|| Shared {
            store,
            name: format!("rate/{name}"),
            known: sync::Mutex::new(None),
            trouble: Mutex::default(),
        });
        self
    }

    /// Takes one, or tells how long to wait for it.
    pub(super) async fn take(&self) -> Result<(), Duration> {
        let Some(shared) = self.shared.as_ref().filter(|shared| shared.is_well()) else {
            return self.take_own(now());
        };
        match timeout(PATIENCE, shared.take(self.pace)).await {
            Ok(Ok(taken)) => taken,
            failed => {
                shared.fail(failed.ok().and_then(Result::err));
                self.take_own(now())
            }
        }
    }

    fn take_own(&self, now: Duration) -> Result<(), Duration> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        *own = self.pace.take(*own, now)?;
        Ok(())
    }
}

impl Shared {
    /// Takes one from the bucket as it was last seen, if nobody else has taken one since; or else as it is.
    async fn take(&self, pace: Pace) -> Result<Result<(), Duration>, StoreError> {
        let mut known = self.known.lock().await;
        for _ in 0..TRIES {
            let now = now();
            let new = match pace.take(known.unwrap_or(Level::FULL), now) {
                Ok(new) => new,
                // Others only ever take from it: it is no fuller than it was seen, and the store need not be asked.
                Err(wait) => return Ok(Err(wait)),
            };
            let old = known.map(Level::bytes);
            let lives = new.0.saturating_sub(now) + MARGIN;
            let old = old.as_ref().map(<[u8; 8]>::as_slice);
            match self
                .store
                .swap(&self.name, old, &new.bytes(), lives)
                .await?
            {
                Swap::Done => {
                    *known = Some(Level::of(&new.bytes()));
                    return Ok(Ok(()));
                }
                Swap::Other(there) => *known = there.as_deref().map(Level::of),
            }
        }
        Ok(Err(pace.every))
    }

    fn is_well(&self) -> bool {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.failed.is_none_or(|at| at.elapsed() >= PAUSE)
    }

    fn fail(&self, error: Option<StoreError>) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        trouble.failed = Some(now);
        if trouble.told.is_none_or(|at| now - at >= TOLD_EVERY) {
            trouble.told = Some(now);
            let error = error.map_or_else(|| "no answer in time".to_owned(), |e| e.to_string());
            tracing::warn!(
                %error,
                bucket = self.name,
                "the rate is kept by each server alone until the store works again"
            );
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("store", &self.store)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Since 1970, in whole microseconds: a clock that all processes share.
fn now() -> Duration {
    let age = SystemTime::now().duration_since(UNIX_EPOCH);
    let micros = age.unwrap_or_default().as_micros();
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use mcp_tools::store::Memory;

    use super::*;

    #[test]
    fn a_burst_then_the_steady_rate() {
        let rate = Rate::per_minute(60);
        let at = |seconds: f64| Duration::from_secs_f64(1_000_000.0 + seconds);
        for turn in 0..10 {
            assert!(rate.take_own(at(0.01)).is_ok(), "{turn}");
        }
        let wait = rate.take_own(at(0.01)).unwrap_err();
        assert!(
            wait > Duration::from_millis(900) && wait <= Duration::from_secs(1),
            "{wait:?}"
        );
        assert!(rate.take_own(at(1.02)).is_ok());
        assert!(rate.take_own(at(1.03)).is_err());
        // A long pause fills it no further than a burst.
        for _ in 0..10 {
            assert!(rate.take_own(at(1_000.0)).is_ok());
        }
        assert!(rate.take_own(at(1_000.0)).is_err());
        // A clock that was put back by an hour.
        assert!(rate.take_own(at(-2_600.0)).is_ok());
        // The slowest and the fastest.
        let slow = Rate::per_minute(1);
        assert!(slow.take_own(at(0.0)).is_ok());
        assert!(slow.take_own(at(59.0)).unwrap_err() <= Duration::from_millis(1_001));
        assert!(slow.take_own(at(60.1)).is_ok());
        assert!(Rate::per_minute(u32::MAX).take_own(at(0.0)).is_ok());
    }

    /// A store in memory that says it is shared, counts, and can be made to fail or hang.
    #[derive(Debug, Default)]
    struct Played {
        memory: Memory,
        swaps: AtomicUsize,
        fails: AtomicBool,
        hangs: AtomicBool,
    }

    #[async_trait::async_trait]
    impl Store for Played {
        async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
            self.memory.read(name).await
        }

        async fn swap(
            &self,
            name: &str,
            old: Option<&[u8]>,
            new: &[u8],
            lives: Duration,
        ) -> Result<Swap, StoreError> {
            self.swaps.fetch_add(1, Ordering::SeqCst);
            if self.hangs.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            if self.fails.load(Ordering::SeqCst) {
                return Err(StoreError {
                    store: "played".into(),
                    problem: "it is away".to_owned(),
                });
            }
            self.memory.swap(name, old, new, lives).await
        }

        async fn forget(&self, name: &str, old: &[u8]) -> Result<bool, StoreError> {
            self.memory.forget(name, old).await
        }
    }

    async fn taken(rates: &[Rate], turns: usize) -> usize {
        let mut taken = 0;
        for turn in 0..turns {
            taken += usize::from(rates[turn % rates.len()].take().await.is_ok());
        }
        taken
    }

    fn three(store: &Arc<Played>) -> [Rate; 3] {
        [(); 3].map(|()| Rate::per_minute(60).with_store(Arc::clone(store) as _, "ana"))
    }

    #[tokio::test]
    async fn several_servers_take_from_one_bucket() {
        let store = Arc::new(Played::default());
        let rates = three(&store);
        assert_eq!(taken(&rates, 60).await, 10);
        // A server that starts later finds the bucket as it is, and so does one that knows it for empty without asking.
        assert_eq!(taken(&three(&store)[..1], 5).await, 0);
        let asked = store.swaps.load(Ordering::SeqCst);
        let wait = rates[0].take().await.unwrap_err();
        assert!(wait <= Duration::from_secs(1) && wait > Duration::from_millis(500));
        assert_eq!(store.swaps.load(Ordering::SeqCst), asked);
        // Other callers have other buckets.
        let other = Rate::per_minute(60).with_store(Arc::clone(&store) as _, "eva");
        assert!(other.take().await.is_ok());
    }

    #[tokio::test]
    async fn one_round_trip_in_the_common_case() {
        let store = Arc::new(Played::default());
        let rate = [Rate::per_minute(6_000).with_store(Arc::clone(&store) as _, "ana")];
        assert_eq!(taken(&rate, 100).await, 100);
        assert_eq!(store.swaps.load(Ordering::SeqCst), 100);
    }

    #[tokio::test(start_paused = true)]
    async fn while_the_store_fails_each_server_keeps_the_rate_alone() {
        let store = Arc::new(Played::default());
        let rates = three(&store);
        for broken in [&store.fails, &store.hangs] {
            broken.store(true, Ordering::SeqCst);
            let rates = three(&store);
            let before = store.swaps.load(Ordering::SeqCst);
            assert_eq!(taken(&rates, 90).await, 30);
            // Each asked once, and then left it alone.
            assert_eq!(store.swaps.load(Ordering::SeqCst), before + 3);
            broken.store(false, Ordering::SeqCst);
        }
        assert_eq!(taken(&rates, 60).await, 10);
    }

    #[tokio::test]
    async fn a_store_that_is_not_shared_is_not_asked() {
        let rate = Rate::per_minute(60).with_store(Arc::new(Memory::new()), "ana");
        assert!(rate.shared.is_none());
    }
}
