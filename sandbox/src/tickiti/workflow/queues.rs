//! Queues that tickets wait in.

use serde_json::{Value, json};

use super::interventions;
use crate::tickiti::administration::is_permissive;
use crate::tickiti::call::Call;
use crate::tickiti::model::{Queue, QueuePermission, State};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, fresh_id, taken_field, text};

/// All queues with the number of tickets in each status.
pub(super) fn index(state: &mut State, _call: &Call) -> Reply {
    let queues: Vec<Value> = state
        .queues
        .values()
        .map(|queue| described(state, queue))
        .collect();
    Reply::json(json!({"queues": queues}))
}

/// Adds a queue; under the permissive model all staff may do everything in it.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    let name = call.text("name").unwrap_or_default();
    check_name(state, &name, None)?;
    check_mailbox(state, call)?;
    let id = fresh_id(state, "queue", |state, id| state.queues.contains_key(&id));
    let queue = Queue {
        id,
        name,
        outgoing_mailbox_id: call.id("outgoing_mailbox_id"),
        ..Queue::default()
    };
    state.queues.insert(id, queue);
    if is_permissive(state) {
        let all = QueuePermission {
            can_view: true,
            can_manage: true,
            can_delete: true,
            ..QueuePermission::default()
        };
        for user in state.users.values_mut().filter(|user| user.is_staff) {
            user.queues.insert(id, all);
        }
    }
    Ok(Reply::empty())
}

/// Changes the given fields.
pub(super) fn update(state: &mut State, call: &Call) -> Outcome {
    let id = known(state, call, "queue_id")?;
    let name = call.text("name");
    if let Some(name) = &name {
        check_name(state, name, Some(id))?;
    }
    check_mailbox(state, call)?;
    let release = call.id("release_queue_id");
    if release.is_some_and(|release| release == id || !state.queues.contains_key(&release)) {
        let message = "The selected release queue id is invalid.";
        return Err(Reply::invalid("release_queue_id", message));
    }
    let Some(queue) = state.queues.get_mut(&id) else {
        return Err(Reply::not_found("Queue"));
    };
    if let Some(name) = name {
        queue.name = name;
    }
    queue.track_resolutions = call
        .flag("track_resolutions")
        .unwrap_or(queue.track_resolutions);
    queue.is_parked = call.flag("is_parked").unwrap_or(queue.is_parked);
    if call.body.contains_key("outgoing_mailbox_id") {
        queue.outgoing_mailbox_id = call.id("outgoing_mailbox_id");
    }
    if call.body.contains_key("release_queue_id") {
        queue.release_queue_id = release;
    }
    if call.body.contains_key("content_type") {
        queue.content_type = call.text("content_type");
    }
    Ok(Reply::empty())
}

/// Removes a queue; a built-in one, or one that something refers to, is refused inside a 200.
pub(super) fn delete(state: &mut State, call: &Call) -> Outcome {
    let id = known(state, call, "queue_id")?;
    let Some(queue) = state.queues.get(&id) else {
        return Err(Reply::not_found("Queue"));
    };
    if queue.built_in {
        return Err(Reply::logical_error("A built-in queue cannot be deleted."));
    }
    let interventions = state.tables.get(interventions::LIST.table);
    let in_use = state.tickets.values().any(|ticket| ticket.queue_id == id)
        || state
            .queues
            .values()
            .any(|other| other.release_queue_id == Some(id))
        || interventions
            .into_iter()
            .flatten()
            .any(|(_, row)| text(row, "queue_name") == queue.name);
    if in_use {
        return Err(Reply::logical_error(
            "This queue is in use and cannot be deleted.",
        ));
    }
    state.queues.remove(&id);
    for user in state.users.values_mut() {
        user.queues.remove(&id);
    }
    Ok(Reply::empty())
}

/// Moves every ticket, deleted ones too, to another queue.
pub(super) fn move_tickets(state: &mut State, call: &Call) -> Outcome {
    let from = known(state, call, "from_queue_id")?;
    let to = known(state, call, "to_queue_id")?;
    if from == to {
        let message = "The to queue id must be different from the from queue id.";
        return Err(Reply::invalid("to_queue_id", message));
    }
    for ticket in state.tickets.values_mut().filter(|t| t.queue_id == from) {
        ticket.queue_id = to;
        ticket.updated_at = call.now;
    }
    Ok(Reply::empty())
}

fn described(state: &State, queue: &Queue) -> Value {
    let count = |status: &str| {
        let here = state
            .tickets
            .values()
            .filter(|ticket| ticket.queue_id == queue.id);
        here.filter(|ticket| ticket.status == status && ticket.deleted_at.is_none())
            .count()
    };
    json!({
        "id": queue.id,
        "name": queue.name,
        "outgoing_mailbox_id": queue.outgoing_mailbox_id,
        "track_resolutions": queue.track_resolutions,
        "is_parked": queue.is_parked,
        "release_queue_id": queue.release_queue_id,
        "content_type": queue.content_type,
        "built_in": queue.built_in,
        "open_tickets": count("open"),
        "on_hold_tickets": count("on-hold"),
        "closed_tickets": count("closed"),
    })
}

/// The queue id that a field names, or 404.
fn known(state: &State, call: &Call, field: &str) -> Result<u64, Reply> {
    call.id(field)
        .filter(|id| state.queues.contains_key(id))
        .ok_or_else(|| Reply::not_found("Queue"))
}

fn check_name(state: &State, name: &str, except: Option<u64>) -> Result<(), Reply> {
    let mut others = state
        .queues
        .values()
        .filter(|queue| Some(queue.id) != except);
    if others.any(|queue| queue.name == name) {
        return Err(taken_field("name"));
    }
    Ok(())
}

fn check_mailbox(state: &State, call: &Call) -> Result<(), Reply> {
    let mailboxes = state.tables.get("mailboxes");
    let id = call.id("outgoing_mailbox_id");
    let unknown = id.is_some_and(|id| !mailboxes.is_some_and(|rows| rows.contains_key(&id)));
    if unknown {
        let message = "The selected outgoing mailbox id is invalid.";
        return Err(Reply::invalid("outgoing_mailbox_id", message));
    }
    Ok(())
}
