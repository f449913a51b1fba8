//! The way of one request through the install.

use std::pin::Pin;
use std::time::Duration;

use http::request::Parts;
use serde_json::json;

use crate::wire::answer::Answer;
use crate::wire::install::{Arrived, Common, Install, pause};
use crate::wire::log::Open;

use super::call::Call;
use super::facts::{Endpoint, FACTS, Route};
use super::gates;
use super::idempotency::{self, Claim, Verdict};
use super::input::Input;
use super::model::State;
use super::reply::Reply;
use super::shared::Shared;
use super::{tickets, validate};

/// Longest idempotency key, in characters.
const KEY_LIMIT: usize = 255;

impl Install for Shared {
    fn common(&self) -> &Common {
        &self.common
    }

    fn endpoint(&self, head: &Parts) -> Option<&'static str> {
        match route(self, head) {
            Route::Found(endpoint, _) => Some(&endpoint.name),
            Route::WrongMethod | Route::Unknown => None,
        }
    }

    fn answer<'a>(
        &'a self,
        arrived: &'a Arrived,
        open: &'a Open,
        delay: Duration,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
        Box::pin(async move {
            let prepared = prepare(self, open, arrived).await;
            pause(delay).await;
            match prepared {
                Ok(prepared) => prepared.perform(self, open, &arrived.head),
                Err(answer) => answer,
            }
        })
    }

    fn too_large(&self) -> Answer {
        message(413, "The request body is too large.")
    }

    fn set_clock(&self, now: i64) {
        Self::set_clock(self, now);
    }

    fn set_switches(&self, body: &[u8]) -> serde_json::Result<()> {
        let switches = serde_json::from_slice(body)?;
        self.lock().switches = switches;
        Ok(())
    }
}

fn route(shared: &Shared, head: &Parts) -> Route {
    let Some(path) = head.uri.path().strip_prefix("/api/v1/") else {
        return Route::Unknown;
    };
    let install = shared.lock().switches.install;
    FACTS.route(head.method.as_str(), path, install)
}

/// A call that passed the gates.
#[derive(Debug)]
struct Prepared {
    endpoint: &'static Endpoint,
    call: Call,
    claim: Option<Claim>,
}

/// Route, gates and key; the answer of the first that ends the call.
async fn prepare(shared: &Shared, open: &Open, arrived: &Arrived) -> Result<Prepared, Answer> {
    let (endpoint, params) = match route(shared, &arrived.head) {
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
