//! Requests to their places: the protocol for those with a key, health for everybody.

use std::{
    collections::BTreeMap,
    fmt,
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use mcp_tools::store::Store;
use serde_json::json;
use tokio::sync::Semaphore;

use super::{
    Access, Limits, Names, NoKey,
    access::WrongKeys,
    answer::{self, Answer, busy, code, refusal},
    body,
    names::shown,
    operation::{Operation, Overview},
    rate::Rate,
};
use crate::{metrics::Metrics, transport::HttpEndpoint};

/// Where the protocol is spoken, with all modules; each module alone is below it.
const MCP: &str = "/mcp";

/// Answers every request of an HTTP server.
#[derive(Debug)]
pub struct Front {
    access: RwLock<Arc<Access>>,
    wrong_keys: WrongKeys,
    names: Names,
    limits: Limits,
    pub(super) operation: Operation,
    bodies: body::Pool,
    in_flight: Arc<Semaphore>,
    /// Whether endpoints have sessions, which clients listen to and end.
    sessions: bool,
    /// Whether there is a page for people.
    landing: bool,
}

/// What the holder of a key is served.
pub struct Profile {
    name: String,
    /// All modules under the empty name, and each alone under its own.
    endpoints: BTreeMap<&'static str, HttpEndpoint>,
    in_flight: Arc<Semaphore>,
    rate: Option<Rate>,
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Profile {
    /// A profile with its endpoints: all modules under the empty name, and each alone under its own.
    pub fn new(
        name: impl Into<String>,
        endpoints: BTreeMap<&'static str, HttpEndpoint>,
        limits: &Limits,
    ) -> Self {
        Self {
            name: name.into(),
            endpoints,
            in_flight: room_for(limits.per_profile),
            rate: None,
        }
    }

    /// The same with so many requests in a minute at most, after a burst; of all servers that share the store.
    #[must_use]
    pub fn with_rate(mut self, requests_per_minute: u32, store: Arc<dyn Store>) -> Self {
        let rate = Rate::per_minute(requests_per_minute).with_store(store, &self.name);
        self.rate = Some(rate);
        self
    }
}

impl Front {
    /// A front for those who have access, under these names.
    #[must_use]
    pub fn new(access: Access, names: Names, limits: Limits) -> Self {
        Self {
            access: RwLock::new(Arc::new(access)),
            wrong_keys: WrongKeys::default(),
            names,
            operation: Operation::default(),
            bodies: body::Pool::new(&limits),
            in_flight: room_for(limits.in_flight),
            limits,
            sessions: false,
            landing: true,
        }
    }

    /// The same with what those who have access are served.
    #[must_use]
    pub fn with_overview(self, overview: Overview) -> Self {
        self.operation.replace_overview(overview);
        self
    }

    /// The same with what is counted elsewhere too. With `apart`, the numbers are not among what is answered here.
    #[must_use]
    pub fn with_metrics(mut self, metrics: Metrics, apart: bool) -> Self {
        self.operation.metrics = metrics;
        self.operation.apart = apart;
        self
    }

    /// The same without the page for people, unless it is wanted.
    #[must_use]
    pub const fn with_landing(mut self, landing: bool) -> Self {
        self.landing = landing;
        self
    }

    /// The same for endpoints that have sessions. The server's own have none.
    #[doc(hidden)]
    #[must_use]
    pub const fn with_sessions(mut self) -> Self {
        self.sessions = true;
        self
    }

    /// From now on those who have this access are answered, and that is what they are served. Requests under way are not
    /// touched.
    pub fn replace(&self, access: Access, overview: Overview) {
        self.operation.replace_overview(overview);
        *self.access.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(access);
    }

    fn access(&self) -> Arc<Access> {
        Arc::clone(&self.access.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The answer to a request.
    pub(super) async fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> Answer {
        let (place, answer) = match request.uri().path() {
            "/" if self.landing => ("landing", self.landing(&request).await),
            "/healthz" => ("healthz", answer::text(StatusCode::OK, "ok\n")),
            "/readyz" => ("readyz", self.ready(&request, peer).await),
            "/metrics" if !self.operation.apart => ("metrics", self.numbers(&request, peer)),
            _ => self.protocol(request, peer).await,
        };
        self.operation
            .metrics
            .request(place, answer.status().as_u16());
        answer
    }

    /// The page for people, whoever they are.
    async fn landing(&self, request: &Request<Incoming>) -> Answer {
        if let Err(text) = self.names.check(request) {
            return refusal(StatusCode::FORBIDDEN, code::FORBIDDEN, &text);
        }
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            let text = "there is a page here, to read; the protocol is spoken at /mcp";
            let refused = refusal(StatusCode::METHOD_NOT_ALLOWED, code::PLACE, text);
            return answer::with(refused, header::ALLOW, "GET, HEAD");
        }
        self.operation.landing(request).await
    }

    /// Whether requests should come here. Reasons may name hosts, so they are for those who have a key.
    async fn ready(&self, request: &Request<Incoming>, peer: IpAddr) -> Answer {
        let known = self.names.check(request).is_ok();
        let profile = match known {
            true => self.caller(request.headers(), peer).ok(),
            false => None,
        };
        let profile = profile.as_ref().map(|profile| profile.name.as_str());
        self.operation.ready(profile).await
    }

    fn numbers(&self, request: &Request<Incoming>, peer: IpAddr) -> Answer {
        if let Err(text) = self.names.check(request) {
            return refusal(StatusCode::FORBIDDEN, code::FORBIDDEN, &text);
        }
        match self.caller(request.headers(), peer) {
            Ok(profile) => self
                .operation
                .numbers(Some(&profile.name), self.under_way()),
            Err(reason) => no_key(reason),
        }
    }

    /// The numbers of all profiles, for an address of their own.
    pub(super) fn all_numbers(&self, request: &Request<Incoming>) -> Answer {
        if let Err(text) = self.names.check(request) {
            return refusal(StatusCode::FORBIDDEN, code::FORBIDDEN, &text);
        }
        match request.uri().path() {
            "/metrics" => self.operation.numbers(None, self.under_way()),
            _ => nowhere(),
        }
    }

    fn under_way(&self) -> usize {
        self.limits
            .in_flight
            .saturating_sub(self.in_flight.available_permits())
    }

    fn caller(&self, headers: &HeaderMap, peer: IpAddr) -> Result<Arc<Profile>, NoKey> {
        let found = self.access().profile(headers, peer, &self.wrong_keys);
        if matches!(found, Err(NoKey::Unknown | NoKey::TooMany)) {
            self.operation.metrics.wrong_key();
        }
        found
    }

    async fn protocol(&self, request: Request<Incoming>, peer: IpAddr) -> (&'static str, Answer) {
        let module = match request.uri().path().strip_prefix(MCP) {
            Some("" | "/") => "",
            Some(rest) if rest.starts_with('/') => rest.trim_matches('/'),
            _ => return ("other", nowhere()),
        };
        let module = module.to_owned();
        ("mcp", self.module(request, &module, peer).await)
    }

    async fn module(&self, request: Request<Incoming>, module: &str, peer: IpAddr) -> Answer {
        if let Err(text) = self.names.check(&request) {
            return refusal(StatusCode::FORBIDDEN, code::FORBIDDEN, &text);
        }
        self.speak(request, module, peer)
            .await
            .unwrap_or_else(|refused| refused)
    }

    /// The protocol, for one module or all.
    async fn speak(
        &self,
        request: Request<Incoming>,
        module: &str,
        peer: IpAddr,
    ) -> Result<Answer, Answer> {
        let is_message = request.method() == Method::POST;
        if !is_message && !self.sessions {
            let text = "only POST is taken here: there are no sessions and no streams to open";
            let refused = refusal(StatusCode::METHOD_NOT_ALLOWED, code::PLACE, text);
            return Err(answer::with(refused, header::ALLOW, "POST"));
        }
        let profile = self.caller(request.headers(), peer).map_err(no_key)?;
        if self.operation.is_closed() {
            return Err(stopping());
        }
        if let Some(rate) = &profile.rate {
            rate.take().await.map_err(too_often)?;
        }
        let Some(endpoint) = profile.endpoints.get(module) else {
            let known: Vec<&str> = profile
                .endpoints
                .keys()
                .copied()
                .filter(|name| !name.is_empty())
                .collect();
            let text = format!(
                "there is no module `{}` here; served: {}",
                shown(module),
                known.join(", ")
            );
            return Err(refusal(StatusCode::NOT_FOUND, code::PLACE, &text));
        };
        // A place among the requests under way is taken with the whole body in hand: one that trickles in holds none.
        let (head, body) = request.into_parts();
        let whole = match is_message {
            true => self.bodies.read(body, &self.limits).await?,
            false => body::Whole::default(),
        };
        let permits = [&profile.in_flight, &self.in_flight]
            .map(|room| Arc::clone(room).try_acquire_owned().ok());
        let [Some(own), Some(all)] = permits else {
            return Err(busy());
        };
        let answered = endpoint
            .handle(Request::from_parts(head, Full::new(whole.bytes)))
            .await;
        drop(whole.held);
        let answered = readable(answered).await;
        // The places are kept until the answer is sent.
        Ok(answered.map(|body| answer::keeping((own, all), body)))
    }
}

/// A refusal of the protocol library, which tells some in plain text, in the form of all others.
async fn readable(answer: Answer) -> Answer {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    let structured = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if structured || !answer.status().is_client_error() {
        return answer;
    }
    let (head, body) = answer.into_parts();
    // Its body is at hand and cannot fail.
    let text = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    // What is JSON, but no message, is told as a wrong media type by the library.
    let status = match head.status {
        StatusCode::UNSUPPORTED_MEDIA_TYPE if !text.contains("Content-Type") => {
            StatusCode::BAD_REQUEST
        }
        status => status,
    };
    refusal(status, code::REQUEST, &text)
}

fn no_key(reason: NoKey) -> Answer {
    let text = match reason {
        NoKey::Missing => {
            "this server wants a key: send it in the header X-API-Key, or as a bearer token; whoever runs the server gives \
             keys out"
        }
        NoKey::Unknown => {
            "the key is not known to this server: check the header X-API-Key, or the bearer token"
        }
        NoKey::TooMany => {
            let text = "too many wrong keys came from this address; wait a minute";
            let refused = refusal(StatusCode::TOO_MANY_REQUESTS, code::UNAUTHORIZED, text);
            return answer::with(refused, header::RETRY_AFTER, "60");
        }
    };
    let refused = refusal(StatusCode::UNAUTHORIZED, code::UNAUTHORIZED, text);
    answer::with(
        refused,
        header::WWW_AUTHENTICATE,
        "Bearer realm=\"ticketing-mcp\"",
    )
}

fn too_often(wait: Duration) -> Answer {
    let seconds = wait.as_secs() + 1;
    let text = format!("more requests than this key may make; try again in {seconds} s");
    let mut refused = refusal(StatusCode::TOO_MANY_REQUESTS, code::BUSY, &text);
    refused
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    refused
}

fn stopping() -> Answer {
    let text = "this server is stopping and takes no more requests; try again in a second";
    let refused = refusal(StatusCode::SERVICE_UNAVAILABLE, code::BUSY, text);
    answer::with(refused, header::RETRY_AFTER, "1")
}

/// Places for so many requests.
fn room_for(requests: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(requests.min(Semaphore::MAX_PERMITS)))
}

fn nowhere() -> Answer {
    let text = "nothing is here; the protocol is spoken at /mcp";
    answer::json(
        StatusCode::NOT_FOUND,
        &json!({"error": "not_found", "message": text}),
    )
}
