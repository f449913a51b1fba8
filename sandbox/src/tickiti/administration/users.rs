//! People with an account, and what they may do in which queue.

use serde_json::{Value, json};

use super::is_permissive;
use crate::tickiti::call::Call;
use crate::tickiti::mail::record;
use crate::tickiti::model::{QueuePermission, State, User};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, fresh_id, taken_field};

/// All users, without their passwords.
pub(super) fn index(state: &mut State, _call: &Call) -> Reply {
    let users: Vec<Value> = state.users.values().map(described).collect();
    Reply::json(json!({"users": users}))
}

/// Adds a user and mails a welcome.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    let email = call.text("email").unwrap_or_default().to_lowercase();
    let taken = |user: &User| user.email.to_lowercase() == email;
    if state.users.values().any(taken) {
        return Err(taken_field("email"));
    }
    let id = fresh_id(state, "user", |state, id| state.users.contains_key(&id));
    let is_admin = call.flag("is_admin").unwrap_or_default();
    let mut user = User {
        id,
        name: call.text("name").unwrap_or_default(),
        email: email.clone(),
        // Admins are staff.
        is_staff: is_admin || call.flag("is_staff").unwrap_or_default(),
        is_admin,
        tonic_notifications: call.flag("tonic_notifications").unwrap_or_default(),
        ..User::default()
    };
    if user.is_staff && is_permissive(state) {
        let all = QueuePermission {
            can_view: true,
            can_manage: true,
            can_delete: true,
            ..QueuePermission::default()
        };
        user.queues = state.queues.keys().map(|queue| (*queue, all)).collect();
    }
    state.users.insert(id, user);
    let welcome = json!({
        "to_address": email,
        "subject": "Welcome to the helpdesk",
        "content": "<p>Your account is ready. The link in this mail is valid for seven days.</p>",
    });
    record(state, welcome, call.now);
    Ok(Reply::empty())
}

/// Changes the given flags.
pub(super) fn update(state: &mut State, call: &Call) -> Outcome {
    let user = known(state, call)?;
    user.is_admin = call.flag("is_admin").unwrap_or(user.is_admin);
    user.is_staff = call.flag("is_staff").unwrap_or(user.is_staff) || user.is_admin;
    let notified = call.flag("tonic_notifications");
    user.tonic_notifications = notified.unwrap_or(user.tonic_notifications);
    Ok(Reply::empty())
}

/// Sets what a user may do in a queue.
pub(super) fn set_queue(state: &mut State, call: &Call) -> Outcome {
    let queue = known_queue(state, call)?;
    let on = |field| call.flag(field).unwrap_or_default();
    let permission = QueuePermission {
        can_view: on("can_view"),
        can_manage: on("can_manage"),
        can_delete: on("can_delete"),
        treat_as_inbox: on("treat_as_inbox"),
        receive_inbox_errors: on("receive_inbox_errors"),
    };
    known(state, call)?.queues.insert(queue, permission);
    Ok(Reply::empty())
}

/// Takes all permissions in a queue from a user.
pub(super) fn detach_queue(state: &mut State, call: &Call) -> Outcome {
    let queue = known_queue(state, call)?;
    known(state, call)?.queues.remove(&queue);
    Ok(Reply::empty())
}

fn described(user: &User) -> Value {
    let queues = user.queues.iter().map(|(queue, permission)| {
        json!({
            "queue_id": queue,
            "can_view": permission.can_view,
            "can_manage": permission.can_manage,
            "can_delete": permission.can_delete,
            "treat_as_inbox": permission.treat_as_inbox,
            "receive_inbox_errors": permission.receive_inbox_errors,
        })
    });
    json!({
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "is_staff": user.is_staff,
        "is_admin": user.is_admin,
        "is_superuser": user.is_superuser,
        "is_sysadmin": user.is_sysadmin,
        "is_system": user.is_system,
        "tonic_notifications": user.tonic_notifications,
        "queues": queues.collect::<Vec<Value>>(),
    })
}

fn known<'state>(state: &'state mut State, call: &Call) -> Result<&'state mut User, Reply> {
    let id = call.id("user").unwrap_or_default();
    let user = state.users.get_mut(&id);
    user.ok_or_else(|| Reply::not_found("User"))
}

fn known_queue(state: &State, call: &Call) -> Result<u64, Reply> {
    call.id("queue")
        .filter(|id| state.queues.contains_key(id))
        .ok_or_else(|| Reply::not_found("Queue"))
}
