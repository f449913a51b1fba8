//! Settings of the AI assistant.

use serde_json::{Value, json};

use super::check_password;
use crate::tickiti::call::Call;
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, pick, settings};

/// Name of the settings object.
pub(super) const SETTINGS: &str = "ai_assistant";

const FIELDS: &[&str] = &[
    "ai_enabled",
    "ai_auto_draft_inbound",
    "ai_suggest_after_staff_reply",
    "ai_auto_send",
    "ai_auto_send_threshold",
    "ai_model",
    "ai_persona",
    "ai_business_context",
    "ai_signature",
    "ai_auto_signature",
];

const KEY: &str = "ai_api_key";

/// The settings; of the API key only whether one is stored.
pub(super) fn index(state: &mut State, _call: &Call) -> Reply {
    let mut shown = settings(state, SETTINGS).clone();
    let key = shown.remove(KEY);
    shown.insert("ai_api_key_set".to_owned(), Value::Bool(key.is_some()));
    Reply::json(Value::Object(shown))
}

/// Changes the given fields; an empty key keeps the stored one.
pub(super) fn update(state: &mut State, call: &Call) -> Outcome {
    check_password(call)?;
    let threshold = call.body.get("ai_auto_send_threshold");
    let threshold = threshold.and_then(Value::as_i64);
    if threshold.is_some_and(|percent| !(0..=100).contains(&percent)) {
        let message = "The ai auto send threshold must be between 0 and 100.";
        return Err(Reply::invalid("ai_auto_send_threshold", message));
    }
    let stored = settings(state, SETTINGS);
    stored.extend(pick(&call.body, FIELDS));
    if call.flag("ai_api_key_clear") == Some(true) {
        stored.remove(KEY);
    } else if let Some(key) = call.text(KEY).filter(|key| !key.is_empty()) {
        stored.insert(KEY.to_owned(), json!(key));
    }
    Ok(Reply::empty())
}
