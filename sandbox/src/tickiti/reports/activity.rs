//! Who did what, and how tickets ended.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::range::Range;
use crate::tickiti::call::Call;
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::Outcome;

/// What one person did.
#[derive(Debug, Default)]
struct Activity {
    public_responses: u64,
    internal_notes: u64,
    tickets: BTreeSet<u64>,
}

/// Responses, notes and tickets of each staff member, also of those who did nothing.
pub(super) fn agent_activity(state: &mut State, call: &Call) -> Outcome {
    let range = Range::read(state, call)?;
    let mut by_email: BTreeMap<String, Activity> = BTreeMap::new();
    let responses = range
        .responses(state)
        .filter(|response| response.staff_response);
    for response in responses.filter(|response| range.covers(response.created_at)) {
        let email = response.created_by_email.to_lowercase();
        let activity = by_email.entry(email).or_default();
        activity.tickets.insert(response.ticket_id);
        if response.is_internal {
            activity.internal_notes += 1;
        } else {
            activity.public_responses += 1;
        }
    }
    let staff = state.users.values();
    let staff = staff.filter(|user| user.is_staff && !user.is_system);
    let rows: Vec<Value> = staff
        .map(|user| {
            let activity = by_email.remove(&user.email.to_lowercase());
            let activity = activity.unwrap_or_default();
            json!({
                "user_id": user.id,
                "name": user.name,
                "email": user.email,
                "public_responses": activity.public_responses,
                "internal_notes": activity.internal_notes,
                "tickets": activity.tickets.len(),
            })
        })
        .collect();
    Ok(Reply::json(json!({"rows": rows})))
}

/// Closed tickets by resolution category; those without one come last.
pub(super) fn resolutions(state: &mut State, call: &Call) -> Outcome {
    let range = Range::read(state, call)?;
    let closed = range
        .tickets(state)
        .filter(|ticket| ticket.status == "closed");
    let mut counts: BTreeMap<Option<u64>, u64> = BTreeMap::new();
    for ticket in closed.filter(|ticket| range.covers(ticket.updated_at)) {
        *counts.entry(ticket.resolved).or_default() += 1;
    }
    let closed: u64 = counts.values().sum();
    let mut rows: Vec<Value> = state
        .resolutions
        .iter()
        .map(|one| {
            let count = counts.remove(&Some(one.id)).unwrap_or_default();
            json!({"resolution_id": one.id, "name": one.name, "count": count})
        })
        .collect();
    let without: u64 = counts.values().sum();
    rows.push(json!({"resolution_id": null, "name": null, "count": without}));
    let totals = json!({"closed": closed, "resolved": closed - without});
    Ok(Reply::json(json!({"rows": rows, "totals": totals})))
}
