//! For whoever runs the server: whether it is ready, and its numbers.

use std::{
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::{Duration, Instant},
};

use http::{HeaderValue, Request, StatusCode, header};
use serde::Serialize;
use serde_json::json;
use tokio::time;

use super::{
    answer::{self, Answer},
    landing::{Health, Landing},
};
use crate::{
    Server,
    metrics::{self, Metrics, Now},
    readiness::{Backend, Readiness},
};

/// How long requests are still taken after the wish to stop, so that whoever distributes them can take notice.
const NOTICE: Duration = Duration::from_secs(5);

/// How long a person waits for back ends that are being asked; the page looks again by itself.
const GLANCE: Duration = Duration::from_millis(700);

/// What is known of the process as a whole.
#[derive(Debug, Default)]
pub(super) struct Operation {
    pub(super) metrics: Metrics,
    /// Whether the numbers have an address of their own.
    pub(super) apart: bool,
    overview: RwLock<Arc<Overview>>,
    /// When the wish to stop came.
    stopping: OnceLock<Instant>,
}

/// What one configuration serves.
#[derive(Debug, Default)]
pub struct Overview {
    /// One for each profile.
    pub servers: Vec<Server>,
    /// Their back ends.
    pub readiness: Readiness,
    /// What people are told of it.
    pub landing: Landing,
}

impl Operation {
    pub(super) fn replace_overview(&self, overview: Overview) {
        let mut current = self
            .overview
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(overview);
    }

    fn overview(&self) -> Arc<Overview> {
        Arc::clone(&self.overview.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on the server is not ready.
    pub(super) fn stop(&self) {
        let _ = self.stopping.set(Instant::now());
    }

    /// Whether the time is over in which requests are taken after the wish to stop.
    pub(super) fn is_closed(&self) -> bool {
        let since = self.stopping.get();
        since.is_some_and(|since| since.elapsed() >= NOTICE)
    }

    /// Whether requests should come here; the back ends of a profile with it.
    pub(super) async fn ready(&self, profile: Option<&str>) -> Answer {
        let overview = self.overview();
        let look = match self.stopping.get() {
            None => Some(overview.readiness.look().await),
            Some(_) => None,
        };
        // The wish may have come meanwhile.
        let stopping = self.stopping.get().is_some();
        let ready = !stopping && look.as_ref().is_some_and(|look| look.is_ready());
        let shown = profile.zip(look.as_ref()).filter(|_| !stopping);
        let backends: Option<Vec<Told<'_>>> =
            shown.map(|(profile, look)| look.backends(profile).map(Told::from).collect());
        let reason = match &backends {
            _ if stopping => Some("the server is stopping"),
            Some(own) if !ready && own.iter().all(|one| one.ok) => {
                Some("a back end of another profile cannot be reached")
            }
            _ if look.as_ref().is_some_and(|look| look.store().is_some()) => {
                Some("the store cannot be used: reads are served, most writes are refused")
            }
            _ => None,
        };
        let state = State {
            ready,
            reason,
            backends,
            store: look
                .as_ref()
                .filter(|_| profile.is_some() && !stopping)
                .map(|look| Kept::from(look.store())),
        };
        let status = match ready {
            true => StatusCode::OK,
            false => StatusCode::SERVICE_UNAVAILABLE,
        };
        answer::json(status, &json!(state))
    }

    /// The page for people.
    pub(super) async fn landing<B>(&self, request: &Request<B>) -> Answer {
        let overview = self.overview();
        let look = time::timeout(GLANCE, overview.readiness.look()).await;
        let health = match look {
            _ if self.stopping.get().is_some() => Health::Stopping,
            Ok(look) if look.is_ready() => Health::Ready,
            Ok(_) => Health::Failing,
            Err(_) => Health::Asking,
        };
        overview.landing.answer(request, health)
    }

    /// The numbers; of a profile its own.
    pub(super) fn numbers(&self, profile: Option<&str>, in_flight: usize) -> Answer {
        let overview = self.overview();
        let now = Now {
            in_flight,
            journals: overview.servers.iter().flat_map(Server::journals).collect(),
        };
        let mut answer = answer::text(StatusCode::OK, self.metrics.page(profile, &now));
        let kind = HeaderValue::from_static(metrics::CONTENT_TYPE);
        answer.headers_mut().insert(header::CONTENT_TYPE, kind);
        answer
    }
}

/// The body of an answer.
#[derive(Serialize)]
struct State<'a> {
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backends: Option<Vec<Told<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<Kept<'a>>,
}

/// The store where writes are kept on record.
#[derive(Serialize)]
struct Kept<'a> {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl<'a> From<Option<&'a str>> for Kept<'a> {
    fn from(reason: Option<&'a str>) -> Self {
        Self {
            ok: reason.is_none(),
            reason,
        }
    }
}

#[derive(Serialize)]
struct Told<'a> {
    module: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'a str>,
    host: String,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl<'a> From<Backend<'a>> for Told<'a> {
    fn from(backend: Backend<'a>) -> Self {
        Self {
            module: backend.module,
            instance: backend.instance,
            host: backend.host,
            ok: backend.reason.is_none(),
            reason: backend.reason,
        }
    }
}
