//! One effect per key.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use super::clock::DAY;

/// How long a stored answer is kept, in seconds of the sandbox's clock (inferred).
const LIFETIME: i64 = DAY;

/// Owner of the token, endpoint, key (scope inferred).
type Scope = (u64, &'static str, String);

/// A stored 2xx answer.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

#[derive(Debug)]
enum Entry {
    /// The first request with this key; the channel closes when it ends.
    Running([u8; 32], watch::Receiver<()>),
    Done([u8; 32], i64, Stored),
}

/// The keys in use.
#[derive(Debug, Default)]
pub(crate) struct Keys(Mutex<BTreeMap<Scope, Entry>>);

/// What a key says about a request.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The first of its kind: do it.
    Run(Claim),
    /// Done before.
    Replay(Stored),
    /// The key belongs to another payload.
    Conflict,
    /// A twin is at work: ask again when the channel has closed.
    Wait(watch::Receiver<()>),
}

/// The right to do the work of a key. Dropped without an answer, the key is free again.
#[derive(Debug)]
pub(crate) struct Claim {
    keys: Arc<Keys>,
    scope: Option<Scope>,
    payload: [u8; 32],
    _running: watch::Sender<()>,
}

impl Keys {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Scope, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Judges a request and claims its key when nobody has.
    pub(crate) fn judge(self: &Arc<Self>, scope: Scope, payload: [u8; 32], now: i64) -> Verdict {
        let mut entries = self.lock();
        match entries.get(&scope) {
            Some(Entry::Running(first, _) | Entry::Done(first, ..)) if *first != payload => {
                // An expired key is free for any payload.
                match entries.get(&scope) {
                    Some(Entry::Done(_, at, _)) if now - at >= LIFETIME => {}
                    _ => return Verdict::Conflict,
                }
            }
            Some(Entry::Running(_, ended)) => return Verdict::Wait(ended.clone()),
            Some(Entry::Done(_, at, stored)) if now - at < LIFETIME => {
                return Verdict::Replay(stored.clone());
            }
            Some(Entry::Done(..)) | None => {}
        }
        let (sender, ended) = watch::channel(());
        entries.insert(scope.clone(), Entry::Running(payload, ended));
        Verdict::Run(Claim {
            keys: Arc::clone(self),
            scope: Some(scope),
            payload,
            _running: sender,
        })
    }
}

impl Claim {
    /// Keeps a 2xx answer for later twins; anything else frees the key (inferred).
    pub(crate) fn finish(mut self, now: i64, status: u16, body: &Bytes) {
        if !(200..300).contains(&status) {
            return;
        }
        if let Some(scope) = self.scope.take() {
            let stored = Stored {
                status,
                body: body.clone(),
            };
            let entry = Entry::Done(self.payload, now, stored);
            self.keys.lock().insert(scope, entry);
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some(scope) = self.scope.take() {
            self.keys.lock().remove(&scope);
        }
    }
}

/// A digest that two bodies share when they are the same JSON, whatever the order of their keys.
pub(crate) fn fingerprint(body: &Map<String, Value>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    feed_object(&mut hasher, body);
    hasher.finalize().into()
}

fn feed_object(hasher: &mut Sha256, object: &Map<String, Value>) {
    let mut keys: Vec<&String> = object.keys().collect();
    keys.sort_unstable();
    hasher.update(b"{");
    for key in keys {
        feed_text(hasher, key);
        if let Some(value) = object.get(key) {
            feed(hasher, value);
        }
    }
    hasher.update(b"}");
}

fn feed_text(hasher: &mut Sha256, text: &str) {
    hasher.update(text.len().to_le_bytes());
    hasher.update(text);
}

fn feed(hasher: &mut Sha256, value: &Value) {
    match value {
        Value::Object(object) => feed_object(hasher, object),
        Value::Array(items) => {
            hasher.update(b"[");
            items.iter().for_each(|item| feed(hasher, item));
            hasher.update(b"]");
        }
        Value::String(text) => {
            hasher.update(b"s");
            feed_text(hasher, text);
        }
        other => feed_text(hasher, &other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(value: &Value) -> [u8; 32] {
        fingerprint(value.as_object().unwrap())
    }

    #[test]
    fn fingerprints_follow_the_meaning() {
        let one = of(&json!({"a": 1, "b": {"c": [1, "x"], "d": null}}));
        let same = of(&json!({"b": {"d": null, "c": [1, "x"]}, "a": 1}));
        assert_eq!(one, same);
        for other in [
            json!({"a": "1", "b": {"c": [1, "x"], "d": null}}),
            json!({"a": 1, "b": {"c": ["x", 1], "d": null}}),
            json!({"a": 1, "b": {"c": [1, "x"]}}),
        ] {
            assert_ne!(one, of(&other), "{other}");
        }
    }

    #[test]
    fn a_key_runs_once_and_expires() {
        let keys = Arc::new(Keys::default());
        let scope = || (1, "tickets.create", "k".to_owned());
        let Verdict::Run(claim) = keys.judge(scope(), [1; 32], 0) else {
            panic!("a fresh key must run");
        };
        assert!(matches!(keys.judge(scope(), [1; 32], 0), Verdict::Wait(_)));
        assert!(matches!(keys.judge(scope(), [2; 32], 0), Verdict::Conflict));
        claim.finish(0, 200, &Bytes::from_static(b"{}"));
        assert!(matches!(
            keys.judge(scope(), [1; 32], LIFETIME - 1),
            Verdict::Replay(_)
        ));
        assert!(matches!(
            keys.judge(scope(), [2; 32], LIFETIME - 1),
            Verdict::Conflict
        ));
        assert!(matches!(
            keys.judge(scope(), [2; 32], LIFETIME),
            Verdict::Run(_)
        ));
    }

    #[test]
    fn a_failed_run_frees_its_key() {
        let keys = Arc::new(Keys::default());
        let scope = || (1, "tickets.create", "k".to_owned());
        let Verdict::Run(claim) = keys.judge(scope(), [1; 32], 0) else {
            panic!("a fresh key must run");
        };
        claim.finish(0, 422, &Bytes::new());
        assert!(matches!(keys.judge(scope(), [2; 32], 0), Verdict::Run(_)));
    }
}
