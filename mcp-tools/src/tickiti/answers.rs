//! Schemas of results, and payloads brought into that form.
//!
//! Schemas name what the API is known to answer; anything else may be there as well, because installs differ.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    endpoint_tool::as_object,
    error::{ErrorKind, ToolError},
    ledger::hex,
    schema,
    tool::JsonObject,
    unread::number,
};

/// The newest response of a ticket, for `if_last_response_id` of the tools that write.
pub(super) const LAST_RESPONSE: &str = "last_response_id";

/// A thread, which some installs may answer as a bare list.
pub(super) fn as_thread(payload: Value) -> JsonObject {
    as_list(payload, "responses")
}

/// A ticket or a thread, led by the id of its newest response.
pub(super) fn with_last(payload: Value) -> JsonObject {
    led(as_thread(payload))
}

/// A page of responses. The last one says so by having no cursor; a null would only cost a line. Where all are of one
/// ticket, the newest of them leads.
pub(super) fn page(payload: Value) -> JsonObject {
    let mut page = as_object(payload);
    if page.get("next_cursor").is_some_and(Value::is_null) {
        page.remove("next_cursor");
    }
    match is_of_one_ticket(&page) {
        true => led(page),
        false => page,
    }
}

fn is_of_one_ticket(page: &JsonObject) -> bool {
    let mut tickets = rows(page).map(|row| row.get("ticket_number"));
    let first = tickets.next().flatten();
    first.is_some() && tickets.all(|number| number == first)
}

fn rows(answer: &JsonObject) -> impl Iterator<Item = &JsonObject> {
    let rows = answer.get("responses").and_then(Value::as_array);
    rows.into_iter().flatten().filter_map(Value::as_object)
}

/// The newest id first: whoever writes next needs it.
fn led(answer: JsonObject) -> JsonObject {
    let Some(last) = rows(&answer).filter_map(id_of).max() else {
        return answer;
    };
    let mut led = JsonObject::new();
    led.insert(LAST_RESPONSE.to_owned(), json!(last.to_string()));
    led.extend(answer);
    led
}

/// The id of a response, under whichever name it came.
pub(super) fn id_of(response: &JsonObject) -> Option<u64> {
    let id = response.get("response_id").or_else(|| response.get("id"));
    id.and_then(number)
}

/// A thread in a form that is not known.
pub(super) fn no_thread() -> ToolError {
    ToolError::new(
        ErrorKind::Upstream,
        "the install answered the thread in a form that is not known here, so whether somebody wrote meanwhile cannot be \
         told; nothing was sent. Read the ticket with get_ticket, then call without the condition",
    )
}

fn last_response() -> Value {
    json!({"type": ["string", "integer"], "description": "Newest response read; give it as if_last_response_id when you write."})
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
            (LAST_RESPONSE, last_response()),
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
        "description": "Messages with author, time, flags and bodies; staff_response false means written by a customer. Texts from outside are objects that say so.",
        "items": {"type": "object"},
    })
}

pub(super) fn ticket() -> JsonObject {
    schema::open_object(
        &[
            (LAST_RESPONSE, last_response()),
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
            (LAST_RESPONSE, last_response()),
            ("ticket_number", json!({"type": ["integer", "string"]})),
            ("responses", responses()),
        ],
        &[],
    )
}

pub(super) fn responses_page() -> JsonObject {
    schema::open_object(
        &[
            (LAST_RESPONSE, last_response()),
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

/// The argument that takes a `next_cursor`: whoever hands it on need not know its parts.
pub(super) fn cursor() -> JsonObject {
    let about = "`next_cursor` of the page before, same filters.";
    let schema = json!({"type": "object", "additionalProperties": true, "description": about});
    JsonObject::from_iter([("cursor".to_owned(), schema)])
}

/// A result that is one list of rows.
pub(super) fn list_of(name: &str) -> JsonObject {
    schema::open_object(
        &[(name, json!({"type": "array", "items": {"type": "object"}}))],
        &[],
    )
}

/// The answer to a write: what the install told, or that it was done.
pub(super) fn done(payload: Value) -> JsonObject {
    let mut answer = match payload {
        Value::Null => JsonObject::new(),
        told => as_object(told),
    };
    if answer.is_empty() {
        answer.insert("done".to_owned(), json!(true));
    }
    answer
}

pub(super) fn outcome() -> JsonObject {
    schema::open_object(
        &[(
            "done",
            json!({"type": "boolean", "description": "True when it was done and the install told nothing else."}),
        )],
        &[],
    )
}

/// A template or stock response, with the mark of its state.
pub(super) fn with_version(payload: Value) -> JsonObject {
    let mut answer = as_object(payload);
    if let Some(template) = answer.get("template").and_then(Value::as_object) {
        let version = version(template);
        answer.insert("version".to_owned(), json!(version));
    }
    answer
}

/// A short text that is another when anything of a template is.
pub(super) fn version(template: &JsonObject) -> String {
    const LENGTH: usize = 16;
    let mut fields: Vec<(&String, String)> = template
        .iter()
        .filter(|(name, _)| !COUNTERS.contains(&name.as_str()))
        .map(|(name, value)| (name, value.to_string()))
        .collect();
    // The order of names means nothing.
    fields.sort();
    let mut digest = Sha256::new();
    for (name, value) in fields {
        for text in [name, &value] {
            digest.update(text.len().to_be_bytes());
            digest.update(text);
        }
    }
    let mut version = hex(digest);
    version.truncate(LENGTH);
    version
}

/// What changes with every use.
const COUNTERS: &[&str] = &["use_count"];

pub(super) fn template() -> JsonObject {
    schema::open_object(
        &[
            ("template", json!({"type": "object"})),
            (
                "version",
                json!({"type": "string", "description": "Give it as if_version when you change it."}),
            ),
        ],
        &[],
    )
}
