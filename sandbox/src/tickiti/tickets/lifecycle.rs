//! Deleting, restoring, and changing the originator.

use serde_json::{Value, json};

use super::{attributes, reference, view};
use crate::tickiti::call::Call;
use crate::tickiti::model::{State, Ticket};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, caller};

/// Soft delete by numbers or by originator, all or nothing.
pub(super) fn delete(state: &mut State, call: &Call) -> Outcome {
    let user = caller(call)?;
    let tickets = selected(state, call)?;
    for ticket in &tickets {
        reference::check_manages(state, user, ticket)?;
    }
    if call.flag("dry_run") == Some(true) {
        let rows: Vec<Value> = tickets
            .iter()
            .map(|ticket| view::row(state, ticket))
            .collect();
        return Ok(Reply::data(
            json!({"dry_run": true, "count": rows.len(), "tickets": rows}),
        ));
    }
    let ids: Vec<u64> = tickets.iter().map(|ticket| ticket.id).collect();
    let numbers: Vec<u64> = tickets.iter().map(|ticket| ticket.number).collect();
    for id in ids {
        remove(state, id, call.now);
    }
    Ok(Reply::data(
        json!({"dry_run": false, "count": numbers.len(), "ticket_numbers": numbers}),
    ))
}

fn selected<'state>(state: &'state State, call: &Call) -> Result<Vec<&'state Ticket>, Reply> {
    let user = caller(call)?;
    let numbers = call.texts("ticket_numbers");
    match (numbers.is_empty(), call.text("originator_email")) {
        (false, None) => {
            let mut tickets = Vec::with_capacity(numbers.len());
            for number in numbers {
                let ticket = reference::numbered(state, call, &number)?;
                if !tickets.iter().any(|known: &&Ticket| known.id == ticket.id) {
                    tickets.push(ticket);
                }
            }
            Ok(tickets)
        }
        (true, Some(email)) => {
            let queue = match call.text("queue") {
                Some(name) => Some(attributes::queue(state, call, &name, "queue")?.id),
                None => None,
            };
            let live = state
                .tickets
                .values()
                .filter(|ticket| ticket.deleted_at.is_none());
            Ok(live
                .filter(|ticket| reference::sees(state, user, ticket))
                .filter(|ticket| ticket.originator_email.eq_ignore_ascii_case(&email))
                .filter(|ticket| queue.is_none_or(|queue| queue == ticket.queue_id))
                .collect())
        }
        _ => Err(Reply::invalid(
            "ticket_numbers",
            "Give either ticket_numbers or originator_email.",
        )),
    }
}

/// Marks a ticket and its live responses as deleted.
pub(super) fn remove(state: &mut State, id: u64, now: i64) {
    if let Some(ticket) = state.tickets.get_mut(&id) {
        ticket.deleted_at = Some(now);
    }
    let responses = state.threads.get(&id).cloned().unwrap_or_default();
    for response in responses {
        if let Some(response) = state.responses.get_mut(&response)
            && response.deleted_at.is_none()
        {
            response.deleted_at = Some(now);
            response.deleted_with_ticket = true;
        }
    }
}

/// Brings a deleted ticket back with the responses that went with it; a live one stays as it is.
pub(super) fn restore(state: &mut State, call: &Call) -> Outcome {
    let user = caller(call)?;
    let number = call.text("ticket_number").unwrap_or_default();
    let ticket = reference::any_numbered(state, &number)
        .filter(|ticket| reference::sees(state, user, ticket))
        .ok_or_else(|| Reply::not_found("Ticket"))?;
    reference::check_manages(state, user, ticket)?;
    if let Some(survivor) = ticket.merged_into {
        let text = format!("The ticket was merged into {survivor}.");
        return Err(Reply::invalid("ticket_number", &text));
    }
    let (id, number, was_deleted) = (ticket.id, ticket.number, ticket.deleted_at.is_some());
    if was_deleted {
        bring_back(state, id);
        state.add_audit(id, &user.email, json!({"restored": true}), call.now);
    }
    Ok(Reply::data(
        json!({"ticket_number": number, "ticket_id": id, "restored": was_deleted}),
    ))
}

fn bring_back(state: &mut State, id: u64) {
    if let Some(ticket) = state.tickets.get_mut(&id) {
        ticket.deleted_at = None;
    }
    let responses = state.threads.get(&id).cloned().unwrap_or_default();
    for response in responses {
        if let Some(response) = state.responses.get_mut(&response)
            && std::mem::take(&mut response.deleted_with_ticket)
        {
            response.deleted_at = None;
        }
    }
}

/// Gives a ticket another originator; the old one stays a participant.
pub(super) fn originator_update(state: &mut State, call: &Call) -> Outcome {
    let user = caller(call)?;
    let ticket = reference::ticket(state, call)?;
    reference::check_manages(state, user, ticket)?;
    let id = ticket.id;
    let email = call.text("originator_email").unwrap_or_default();
    let name = state
        .user_by_email(&email)
        .map_or_else(String::new, |user| user.name.clone());
    let Some(ticket) = state.tickets.get_mut(&id) else {
        return Err(Reply::not_found("Ticket"));
    };
    let old = std::mem::replace(&mut ticket.originator_email, email.clone());
    if !old.eq_ignore_ascii_case(&email) {
        ticket.originator_name = name;
    }
    ticket.add_participant(&email);
    let audit = json!({"originator_email": {"from": old, "to": email}});
    let response_id = state.add_audit(id, &user.email, audit, call.now);
    Ok(Reply::data(
        json!({"ticket_id": id, "response_id": response_id, "originator_email": email}),
    ))
}
