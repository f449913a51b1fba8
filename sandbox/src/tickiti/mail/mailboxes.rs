//! Mailboxes that mail comes in by and goes out from.

use serde_json::{Value, json};

use crate::tickiti::call::Call;
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{List, Outcome, one_of, settings, text};

/// The mailboxes, without their secrets.
pub(super) const LIST: List = List {
    table: "mailboxes",
    what: "Mailbox",
    key: "mailbox_id",
    fields: &[
        "name",
        "address",
        "mailbox_type",
        "pop_enable",
        "pop_encryption",
        "pop_validate_cert",
        "max_consecutive_errors",
        "secondary_report_threshold",
        "outgoing_mailbox_type",
        "smtp_enable",
        "smtp_security",
    ],
};

/// Names of the three secrets; all but `smtp_password` are (inferred).
const SECRETS: &[&str] = &["smtp_password", "pop_password", "client_secret"];

/// The settings object that keeps the secrets, away from the rows that are read.
const VAULT: &str = "mailbox_secrets";

/// Mailboxes with the queues they can be chosen for; which secrets are set, never their values.
pub(super) fn index(state: &mut State, _call: &Call) -> Reply {
    let queues: Vec<Value> = state
        .queues
        .values()
        .map(|queue| json!({"id": queue.id, "name": queue.name}))
        .collect();
    let vault = state.settings.get(VAULT);
    let rows = state.tables.get(LIST.table).into_iter().flatten();
    let mailboxes: Vec<Value> = rows
        .map(|(id, row)| {
            let mut row = row.clone();
            for secret in SECRETS {
                let is_set = vault.is_some_and(|vault| vault.contains_key(&place(*id, secret)));
                row.insert(format!("{secret}_set"), Value::Bool(is_set));
            }
            Value::Object(row)
        })
        .collect();
    Reply::json(json!({"mailboxes": mailboxes, "queues": queues}))
}

/// Adds a mailbox.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    check(state, call, None)?;
    LIST.add(state, json!({"gmail_connected": false}), &call.body);
    Ok(Reply::empty())
}

/// Replaces the fields of a mailbox.
pub(super) fn update(state: &mut State, call: &Call) -> Outcome {
    LIST.row(state, call)?;
    check(state, call, call.id(LIST.key))?;
    LIST.update(state, call)
}

/// Removes a mailbox that no queue sends from (the refusal is inferred).
pub(super) fn delete(state: &mut State, call: &Call) -> Outcome {
    LIST.row(state, call)?;
    let id = call.id(LIST.key);
    let in_use = state
        .queues
        .values()
        .any(|queue| queue.outgoing_mailbox_id == id);
    if in_use {
        return Err(Reply::logical_error("This mailbox is used by a queue."));
    }
    let prefix = format!("{}.", id.unwrap_or_default());
    settings(state, VAULT).retain(|place, _| !place.starts_with(&prefix));
    LIST.delete(state, call)
}

/// Keeps one secret of a mailbox.
pub(super) fn set_password(state: &mut State, call: &Call) -> Outcome {
    LIST.row(state, call)?;
    one_of(&call.body, "field", SECRETS)?;
    let id = call.id(LIST.key).unwrap_or_default();
    let field = text(&call.body, "field");
    let value = call.text("value").unwrap_or_default();
    settings(state, VAULT).insert(place(id, field), Value::String(value));
    Ok(Reply::empty())
}

fn place(id: u64, secret: &str) -> String {
    format!("{id}.{secret}")
}

fn check(state: &State, call: &Call, except: Option<u64>) -> Result<(), Reply> {
    for field in ["name", "address"] {
        LIST.unique(state, field, text(&call.body, field), except)?;
    }
    Ok(())
}
