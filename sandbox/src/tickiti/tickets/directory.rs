//! Queues, teams, staff and resolutions as ticket callers need them (shapes inferred).

use serde_json::{Value, json};

use super::view;
use crate::tickiti::call::Call;
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, caller};

/// The queues that the owner sees.
pub(super) fn queues(state: &mut State, call: &Call) -> Outcome {
    let user = caller(call)?;
    let seen = state
        .queues
        .values()
        .filter(|queue| state.permission(user, queue.id).can_view);
    let rows: Vec<Value> = seen
        .map(|queue| {
            json!({
                "id": view::id(state, queue.id),
                "name": queue.name,
                "track_resolutions": queue.track_resolutions,
                "is_parked": queue.is_parked,
            })
        })
        .collect();
    Ok(Reply::data(json!({"queues": rows})))
}

/// The teams with their members and keys.
pub(super) fn teams(state: &mut State, _: &Call) -> Reply {
    let rows: Vec<Value> = state
        .teams
        .values()
        .map(|team| {
            let members = team.members.iter().filter_map(|id| state.users.get(id));
            let members: Vec<Value> = members
                .map(|user| json!({"id": view::id(state, user.id), "name": user.name, "email": user.email}))
                .collect();
            json!({
                "id": view::id(state, team.id),
                "name": team.name,
                "members": members,
                "key": format!("team:{}", team.id),
                "members_key": format!("team-and-members:{}", team.id),
            })
        })
        .collect();
    Reply::data(json!({"teams": rows}))
}

/// The staff, all or those whose name or address holds a text.
pub(super) fn staff(state: &mut State, call: &Call) -> Reply {
    let part = call.text("search").unwrap_or_default().to_lowercase();
    let rows: Vec<Value> = state
        .users
        .values()
        .filter(|user| user.is_staff && !user.is_system)
        .filter(|user| user.name.to_lowercase().contains(&part) || user.email.to_lowercase().contains(&part))
        .map(|user| {
            let teams = state.teams_of(user.id);
            let teams: Vec<String> = teams.iter().map(|id| format!("team:{id}")).collect();
            json!({"id": view::id(state, user.id), "name": user.name, "email": user.email, "teams": teams})
        })
        .collect();
    Reply::data(json!({"staff": rows}))
}

/// The resolution categories.
pub(super) fn resolutions(state: &mut State, _: &Call) -> Reply {
    let rows: Vec<Value> = state
        .resolutions
        .iter()
        .map(|r| json!({"id": view::id(state, r.id), "name": r.name, "selectable": r.selectable}))
        .collect();
    Reply::data(json!({"resolutions": rows}))
}
