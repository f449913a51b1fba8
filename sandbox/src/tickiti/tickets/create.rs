//! Opening a ticket.

use serde_json::{Value, json};

use super::attributes::{self, FileReference};
use super::content::{self, InlineImage, Tags};
use crate::tickiti::call::Call;
use crate::tickiti::model::{State, Ticket};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, caller, flag, inner, text};
use crate::tickiti::store::Draft;
use crate::tickiti::switches::Install;
use crate::tickiti::templates;

/// Subject and body, from whichever of the three shapes.
#[derive(Debug)]
struct Message {
    subject: String,
    html: String,
    /// Queue that the shape itself names.
    queue: Option<u64>,
    urgent: bool,
}

/// Opens a ticket with its first response.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    let message = message(state, call)?;
    let target = target_queue(state, call, message.queue)?;
    let uploads = attributes::uploads(state, call)?;
    let (html, images) = content::take_inline_images(&message.html);
    let plain_text = content::plain_text(&html);
    let tags = content::tags(state, &plain_text);
    if call.flag("strict_tags") == Some(true) && !tags.unknown.is_empty() {
        let names = tags.unknown.join(", ");
        let text = format!("These tags match nobody: {names}.");
        return Err(Reply::invalid("data.content", &text));
    }
    let (queue, reroute_reason) = route(state, &message.subject, target);
    let ticket = ticket(state, call, &message, queue, &tags)?;
    let id = state.add_ticket(ticket);
    let opening = Opening {
        html,
        plain_text,
        images,
        uploads,
    };
    let response_id = open_thread(state, call, id, opening)?;
    let number = state.tickets.get(&id).map_or(0, |ticket| ticket.number);
    let warnings: Vec<String> = tags
        .unknown
        .iter()
        .map(|tag| format!("{tag} matches nobody"))
        .collect();
    Ok(Reply::data(json!({
        "ticket_number": number.to_string(),
        "ticket_id": id,
        "response_id": response_id,
        "queue": state.queue_name(queue),
        "rerouted": reroute_reason.is_some(),
        "reroute_reason": reroute_reason,
        "tag_warnings": warnings,
    })))
}

/// Exactly one of: subject and content; template and values; intervention, uid and values.
fn message(state: &State, call: &Call) -> Result<Message, Reply> {
    let data = inner(call, "data");
    match (call.text("template_identifier"), call.text("intervention")) {
        (Some(_), Some(_)) => Err(Reply::invalid(
            "intervention",
            "Give either a template_identifier or an intervention.",
        )),
        (Some(identifier), None) => {
            let template =
                templates::find_template(state, &identifier, "email").ok_or_else(|| {
                    Reply::invalid(
                        "template_identifier",
                        "The selected template does not exist.",
                    )
                })?;
            Ok(Message {
                subject: templates::fill(text(template, "subject"), &data),
                html: templates::fill(text(template, "content"), &data),
                queue: None,
                urgent: false,
            })
        }
        (None, Some(name)) => intervention(state, call, &name),
        (None, None) => {
            let missing: Vec<(String, String)> = ["subject", "content"]
                .into_iter()
                .filter(|field| text(&data, field).trim().is_empty())
                .map(|field| {
                    (
                        format!("data.{field}"),
                        format!("The data.{field} field is required."),
                    )
                })
                .collect();
            if !missing.is_empty() {
                return Err(Reply::invalid_fields(missing));
            }
            Ok(Message {
                subject: text(&data, "subject").to_owned(),
                html: text(&data, "content").to_owned(),
                queue: None,
                urgent: false,
            })
        }
    }
}

fn intervention(state: &State, call: &Call, name: &str) -> Result<Message, Reply> {
    if call.text("uid").is_none_or(|uid| uid.is_empty()) {
        return Err(Reply::invalid(
            "uid",
            "The uid field is required with an intervention.",
        ));
    }
    if call.text("queue_name").is_some() {
        let text = "The intervention names its queue: leave queue_name out.";
        return Err(Reply::invalid("queue_name", text));
    }
    let Some(Value::Object(values)) = call.body.get("data").and_then(|data| data.get("data"))
    else {
        return Err(Reply::invalid(
            "data.data",
            "The data.data field is required with an intervention.",
        ));
    };
    let rows = state.tables.get("interventions").into_iter().flatten();
    let mut rows = rows.map(|(_, row)| row);
    let row = rows.find(|row| text(row, "name") == name).ok_or_else(|| {
        Reply::invalid("intervention", "The selected intervention does not exist.")
    })?;
    let template = templates::find_template(state, &format!("{name}.private"), "intervention");
    let lines: String = values
        .iter()
        .map(|(key, value)| format!("<p>{key}: {value}</p>"))
        .collect();
    let html = template.map_or(lines, |template| {
        templates::fill(text(template, "content"), values)
    });
    Ok(Message {
        subject: text(row, "title").to_owned(),
        html,
        queue: state
            .queue_named(text(row, "queue_name"))
            .map(|queue| queue.id),
        urgent: flag(row, "create_urgent"),
    })
}

/// The queue asked for, `Inbox` by default.
fn target_queue(state: &State, call: &Call, named_by_shape: Option<u64>) -> Result<u64, Reply> {
    if let Some(queue) = named_by_shape {
        return Ok(queue);
    }
    let Some(name) = call.text("queue_name") else {
        return Ok(1);
    };
    // Installs of June 2026 wanted the name in two places.
    if state.switches.install == Install::June && text(&inner(call, "data"), "queue_name") != name {
        return Err(Reply::invalid(
            "data.queue_name",
            "The data.queue_name field is required.",
        ));
    }
    attributes::queue(state, call, &name, "queue_name").map(|queue| queue.id)
}

/// Where the routing rules put the ticket, and why.
fn route(state: &State, subject: &str, target: u64) -> (u64, Option<String>) {
    let subject = subject.to_lowercase();
    let mut rules = state.routing.iter();
    match rules.find(|(word, queue)| subject.contains(word) && *queue != target) {
        Some((word, queue)) => (*queue, Some(format!("rule: subject contains {word}"))),
        None => (target, None),
    }
}

fn ticket(
    state: &State,
    call: &Call,
    message: &Message,
    queue_id: u64,
    tags: &Tags,
) -> Result<Ticket, Reply> {
    let data = inner(call, "data");
    let given = |field: &str| match data.get(field) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let priority = match given("priority") {
        Some(text) => attributes::numeric_priority(&text, "data.priority")?,
        None if message.urgent => 40,
        None => 20,
    };
    let status = given("status").unwrap_or_else(|| "open".to_owned());
    let on_hold_until = hold(&status, given("on_hold_until"))?;
    let assigned_to = match given("assigned_to_email") {
        Some(key) => attributes::assignee(state, &key, "data.assigned_to_email")?,
        None => None,
    };
    let originator = call.text("originator_email_address").unwrap_or_default();
    let mut ticket = Ticket {
        subject: message.subject.clone(),
        status,
        priority,
        queue_id,
        originator_name: customer_name(state, &originator),
        participants: vec![originator.clone()],
        originator_email: originator,
        assigned_to,
        on_hold_until,
        hashtags: tags.hashtags.iter().cloned().collect(),
        created_at: call.now,
        updated_at: call.now,
        ..Ticket::default()
    };
    for email in call.texts("participants") {
        ticket.add_participant(&email);
    }
    Ok(ticket)
}

/// The date of a hold; a held ticket needs one, the others have none.
fn hold(status: &str, until: Option<String>) -> Result<Option<String>, Reply> {
    attributes::check_status(status, "data.status", &["open", "on-hold", "closed"])?;
    match until {
        _ if status != "on-hold" => Ok(None),
        Some(until) => Ok(Some(until)),
        None => {
            let text = "The data.on_hold_until field is required with on-hold.";
            Err(Reply::invalid("data.on_hold_until", text))
        }
    }
}

/// The name that an address had before; empty for a new customer.
fn customer_name(state: &State, email: &str) -> String {
    if let Some(user) = state.user_by_email(email) {
        return user.name.clone();
    }
    let mut earlier = state.tickets.values().rev();
    let known = earlier.find(|ticket| ticket.originator_email.eq_ignore_ascii_case(email));
    known.map_or_else(String::new, |ticket| ticket.originator_name.clone())
}

/// What the first response holds.
#[derive(Debug)]
struct Opening {
    html: String,
    plain_text: String,
    images: Vec<InlineImage>,
    uploads: Vec<FileReference>,
}

fn open_thread(
    state: &mut State,
    call: &Call,
    ticket_id: u64,
    opening: Opening,
) -> Result<u64, Reply> {
    let by_originator = call.flag("use_passed_originator_as_responder") == Some(true);
    let author = match call.text("originator_email_address") {
        Some(originator) if by_originator => originator,
        _ => caller(call)?.email.clone(),
    };
    let staff_response = !by_originator && caller(call)?.is_staff;
    let response_id = state.add_response(Draft {
        ticket_id,
        author,
        html: opening.html,
        plain_text: opening.plain_text,
        is_internal: call.flag("is_public") == Some(false),
        staff_response,
        at: call.now,
        ..Draft::default()
    });
    for image in opening.images {
        let sha256 = state.store_blob(image.content);
        state.attach(response_id, &image.name, &sha256, true);
    }
    for file in opening.uploads {
        state.attach(response_id, &file.name, &file.sha256, false);
    }
    Ok(response_id)
}
