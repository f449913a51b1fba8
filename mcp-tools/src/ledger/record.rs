//! What a ledger keeps of one intent.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Intent;
use crate::tool::JsonObject;

/// The largest answer that is kept to be given again, in bytes; of a larger one it is only known that it was given.
const LARGEST_KEPT: usize = 256 * 1024;

/// One intent. Times are milliseconds since 1970, by the clock of whoever wrote them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Digest of what the call said.
    pub(super) arguments: String,
    /// Key of the requests to the back end; the same for every attempt.
    pub(super) key: String,
    /// Tells one holder of the record from another.
    pub(super) turn: Uuid,
    /// Signs of life of its holder.
    pub(super) beat: u64,
    /// When the holder gave the last one.
    pub(super) beat_ms: u64,
    /// When the intent was first put on record.
    begun_ms: u64,
    /// Since when no request of it can have left.
    sent_ms: u64,
    /// Whether an attempt was made whose outcome is unknown.
    pub(super) doubt: bool,
    pub(super) state: State,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// Somebody is at it, or died at it.
    Running,
    /// A request left, and its answer was lost.
    Unknown,
    /// It is done.
    Applied {
        /// What the caller was told; absent when it was too large to keep.
        answer: Option<JsonObject>,
        done_ms: u64,
    },
}

/// A record of this call's own, and its bytes in the store.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) record: Record,
    pub(super) bytes: Vec<u8>,
}

impl Held {
    pub(super) fn new(record: Record) -> Self {
        // Texts, numbers and JSON always serialise.
        let bytes = serde_json::to_vec(&record).unwrap_or_default();
        Self { record, bytes }
    }
}

impl Record {
    /// An intent that is begun now.
    pub(super) fn of(intent: &Intent) -> Self {
        let now = now_ms();
        Self {
            arguments: intent.arguments.clone(),
            key: intent.name.clone().unwrap_or_else(fresh_key),
            turn: Uuid::new_v4(),
            beat: 0,
            beat_ms: now,
            begun_ms: now,
            sent_ms: now,
            doubt: false,
            state: State::Running,
        }
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// The same in the hands of another, who must find out first.
    pub(super) fn taken_over(self) -> Self {
        Self {
            turn: Uuid::new_v4(),
            beat: 0,
            beat_ms: now_ms(),
            doubt: true,
            state: State::Running,
            ..self
        }
    }

    /// The same after a sign of life.
    pub(super) fn beaten(mut self, acting: bool) -> Self {
        self.beat = self.beat.wrapping_add(1);
        self.beat_ms = now_ms();
        if acting {
            self.sent_ms = self.beat_ms;
        }
        self
    }

    /// The same, done, with an answer that may be kept.
    pub(super) fn applied(self, answer: Option<&JsonObject>) -> Self {
        let size = |answer: &JsonObject| {
            serde_json::to_vec(answer).map_or(usize::MAX, |bytes| bytes.len())
        };
        let answer = answer
            .filter(|&answer| size(answer) <= LARGEST_KEPT)
            .cloned();
        let done_ms = now_ms();
        let state = State::Applied { answer, done_ms };
        Self { state, ..self }
    }

    /// The same with an unknown outcome; `acted` when a request of this turn may have left.
    pub(super) fn unknown(self, acted: bool) -> Self {
        let sent_ms = if acted { now_ms() } else { self.sent_ms };
        Self {
            sent_ms,
            doubt: true,
            state: State::Unknown,
            ..self
        }
    }

    pub(super) fn begun(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.begun_ms)
    }

    /// How long ago it was begun.
    pub(super) fn age(&self) -> Duration {
        since(self.begun_ms)
    }

    /// How much longer a request of it may still be on its way.
    pub(super) fn unsettled(&self, settle: Duration) -> Option<Duration> {
        let left = settle.checked_sub(since(self.sent_ms))?;
        (!left.is_zero()).then_some(left)
    }
}

/// Time since a moment; none when clocks differ so far that it lies ahead.
pub(super) fn since(moment_ms: u64) -> Duration {
    Duration::from_millis(now_ms().saturating_sub(moment_ms))
}

fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
}

fn fresh_key() -> String {
    Uuid::new_v4().to_string()
}
