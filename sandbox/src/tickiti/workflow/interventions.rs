//! Interventions: forms that staff complete and a remote system confirms.

use serde_json::{Value, json};

use crate::tickiti::administration::new_token;
use crate::tickiti::call::Call;
use crate::tickiti::model::{State, Token};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{List, Outcome, caller, text};

/// The interventions.
pub(super) const LIST: List = List {
    table: "interventions",
    what: "Intervention",
    key: "intervention_id",
    fields: &[
        "name",
        "title",
        "queue_name",
        "notify_inbox_managers",
        "create_urgent",
        "remote_timeout_seconds",
        "remote_enabled",
        // The last two have names of our own (inferred).
        "remote_epilog_url",
        "fields",
    ],
};

/// Adds an intervention.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    check(state, call, None)?;
    let defaults = json!({
        "notify_inbox_managers": false,
        "create_urgent": false,
        "remote_timeout_seconds": 10,
        "remote_enabled": false,
        "remote_name": null,
    });
    LIST.add(state, defaults, &call.body);
    Ok(Reply::empty())
}

/// Changes the given fields.
pub(super) fn update(state: &mut State, call: &Call) -> Outcome {
    LIST.row(state, call)?;
    check(state, call, call.id(LIST.key))?;
    LIST.update(state, call)
}

/// A token for the remote system, shown this once; it may accept interventions and nothing else.
pub(super) fn generate_token(state: &mut State, call: &Call) -> Outcome {
    let name = text(LIST.row(state, call)?, "name").to_owned();
    let remote = call.text("remote_name").unwrap_or_default();
    let system = state.users.values().find(|user| user.is_system);
    let owner_id = system.map_or(caller(call)?.id, |user| user.id);
    let token = Token {
        name: format!("{name} ({remote})"),
        owner_id,
        abilities: ["create-ticket".to_owned()].into(),
        ..Token::default()
    };
    let (_, plain_text) = new_token(state, token, call.now);
    let row = LIST.row_mut(state, call.id(LIST.key))?;
    row.insert("remote_name".to_owned(), Value::String(remote));
    Ok(Reply::json(json!({"token": plain_text})))
}

fn check(state: &State, call: &Call, except: Option<u64>) -> Result<(), Reply> {
    LIST.unique(state, "name", text(&call.body, "name"), except)?;
    let queue = text(&call.body, "queue_name");
    if !state.queues.values().any(|known| known.name == queue) {
        let message = "The selected queue name is invalid.";
        return Err(Reply::invalid("queue_name", message));
    }
    Ok(())
}
