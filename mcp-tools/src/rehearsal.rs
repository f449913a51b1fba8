//! A call that only shows what it would do.

use std::sync::{Arc, Mutex, PoisonError};

use api_core::Method;
use serde_json::{Value, json};

use crate::{error::ToolError, tool::JsonObject};

/// The argument that asks for it.
pub const DRY_RUN: &str = "dry_run";
/// Where an answer shows the request.
const WOULD_SEND: &str = "would_send";

/// What a call would send: its reads are made, and its first write is noted here instead of being sent.
#[derive(Debug, Clone, Default)]
pub struct Rehearsal(Arc<Mutex<Option<Value>>>);

impl Rehearsal {
    /// Notes a write, and ends the call: the error must reach the registry.
    #[must_use]
    pub fn note(&self, method: Method, path: &str, body: Value) -> ToolError {
        let planned = json!({"method": method.as_str(), "path": path, "body": body});
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(planned);
        ToolError::internal("a rehearsal ends before its first write")
    }

    /// The answer of a call that ended in this way.
    pub(crate) fn answer(&self) -> Option<JsonObject> {
        let noted = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()?;
        let mut answer = JsonObject::new();
        answer.insert(DRY_RUN.to_owned(), json!(true));
        answer.insert(WOULD_SEND.to_owned(), noted);
        Some(answer)
    }
}

/// The argument on tools that change something.
pub(crate) fn property() -> (String, Value) {
    let about = "Only show what would be sent.";
    (
        DRY_RUN.to_owned(),
        json!({"type": "boolean", "description": about}),
    )
}

/// What answers may hold besides their own.
pub(crate) fn properties() -> JsonObject {
    let mut properties = JsonObject::new();
    let mut put = |name: &str, schema| properties.insert(name.to_owned(), schema);
    put(
        DRY_RUN,
        json!({"type": "boolean", "description": "True when nothing was changed."}),
    );
    put(
        WOULD_SEND,
        json!({"type": "object", "description": "With dry_run: the first request that would change something."}),
    );
    properties
}
