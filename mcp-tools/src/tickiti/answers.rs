//! Schemas of results, and payloads brought into that form.
//!
//! Schemas name what the API is known to answer; anything else may be there as well, because installs differ.

use serde_json::{Value, json};

use crate::{endpoint_tool::as_object, schema, tool::JsonObject};

/// A thread, which some installs may answer as a bare list.
pub(super) fn as_thread(payload: Value) -> JsonObject {
    as_list(payload, "responses")
}

/// The last page says so by having no cursor; a null would only cost a line.
pub(super) fn without_null_cursor(payload: Value) -> JsonObject {
    let mut page = as_object(payload);
    if page.get("next_cursor").is_some_and(Value::is_null) {
        page.remove("next_cursor");
    }
    page
}

/// A bare list under a name; an object as it is.
pub(super) fn as_list(payload: Value, name: &str) -> JsonObject {
    match payload {
        Value::Array(_) => JsonObject::from_iter([(name.to_owned(), payload)]),
        other => as_object(other),
    }
}

pub(super) fn respond() -> JsonObject {
    schema::open_object(
        &[
            ("ticket_id", json!({"type": ["integer", "string"]})),
            (
                "response_id",
                json!({"type": ["integer", "string", "null"]}),
            ),
            (
                "reopened",
                json!({"type": "boolean", "description": "True when the call moved the ticket to open."}),
            ),
            (
                "ignored_params",
                json!({"description": "Fields that the install does not know and has ignored."}),
            ),
        ],
        &[],
    )
}

fn responses() -> Value {
    json!({
        "type": "array",
        "description": "Messages with author, time, flags and bodies; staff_response false means written by a customer.",
        "items": {"type": "object"},
    })
}

pub(super) fn ticket() -> JsonObject {
    schema::open_object(
        &[
            (
                "ticket",
                json!({"type": "object", "description": "Header: number, subject, status, priority (10 Low, 20 Normal, 30 High, 40 Urgent), queue, people, times."}),
            ),
            ("responses", responses()),
        ],
        &[],
    )
}

pub(super) fn thread() -> JsonObject {
    schema::open_object(
        &[
            ("ticket_number", json!({"type": ["integer", "string"]})),
            ("responses", responses()),
        ],
        &[],
    )
}

pub(super) fn responses_page() -> JsonObject {
    schema::open_object(
        &[
            ("responses", responses()),
            (
                "next_cursor",
                json!({"type": "object", "description": "Pass it back as cursor; absent on the last page."}),
            ),
            (
                "count",
                json!({"type": "integer", "description": "With count_only."}),
            ),
            (
                "groups",
                json!({"type": "array", "description": "With group_by."}),
            ),
        ],
        &[],
    )
}

/// A result that is one list of rows.
pub(super) fn list_of(name: &str) -> JsonObject {
    schema::open_object(
        &[(name, json!({"type": "array", "items": {"type": "object"}}))],
        &[],
    )
}
