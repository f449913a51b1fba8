//! Background jobs, queued and failed.

use serde_json::{Value, json};

use crate::tickiti::call::Call;
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{List, Row, text};

/// The jobs; `status` is `queued` or `failed`.
pub(super) const LIST: List = List {
    table: "jobs",
    what: "Job",
    key: "id",
    fields: &[],
};

/// The queue whose jobs nobody may touch.
const UNTOUCHED: &str = "portal_default";

/// All jobs, by status.
pub(super) fn index(state: &mut State, _call: &Call) -> Reply {
    let of = |status: &str| -> Vec<&Row> {
        let rows = state.tables.get(LIST.table).into_iter().flatten();
        rows.map(|(_, row)| row)
            .filter(|row| text(row, "status") == status)
            .collect()
    };
    Reply::json(json!({"queued": of("queued"), "failed": of("failed")}))
}

/// Queues failed jobs again; unknown ids do not matter.
pub(super) fn retry(state: &mut State, call: &Call) -> Reply {
    let ids = call.ids("job_ids");
    let rows = state.tables.entry(LIST.table).or_default();
    let wanted = rows.iter_mut().filter(|(id, _)| ids.contains(id));
    for (_, row) in wanted {
        if text(row, "queue") != UNTOUCHED && text(row, "status") == "failed" {
            row.insert("status".to_owned(), json!("queued"));
            row.insert("exception".to_owned(), Value::Null);
        }
    }
    Reply::empty()
}

/// Removes jobs; unknown ids do not matter.
pub(super) fn delete(state: &mut State, call: &Call) -> Reply {
    let ids = call.ids("job_ids");
    let rows = state.tables.entry(LIST.table).or_default();
    rows.retain(|id, row| !ids.contains(id) || text(row, "queue") == UNTOUCHED);
    Reply::empty()
}

/// Number of jobs of a status.
pub(super) fn count(state: &State, status: &str) -> usize {
    let rows = state.tables.get(LIST.table).into_iter().flatten();
    rows.filter(|(_, row)| text(row, "status") == status)
        .count()
}
