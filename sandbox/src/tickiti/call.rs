//! One request as a handler sees it, after every gate was passed.

use serde_json::{Map, Value};

use super::model::{State, Token, User};
use super::reply::Reply;

/// What serves one endpoint. It runs under the install's lock and must not block.
pub(crate) type Handler = fn(&mut State, &Call) -> Reply;

/// A call that was authenticated, allowed and validated against the field table.
#[derive(Debug)]
pub(crate) struct Call {
    /// The token that was presented; absent only on `GET faqs`, `idempotency_key` may lack it too.
    pub(crate) token: Option<Token>,
    /// The token's owner: calls run as this user.
    pub(crate) owner: Option<User>,
    /// The JSON body, or the text parts of a multipart body.
    pub(crate) body: Map<String, Value>,
    /// Path parameters by name, percent-decoded.
    pub(crate) params: Vec<(String, String)>,
    /// File parts of a multipart body.
    pub(crate) files: Vec<Upload>,
    /// Seconds since the epoch, from the sandbox's clock.
    pub(crate) now: i64,
}

/// One uploaded file.
#[derive(Debug)]
pub(crate) struct Upload {
    /// Name of the form part.
    pub(crate) part: String,
    /// File name the client gave.
    pub(crate) file_name: String,
    /// The bytes.
    pub(crate) content: Vec<u8>,
}

impl Call {
    /// A body field as text; numbers are printed, because the API takes ids in both forms.
    pub(crate) fn text(&self, field: &str) -> Option<String> {
        match self.body.get(field)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A body field or path parameter as an internal id, given as integer or decimal string.
    pub(crate) fn id(&self, field: &str) -> Option<u64> {
        let in_path = self.params.iter().find(|(name, _)| name == field);
        match in_path {
            Some((_, value)) => value.parse().ok(),
            None => self.text(field)?.parse().ok(),
        }
    }

    /// A body field as a boolean.
    pub(crate) fn flag(&self, field: &str) -> Option<bool> {
        self.body.get(field)?.as_bool()
    }

    /// A list of ids, each an integer or a decimal string.
    pub(crate) fn ids(&self, field: &str) -> Vec<u64> {
        let items = self.body.get(field).and_then(Value::as_array);
        items
            .into_iter()
            .flatten()
            .filter_map(|item| match item {
                Value::String(text) => text.parse().ok(),
                other => other.as_u64(),
            })
            .collect()
    }

    /// A list of texts; numbers are printed.
    pub(crate) fn texts(&self, field: &str) -> Vec<String> {
        let items = self.body.get(field).and_then(Value::as_array);
        items
            .into_iter()
            .flatten()
            .filter_map(|item| match item {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
            .collect()
    }
}
