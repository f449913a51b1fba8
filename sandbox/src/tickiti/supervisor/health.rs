//! Health of the install: watched disks, and error patterns that do not count.

use serde_json::{Value, json};

use super::jobs;
use crate::tickiti::call::Call;
use crate::tickiti::clock::iso;
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{List, Outcome, pick, text};

/// Watched disks, with their limits in GB (inferred).
pub(super) const DISKS: List = List {
    table: "disks",
    what: "Disk",
    key: "id",
    fields: &["root_path", "min_free_space", "warn_free_space"],
};

/// Error texts that are no reason for alarm; `*` stands for anything.
pub(super) const EXCEPTIONS: List = List {
    table: "exceptions",
    what: "Exception",
    key: "id",
    fields: &["pattern", "description"],
};

/// Free space that every disk of the double has, in GB.
const FREE_SPACE: f64 = 120.0;

/// How the install does.
pub(super) fn status(state: &mut State, call: &Call) -> Reply {
    let rows = state.tables.get(DISKS.table).into_iter().flatten();
    let disks: Vec<Value> = rows
        .map(|(_, row)| {
            let limit = |field| row.get(field).and_then(Value::as_f64).unwrap_or_default();
            let status = match FREE_SPACE {
                free if free < limit("min_free_space") => "critical",
                free if free < limit("warn_free_space") => "warning",
                _ => "ok",
            };
            json!({
                "root_path": text(row, "root_path"),
                "free_space": FREE_SPACE,
                "status": status,
            })
        })
        .collect();
    let worst = ["critical", "warning"].into_iter().find(|level| {
        let mut all = disks.iter().filter_map(|disk| disk.get("status"));
        all.any(|status| status.as_str() == Some(*level))
    });
    Reply::json(json!({
        "status": worst.unwrap_or("ok"),
        "checked_at": iso(call.now),
        "disks": disks,
        "queued_jobs": jobs::count(state, "queued"),
        "failed_jobs": jobs::count(state, "failed"),
    }))
}

/// What can be managed: disks and exceptions.
pub(super) fn manage(state: &mut State, _call: &Call) -> Reply {
    Reply::json(json!({
        "disks": state.rows(DISKS.table),
        "exceptions": state.rows(EXCEPTIONS.table),
    }))
}

/// Adds a disk, or changes the one with the id or else the same path.
pub(super) fn store_disk(state: &mut State, call: &Call) -> Outcome {
    store(state, call, &DISKS, "root_path", json!({}))
}

/// Adds an exception, or changes the one with the id or else the same pattern.
pub(super) fn store_exception(state: &mut State, call: &Call) -> Outcome {
    store(
        state,
        call,
        &EXCEPTIONS,
        "pattern",
        json!({"description": ""}),
    )
}

fn store(state: &mut State, call: &Call, list: &List, name: &str, defaults: Value) -> Outcome {
    let changes = pick(&call.body, list.fields);
    if call.body.contains_key("id") {
        list.row_mut(state, call.id("id"))?.extend(changes);
        return Ok(Reply::empty());
    }
    let wanted = text(&call.body, name);
    let rows = state.tables.entry(list.table).or_default();
    if let Some(row) = rows.values_mut().find(|row| text(row, name) == wanted) {
        row.extend(changes);
    } else {
        list.add(state, defaults, &call.body);
    }
    Ok(Reply::empty())
}
