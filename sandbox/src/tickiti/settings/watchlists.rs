//! Watchlists: hand-picked tickets in a hand-made order.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{check_may_change, check_may_share, is_visible};
use crate::tickiti::call::Call;
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{List, Outcome, Row, caller};

/// The watchlists of everybody; `ticket_ids` holds internal ids in order.
pub(super) const LIST: List = List {
    table: "watchlists",
    what: "Watchlist",
    key: "watchlist_id",
    fields: &["name", "icon", "shared", "description", "display_mode"],
};

/// Swatches of the colour picker (inferred).
const COLOURS: &[&str] = &["#c62828", "#ef6c00", "#2e7d32", "#1565c0", "#6a1b9a"];

/// The watchlists the caller may see.
pub(super) fn index(state: &mut State, call: &Call) -> Outcome {
    let user = caller(call)?;
    let rows = state.tables.get(LIST.table).into_iter().flatten();
    let watchlists: Vec<&Row> = rows
        .map(|(_, row)| row)
        .filter(|row| is_visible(row, user))
        .collect();
    Ok(Reply::json(
        json!({"watchlists": watchlists, "colours": COLOURS}),
    ))
}

/// Adds an empty watchlist of the caller.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    let user = caller(call)?;
    check_may_share(call, user)?;
    let defaults = json!({
        "description": "",
        "display_mode": "List",
        "shared": false,
        "owner_id": user.id,
        "ticket_ids": [],
    });
    LIST.add(state, defaults, &call.body);
    Ok(Reply::empty())
}

/// Changes the given fields.
pub(super) fn update(state: &mut State, call: &Call) -> Outcome {
    check(state, call)?;
    check_may_share(call, caller(call)?)?;
    LIST.update(state, call)
}

/// Removes a watchlist; its tickets stay.
pub(super) fn delete(state: &mut State, call: &Call) -> Outcome {
    check(state, call)?;
    LIST.delete(state, call)
}

/// Appends tickets that are not on the list yet.
pub(super) fn add_tickets(state: &mut State, call: &Call) -> Outcome {
    let mut ids = check(state, call)?;
    for id in call.ids("ticket_ids") {
        let known = state
            .tickets
            .get(&id)
            .is_some_and(|t| t.deleted_at.is_none());
        if !known {
            let message = format!("No ticket has the internal id {id}.");
            return Err(Reply::invalid("ticket_ids", &message));
        }
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    store(state, call, &ids)
}

/// Takes tickets off the list; those that are not on it do not matter.
pub(super) fn remove_tickets(state: &mut State, call: &Call) -> Outcome {
    let mut ids = check(state, call)?;
    let gone = call.ids("ticket_ids");
    ids.retain(|id| !gone.contains(id));
    store(state, call, &ids)
}

/// Puts the tickets in the given order, which must name each of them once (inferred).
pub(super) fn reorder(state: &mut State, call: &Call) -> Outcome {
    let ids = check(state, call)?;
    let wanted = call.ids("ticket_ids");
    let same: bool = ids.iter().collect::<BTreeSet<_>>() == wanted.iter().collect::<BTreeSet<_>>();
    if !same || wanted.len() != ids.len() {
        return Err(Reply::invalid(
            "ticket_ids",
            "The ticket ids must be those of the watchlist, each once.",
        ));
    }
    store(state, call, &wanted)
}

/// The tickets of the list that a call names, if the caller may see and change it.
fn check(state: &State, call: &Call) -> Result<Vec<u64>, Reply> {
    let user = caller(call)?;
    let row = LIST.row(state, call)?;
    if !is_visible(row, user) {
        return Err(Reply::not_found(LIST.what));
    }
    check_may_change(row, user)?;
    let ids = row.get("ticket_ids").and_then(Value::as_array);
    Ok(ids
        .into_iter()
        .flatten()
        .filter_map(Value::as_u64)
        .collect())
}

fn store(state: &mut State, call: &Call, ids: &[u64]) -> Outcome {
    let row = LIST.row_mut(state, call.id(LIST.key))?;
    row.insert("ticket_ids".to_owned(), json!(ids));
    Ok(Reply::empty())
}
