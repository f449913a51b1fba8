//! The HTTP server and the way of one request through it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::answer::{Answer, response};
use super::body::{Dropped, ReplyBody};
use super::call::Call;
use super::control;
use super::digest::hex;
use super::facts::{Endpoint, FACTS, Route};
use super::falsify::falsify;
use super::fault::Hit;
use super::gates;
use super::idempotency::{self, Claim, Verdict};
use super::input::Input;
use super::log::{Open, Outcome};
use super::model::State;
use super::reply::Reply;
use super::shared::Shared;
use super::{tickets, validate};

/// Largest request body that is read, in bytes; twice the largest upload.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// Longest idempotency key, in characters.
const KEY_LIMIT: usize = 255;

/// Accepts connections until it is aborted; its connections end with it.
pub(crate) async fn run(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            // Out of file handles: some will be back soon.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        // Small answers must not wait for the other side's acknowledgement.
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        connections.spawn(connection(stream, peer, shared));
    }
}

async fn connection(stream: tokio::net::TcpStream, peer: SocketAddr, shared: Arc<Shared>) {
    let service = service_fn(move |request| serve(Arc::clone(&shared), peer.ip(), request));
    // An error means that the client left or that a fault closed the connection.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn serve(
    shared: Arc<Shared>,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Result<Response<ReplyBody>, Dropped> {
    let (head, incoming) = request.into_parts();
    let control = head
        .uri
        .path()
        .strip_prefix("/__sandbox/")
        .map(str::to_owned);
    if let Some(action) = control {
        let body = incoming.collect().await.map_err(|_| Dropped)?.to_bytes();
        let reply = control::answer(&shared, head.method.as_str(), &action, &body);
        return Ok(response(reply.into()));
    }
    let open = shared.log.open(&head, shared.now());
    let body = match Limited::new(incoming, BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            let answer = message(413, "The request body is too large.");
            return finish(Hit::default(), answer, open).await;
        }
        Err(_) => return Err(Dropped),
    };
    let digest = hex(&Sha256::digest(&body));
    let route = route(&shared, &head);
    let endpoint = match &route {
        Route::Found(endpoint, _) => Some(*endpoint),
        Route::WrongMethod | Route::Unknown => None,
    };
    open.note(|entry| {
        entry.body_bytes = body.len();
        entry.body_sha256 = digest;
        entry.endpoint = endpoint.map(|e| e.name.clone());
    });
    let mut hit = shared.faults.take(endpoint.map(|e| e.name.as_str()));
    let answer = match hit.kind.take_if(|_| !hit.after_effect) {
        Some(kind) => {
            pause(hit.delay_before + hit.delay_after).await;
            return falsify(kind, None, open).await;
        }
        None => {
            let arrived = Arrived { head, body, peer };
            let prepared = prepare(&shared, &open, route, &arrived).await;
            pause(hit.delay_before).await;
            match prepared {
                Ok(prepared) => prepared.perform(&shared, &open, &arrived.head),
                Err(answer) => answer,
            }
        }
    };
    finish(hit, answer, open).await
}

/// Sends an answer, or what a fault makes of it.
async fn finish(hit: Hit, answer: Answer, open: Open) -> Result<Response<ReplyBody>, Dropped> {
    pause(hit.delay_after).await;
    match hit.kind {
        Some(kind) => falsify(kind, Some(answer), open).await,
        None => {
            let status = answer.status;
            open.note(|entry| entry.status = Some(status));
            open.end(Outcome::Answered);
            Ok(response(answer))
        }
    }
}

fn route(shared: &Shared, head: &Parts) -> Route {
    let Some(path) = head.uri.path().strip_prefix("/api/v1/") else {
        return Route::Unknown;
    };
    let install = shared.lock().switches.install;
    FACTS.route(head.method.as_str(), path, install)
}

/// A request that was read.
#[derive(Debug)]
struct Arrived {
    head: Parts,
    body: Bytes,
    peer: IpAddr,
}

/// A call that passed the gates.
#[derive(Debug)]
struct Prepared {
    endpoint: &'static Endpoint,
    call: Call,
    claim: Option<Claim>,
}

/// Route, gates and key; the answer of the first that ends the call.
async fn prepare(
    shared: &Shared,
    open: &Open,
    route: Route,
    arrived: &Arrived,
) -> Result<Prepared, Answer> {
    let (endpoint, params) = match route {
        Route::Found(endpoint, params) => (endpoint, params),
        Route::WrongMethod => {
            return Err(message(405, "The method is not supported for this route."));
        }
        Route::Unknown => return Err(message(404, "The route could not be found.")),
    };
    let headers = &arrived.head.headers;
    let input = Input::read(endpoint, headers, &arrived.body).await;
    let (token, owner) = gates::admit(
        &mut shared.lock(),
        endpoint,
        headers,
        arrived.peer,
        shared.now(),
    )?;
    let input = input?;
    let call = Call {
        token,
        owner,
        body: input.body,
        params,
        files: input.files,
        now: shared.now(),
    };
    let claim = claim(shared, open, endpoint, &arrived.head, &call).await?;
    Ok(Prepared {
        endpoint,
        call,
        claim,
    })
}

impl Prepared {
    /// Does the work and keeps the answer under its key.
    fn perform(mut self, shared: &Shared, open: &Open, head: &Parts) -> Answer {
        self.call.now = shared.now();
        let reply = perform(&mut shared.lock(), self.endpoint, head, &self.call);
        if reply.is_success() {
            open.executed(&self.endpoint.name);
        }
        let answer = Answer::from(reply);
        if let Some(claim) = self.claim {
            claim.finish(shared.now(), answer.status, &answer.body);
        }
        answer
    }
}

/// Claims the key of a keyed call, or says what came before it.
async fn claim(
    shared: &Shared,
    open: &Open,
    endpoint: &'static Endpoint,
    head: &Parts,
    call: &Call,
) -> Result<Option<Claim>, Answer> {
    let (true, Some(key)) = (endpoint.is_keyed(), key(head)) else {
        return Ok(None);
    };
    let owner = call.owner.as_ref().map_or(0, |owner| owner.id);
    let payload = idempotency::fingerprint(&call.body);
    loop {
        let scope = (owner, endpoint.name.as_str(), key.to_owned());
        match shared.keys.judge(scope, payload, shared.now()) {
            Verdict::Run(claim) => return Ok(Some(claim)),
            Verdict::Replay(stored) => {
                open.replayed(&endpoint.name);
                return Err(Answer {
                    status: stored.status,
                    body: stored.body,
                });
            }
            Verdict::Conflict => {
                let text = "This idempotency key was used with another payload.";
                return Err(Reply::code(409, "idempotency_key_conflict", text).into());
            }
            Verdict::Wait(mut ended) => {
                // Nothing is ever sent: the channel closes when the first request ends.
                let _ = ended.changed().await;
            }
        }
    }
}

/// A key of a legal length.
fn key(head: &Parts) -> Option<&str> {
    let key = head.headers.get("idempotency-key")?.to_str().ok()?;
    (!key.is_empty() && key.len() <= KEY_LIMIT).then_some(key)
}

/// Lookup, validation, handler.
fn perform(state: &mut State, endpoint: &'static Endpoint, head: &Parts, call: &Call) -> Reply {
    if let Some(refusal) = lookup(state, endpoint, call) {
        return refusal;
    }
    let install = state.switches.install;
    let mut problems = validate::problems(endpoint, &call.body, &call.files, install);
    if endpoint.is_keyed() && key(head).is_none() {
        let text = "The Idempotency-Key header is required and holds at most 255 characters.";
        problems.push(("Idempotency-Key".to_owned(), text.to_owned()));
    }
    if !problems.is_empty() {
        return Reply::invalid_fields(problems);
    }
    match endpoint.handler {
        Some(handler) => handler(state, call),
        None => Reply::code(501, "not_implemented", "This endpoint has no handler."),
    }
}

/// 404 for what the path or the ticket reference names in vain.
fn lookup(state: &State, endpoint: &Endpoint, call: &Call) -> Option<Reply> {
    for (name, value) in &call.params {
        let id = value.parse::<u64>().ok();
        let known = match name.as_str() {
            "user" => id.is_some_and(|id| state.users.contains_key(&id)),
            "queue" => id.is_some_and(|id| state.queues.contains_key(&id)),
            _ => true,
        };
        if !known {
            return Some(Reply::not_found(name));
        }
    }
    if endpoint.family == "tickets" {
        return tickets::lookup(state, endpoint, call);
    }
    None
}

fn message(status: u16, text: &str) -> Answer {
    Reply {
        status,
        body: json!({"message": text}),
    }
    .into()
}

async fn pause(duration: Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}
