//! `PUT /companies/tickets/{ticket_id}`.

use serde_json::{Map, Value, json};

use super::boom::{Boom, Handled, Reply};
use super::fields::{Fields, integer};
use super::model::{Author, State};
use super::rules;

const KNOWN: [&str; 6] = [
    "status_id",
    "comment",
    "comments",
    "assigned_to_id",
    "reason_decline",
    "new_ticket_type_id",
];

/// What an update changes.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) status_id: Option<u64>,
    pub(crate) comment: Option<String>,
    pub(crate) type_id: Option<u64>,
    assigned_to_id: Option<u64>,
    reason_decline: Option<Value>,
}

/// Changes a ticket.
pub(crate) fn update(state: &mut State, id: u64, body: &Map<String, Value>, now: i64) -> Handled {
    let change = Change::read(body)?;
    let Some(ticket) = state.tickets.get(&id) else {
        return Err(Boom::new(400, "Ticket not found."));
    };
    if ticket.is_closed() {
        let status = if state.switches.closed_is_422 {
            422
        } else {
            400
        };
        return Err(Boom::new(status, "Ticket already close."));
    }
    let staff = change.assigned_to_id;
    if staff.is_some_and(|id| !state.staff.contains_key(&id)) {
        return Err(Boom::not_found("Staff member"));
    }
    if change
        .type_id
        .is_some_and(|id| !state.types.contains_key(&id))
    {
        return Err(Boom::not_found("Ticket type"));
    }
    if state.switches.enforce_rules {
        rules::admit_change(state, ticket, &change)?;
    }
    change.apply(state, id, now);
    Ok(Reply::ok(if state.switches.success_flag {
        json!({"success": true})
    } else {
        json!({"data": true})
    }))
}

impl Change {
    fn read(body: &Map<String, Value>) -> Result<Self, Boom> {
        let mut fields = Fields::of(body);
        fields.only(&KNOWN);
        let comment = fields.text("comment");
        let change = Self {
            status_id: fields.read("status_id", |value| {
                integer(value).filter(|id| (1..=10).contains(id))
            }),
            comment: comment.or(fields.text("comments")),
            assigned_to_id: fields.id("assigned_to_id"),
            reason_decline: fields
                .read("reason_decline", |value| {
                    (value.is_string() || integer(value).is_some()).then_some(value)
                })
                .cloned(),
            type_id: fields.id("new_ticket_type_id"),
        };
        fields.check()?;
        Ok(change)
    }

    fn apply(self, state: &mut State, id: u64, now: i64) {
        let Some(mut ticket) = state.tickets.remove(&id) else {
            return;
        };
        ticket.updated_at = now;
        ticket.type_id = self.type_id.unwrap_or(ticket.type_id);
        ticket.assigned_to_id = self.assigned_to_id.or(ticket.assigned_to_id);
        ticket.reason_decline = self.reason_decline.or(ticket.reason_decline.take());
        if let Some(status) = self.status_id {
            ticket.status_id = status;
            ticket.closed_at = ticket.is_closed().then_some(now);
            ticket.csat_due |= matches!(status, 2 | 3 | 10) && ticket.type_id != 24;
        }
        if self.comment.is_some() || self.status_id.is_some() {
            let text = self.comment.unwrap_or_default();
            let comment = state.comment(&ticket, Author::Admin, text, now);
            ticket.thread.push(comment);
        }
        state.tickets.insert(id, ticket);
    }
}
