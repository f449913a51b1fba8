//! Which texts of Tickiti's answers are from outside: the one place that says so.
//!
//! Who wrote a response is told by `staff_response` and `is_email_sourced`, who a participant or user is by `is_staff`.
//! All other names are as the double has them (inferred); a field that is not named here counts as from outside.

use serde_json::Value;

use crate::{
    provenance::{Author, Rules},
    tool::JsonObject,
};

/// Tickets, threads and rows of either, wherever they stand in an answer.
const TICKETS: Rules = Rules {
    inside: &[
        "status",
        "priority",
        "queue",
        "queue_name",
        "assigned_to_email",
        "resolved",
        "on_hold_until",
        "sha256",
        "mime_type",
        "content_base64",
        "next_cursor",
    ],
    codes: &["hashtags", "key", "kind", "type"],
    customer: &["subject", "raised_by_name"],
    mixed: &["audit"],
    authors: &[
        ("", of_response),
        ("response", of_response),
        ("responses", of_response),
        ("participants", of_person),
    ],
    otherwise: Author::Outside,
};

/// Mail that was sent: rendered by the install, with what customers wrote inside.
const MAIL: Rules = Rules {
    inside: &["status", "mailbox", "template_identifier"],
    customer: &[],
    authors: &[],
    ..TICKETS
};

/// Lists of the staff's own in which tickets may stand.
const WATCHLISTS: Rules = Rules {
    mixed: &["tickets"],
    authors: &[],
    otherwise: Author::Staff,
    ..TICKETS
};

/// Accounts: members of staff, and customers.
const USERS: Rules = Rules {
    inside: &["queues", "permissions", "roles"],
    customer: &[],
    mixed: &[],
    authors: &[("users", of_person), ("user", of_person)],
    ..TICKETS
};

/// Work in the background, which carries what it works on.
const JOBS: Rules = Rules {
    inside: &["status", "queue", "connection"],
    authors: &[],
    ..TICKETS
};

/// Endpoints of the tickets family whose answers hold nothing but the staff's words and what the caller said.
const OF_STAFF: &[&str] = &[
    "tickets.create",
    "tickets.respond",
    "tickets.close",
    "tickets.participants_add",
    "tickets.participants_remove",
    "tickets.attachment_upload",
    "tickets.search_modes",
    "tickets.queues",
    "tickets.teams",
    "tickets.staff",
    "tickets.resolutions",
];

/// The rules for the answers of an endpoint; none when nothing in them is from outside.
pub(super) fn rules(endpoint: &str) -> Option<&'static Rules> {
    match endpoint {
        _ if OF_STAFF.contains(&endpoint) => None,
        _ if endpoint.starts_with("tickets.") => Some(&TICKETS),
        _ if endpoint.starts_with("mail.sent_mail.") => Some(&MAIL),
        "settings.watchlists.index" => Some(&WATCHLISTS),
        "administration.users.index" => Some(&USERS),
        "supervisor.jobs.index" => Some(&JOBS),
        _ => None,
    }
}

/// Whether a flag is set, however the install writes it.
pub(super) fn flag(object: &JsonObject, name: &str) -> Option<bool> {
    match object.get(name)? {
        Value::Bool(set) => Some(*set),
        Value::Number(number) => number.as_u64().map(|number| number != 0),
        Value::String(text) => match text.as_str() {
            "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Who wrote a response. What comes by mail bears an address that anybody can write on it.
pub(super) fn of_response(response: &JsonObject) -> Author {
    match (
        flag(response, "staff_response"),
        flag(response, "is_email_sourced"),
    ) {
        (Some(true), Some(true)) => Author::Email,
        (Some(true), _) => Author::Staff,
        (Some(false), _) => Author::Customer,
        (None, _) => Author::Outside,
    }
}

fn of_person(person: &JsonObject) -> Author {
    match flag(person, "is_staff") {
        Some(true) => Author::Staff,
        Some(false) => Author::Customer,
        None => Author::Outside,
    }
}
