//! What several processes of one server must agree on: small values under names, each changed as a whole.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;

mod memory;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use memory::Memory;
#[cfg(feature = "redis")]
pub use redis::{BadAddress, Redis};
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;

/// Values by name, shared by every process that opens the same store, and kept until they expire.
///
/// One operation changes a value, and only from what the caller knows it to be, so that two processes never overwrite
/// each other: whoever comes second is told what is there, and decides again.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// The value of a name, when it has one that has not expired.
    ///
    /// # Errors
    ///
    /// When the store cannot be asked.
    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Gives a name the value `new`, if its value is `old` (`None`: if it has none); the value then lives for `lives`,
    /// counted from now.
    ///
    /// The change outlives this process as soon as this returns.
    ///
    /// # Errors
    ///
    /// When the store cannot be asked, or its answer was lost: the change may then have been made or not.
    async fn swap(
        &self,
        name: &str,
        old: Option<&[u8]>,
        new: &[u8],
        lives: Duration,
    ) -> Result<Swap, StoreError>;

    /// Forgets the value of a name, if it is `old`; true when it was.
    ///
    /// # Errors
    ///
    /// As [`Self::swap`].
    async fn forget(&self, name: &str, old: &[u8]) -> Result<bool, StoreError>;

    /// Whether other processes see what this one does.
    fn is_shared(&self) -> bool {
        true
    }

    /// Asks the store for a sign of life.
    ///
    /// # Errors
    ///
    /// When it gives none.
    async fn ping(&self) -> Result<(), StoreError> {
        self.read("ping").await.map(drop)
    }
}

/// What became of a [`Store::swap`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Swap {
    /// The name has the new value.
    Done,
    /// Nothing was changed: this is the value that the name has, if any.
    Other(Option<Vec<u8>>),
}

/// A store failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the store {store} failed: {problem}")]
pub struct StoreError {
    /// Which one: a file or an address, without secrets.
    pub store: Arc<str>,
    /// What went wrong.
    pub problem: String,
}
