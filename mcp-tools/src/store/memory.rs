//! A store for one process: tests, and servers that are told to keep nothing.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;

use super::{Store, StoreError, Swap};

/// How many values may be kept before expired ones are looked for.
const SWEEP: usize = 256;

/// Values in memory; gone with the process.
#[derive(Default)]
pub struct Memory {
    values: Mutex<Values>,
}

#[derive(Default)]
struct Values {
    by_name: BTreeMap<String, Kept>,
    /// How many values there may be until the next sweep.
    sweep_at: usize,
}

struct Kept {
    value: Vec<u8>,
    until: Option<Instant>,
}

impl Kept {
    fn lives(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl Memory {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn values(&self) -> MutexGuard<'_, Values> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Values {
    fn get(&self, name: &str, now: Instant) -> Option<&[u8]> {
        let kept = self.by_name.get(name)?;
        kept.lives(now).then_some(&kept.value)
    }

    /// Expired values cost memory only; they are dropped when there are twice as many as the last time.
    fn sweep(&mut self, now: Instant) {
        if self.by_name.len() >= self.sweep_at.max(SWEEP) {
            self.by_name.retain(|_, kept| kept.lives(now));
            self.sweep_at = self.by_name.len().saturating_mul(2);
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Memory({})", self.values().by_name.len())
    }
}

#[async_trait]
impl Store for Memory {
    fn is_shared(&self) -> bool {
        false
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let now = Instant::now();
        Ok(self.values().get(name, now).map(<[u8]>::to_vec))
    }

    async fn swap(
        &self,
        name: &str,
        old: Option<&[u8]>,
        new: &[u8],
        lives: Duration,
    ) -> Result<Swap, StoreError> {
        let now = Instant::now();
        let mut values = self.values();
        let found = values.get(name, now);
        if found != old {
            return Ok(Swap::Other(found.map(<[u8]>::to_vec)));
        }
        values.sweep(now);
        let kept = Kept {
            value: new.to_vec(),
            until: now.checked_add(lives),
        };
        values.by_name.insert(name.to_owned(), kept);
        Ok(Swap::Done)
    }

    async fn forget(&self, name: &str, old: &[u8]) -> Result<bool, StoreError> {
        let now = Instant::now();
        let mut values = self.values();
        let found = values.get(name, now) == Some(old);
        if found {
            values.by_name.remove(name);
        }
        Ok(found)
    }
}
