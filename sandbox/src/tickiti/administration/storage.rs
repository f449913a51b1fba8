//! Clearing what is stored.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::install;
use crate::tickiti::call::Call;
use crate::tickiti::clock::DAY;
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, settings};
use crate::tickiti::templates::referenced;

/// Request field and system setting with the days that sent mail is kept.
pub(super) const RETENTION: &str = "sent_mail_retention_days";

/// Removes closed tickets that nobody touched for so many days, with all that belongs to them.
pub(super) fn delete_closed(state: &mut State, call: &Call) -> Outcome {
    let days = at_least_one(call, "older_than_days")?;
    let limit = call.now.saturating_sub(days.saturating_mul(DAY));
    let old = state.tickets.values();
    let old = old.filter(|ticket| ticket.status == "closed" && ticket.updated_at < limit);
    let gone: BTreeSet<u64> = old.map(|ticket| ticket.id).collect();
    state.tickets.retain(|id, _| !gone.contains(id));
    state.ticket_numbers.retain(|_, id| !gone.contains(id));
    state
        .responses
        .retain(|_, response| !gone.contains(&response.ticket_id));
    state.threads.retain(|id, _| !gone.contains(id));
    let responses = &state.responses;
    state
        .attachments
        .retain(|_, file| responses.contains_key(&file.response_id));
    for ticket in state.tickets.values_mut() {
        ticket.links.retain(|id| !gone.contains(id));
        ticket.clone_links.retain(|id| !gone.contains(id));
    }
    let watchlists = state.tables.get_mut("watchlists").into_iter().flatten();
    for (_, row) in watchlists {
        if let Some(Value::Array(ids)) = row.get_mut("ticket_ids") {
            ids.retain(|id| id.as_u64().is_none_or(|id| !gone.contains(&id)));
        }
    }
    Ok(Reply::empty())
}

/// Removes stored files that no attachment and no template refers to.
pub(super) fn delete_orphaned(state: &mut State) -> Reply {
    let mut used = referenced(state);
    used.extend(state.attachments.values().map(|file| file.sha256.clone()));
    state.blobs.retain(|hash, _| used.contains(hash));
    Reply::empty()
}

/// Sets how long sent mail is kept.
pub(super) fn retention(state: &mut State, call: &Call) -> Outcome {
    let days = at_least_one(call, RETENTION)?;
    settings(state, install::SYSTEM).insert(RETENTION.to_owned(), json!(days));
    Ok(Reply::empty())
}

fn at_least_one(call: &Call, field: &str) -> Result<i64, Reply> {
    let days = call.text(field).and_then(|text| text.parse::<i64>().ok());
    days.filter(|days| *days >= 1)
        .ok_or_else(|| Reply::invalid(field, &format!("The {field} must be at least 1.")))
}
