//! What the model reads of a write that was made, or tried, before.

use std::time::Duration;

use serde_json::json;

use super::{
    Intent,
    record::{Record, State, since},
};
use crate::{
    error::{ErrorKind, ToolError},
    registry::IDEMPOTENCY_KEY,
    store::StoreError,
    tool::JsonObject,
};

/// True in an answer that was given before.
const REPLAYED: &str = "replayed";
/// Age of an answer that was given before.
const REPLAY_AGE: &str = "replay_age_seconds";
/// True in the answer to a write that was found to have happened.
const FOUND: &str = "found_applied";
/// What these mean for whoever reads the answer.
const REPLAY_NOTE: &str = "replay_note";

/// What the answers of a tool whose writes are on record may hold besides its own.
pub(crate) fn properties() -> JsonObject {
    let mut properties = JsonObject::new();
    let mut put = |name: &str, schema| properties.insert(name.to_owned(), schema);
    put(
        REPLAYED,
        json!({"type": "boolean", "description": "True when this is the answer of an earlier, same call."}),
    );
    put(REPLAY_AGE, json!({"type": "integer"}));
    put(
        FOUND,
        json!({"type": "boolean", "description": "True when an earlier attempt was found to have succeeded."}),
    );
    put(REPLAY_NOTE, json!({"type": "string"}));
    properties
}

/// The answer of a write that was made before.
pub(super) fn replay(intent: &Intent, record: Record) -> Result<JsonObject, ToolError> {
    let State::Applied { answer, done_ms } = record.state else {
        return Err(unreadable());
    };
    let age = since(done_ms).as_secs();
    let Some(mut answer) = answer else {
        return Err(ToolError::new(
            ErrorKind::Conflict,
            format!(
                "{} was done {age} s ago by this same call, and was not done again. Its answer is not kept, because it \
                 is secret or too large: read the result back. {}",
                intent.tool,
                again(intent)
            ),
        ));
    };
    answer.insert(REPLAYED.to_owned(), json!(true));
    answer.insert(REPLAY_AGE.to_owned(), json!(age));
    let note = format!(
        "The same call was made before, and this is its answer; nothing was done now. {}",
        again(intent)
    );
    answer.insert(REPLAY_NOTE.to_owned(), json!(note));
    Ok(answer)
}

/// How to do it again on purpose.
fn again(intent: &Intent) -> String {
    match &intent.name {
        Some(_) => {
            format!("To really do it again, give another `{IDEMPOTENCY_KEY}`, or none.")
        }
        None => {
            format!("To really do it again, give an `{IDEMPOTENCY_KEY}` that was not used before.")
        }
    }
}

pub(super) fn mark_found(answer: &mut JsonObject) {
    answer.insert(FOUND.to_owned(), json!(true));
    answer.insert(
        REPLAY_NOTE.to_owned(),
        json!(
            "An earlier attempt of this call was found to have succeeded although its answer was lost; nothing was sent \
             again."
        ),
    );
}

/// The error of a call that is on record, with what to do when its outcome is unknown: the same call again.
#[must_use]
pub fn with_way_out(error: ToolError) -> ToolError {
    match error.kind() {
        ErrorKind::Unknown => error.with_advice(
            "It is on record: call again with exactly the same arguments, and what became of it is found out first, so \
             that it does not happen twice.",
        ),
        _ => error,
    }
}

pub(super) fn not_begun(error: &StoreError) -> ToolError {
    ToolError::new(
        ErrorKind::Upstream,
        format!(
            "nothing was sent: this server keeps writes on record so that none happens twice, and the record cannot be \
             kept now ({error}). Calling again later is safe; if it stays so, the operator must look at the store"
        ),
    )
}

pub(super) fn unreadable() -> ToolError {
    ToolError::internal(
        "nothing was sent: what is on record of this write cannot be read, perhaps because another version of this \
         server wrote it; the operator must look at the store",
    )
}

pub(super) fn taken_over() -> ToolError {
    ToolError::new(
        ErrorKind::Conflict,
        "another process makes the same call now, so nothing was sent; call again with the same arguments for its answer",
    )
}

pub(super) fn other_arguments(intent: &Intent) -> ToolError {
    let name = intent.name.as_deref().unwrap_or_default();
    ToolError::new(
        ErrorKind::Conflict,
        format!(
            "nothing was sent: `{IDEMPOTENCY_KEY}` {name:?} names an earlier call of {} with other arguments. To do \
             something new, give a new name, or none; to repeat the earlier call, give exactly its arguments",
            intent.tool
        ),
    )
}

pub(super) fn still_running(intent: &Intent) -> ToolError {
    ToolError::new(
        ErrorKind::Conflict,
        format!(
            "the same call of {} is still running, so nothing was sent again; call again with the same arguments for \
             its answer",
            intent.tool
        ),
    )
}

pub(super) fn not_settled(intent: &Intent, wait: Duration) -> ToolError {
    let seconds = wait.as_secs().saturating_add(1);
    ToolError::new(
        ErrorKind::Unknown,
        format!(
            "an earlier attempt of this {} was cut off, and there is no trace of it so far, but it may still arrive; \
             nothing was sent again. Call again with the same arguments in {seconds} s",
            intent.tool
        ),
    )
}

pub(super) fn unclear(intent: &Intent, record: &Record, how: &str) -> ToolError {
    let age = record.age().as_secs();
    ToolError::new(
        ErrorKind::Unknown,
        format!(
            "an earlier attempt of this {}, {age} s ago, may have succeeded: its answer was lost. Nothing was sent again. \
             {how}\nIf it did not happen, make the call with an `{IDEMPOTENCY_KEY}` that was not used before",
            intent.tool
        ),
    )
}

pub(super) fn not_looked(intent: &Intent, error: &ToolError) -> ToolError {
    ToolError::new(
        ErrorKind::Unknown,
        format!(
            "an earlier attempt of this {} may have succeeded, and it could not be found out whether it did. Nothing was \
             sent again; call again with the same arguments later.\n{error}",
            intent.tool
        ),
    )
}
