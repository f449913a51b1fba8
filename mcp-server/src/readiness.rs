//! Whether the back ends and the store can be reached, asked seldom however often it is wanted.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use mcp_tools::{Probe, store::Store};
use tokio::{sync::Mutex, time::timeout};

/// How long an answer holds.
const FRESH: Duration = Duration::from_secs(10);
/// How long a back end may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// The back ends of all profiles.
#[derive(Debug, Clone, Default)]
pub struct Readiness {
    places: Arc<Vec<Place>>,
    store: Option<Arc<dyn Store>>,
    /// Held while back ends are asked.
    last: Arc<Mutex<Option<Look>>>,
}

/// One back end by its address, as some profiles reach it. One request tells for all of them.
#[derive(Debug)]
struct Place {
    reached_by: Vec<(String, Probe)>,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Look {
    at: Instant,
    places: Arc<Vec<Place>>,
    /// Why a place cannot be reached, in the order of the places.
    reasons: Arc<[Option<String>]>,
    /// Why the store does not work, if so.
    store: Option<Arc<str>>,
}

/// One back end of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend<'a> {
    /// The module whose tools reach it.
    pub module: &'static str,
    /// Its name, where the module may have several.
    pub instance: Option<&'a str>,
    /// Host, and port where it is told.
    pub host: String,
    /// Why it cannot be reached, if so.
    pub reason: Option<&'a str>,
}

impl Readiness {
    /// Of these back ends, each with the profile that reaches it so.
    #[must_use]
    pub fn new(probes: Vec<(String, Probe)>) -> Self {
        let mut places: Vec<Place> = Vec::new();
        for (profile, probe) in probes {
            let known = places.iter_mut().find(|place| place.is_at(&probe));
            match known {
                Some(place) => place.reached_by.push((profile, probe)),
                None => places.push(Place {
                    reached_by: vec![(profile, probe)],
                }),
            }
        }
        Self {
            places: Arc::new(places),
            store: None,
            last: Arc::default(),
        }
    }

    /// The same with the store where writes are kept on record.
    #[must_use]
    pub fn with_store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// How it is, as of the last seconds. All that ask while back ends are asked get the same answer.
    pub async fn look(&self) -> Look {
        let mut last = Arc::clone(&self.last).lock_owned().await;
        if let Some(look) = last.as_ref()
            && look.at.elapsed() < FRESH
        {
            return look.clone();
        }
        let (places, store) = (Arc::clone(&self.places), self.store.clone());
        // A task of its own: whoever asks and goes away must not have the back ends asked anew.
        let asking = tokio::spawn(async move {
            let reasons = join_all(places.iter().map(Place::reason));
            let (reasons, store) = tokio::join!(reasons, trouble(store.as_deref()));
            let look = Look {
                at: Instant::now(),
                places,
                reasons: reasons.into(),
                store: store.map(Arc::from),
            };
            *last = Some(look.clone());
            look
        });
        asking.await.unwrap_or_else(|_| self.unknown())
    }

    /// Only a fault of this program leads here.
    fn unknown(&self) -> Look {
        let reason = || Some("it could not be asked".to_owned());
        Look {
            at: Instant::now(),
            places: Arc::clone(&self.places),
            reasons: self.places.iter().map(|_| reason()).collect(),
            store: None,
        }
    }
}

/// Why a store does not work, if so.
async fn trouble(store: Option<&dyn Store>) -> Option<String> {
    let answered = timeout(PATIENCE, store?.ping()).await;
    match answered {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("it does not answer in time".to_owned()),
    }
}

impl Place {
    fn is_at(&self, probe: &Probe) -> bool {
        let first = self.reached_by.first();
        first.is_some_and(|(_, first)| {
            (first.module(), first.base()) == (probe.module(), probe.base())
        })
    }

    /// Why it cannot be reached. A token that is refused is its profile's trouble, as long as another one is taken.
    async fn reason(&self) -> Option<String> {
        let until = Instant::now() + PATIENCE;
        let mut reason = None;
        for (_, probe) in &self.reached_by {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            match probe.check(left).await {
                Ok(()) => return None,
                Err(unreachable) => {
                    reason = Some(unreachable.reason);
                    if !unreachable.token_refused {
                        break;
                    }
                }
            }
        }
        reason
    }
}

impl Look {
    /// True when every back end can be reached. The store does not count: without it reads are served, and no other
    /// server that shares it could do more.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.reasons.iter().all(Option::is_none)
    }

    /// Why the store does not work, if so: writes that would have to be on record are refused then.
    #[must_use]
    pub fn store(&self) -> Option<&str> {
        self.store.as_deref()
    }

    /// The back ends of a profile.
    pub fn backends<'a>(&'a self, profile: &'a str) -> impl Iterator<Item = Backend<'a>> {
        self.places
            .iter()
            .zip(self.reasons.iter())
            .flat_map(move |(place, reason)| {
                let own = place.reached_by.iter().filter(move |(of, _)| of == profile);
                own.map(|(_, probe)| backend(probe, reason.as_deref()))
            })
    }
}

fn backend<'a>(probe: &'a Probe, reason: Option<&'a str>) -> Backend<'a> {
    let base = probe.base();
    let host = base.host_str().unwrap_or_default();
    Backend {
        module: probe.module(),
        instance: probe.instance(),
        host: match base.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        },
        reason,
    }
}
