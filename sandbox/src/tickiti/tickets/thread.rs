//! Reading one ticket or one response.

use serde_json::{Value, json};

use super::{reference, view};
use crate::tickiti::call::Call;
use crate::tickiti::model::{State, Ticket};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, caller};
use view::Projection;

/// Header and thread.
pub(super) fn show(state: &mut State, call: &Call) -> Outcome {
    let ticket = reference::ticket(state, call)?;
    let projection = Projection::of(state, call)?;
    Ok(Reply::data(json!({
        "ticket": view::header(state, caller(call)?, ticket),
        "responses": thread(state, ticket, projection),
    })))
}

/// The thread alone.
pub(super) fn responses(state: &mut State, call: &Call) -> Outcome {
    let ticket = reference::ticket(state, call)?;
    let projection = Projection::of(state, call)?;
    Ok(Reply::data(json!({
        "ticket_number": ticket.number,
        "responses": thread(state, ticket, projection),
    })))
}

/// One response, wherever it is (wrapper inferred).
pub(super) fn response_show(state: &mut State, call: &Call) -> Outcome {
    let response = reference::response(state, call, call.id("response_id"))?;
    let projection = Projection::of(state, call)?;
    let mut shown = view::response(state, response, projection);
    let number = state
        .tickets
        .get(&response.ticket_id)
        .map(|ticket| ticket.number);
    shown.insert("ticket_number".to_owned(), number.into());
    Ok(Reply::data(json!({"response": shown})))
}

/// Live responses: pinned first, then oldest to newest.
fn thread(state: &State, ticket: &Ticket, projection: Projection) -> Vec<Value> {
    let live = state
        .thread(ticket.id)
        .filter(|response| response.deleted_at.is_none());
    let mut responses: Vec<_> = live.collect();
    responses.sort_by_key(|r| (!r.is_pinned, r.created_at, r.id));
    let views = responses
        .into_iter()
        .map(|r| view::response(state, r, projection));
    views.map(Value::Object).collect()
}
