//! Who may call: keys, kept as hashes and compared in constant time.

use std::{
    collections::BTreeMap,
    hint::black_box,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use http::{HeaderMap, HeaderName, header};
use sha2::{Digest as _, Sha256};

use super::Profile;

/// Header that the Admon server's clients send their key in.
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Wrong keys from one address within [`WINDOW`] before it is told to wait.
const WRONG_KEYS: u32 = 20;
/// Time over which wrong keys are counted.
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses that are counted at once.
const ADDRESSES: usize = 4_096;

/// Whose requests are answered.
#[derive(Debug, Default)]
pub struct Access {
    keys: Vec<Key>,
    /// For requests without any key.
    open: Option<Arc<Profile>>,
}

#[derive(Debug)]
struct Key {
    hash: [u8; 32],
    profile: Arc<Profile>,
}

/// Wrong keys by the address that they came from.
#[derive(Debug, Default)]
pub(super) struct WrongKeys(Mutex<BTreeMap<IpAddr, Wrong>>);

#[derive(Debug)]
struct Wrong {
    since: Instant,
    count: u32,
}

/// Why a request is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoKey {
    /// It has no key.
    Missing,
    /// It has one that nobody has.
    Unknown,
    /// Its address has sent too many wrong ones.
    TooMany,
}

impl Access {
    /// Nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Also those who have a key, by its SHA-256.
    #[must_use]
    pub fn with_key(mut self, hash: [u8; 32], profile: Arc<Profile>) -> Self {
        self.keys.push(Key { hash, profile });
        self
    }

    /// Also everybody without a key. For loopback alone.
    #[must_use]
    pub fn with_everybody(mut self, profile: Arc<Profile>) -> Self {
        self.open = Some(profile);
        self
    }

    /// The profile that a request's key names.
    pub(super) fn profile(
        &self,
        headers: &HeaderMap,
        peer: IpAddr,
        wrong: &WrongKeys,
    ) -> Result<Arc<Profile>, NoKey> {
        let presented = presented(headers);
        if let Some(open) = &self.open
            && (presented.is_none() || self.keys.is_empty())
        {
            return Ok(Arc::clone(open));
        }
        let hash = hash(presented.ok_or(NoKey::Missing)?);
        // Every key is looked at, so that the time says nothing about which one came near.
        let mut found = None;
        for key in &self.keys {
            if same(&key.hash, &hash) {
                found = Some(&key.profile);
            }
        }
        match found {
            Some(profile) => Ok(Arc::clone(profile)),
            None if wrong.is_one_too_many(peer) => Err(NoKey::TooMany),
            None => Err(NoKey::Unknown),
        }
    }
}

impl WrongKeys {
    /// Counts a wrong key.
    fn is_one_too_many(&self, peer: IpAddr) -> bool {
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong.len() >= ADDRESSES {
            wrong.retain(|_, wrong| wrong.since.elapsed() < WINDOW);
        }
        if wrong.len() >= ADDRESSES && !wrong.contains_key(&peer) {
            return false;
        }
        let entry = wrong.entry(peer).or_insert_with(|| Wrong {
            since: Instant::now(),
            count: 0,
        });
        if entry.since.elapsed() >= WINDOW {
            *entry = Wrong {
                since: Instant::now(),
                count: 0,
            };
        }
        entry.count = entry.count.saturating_add(1);
        entry.count > WRONG_KEYS
    }
}

/// The key of a request: `X-API-Key`, else `Authorization: Bearer`.
fn presented(headers: &HeaderMap) -> Option<&str> {
    if let Some(key) = headers.get(API_KEY) {
        return key.to_str().ok();
    }
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

/// What a key is known by.
#[must_use]
pub fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// Compares without telling where the first difference is.
fn same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    let differences = one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b));
    black_box(differences) == 0
}
