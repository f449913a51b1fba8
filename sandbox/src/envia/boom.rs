//! Answers, and refusals in the form of the back office's error library.

use http::StatusCode;
use serde_json::{Value, json};

use crate::wire::answer::Answer;

/// What a handler ends with.
pub(crate) type Handled = Result<Reply, Boom>;

/// A success.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Reply {
    /// 200.
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }
}

/// A refusal.
#[derive(Debug)]
pub(crate) struct Boom {
    pub(crate) status: u16,
    message: String,
    /// Part of the request and the keys in it that are wrong.
    wrong: Option<(&'static str, Vec<String>)>,
}

impl Boom {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            wrong: None,
        }
    }

    pub(crate) fn unauthorized(message: &str) -> Self {
        Self::new(401, message)
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(404, format!("{what} not found."))
    }

    /// 400 for what validation refuses; `source` is `payload`, `query` or `params`.
    pub(crate) fn invalid(source: &'static str, keys: Vec<String>) -> Self {
        Self {
            wrong: Some((source, keys)),
            ..Self::new(400, format!("Invalid request {source} input"))
        }
    }
}

impl From<Boom> for Answer {
    fn from(boom: Boom) -> Self {
        let error = match boom.status {
            // The back office's older name of this status.
            413 => "Request Entity Too Large",
            status => StatusCode::from_u16(status)
                .ok()
                .and_then(|status| status.canonical_reason())
                .unwrap_or("Unknown"),
        };
        let mut body = json!({
            "statusCode": boom.status,
            "error": error,
            "message": boom.message,
        });
        if let (Some((source, keys)), Some(body)) = (boom.wrong, body.as_object_mut()) {
            // Which keys are wrong (inferred; for whoever reads a failing test).
            let detail = json!({"source": source, "keys": keys});
            body.insert("validation".to_owned(), detail);
        }
        Self::json(boom.status, &body)
    }
}
