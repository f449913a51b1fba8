//! Resolution categories: why a ticket was closed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::tickiti::call::Call;
use crate::tickiti::model::{Resolution, State};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, fresh_id, taken_field};

const GREY: &str = "#9e9e9e";

/// The categories in display order.
pub(super) fn index(state: &mut State, _call: &Call) -> Reply {
    let rows: Vec<Value> = state
        .resolutions
        .iter()
        .map(|one| {
            json!({
                "id": one.id,
                "name": one.name,
                "colour": one.colour,
                "selectable": one.selectable,
            })
        })
        .collect();
    Reply::json(json!(rows))
}

/// Adds a category at the end.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    check(state, call, None)?;
    let id = fresh_id(state, "resolution", |state, id| {
        state.resolutions.iter().any(|one| one.id == id)
    });
    state.resolutions.push(Resolution {
        id,
        name: call.text("name").unwrap_or_default(),
        colour: call.text("colour").unwrap_or_else(|| GREY.to_owned()),
        selectable: true,
    });
    Ok(Reply::empty())
}

/// Changes the given fields.
pub(super) fn update(state: &mut State, call: &Call) -> Outcome {
    let position = position(state, call)?;
    check(state, call, call.id("id"))?;
    if let Some(one) = state.resolutions.get_mut(position) {
        one.name = call.text("name").unwrap_or_else(|| one.name.clone());
        one.colour = call.text("colour").unwrap_or_else(|| one.colour.clone());
    }
    Ok(Reply::empty())
}

/// Removes a category; one that a ticket carries is refused inside a 200.
pub(super) fn delete(state: &mut State, call: &Call) -> Outcome {
    let position = position(state, call)?;
    let id = call.id("id");
    if state.tickets.values().any(|ticket| ticket.resolved == id) {
        let message = "This resolution category is in use and cannot be deleted.";
        return Err(Reply::logical_error(message));
    }
    state.resolutions.remove(position);
    Ok(Reply::empty())
}

/// Puts the categories in the given order, which must name each of them once.
pub(super) fn reorder(state: &mut State, call: &Call) -> Outcome {
    let ids = call.ids("ids");
    let wanted: BTreeSet<u64> = ids.iter().copied().collect();
    let all: BTreeSet<u64> = state.resolutions.iter().map(|one| one.id).collect();
    if wanted != all || ids.len() != all.len() {
        let message = "The ids must be those of all resolution categories, each once.";
        return Err(Reply::invalid("ids", message));
    }
    state
        .resolutions
        .sort_by_key(|one| ids.iter().position(|id| *id == one.id));
    Ok(Reply::empty())
}

fn position(state: &State, call: &Call) -> Result<usize, Reply> {
    let id = call.id("id");
    let mut all = state.resolutions.iter();
    all.position(|one| Some(one.id) == id)
        .ok_or_else(|| Reply::not_found("Resolution category"))
}

fn check(state: &State, call: &Call, except: Option<u64>) -> Result<(), Reply> {
    let name = call.text("name");
    let mut others = state
        .resolutions
        .iter()
        .filter(|one| Some(one.id) != except);
    if others.any(|one| Some(&one.name) == name.as_ref()) {
        return Err(taken_field("name"));
    }
    let colour = call.text("colour");
    let is_colour = |text: &str| {
        let hex = text.strip_prefix('#').unwrap_or_default();
        hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    if colour.as_deref().is_some_and(|colour| !is_colour(colour)) {
        return Err(Reply::invalid(
            "colour",
            "The colour must look like #2e7d32.",
        ));
    }
    Ok(())
}
