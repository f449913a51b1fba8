//! Teams that tickets can be assigned to.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::tickiti::call::Call;
use crate::tickiti::model::{State, Team};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, fresh_id, taken_field};

/// All teams with their members.
pub(super) fn index(state: &mut State, _call: &Call) -> Reply {
    let teams: Vec<Value> = state
        .teams
        .values()
        .map(|team| {
            let members = team.members.iter().filter_map(|id| state.users.get(id));
            let members: Vec<Value> = members
                .map(|user| json!({"id": user.id, "name": user.name, "email": user.email}))
                .collect();
            json!({"id": team.id, "name": team.name, "members": members})
        })
        .collect();
    Reply::json(json!({"teams": teams}))
}

/// Adds a team; `members` takes user ids (inferred).
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    let name = call.text("name").unwrap_or_default();
    check_name(state, &name, None)?;
    let members = members(state, call)?.unwrap_or_default();
    let id = fresh_id(state, "team", |state, id| state.teams.contains_key(&id));
    state.teams.insert(id, Team { id, name, members });
    Ok(Reply::empty())
}

/// Changes the given fields.
pub(super) fn update(state: &mut State, call: &Call) -> Outcome {
    let id = known(state, call)?;
    let name = call.text("name");
    if let Some(name) = &name {
        check_name(state, name, Some(id))?;
    }
    let members = members(state, call)?;
    if let Some(team) = state.teams.get_mut(&id) {
        team.name = name.unwrap_or_else(|| team.name.clone());
        team.members = members.unwrap_or_else(|| team.members.clone());
    }
    Ok(Reply::empty())
}

/// Removes a team; its tickets lose their assignee (inferred).
pub(super) fn delete(state: &mut State, call: &Call) -> Outcome {
    let id = known(state, call)?;
    state.teams.remove(&id);
    let key = Some(format!("team:{id}"));
    for ticket in state.tickets.values_mut() {
        if ticket.assigned_to == key {
            ticket.assigned_to = None;
        }
    }
    Ok(Reply::empty())
}

fn known(state: &State, call: &Call) -> Result<u64, Reply> {
    call.id("id")
        .filter(|id| state.teams.contains_key(id))
        .ok_or_else(|| Reply::not_found("Team"))
}

fn check_name(state: &State, name: &str, except: Option<u64>) -> Result<(), Reply> {
    let mut others = state.teams.values().filter(|team| Some(team.id) != except);
    if others.any(|team| team.name == name) {
        return Err(taken_field("name"));
    }
    Ok(())
}

/// The given members, who must be staff.
fn members(state: &State, call: &Call) -> Result<Option<BTreeSet<u64>>, Reply> {
    if !call.body.contains_key("members") {
        return Ok(None);
    }
    let members: BTreeSet<u64> = call.ids("members").into_iter().collect();
    let is_staff = |id: &u64| state.users.get(id).is_some_and(|user| user.is_staff);
    if !members.iter().all(is_staff) {
        return Err(Reply::invalid("members", "The members must be staff."));
    }
    Ok(Some(members))
}
