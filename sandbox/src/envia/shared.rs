//! One simulated back office and what is around it, and the way of one request through it.

use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::request::Parts;
use serde_json::{Map, Value};

use crate::wire::answer::Answer;
use crate::wire::install::{Arrived, Common, Install, pause};
use crate::wire::log::{Log, Open};

use super::boom::{Boom, Handled, Reply};
use super::endpoint::Endpoint;
use super::model::State;
use super::switches::{NotFound, Switches};
use super::{activity, create, list, signature, update, upload, view};

/// One simulated back office and what is around it.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) common: Common,
    state: Mutex<State>,
    token: String,
}

impl Shared {
    pub(crate) fn new(state: State, token: String, now: i64, log_capacity: usize) -> Self {
        Self {
            common: Common::new(now, Log::new(log_capacity).whole()),
            state: Mutex::new(state),
            token,
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Token, signature, body, in this order.
    fn admit(&self, endpoint: Endpoint, arrived: &Arrived) -> Result<Map<String, Value>, Boom> {
        let switches = self.lock().switches.clone();
        let headers = &arrived.head.headers;
        signature::admit(headers, &self.token, switches.strict_signature)?;
        if !endpoint.has_body() {
            signature::verify(headers, &self.token, &[])?;
            return Ok(Map::new());
        }
        let body = read(endpoint, &switches, arrived)?;
        signature::verify(headers, &self.token, &arrived.body)?;
        match body {
            Value::Object(body) => Ok(body),
            _ => Err(Boom::invalid("payload", Vec::new())),
        }
    }

    /// Validation and work of an admitted request.
    fn perform(
        &self,
        endpoint: Endpoint,
        parameter: &str,
        query: &str,
        body: &Map<String, Value>,
    ) -> Handled {
        let now = self.common.now();
        let mut state = self.lock();
        let state = &mut *state;
        match endpoint {
            Endpoint::TicketTypes => Ok(Reply::ok(view::types(state))),
            Endpoint::ShipmentStatuses => Ok(Reply::ok(view::shipment_statuses(state))),
            Endpoint::CreateTicket => create::create(state, body, now),
            Endpoint::ListTickets => list::list(state, query, now),
            Endpoint::GetTicket => get_ticket(state, id(parameter)?),
            Endpoint::UpdateTicket => update::update(state, id(parameter)?, body, now),
            Endpoint::UploadFile => upload::upload(state, id(parameter)?, body),
            Endpoint::GetShipment => get_shipment(state, parameter),
            Endpoint::LogActivity => activity::record(state, body, now),
        }
    }
}

impl Install for Shared {
    fn common(&self) -> &Common {
        &self.common
    }

    fn endpoint(&self, head: &Parts) -> Option<&'static str> {
        Endpoint::find(head.method.as_str(), head.uri.path()).map(|(endpoint, _)| endpoint.name())
    }

    fn answer<'a>(
        &'a self,
        arrived: &'a Arrived,
        open: &'a Open,
        delay: Duration,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
        Box::pin(async move {
            let head = &arrived.head;
            let Some((endpoint, parameter)) = Endpoint::find(head.method.as_str(), head.uri.path())
            else {
                pause(delay).await;
                return Boom::new(404, "Not Found").into();
            };
            let admitted = self.admit(endpoint, arrived);
            pause(delay).await;
            let query = head.uri.query().unwrap_or_default();
            let handled =
                admitted.and_then(|body| self.perform(endpoint, &parameter, query, &body));
            match handled {
                Ok(mut reply) => {
                    open.executed(endpoint.name());
                    if self.lock().switches.ids_as_strings {
                        view::ids_to_text(&mut reply.body);
                    }
                    Answer::json(reply.status, &reply.body)
                }
                Err(boom) => boom.into(),
            }
        })
    }

    fn too_large(&self) -> Answer {
        too_large().into()
    }

    fn set_clock(&self, now: i64) {
        self.common.store_clock(now);
    }

    fn set_switches(&self, body: &[u8]) -> serde_json::Result<()> {
        let switches = serde_json::from_slice(body)?;
        self.lock().switches = switches;
        Ok(())
    }
}

fn too_large() -> Boom {
    Boom::new(413, "Payload content length greater than maximum allowed")
}

/// The body as JSON, within the limit of the route.
fn read(endpoint: Endpoint, switches: &Switches, arrived: &Arrived) -> Result<Value, Boom> {
    let cap = match endpoint {
        Endpoint::UploadFile => switches.upload_cap,
        _ => switches.body_cap,
    };
    if arrived.body.len() > cap {
        return Err(too_large());
    }
    let content_type = arrived.head.headers.get(http::header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    if content_type.is_some_and(|value| !value.starts_with("application/json")) {
        return Err(Boom::new(415, "Unsupported Media Type"));
    }
    serde_json::from_slice(&arrived.body)
        .map_err(|_| Boom::new(400, "Invalid request payload JSON format"))
}

/// A ticket id of the path.
fn id(parameter: &str) -> Result<u64, Boom> {
    let id = parameter.parse().ok().filter(|id| *id > 0);
    id.ok_or_else(|| Boom::invalid("params", vec!["ticket_id".to_owned()]))
}

fn get_ticket(state: &State, id: u64) -> Handled {
    if let Some(ticket) = state.tickets.get(&id) {
        return Ok(Reply::ok(view::record(state, view::detail(state, ticket))));
    }
    match state.switches.not_found {
        NotFound::Status404 => Err(Boom::not_found("Ticket")),
        NotFound::Status400 => Err(Boom::new(400, "Ticket not found.")),
        NotFound::EmptyData => Ok(Reply::ok(serde_json::json!({"data": []}))),
    }
}

fn get_shipment(state: &State, key: &str) -> Handled {
    let Some(row) = view::find_shipment(state, key) else {
        return Err(Boom::not_found("Shipment"));
    };
    Ok(Reply::ok(view::record(state, view::shipment(state, row))))
}
