//! What a handler answers, in the envelopes of the API.

use serde_json::{Value, json};

use crate::wire::answer::Answer;

/// Status and JSON body of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    /// HTTP status.
    pub(crate) status: u16,
    /// JSON body.
    pub(crate) body: Value,
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self::json(reply.status, &reply.body)
    }
}

impl Reply {
    /// 200 in the envelope of the tickets family: `{"ok": true, "data": …}`.
    pub(crate) fn data(data: Value) -> Self {
        Self::json(json!({"ok": true, "data": data}))
    }

    /// 200 with the body of a pass-through family, as it is.
    pub(crate) fn json(body: Value) -> Self {
        Self { status: 200, body }
    }

    /// 200 with `{}`: how pass-through writes answer (inferred).
    pub(crate) fn empty() -> Self {
        Self::json(json!({}))
    }

    /// 200 that carries a logical error.
    pub(crate) fn logical_error(text: &str) -> Self {
        Self::json(json!({"my_error": text}))
    }

    /// True for a 2xx without a logical error in it.
    pub(crate) fn is_success(&self) -> bool {
        let truthy = |key: &str| match self.body.get(key) {
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Bool(flag)) => *flag,
            Some(Value::Null) | None => false,
            Some(_) => true,
        };
        let refused = ["my_error", "amf_error", "error"].into_iter().any(truthy)
            || self.body.get("ok") == Some(&Value::Bool(false));
        (200..300).contains(&self.status) && !refused
    }

    /// A failure named by a machine code.
    pub(crate) fn code(status: u16, code: &str, message: &str) -> Self {
        Self {
            status,
            body: json!({"ok": false, "error": code, "message": message}),
        }
    }

    /// 404 (code inferred).
    pub(crate) fn not_found(what: &str) -> Self {
        Self::code(404, "not_found", &format!("{what} not found."))
    }

    /// 403 with a framework message.
    pub(crate) fn forbidden(message: &str) -> Self {
        Self {
            status: 403,
            body: json!({"message": message}),
        }
    }

    /// 422 for one field.
    pub(crate) fn invalid(field: &str, message: &str) -> Self {
        Self::invalid_fields(vec![(field.to_owned(), message.to_owned())])
    }

    /// 422 for several fields at once.
    pub(crate) fn invalid_fields(problems: Vec<(String, String)>) -> Self {
        let mut errors = serde_json::Map::new();
        for (field, message) in problems {
            let list = errors.entry(field).or_insert_with(|| json!([]));
            if let Value::Array(list) = list {
                list.push(Value::String(message));
            }
        }
        Self {
            status: 422,
            body: json!({
                "ok": false,
                "error": "validation_failed",
                "message": "The given data was invalid.",
                "errors": errors,
            }),
        }
    }
}
