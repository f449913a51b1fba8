//! Answering, closing, and changing the participants: one code path.

use serde_json::{Map, Value, json};

use super::attributes::{self, FileReference};
use super::{content, reference};
use crate::tickiti::call::Call;
use crate::tickiti::model::{State, Ticket};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::Outcome;
use crate::tickiti::store::Draft;
use crate::tickiti::switches::Install;

/// Fields that carry a change without a message.
const CHANGES: [&str; 9] = [
    "status",
    "on_hold_until",
    "assigned_to_email",
    "priority",
    "resolved",
    "queue",
    "subject",
    "add_participants",
    "remove_participants",
];

/// Everything that respond knows; the rest comes back as ignored.
const KNOWN: [&str; 8] = [
    "ticket_number",
    "ticket_id",
    "from_email",
    "content",
    "is_internal",
    "keep_status",
    "send_full_email",
    "attachments",
];

const KNOWN_TO_CLOSE: [&str; 8] = [
    "ticket_number",
    "ticket_id",
    "from_email",
    "content",
    "is_internal",
    "resolved",
    "queue",
    "subject",
];

const KNOWN_TO_PARTICIPANTS: [&str; 4] =
    ["ticket_number", "ticket_id", "participants", "from_email"];

/// What one call does to a ticket, checked and ready.
#[derive(Debug, Default)]
struct Plan {
    ticket_id: u64,
    author: String,
    content: Option<String>,
    is_internal: bool,
    status: Option<String>,
    on_hold_until: Option<String>,
    assigned_to: Option<Option<String>>,
    priority: Option<u32>,
    resolved: Option<u64>,
    queue: Option<u64>,
    subject: Option<String>,
    add: Vec<String>,
    remove: Vec<String>,
    uploads: Vec<FileReference>,
    ignored: Vec<String>,
}

/// A reply, a note, or a change of attributes.
pub(super) fn respond(state: &mut State, call: &Call) -> Outcome {
    refuse_misnamed_body(call)?;
    let mut plan = Plan::of(state, call)?;
    plan.ignored = ignored(call, |name| {
        KNOWN.contains(&name) || CHANGES.contains(&name)
    });
    let changes = CHANGES
        .iter()
        .any(|field| call.body.get(*field).is_some_and(|v| !v.is_null()));
    if plan.content.is_none() && !changes {
        let text = "The content field is required unless an attribute changes.";
        return Err(Reply::invalid("content", text));
    }
    plan.choose_status(state, call)?;
    plan.check(state)?;
    Ok(plan.apply(state, call))
}

/// A last reply and the status `closed`.
pub(super) fn close(state: &mut State, call: &Call) -> Outcome {
    refuse_misnamed_body(call)?;
    let mut plan = Plan::of(state, call)?;
    plan.ignored = ignored(call, |name| KNOWN_TO_CLOSE.contains(&name));
    plan.status = Some("closed".to_owned());
    plan.check(state)?;
    Ok(plan.apply(state, call))
}

/// Adds participants.
pub(super) fn participants_add(state: &mut State, call: &Call) -> Outcome {
    participants(state, call, |plan, emails| plan.add = emails)
}

/// Removes participants, never the originator.
pub(super) fn participants_remove(state: &mut State, call: &Call) -> Outcome {
    participants(state, call, |plan, emails| plan.remove = emails)
}

fn participants(state: &mut State, call: &Call, set: fn(&mut Plan, Vec<String>)) -> Outcome {
    let mut plan = Plan {
        ticket_id: reference::ticket_id(state, call)?,
        author: reference::author(call)?,
        ignored: ignored(call, |name| KNOWN_TO_PARTICIPANTS.contains(&name)),
        ..Plan::default()
    };
    set(&mut plan, call.texts("participants"));
    plan.check(state)?;
    Ok(plan.apply(state, call))
}

/// The text of a reply goes under `content` and nowhere else.
fn refuse_misnamed_body(call: &Call) -> Result<(), Reply> {
    let mut wrong = ["html", "body", "message"].into_iter();
    match wrong.find(|field| call.body.contains_key(*field)) {
        Some(field) => Err(Reply::invalid(
            field,
            "Send the text of the response as content.",
        )),
        None => Ok(()),
    }
}

fn ignored(call: &Call, known: impl Fn(&str) -> bool) -> Vec<String> {
    let names = call.body.keys().filter(|name| !known(name.as_str()));
    names.cloned().collect()
}

impl Plan {
    /// Reads the fields that respond and close share, and those of respond.
    fn of(state: &State, call: &Call) -> Result<Self, Reply> {
        let ticket_id = reference::ticket_id(state, call)?;
        let content = call
            .text("content")
            .filter(|content| !content.trim().is_empty());
        let assigned_to = match call.text("assigned_to_email") {
            Some(key) => Some(attributes::assignee(state, &key, "assigned_to_email")?),
            None => None,
        };
        let priority = match call.text("priority") {
            Some(text) => Some(attributes::priority(&text, "priority")?),
            None => None,
        };
        let queue = match call.text("queue") {
            Some(name) => Some(attributes::queue(state, call, &name, "queue")?.id),
            None => None,
        };
        Ok(Self {
            ticket_id,
            author: reference::author(call)?,
            content,
            is_internal: call.flag("is_internal") == Some(true),
            assigned_to,
            priority,
            resolved: resolution(state, call)?,
            queue,
            subject: call
                .text("subject")
                .filter(|subject| !subject.trim().is_empty()),
            add: call.texts("add_participants"),
            remove: call.texts("remove_participants"),
            uploads: attributes::uploads(state, call)?,
            ..Self::default()
        })
    }

    /// The status after the call, when it changes: the one asked for, or open by the reopening rule.
    fn choose_status(&mut self, state: &State, call: &Call) -> Result<(), Reply> {
        let june = state.switches.install == Install::June;
        let known: &[&str] = if june {
            &["open", "on-hold"]
        } else {
            &["open", "on-hold", "closed"]
        };
        self.on_hold_until = call.text("on_hold_until");
        if let Some(status) = call.text("status") {
            attributes::check_status(&status, "status", known)?;
            if status == "on-hold" && self.on_hold_until.is_none() {
                let text = "The on_hold_until field is required with on-hold.";
                return Err(Reply::invalid("on_hold_until", text));
            }
            self.status = Some(status);
            return Ok(());
        }
        if self.on_hold_until.is_some() {
            self.status = Some("on-hold".to_owned());
            return Ok(());
        }
        let keep = call.flag("keep_status") == Some(true) && !june;
        let public_reply = self.content.is_some() && !self.is_internal;
        let any_post = june || state.switches.june_reopening;
        if (public_reply || any_post) && !keep {
            self.status = Some("open".to_owned());
        }
        Ok(())
    }

    /// The rules over ticket and plan together.
    fn check(&self, state: &State) -> Result<(), Reply> {
        let Some(ticket) = state.tickets.get(&self.ticket_id) else {
            return Err(Reply::not_found("Ticket"));
        };
        let originator = self
            .remove
            .iter()
            .any(|p| p.eq_ignore_ascii_case(&ticket.originator_email));
        if originator {
            let field = if self.content.is_some() {
                "remove_participants"
            } else {
                "participants"
            };
            return Err(Reply::invalid(field, "The originator cannot be removed."));
        }
        let closes = self.status.as_deref() == Some("closed") && ticket.status != "closed";
        let queue = self.queue.unwrap_or(ticket.queue_id);
        let tracks = state.plans.contains("has_resolution_tracking")
            && state
                .queues
                .get(&queue)
                .is_some_and(|queue| queue.track_resolutions);
        if closes && tracks && self.resolved.or(ticket.resolved).is_none() {
            let text = "The resolved field is required: this queue tracks resolutions.";
            return Err(Reply::invalid("resolved", text));
        }
        Ok(())
    }

    /// Changes the ticket and records it on the thread.
    fn apply(self, state: &mut State, call: &Call) -> Reply {
        let mut audit = Map::new();
        let names: Vec<(u64, String)> = state
            .queues
            .values()
            .map(|q| (q.id, q.name.clone()))
            .collect();
        let mut reopened = false;
        if let Some(ticket) = state.tickets.get_mut(&self.ticket_id) {
            let was_open = ticket.status == "open";
            self.change(ticket, &names, &mut audit);
            reopened = !was_open && ticket.status == "open";
            ticket.updated_at = call.now;
        }
        let (ticket_id, ignored) = (self.ticket_id, self.ignored.clone());
        let response_id = self.record(state, call, audit);
        let mut data =
            json!({"ticket_id": ticket_id, "response_id": response_id, "reopened": reopened});
        if state.switches.install != Install::June
            && let Value::Object(data) = &mut data
        {
            data.insert("ignored_params".to_owned(), ignored.into());
        }
        Reply::data(data)
    }

    fn change(
        &self,
        ticket: &mut Ticket,
        queues: &[(u64, String)],
        audit: &mut Map<String, Value>,
    ) {
        if let Some(status) = &self.status {
            let until = self.on_hold_until.clone().filter(|_| status == "on-hold");
            note(audit, "status", ticket.status.as_str(), status.as_str());
            note(
                audit,
                "on_hold_until",
                ticket.on_hold_until.as_deref(),
                until.as_deref(),
            );
            ticket.status.clone_from(status);
            ticket.on_hold_until = until;
        }
        if let Some(key) = &self.assigned_to {
            note(
                audit,
                "assigned_to_email",
                ticket.assigned_to.as_deref(),
                key.as_deref(),
            );
            ticket.assigned_to.clone_from(key);
        }
        if let Some(priority) = self.priority {
            note(
                audit,
                "priority",
                ticket.priority.to_string(),
                priority.to_string(),
            );
            ticket.priority = priority;
        }
        if let Some(resolved) = self.resolved {
            note(audit, "resolved", ticket.resolved, resolved);
            ticket.resolved = Some(resolved);
        }
        if let Some(queue) = self.queue {
            let name = |id: u64| {
                queues
                    .iter()
                    .find(|(known, _)| *known == id)
                    .map(|(_, name)| name.as_str())
            };
            note(audit, "queue", name(ticket.queue_id), name(queue));
            ticket.queue_id = queue;
        }
        if let Some(subject) = &self.subject {
            note(audit, "subject", ticket.subject.as_str(), subject.as_str());
            ticket.subject.clone_from(subject);
        }
        self.change_participants(ticket, audit);
    }

    fn change_participants(&self, ticket: &mut Ticket, audit: &mut Map<String, Value>) {
        let is_one =
            |list: &[String], email: &str| list.iter().any(|p| p.eq_ignore_ascii_case(email));
        let mut added = Vec::new();
        for email in self.add.iter().chain([&self.author]) {
            if ticket.add_participant(email) {
                added.push(email.clone());
            }
        }
        let (removed, kept): (Vec<String>, Vec<String>) = std::mem::take(&mut ticket.participants)
            .into_iter()
            .partition(|email| is_one(&self.remove, email));
        ticket.participants = kept;
        if !added.is_empty() {
            audit.insert("participants_added".to_owned(), added.into());
        }
        if !removed.is_empty() {
            audit.insert("participants_removed".to_owned(), removed.into());
        }
    }

    /// Adds the response; without a message it is an audit entry.
    fn record(self, state: &mut State, call: &Call, audit: Map<String, Value>) -> u64 {
        let is_audit_only = self.content.is_none();
        let staff_response = state.is_staff(&self.author);
        let (html, images) = content::take_inline_images(&self.content.unwrap_or_default());
        let plain_text = content::plain_text(&html);
        let tags = content::tags(state, &plain_text);
        if let Some(ticket) = state.tickets.get_mut(&self.ticket_id) {
            ticket.hashtags.extend(tags.hashtags);
        }
        let audit = if audit.is_empty() {
            Value::Null
        } else {
            Value::Object(audit)
        };
        let response_id = state.add_response(Draft {
            ticket_id: self.ticket_id,
            author: self.author,
            html,
            plain_text,
            is_internal: self.is_internal || is_audit_only,
            staff_response,
            audit,
            is_audit_only,
            at: call.now,
            ..Draft::default()
        });
        for image in images {
            let sha256 = state.store_blob(image.content);
            state.attach(response_id, &image.name, &sha256, true);
        }
        for file in self.uploads {
            state.attach(response_id, &file.name, &file.sha256, false);
        }
        response_id
    }
}

/// Records a change of an attribute, if it is one.
fn note(audit: &mut Map<String, Value>, name: &str, from: impl Into<Value>, to: impl Into<Value>) {
    let (from, to) = (from.into(), to.into());
    if from != to {
        audit.insert(name.to_owned(), json!({"from": from, "to": to}));
    }
}

/// The resolution category that a call names.
fn resolution(state: &State, call: &Call) -> Result<Option<u64>, Reply> {
    let Some(key) = call.text("resolved") else {
        return Ok(None);
    };
    if !state.plans.contains("has_resolution_tracking") {
        return Err(Reply::forbidden("Your plan does not include this feature."));
    }
    let found = state
        .resolution(&key)
        .filter(|resolution| resolution.selectable);
    match found {
        Some(resolution) => Ok(Some(resolution.id)),
        None => Err(Reply::invalid(
            "resolved",
            "The selected resolution does not exist.",
        )),
    }
}
