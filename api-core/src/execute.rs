//! One call from its bytes to its answer. The order: once per call check, request id, key, body; per attempt
//! credentials, send, read, log, classify; then again or not.

use std::{borrow::Cow, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::{Map, Value};
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;

use crate::{
    address,
    answer::{self, Ended},
    body::{Content, Sent},
    client::{Answer, Shared},
    endpoint::{Effect, Encoding, Method, Repeat, Spec},
    error::{Error, ErrorKind, Facts, Phase},
    file::FilePart,
    retry::{Outcome, Situation},
    settings::CallOptions,
    trace::Trace,
    transport::{Failure, Request},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request on its way out of the generic shell.
pub(crate) struct Outgoing {
    pub(crate) path: Cow<'static, str>,
    pub(crate) fields: Fields,
    pub(crate) files: Vec<FilePart>,
}

pub(crate) enum Fields {
    Json(Bytes),
    Map(Map<String, Value>),
}

pub(crate) async fn execute(
    shared: &Shared,
    spec: &'static Spec,
    outgoing: Outgoing,
    options: &CallOptions,
) -> Result<Answer, Error> {
    let mut call = Call::new(shared, spec, outgoing, options)
        .map_err(|kind| Error::before_sending(spec.name, kind))?;
    loop {
        let ended = match call.attempt().await {
            Ok(answer) => return Ok(answer),
            Err(ended) => ended,
        };
        match call.wait(&ended) {
            Some(wait) => tokio::time::sleep(wait).await,
            None => return Err(call.fail(*ended.kind)),
        }
    }
}

/// What stays the same over the attempts of a call, and what they added up to.
struct Call<'a> {
    shared: &'a Shared,
    spec: &'static Spec,
    effect: Effect,
    url: Url,
    headers: HeaderMap,
    content: Content,
    request_id: String,
    key: Option<String>,
    options: &'a CallOptions,
    began: Instant,
    deadline: Instant,
    attempts: u32,
    /// An attempt so far may have acted.
    may_have_applied: bool,
}

impl<'a> Call<'a> {
    fn new(
        shared: &'a Shared,
        spec: &'static Spec,
        outgoing: Outgoing,
        options: &'a CallOptions,
    ) -> Result<Self, ErrorKind> {
        let mut url = shared.address.join(&outgoing.path)?;
        let content = content(spec, &mut url, outgoing)?;
        let mut headers = shared.headers.clone();
        if let Some(content_type) = &content.content_type {
            headers.insert(header::CONTENT_TYPE, content_type.clone());
        }
        let request_id = match &options.request_id {
            Some(id) => id.clone(),
            None => Uuid::new_v4().to_string(),
        };
        headers.insert(REQUEST_ID, visible("request id", &request_id)?);
        let key = key(shared, spec, options)?;
        if let Some((name, key)) = &key {
            headers.insert(name, visible("idempotency key", key)?);
        }
        let effect = match spec.effect {
            // Nothing would tell the back end that the second is the first.
            Effect::Write(Repeat::Keyed) if key.is_none() => Effect::Write(Repeat::Never),
            effect => effect,
        };
        let began = Instant::now();
        let allowed = options.deadline.unwrap_or(shared.settings.deadline);
        Ok(Self {
            shared,
            spec,
            effect,
            url,
            headers,
            content,
            request_id,
            key: key.map(|(_, key)| key),
            options,
            began,
            // A deadline beyond what the clock can tell is a year.
            deadline: began
                .checked_add(allowed)
                .unwrap_or(began + Duration::from_secs(365 * 24 * 3600)),
            attempts: 0,
            may_have_applied: false,
        })
    }

    async fn attempt(&mut self) -> Result<Answer, Ended> {
        if self.left().is_zero() {
            return Err(self.late(Phase::Connect));
        }
        self.attempts += 1;
        if let Some(attempts) = &self.options.attempts {
            attempts.add_one();
        }
        let trace = self.options.trace.as_ref().map(Trace::child);
        let watched = self.options.attempts.as_ref().zip(trace.as_ref());
        let watched =
            watched.and_then(|(all, trace)| all.begin(self.spec, self.attempts, &self.url, trace));
        let began = Instant::now();
        let mut status = None;
        let ended = self.exchange(trace.as_ref(), &mut status).await;
        if let Some(watched) = watched {
            watched.end(status, ended.as_ref().err().map(|ended| &*ended.kind));
        }
        tracing::debug!(
            endpoint = self.spec.name,
            request_id = %self.request_id,
            attempt = self.attempts,
            status,
            ok = ended.is_ok(),
            duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            "an attempt at a call ended"
        );
        if let Err(ended) = &ended {
            self.may_have_applied |= self.effect.is_write() && ended.may_have_applied;
        }
        ended
    }

    async fn exchange(
        &self,
        trace: Option<&Trace>,
        status: &mut Option<u16>,
    ) -> Result<Answer, Ended> {
        let mut headers = self.headers.clone();
        if let Some(trace) = trace {
            trace.put(&mut headers);
        }
        self.shared
            .dialect
            .authorize(&mut headers, self.content.bytes());
        let sent = Sent::default();
        let request = Request::new(
            method(self.spec.method),
            self.url.clone(),
            headers,
            self.content.open(sent.clone()),
        );
        let reply = self.shared.transport.send(request);
        let reply = match tokio::time::timeout_at(self.deadline, reply).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(failure)) => return Err(self.failed(failure, &sent)),
            Err(_) if self.began_to_leave(&sent) => return Err(self.late(Phase::Answer)),
            Err(_) => return Err(self.late(Phase::Connect)),
        };
        *status = Some(reply.status);
        let context = answer::Context {
            spec: self.spec,
            dialect: &*self.shared.dialect,
            base: &self.url,
            limit: self.shared.settings.max_response_bytes,
            deadline: self.deadline,
        };
        let read = answer::read(&context, reply)
            .await
            .map_err(|ended| match ended {
                answer::Unread::Ended(ended) => ended,
                answer::Unread::Late => self.late(Phase::Body),
            })?;
        Ok(Answer {
            payload: read.payload,
            status: read.status,
            request_id: self.request_id.clone(),
            attempts: self.attempts,
            idempotency_key: self.key.clone(),
            content_type: read.content_type,
            spec: self.spec,
        })
    }

    /// A request without a body tells nothing on its way, so it counts as sent.
    fn began_to_leave(&self, sent: &Sent) -> bool {
        self.content.is_empty() || sent.is_marked()
    }

    fn failed(&self, failure: Failure, sent: &Sent) -> Ended {
        let (kind, outcome) = match failure {
            Failure::Setup(text) => (ErrorKind::Setup(text), Outcome::NotSent),
            Failure::Connect(text) => (ErrorKind::Connect(text), Outcome::NotSent),
            Failure::ConnectTimeout => {
                let waited = self.began.elapsed();
                let phase = Phase::Connect;
                (ErrorKind::Timeout { waited, phase }, Outcome::NotSent)
            }
            Failure::Interrupted(text) if self.began_to_leave(sent) => {
                (ErrorKind::Interrupted(text), Outcome::MaybeSent)
            }
            Failure::Interrupted(text) => (ErrorKind::Connect(text), Outcome::NotSent),
        };
        Ended::new(kind, outcome)
    }

    fn late(&self, phase: Phase) -> Ended {
        let waited = self.began.elapsed();
        let outcome = match phase {
            Phase::Connect => Outcome::NotSent,
            Phase::Answer | Phase::Body => Outcome::MaybeSent,
        };
        Ended::new(ErrorKind::Timeout { waited, phase }, outcome)
    }

    fn wait(&self, ended: &Ended) -> Option<Duration> {
        if matches!(*ended.kind, ErrorKind::Setup(_)) {
            return None;
        }
        let retry_after = match &*ended.kind {
            ErrorKind::Status { retry_after, .. } => *retry_after,
            _ => None,
        };
        self.shared.settings.retry.decide(&Situation {
            effect: self.effect,
            outcome: ended.outcome,
            attempts: self.attempts,
            retry_after,
            left: self.left(),
            jitter: jitter(),
        })
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    fn fail(self, kind: ErrorKind) -> Error {
        let facts = Facts {
            request_id: self.request_id,
            attempts: self.attempts,
            idempotency_key: self.key,
            may_have_applied: self.may_have_applied,
        };
        Error::new(self.spec.name, kind, facts)
    }
}

/// The body of a call; the fields of a query go into the URL.
fn content(spec: &Spec, url: &mut Url, outgoing: Outgoing) -> Result<Content, ErrorKind> {
    if spec.encoding != Encoding::Multipart && !outgoing.files.is_empty() {
        return Err(ErrorKind::Invalid(
            "this endpoint takes no files".to_owned(),
        ));
    }
    match outgoing.fields {
        Fields::Json(bytes) => Ok(Content::json(bytes)),
        Fields::Map(fields) if spec.encoding == Encoding::Query => {
            address::add_query(url, &fields)?;
            Ok(Content::default())
        }
        Fields::Map(fields) => {
            let mut texts = Vec::with_capacity(fields.len());
            for (name, value) in &fields {
                if let Some(text) = address::plain_text(name, value)? {
                    texts.push((name.clone(), text.into_owned()));
                }
            }
            Ok(Content::multipart(&texts, outgoing.files))
        }
    }
}

/// The header and value of the idempotency key: the caller's, or a fresh one where the endpoint wants one.
fn key(
    shared: &Shared,
    spec: &Spec,
    options: &CallOptions,
) -> Result<Option<(HeaderName, String)>, ErrorKind> {
    let header = shared
        .dialect
        .key_header()
        .filter(|_| spec.effect.is_keyed());
    match (header, &options.idempotency_key) {
        (Some(header), Some(key)) => Ok(Some((header, key.clone()))),
        (Some(header), None) => Ok(Some((header, Uuid::new_v4().to_string()))),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(ErrorKind::Invalid(
            "this endpoint takes no idempotency key; leave it out".to_owned(),
        )),
    }
}

/// A value that a caller may choose, as a header.
fn visible(what: &str, text: &str) -> Result<HeaderValue, ErrorKind> {
    let fits = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    let value = HeaderValue::from_str(text).ok().filter(|_| fits);
    value.ok_or_else(|| {
        ErrorKind::Invalid(format!(
            "the {what} must be 1 to 255 visible ASCII characters"
        ))
    })
}

fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
    }
}

/// A number from 0 to 1, from the random part of a fresh UUID.
fn jitter() -> f64 {
    let (_, random) = Uuid::new_v4().as_u64_pair();
    f64::from((random & u64::from(u32::MAX)) as u32) / f64::from(u32::MAX)
}
