//! What the success of a write says: done, refused, or neither in so many words.
//!
//! The documentation knows `{"data": true}`, `{"success": true}` and the record that was made. The ways of saying no
//! are (inferred), and stand here alone.

use serde_json::{Map, Value};

use crate::types::{
    amount_of,
    answer::{DATA, id_in},
    is_blank,
};

/// Where a flag says whether it was done.
const FLAGS: [&str; 2] = ["success", "ok"];
/// Where the text `error` says that it was not.
const STATES: [&str; 3] = ["status", "meta", DATA];
/// The first status that is a refusal.
const FIRST_REFUSAL: f64 = 400.0;

/// Why an answer that neither says "done" nor "refused" cannot be read.
pub(crate) const UNCLEAR: &str = "the answer does not say whether it was done";
/// Why an answer that says both cannot be read.
pub(crate) const BOTH: &str = "the answer refuses, and names an id all the same";

/// Whether an answer says that nothing was done.
pub(crate) fn refuses(answer: &Value) -> bool {
    match answer {
        Value::Bool(done) => !done,
        Value::Object(answer) => {
            let inner = answer.get(DATA).and_then(Value::as_object);
            FLAGS.iter().any(|key| says_no(answer.get(*key)))
                || STATES.iter().any(|key| says_error(answer.get(*key)))
                || is_no(answer.get(DATA))
                || has_bad_status(answer)
                || inner.is_some_and(has_bad_status)
                || has_error_alone(answer)
        }
        _ => false,
    }
}

/// Whether an answer names what was made.
pub(crate) fn names_id(answer: &Value) -> bool {
    id_in(answer.clone(), &["id", "ticket_id"]).is_some()
}

/// Whether an answer is one that says "done", where it does not refuse.
///
/// Nothing at all, `true`, a number above zero, such as an id or a count, and any object but one whose `data` is a
/// number that counts nothing.
pub(crate) fn is_done(answer: &Value) -> bool {
    match answer {
        Value::Null | Value::Bool(true) => true,
        Value::Number(_) => is_positive(answer),
        Value::Object(answer) => {
            let count = answer.get(DATA).filter(|data| data.is_number());
            count.is_none_or(is_positive)
        }
        Value::Bool(false) | Value::String(_) | Value::Array(_) => false,
    }
}

fn is_positive(number: &Value) -> bool {
    number.as_f64().is_some_and(|number| number > 0.0)
}

/// False, or the word for it.
fn is_no(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(flag)) => !flag,
        Some(Value::String(text)) => text.trim().eq_ignore_ascii_case("false"),
        _ => false,
    }
}

/// The same, and zero: a flag of a database.
fn says_no(value: Option<&Value>) -> bool {
    is_no(value) || value.and_then(amount_of) == Some(0.0)
}

fn says_error(value: Option<&Value>) -> bool {
    let text = value.and_then(Value::as_str).unwrap_or_default();
    text.trim().eq_ignore_ascii_case("error")
}

fn has_bad_status(object: &Map<String, Value>) -> bool {
    let status = object.get("statusCode").and_then(amount_of);
    status.is_some_and(|status| status >= FIRST_REFUSAL)
}

/// An error and nothing that was made.
fn has_error_alone(answer: &Map<String, Value>) -> bool {
    let is_there = |key: &str| answer.get(key).is_some_and(|value| !value.is_null());
    let error = match answer.get("error") {
        Some(Value::Bool(failed)) => *failed,
        Some(Value::String(text)) => !is_blank(text),
        Some(Value::Object(error)) => !error.is_empty(),
        _ => false,
    };
    error && !is_there("id") && !is_there(DATA)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What each answer is taken for.
    #[test]
    fn successes_that_say_no() {
        for answer in [
            json!(false),
            json!({"success": false}),
            json!({"success": 0, "id": 5}),
            json!({"success": "0"}),
            json!({"success": "False"}),
            json!({"ok": false}),
            json!({"ok": " FALSE "}),
            json!({"data": false}),
            json!({"data": "false"}),
            json!({"statusCode": 409}),
            json!({"statusCode": "422", "data": true}),
            json!({"data": {"statusCode": 500}}),
            json!({"data": {"statusCode": "400"}}),
            json!({"error": "Conflict"}),
            json!({"error": {"code": 1129}, "data": null}),
            json!({"error": true}),
            json!({"status": "error"}),
            json!({"meta": "Error", "error": {"code": 1}}),
            json!({"data": "error"}),
        ] {
            assert!(refuses(&answer), "{answer}");
        }
        for answer in [
            json!(null),
            json!(true),
            json!(7),
            json!({}),
            json!({"data": true}),
            json!({"data": 1}),
            json!({"success": true}),
            json!({"success": "true", "error": ""}),
            json!({"success": true, "data": {"id": 9001, "status": "error"}}),
            json!({"statusCode": 200}),
            json!({"error": null}),
            json!({"error": {}, "message": "ok"}),
            json!({"error": "a warning", "id": 5}),
            json!({"error": "a warning", "data": {"id": 5}}),
        ] {
            assert!(!refuses(&answer) && is_done(&answer), "{answer}");
        }
        for answer in [
            json!("done"),
            json!("false"),
            json!(""),
            json!([]),
            json!([{"id": 5}]),
            json!(0),
            json!(-1),
            json!({"data": 0}),
        ] {
            assert!(!refuses(&answer) && !is_done(&answer), "{answer}");
        }
    }
}
