//! How tickets, responses and attachments look in answers.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::reference::sees;
use crate::tickiti::call::Call;
use crate::tickiti::clock;
use crate::tickiti::model::{Attachment, Response, State, Ticket, User};
use crate::tickiti::reply::Reply;
use crate::tickiti::switches::Install;

/// Which bodies come along, and how much of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Projection {
    pub(super) html: bool,
    pub(super) plain_text: bool,
    pub(super) attachments: bool,
    /// Longest body in characters.
    pub(super) max_chars: Option<usize>,
}

impl Projection {
    pub(super) const ALL: Self = Self {
        html: true,
        plain_text: true,
        attachments: true,
        max_chars: None,
    };

    /// Reads `fields` and `max_body_chars`.
    pub(super) fn of(state: &State, call: &Call) -> Result<Self, Reply> {
        let mut projection = Self::ALL;
        if state.switches.install == Install::June {
            return Ok(projection);
        }
        projection.max_chars = call
            .body
            .get("max_body_chars")
            .and_then(Value::as_u64)
            .and_then(|chars| usize::try_from(chars).ok());
        if call.body.get("fields").is_none_or(Value::is_null) {
            return Ok(projection);
        }
        let fields: BTreeSet<String> = call.texts("fields").into_iter().collect();
        let known = ["html", "plain_text", "attachments"];
        if let Some(other) = fields.iter().find(|field| !known.contains(&field.as_str())) {
            let text = format!(
                "The selected field {other} must be one of {}.",
                known.join(", ")
            );
            return Err(Reply::invalid("fields", &text));
        }
        projection.html = fields.contains("html");
        projection.plain_text = fields.contains("plain_text");
        projection.attachments = fields.contains("attachments");
        Ok(projection)
    }
}

/// An internal id as the reads give it.
pub(super) fn id(state: &State, id: u64) -> Value {
    if state.switches.ids_as_numbers {
        Value::from(id)
    } else {
        Value::from(id.to_string())
    }
}

/// One row of a ticket list (columns inferred).
pub(super) fn row(state: &State, ticket: &Ticket) -> Value {
    let mut row = Map::new();
    let mut put = |name: &str, value: Value| row.insert(name.to_owned(), value);
    put("id", id(state, ticket.id));
    put("number", ticket.number.into());
    put("subject", ticket.subject.as_str().into());
    put("status", ticket.status.as_str().into());
    put("priority", ticket.priority.to_string().into());
    put("queue_id", id(state, ticket.queue_id));
    put("queue_name", state.queue_name(ticket.queue_id).into());
    put("originator_email", ticket.originator_email.as_str().into());
    put("assigned_to_email", ticket.assigned_to.as_deref().into());
    put("created_at", clock::iso(ticket.created_at).into());
    put("updated_at", clock::iso(ticket.updated_at).into());
    Value::Object(row)
}

/// The ticket header of `tickets.show`; names from `raised_by_name` on are inferred.
pub(super) fn header(state: &State, user: &User, ticket: &Ticket) -> Value {
    let mut header = row(state, ticket);
    let resolved = ticket.resolved.and_then(|id| {
        let resolution = state.resolutions.iter().find(|r| r.id == id)?;
        Some(json!({"id": self::id(state, resolution.id), "name": resolution.name}))
    });
    let participants: Vec<Value> = ticket
        .participants
        .iter()
        .map(|p| person(state, ticket, p))
        .collect();
    let links = ticket.links.union(&ticket.clone_links);
    let links: Vec<Value> = links
        .filter_map(|id| link(state, user, ticket, *id))
        .collect();
    if let Value::Object(header) = &mut header {
        header.insert("resolved".to_owned(), resolved.into());
        header.insert(
            "on_hold_until".to_owned(),
            ticket.on_hold_until.as_deref().into(),
        );
        header.insert(
            "raised_by_name".to_owned(),
            ticket.originator_name.as_str().into(),
        );
        header.insert("participants".to_owned(), participants.into());
        header.insert("linked_tickets".to_owned(), links.into());
        let hashtags: Vec<&str> = ticket.hashtags.iter().map(String::as_str).collect();
        header.insert("hashtags".to_owned(), hashtags.into());
    }
    header
}

fn person(state: &State, ticket: &Ticket, email: &str) -> Value {
    let user = state.user_by_email(email);
    let name = match user {
        Some(user) => user.name.as_str(),
        None if email.eq_ignore_ascii_case(&ticket.originator_email) => &ticket.originator_name,
        None => "",
    };
    let is_staff = user.is_some_and(|user| user.is_staff);
    json!({"email": email, "name": name, "is_staff": is_staff})
}

/// A linked ticket as the other one shows it; `None` when it was deleted or the user cannot see it.
pub(super) fn link(state: &State, user: &User, ticket: &Ticket, linked: u64) -> Option<Value> {
    let other = state
        .tickets
        .get(&linked)
        .filter(|t| t.deleted_at.is_none() && sees(state, user, t))?;
    Some(json!({
        "id": id(state, other.id),
        "number": other.number,
        "subject": other.subject,
        "status": other.status,
        "queue_name": state.queue_name(other.queue_id),
        "is_clone": ticket.clone_links.contains(&linked),
    }))
}

/// One response of a thread.
pub(super) fn response(
    state: &State,
    response: &Response,
    projection: Projection,
) -> Map<String, Value> {
    let mut view = Map::new();
    let mut put = |name: &str, value: Value| view.insert(name.to_owned(), value);
    put("id", id(state, response.id));
    put("is_internal", response.is_internal.into());
    put("is_pinned", response.is_pinned.into());
    put("staff_response", response.staff_response.into());
    put(
        "created_by_email",
        response.created_by_email.as_str().into(),
    );
    put("created_at", clock::iso(response.created_at).into());
    put("updated_at", clock::iso(response.updated_at).into());
    put("is_email_sourced", response.is_email_sourced.into());
    put("is_audit_only", response.is_audit_only.into());
    put("audit", response.audit.clone());
    // The longer of the two bodies says what a full read costs (inferred).
    let chars = response
        .html
        .chars()
        .count()
        .max(response.plain_text.chars().count());
    put("body_chars", chars.into());
    if projection.html {
        put_body(&mut view, "html", &response.html, projection.max_chars);
    }
    if projection.plain_text {
        put_body(
            &mut view,
            "plain_text",
            &response.plain_text,
            projection.max_chars,
        );
    }
    if projection.attachments {
        view.insert("attachments".to_owned(), attachments(state, response));
    }
    view
}

/// A body, cut and marked when it is too long.
fn put_body(view: &mut Map<String, Value>, name: &str, body: &str, max_chars: Option<usize>) {
    let cut = max_chars.and_then(|max| body.char_indices().nth(max));
    let kept = cut.and_then(|(at, _)| body.get(..at)).unwrap_or(body);
    view.insert(name.to_owned(), kept.into());
    if cut.is_some() {
        view.insert(format!("{name}_truncated"), true.into());
    }
}

/// The attachments of a response.
pub(super) fn attachments(state: &State, response: &Response) -> Value {
    let files = response.attachments.iter();
    let files = files.filter_map(|id| state.attachments.get(id));
    files.map(|file| attachment(state, file)).collect()
}

fn attachment(state: &State, file: &Attachment) -> Value {
    json!({
        "id": id(state, file.id),
        "name": file.name,
        "is_inline": file.is_inline,
        "mime_type": file.mime_type,
        "file_size": file.file_size,
        "sha256": file.sha256,
    })
}
