//! What a call leaves behind: one record, without file contents and secrets.

use std::{borrow::Cow, fmt};

use api_core::Secret;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    error::{ErrorKind, ToolError},
    tool::JsonObject,
};

/// Characters of a text that a record keeps.
const LONGEST_TEXT: usize = 1_000;
/// Characters of a key that a record keeps.
const LONGEST_KEY: usize = 60;
/// Bytes of arguments that a record keeps, about.
const MOST_BYTES: usize = 16_384;
/// Levels of arguments that a record keeps.
const DEEPEST: usize = 8;
/// Shortest text that is taken for base64 by its looks.
const SHORTEST_BASE64: usize = 64;
/// Shorter secrets may stand for something else in a text.
const SHORTEST_SECRET: usize = 8;

/// One tool call, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// Id of the call, the same as in the log.
    pub request_id: String,
    /// Name of the tool, without a prefix.
    pub tool: String,
    /// The arguments, see [`Redaction::arguments`].
    pub arguments: JsonObject,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it failed or was denied, in the words that the caller read.
    pub message: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// There is a result.
    Success,
    /// It failed.
    Error,
    /// A policy forbade it.
    Denied,
}

impl Outcome {
    /// The outcome of a call by its result.
    #[must_use]
    pub fn of<T>(result: &Result<T, ToolError>) -> Self {
        match result {
            Ok(_) => Self::Success,
            Err(error) if error.kind() == ErrorKind::Denied => Self::Denied,
            Err(_) => Self::Error,
        }
    }
}

impl Record {
    /// A record of a call that has ended.
    pub fn new(
        request_id: impl Into<String>,
        tool: impl Into<String>,
        arguments: JsonObject,
        outcome: Outcome,
    ) -> Self {
        Self {
            request_id: request_id.into(),
            tool: tool.into(),
            arguments,
            outcome,
            message: None,
            duration_ms: 0,
        }
    }
}

/// Where the records of a module go.
#[async_trait]
pub trait Recorder: Send + Sync + fmt::Debug {
    /// Writes one record down.
    ///
    /// # Errors
    ///
    /// Whether it is worth trying again.
    async fn record(&self, record: &Record) -> Result<(), NotRecorded>;
}

/// A record was not written down, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRecorded {
    /// It may be taken later; until then nothing else will be.
    #[error("{0}")]
    Later(String),
    /// It may be taken later, or the record itself is what fails.
    #[error("{0}")]
    Doubtful(String),
    /// This one will never be taken; the next may.
    #[error("{0}")]
    Never(String),
}

/// What must not stand in a record.
#[derive(Debug, Clone, Default)]
pub struct Redaction {
    secrets: Vec<Secret>,
}

impl Redaction {
    /// Hides these secrets wherever they stand, beside what every record leaves out.
    #[must_use]
    pub const fn new(secrets: Vec<Secret>) -> Self {
        Self { secrets }
    }

    /// The arguments of a call as a record keeps them: base64 by its length alone, values of keys such as `password` not
    /// at all, long texts by their beginning, and of very many members the first.
    #[must_use]
    pub fn arguments(&self, arguments: &JsonObject) -> JsonObject {
        let mut room = MOST_BYTES;
        self.object(arguments, DEEPEST, &mut room)
    }

    /// A text as a record keeps it.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let mut text = Cow::Borrowed(text);
        // Before the cut: a secret that loses its end would be no secret to this search.
        for secret in &self.secrets {
            let secret = secret.expose();
            if secret.len() >= SHORTEST_SECRET && text.contains(secret) {
                text = Cow::Owned(text.replace(secret, "[secret]"));
            }
        }
        let mut kept: String = text.chars().take(LONGEST_TEXT).collect();
        if kept.len() < text.len() {
            kept.push_str(&format!("… ({} characters)", text.chars().count()));
        }
        kept
    }

    fn object(&self, object: &JsonObject, depth: usize, room: &mut usize) -> JsonObject {
        let mut kept = Map::new();
        for (key, value) in object {
            let name = self.text(&key.chars().take(LONGEST_KEY).collect::<String>());
            *room = room.saturating_sub(name.len());
            if *room == 0 {
                kept.insert("…".to_owned(), json!(object.len() - kept.len()));
                break;
            }
            let value = if is_secret(key) {
                json!("[secret]")
            } else if names_base64(key) && !value.is_string() && !value.is_null() {
                json!("[base64]")
            } else {
                self.value(key, value, depth, room)
            };
            kept.insert(name, value);
        }
        kept
    }

    fn value(&self, key: &str, value: &Value, depth: usize, room: &mut usize) -> Value {
        let kept = match value {
            Value::Object(_) | Value::Array(_) if depth == 0 => json!("…"),
            Value::Object(object) => return Value::Object(self.object(object, depth - 1, room)),
            Value::Array(items) => {
                let mut kept = Vec::new();
                for item in items {
                    if *room == 0 {
                        kept.push(json!(format!("… and {} more", items.len() - kept.len())));
                        break;
                    }
                    kept.push(self.value(key, item, depth - 1, room));
                }
                return Value::Array(kept);
            }
            Value::String(text) if is_base64(key, text) => {
                json!(format!("[base64, {} characters]", text.len()))
            }
            Value::String(text) => json!(self.text(text)),
            plain => plain.clone(),
        };
        let size = kept.as_str().map_or(8, str::len).max(1);
        *room = room.saturating_sub(size);
        kept
    }
}

fn is_secret(key: &str) -> bool {
    const WORDS: [&str; 6] = [
        "password",
        "secret",
        "token",
        "authorization",
        "api_key",
        "apikey",
    ];
    let key = key.to_lowercase();
    // Words of a search are tokens too.
    !key.ends_with("tokens") && WORDS.iter().any(|word| key.contains(word))
}

fn names_base64(key: &str) -> bool {
    key.to_ascii_lowercase().contains("base64")
}

fn is_base64(key: &str, text: &str) -> bool {
    let start = text.get(..text.len().min(100)).unwrap_or_default();
    names_base64(key)
        || (start.starts_with("data:") && start.contains(";base64,"))
        || (text.len() >= SHORTEST_BASE64
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_\r\n".contains(&byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(arguments: Value) -> Value {
        let Value::Object(arguments) = arguments else {
            panic!("arguments are an object")
        };
        let redaction = Redaction::new(vec!["sandbox-bot-token".into()]);
        Value::Object(redaction.arguments(&arguments))
    }

    #[test]
    fn contents_and_secrets_stay_out() {
        let found = redacted(json!({
            "company_id": 4410,
            "comments": "Caja golpeada",
            "files": [{"name": "a.jpg", "content_base64": "aG9sYQ=="}],
            "photo": format!("data:image/png;base64,{}", "A".repeat(10)),
            "blob": "QUJD".repeat(100),
            "variables": {"api_token": "abc", "Password": ["x"], "note": "it is sandbox-bot-token!"},
        }));
        let expected = json!({
            "company_id": 4410,
            "comments": "Caja golpeada",
            "files": [{"name": "a.jpg", "content_base64": "[base64, 8 characters]"}],
            "photo": "[base64, 32 characters]",
            "blob": "[base64, 400 characters]",
            "variables": {"api_token": "[secret]", "Password": "[secret]", "note": "it is [secret]!"},
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn a_secret_at_the_cut_stays_out() {
        let text = format!("{}sandbox-bot-token", "ñ ".repeat(495));
        let found = redacted(json!({"comments": text}));
        let found = found["comments"].as_str().unwrap();
        assert!(!found.contains("sandbox"), "{found}");
    }

    #[test]
    fn long_wide_and_deep_arguments_are_cut() {
        let found = redacted(json!({"comments": "ñ ".repeat(2_000)}));
        let comments = found["comments"].as_str().unwrap();
        assert!(comments.ends_with("… (4000 characters)"), "{comments}");

        let many: Vec<String> = (0..100_000).map(|n| format!("item {n}")).collect();
        let keys: JsonObject = (0..50_000)
            .map(|n| (format!("key_{n}"), json!(n)))
            .collect();
        let mut deep = json!(1);
        for _ in 0..100 {
            deep = json!([deep]);
        }
        for wide in [json!({"a": many}), json!({"a": keys}), json!({"a": deep})] {
            let found = redacted(wide).to_string();
            assert!(found.len() < 3 * MOST_BYTES, "{} bytes", found.len());
            assert!(found.contains('…'), "{found:.200}");
        }
    }
}
