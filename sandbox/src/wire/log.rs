//! What was asked and how it ended.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::digest::hex;

/// Largest body that the log keeps, in bytes.
const KEPT_BODY: usize = 256 * 1024;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It is still being served.
    Running,
    /// An answer was handed to the connection.
    Answered,
    /// A fault closed the connection without an answer; nothing was done.
    DroppedBeforeEffect,
    /// A fault closed the connection without a (whole) answer; the request was done.
    DroppedAfterEffect,
    /// The client went away before the answer was complete.
    Aborted,
}

/// One request.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct LogEntry {
    /// Place in the order of arrival, from 1; not reset by clearing the log.
    pub sequence: u64,
    /// HTTP method.
    pub method: String,
    /// Path with query, as sent.
    pub path: String,
    /// Name of the endpoint, when the path leads to one (`tickets.create`).
    pub endpoint: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Status that was sent; absent without an answer.
    pub status: Option<u16>,
    /// Value of `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// True when the endpoint's work was done for this request.
    pub executed: bool,
    /// True when a stored answer was given instead.
    pub replayed: bool,
    /// Size of the request body in bytes.
    pub body_bytes: usize,
    /// Hex sha256 of the request body.
    pub body_sha256: String,
    /// Value of `User-Agent`.
    pub user_agent: Option<String>,
    /// Value of `X-Request-Id`.
    pub request_id: Option<String>,
    /// Headers by lower-case name, without `authorization`; kept by the Envia double, and by the other when it is told to.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The request body when it is JSON of at most 256 KiB; kept as the headers are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The sandbox's clock at arrival, in seconds since the epoch.
    pub at: i64,
    /// Real time from the start of the sandbox to the arrival, in milliseconds.
    pub elapsed_ms: u64,
}

/// Runs of one endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    pub(crate) executions: u64,
    pub(crate) replays: u64,
}

/// The newest requests and the counters.
#[derive(Debug)]
pub(crate) struct Log {
    entries: Mutex<Entries>,
    started: Instant,
    /// Headers and bodies are kept too.
    whole: bool,
}

#[derive(Debug)]
struct Entries {
    ring: VecDeque<LogEntry>,
    capacity: usize,
    next: u64,
    counts: BTreeMap<&'static str, Counts>,
}

/// A request being served. Dropped without an end, it counts as aborted by the client.
#[derive(Debug)]
pub(crate) struct Open {
    log: Arc<Log>,
    sequence: u64,
    ended: bool,
}

impl Log {
    pub(crate) fn new(capacity: usize) -> Self {
        let entries = Entries {
            ring: VecDeque::new(),
            capacity: capacity.max(1),
            next: 1,
            counts: BTreeMap::new(),
        };
        Self {
            entries: Mutex::new(entries),
            started: Instant::now(),
            whole: false,
        }
    }

    /// Keeps headers and bodies too.
    pub(crate) fn whole(self) -> Self {
        Self {
            whole: true,
            ..self
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins an entry.
    pub(crate) fn open(self: &Arc<Self>, head: &http::request::Parts, at: i64) -> Open {
        let header = |name: &str| {
            let value = head.headers.get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let elapsed = self.started.elapsed().as_millis();
        let mut entry = LogEntry {
            sequence: 0,
            method: head.method.to_string(),
            path: head.uri.to_string(),
            endpoint: None,
            outcome: Outcome::Running,
            status: None,
            idempotency_key: header("idempotency-key"),
            executed: false,
            replayed: false,
            body_bytes: 0,
            body_sha256: String::new(),
            user_agent: header("user-agent"),
            request_id: header("x-request-id"),
            headers: if self.whole {
                kept(&head.headers)
            } else {
                BTreeMap::new()
            },
            body: None,
            at,
            elapsed_ms: u64::try_from(elapsed).unwrap_or(u64::MAX),
        };
        let mut entries = self.lock();
        let sequence = entries.next;
        entries.next += 1;
        entry.sequence = sequence;
        if entries.ring.len() >= entries.capacity {
            entries.ring.pop_front();
        }
        entries.ring.push_back(entry);
        Open {
            log: Arc::clone(self),
            sequence,
            ended: false,
        }
    }

    pub(crate) fn entries(&self) -> Vec<LogEntry> {
        self.lock().ring.iter().cloned().collect()
    }

    pub(crate) fn counts(&self, endpoint: &str) -> Counts {
        self.lock()
            .counts
            .get(endpoint)
            .copied()
            .unwrap_or_default()
    }

    pub(crate) fn all_counts(&self) -> BTreeMap<&'static str, Counts> {
        self.lock().counts.clone()
    }

    /// Forgets entries and counters; the sequence goes on.
    pub(crate) fn clear(&self) {
        let mut entries = self.lock();
        entries.ring.clear();
        entries.counts.clear();
    }
}

/// Everything but the token.
fn kept(headers: &http::HeaderMap) -> BTreeMap<String, String> {
    let headers = headers.iter().filter(|(name, _)| *name != "authorization");
    headers
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.to_string(), value)
        })
        .collect()
}

impl Entries {
    fn get_mut(&mut self, sequence: u64) -> Option<&mut LogEntry> {
        // Sequences in the ring have no gaps.
        let first = self.ring.front()?.sequence;
        let index = usize::try_from(sequence.checked_sub(first)?).ok()?;
        self.ring.get_mut(index)
    }
}

impl Open {
    /// Changes the entry, if the log still has it.
    pub(crate) fn note(&self, change: impl FnOnce(&mut LogEntry)) {
        if let Some(entry) = self.log.lock().get_mut(self.sequence) {
            change(entry);
        }
    }

    /// Notes the request body.
    pub(crate) fn body(&self, bytes: &[u8]) {
        let digest = hex(&Sha256::digest(bytes));
        let keep = self.log.whole && bytes.len() <= KEPT_BODY;
        let body = keep.then(|| serde_json::from_slice(bytes).ok()).flatten();
        self.note(|entry| {
            entry.body_bytes = bytes.len();
            entry.body_sha256 = digest;
            entry.body = body;
        });
    }

    /// The endpoint's work was done.
    pub(crate) fn executed(&self, endpoint: &'static str) {
        let mut entries = self.log.lock();
        entries.counts.entry(endpoint).or_default().executions += 1;
        if let Some(entry) = entries.get_mut(self.sequence) {
            entry.executed = true;
        }
    }

    /// A stored answer was given.
    pub(crate) fn replayed(&self, endpoint: &'static str) {
        let mut entries = self.log.lock();
        entries.counts.entry(endpoint).or_default().replays += 1;
        if let Some(entry) = entries.get_mut(self.sequence) {
            entry.replayed = true;
        }
    }

    /// Ends the entry.
    pub(crate) fn end(mut self, outcome: Outcome) {
        self.ended = true;
        self.note(|entry| entry.outcome = outcome);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if !self.ended {
            self.note(|entry| entry.outcome = Outcome::Aborted);
        }
    }
}
