//! Searching tickets.

use serde_json::{Value, json};

use super::criteria::{Criteria, Kind, MODES};
use super::perspective::Perspective;
use super::{reference, view};
use crate::tickiti::call::Call;
use crate::tickiti::model::{State, Ticket};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, caller};
use crate::tickiti::switches::Install;

/// Rows that come without `row_limit`.
const DEFAULT_LIMIT: usize = 100;

/// The rows of a perspective that meet the criteria.
pub(super) fn query(state: &mut State, call: &Call) -> Outcome {
    let perspective = Perspective::of(state, call)?;
    let criteria = Criteria::of(state, call)?;
    let user = caller(call)?;
    let mut found: Vec<&Ticket> = state
        .tickets
        .values()
        .filter(|ticket| ticket.deleted_at.is_none() && reference::sees(state, user, ticket))
        .filter(|ticket| perspective.holds(state, user, ticket) && criteria.hold(state, ticket))
        .collect();
    let limit = limit(state, call);
    let order = |a: &&Ticket, b: &&Ticket| perspective.order(state, a, b);
    if found.len() > limit {
        // Only the rows that are sent need their exact place.
        found.select_nth_unstable_by(limit, order);
        found.truncate(limit);
    }
    found.sort_by(order);
    let rows: Vec<Value> = found
        .into_iter()
        .map(|ticket| view::row(state, ticket))
        .collect();
    Ok(Reply::json(if state.switches.wrapped_query {
        json!({"data": rows})
    } else {
        Value::Array(rows)
    }))
}

fn limit(state: &State, call: &Call) -> usize {
    // Installs of June 2026 did not know the field.
    let given = call
        .body
        .get("row_limit")
        .filter(|_| state.switches.install != Install::June);
    let given = given.and_then(Value::as_u64);
    given
        .and_then(|rows| usize::try_from(rows).ok())
        .unwrap_or(DEFAULT_LIMIT)
}

/// The live vocabulary (shape inferred).
pub(super) fn search_modes(_: &mut State, _: &Call) -> Reply {
    let modes: Vec<Value> = MODES
        .iter()
        .map(|(mode, kind, token)| {
            let (kind, matching) = match kind {
                Kind::Text => ("text", "all"),
                Kind::Single => ("single", "any"),
                Kind::Date => ("date", "any"),
            };
            json!({"mode": mode, "kind": kind, "token": token, "default_match": matching})
        })
        .collect();
    Reply::data(json!({
        "modes": modes,
        "combination": "criteria of one mode are alternatives; different modes must all hold",
    }))
}
