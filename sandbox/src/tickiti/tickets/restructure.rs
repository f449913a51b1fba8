//! Moving, copying and splitting responses; merging tickets.

use serde_json::json;

use super::{attributes, lifecycle, links, reference};
use crate::tickiti::call::Call;
use crate::tickiti::model::{State, Ticket};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, caller};

/// Re-creates responses on another ticket; moved ones are deleted where they were.
pub(super) fn transfer(state: &mut State, call: &Call, moves: bool) -> Outcome {
    let user = caller(call)?;
    let number = call.text("target_ticket_number").unwrap_or_default();
    let target = reference::numbered(state, call, &number)?;
    reference::check_manages(state, user, target)?;
    let (target_id, target_number) = (target.id, target.number);
    let chosen = chosen(state, call)?;
    for (_, source) in &chosen {
        if *source == target_id {
            return Err(Reply::invalid(
                "response_ids",
                "The responses are on the target already.",
            ));
        }
        if moves && let Some(ticket) = state.tickets.get(source) {
            reference::check_manages(state, user, ticket)?;
        }
    }
    let ids: Vec<u64> = chosen.iter().map(|(id, _)| *id).collect();
    let new_ids = recreate(state, &ids, target_id, moves, call.now);
    let word = if moves {
        "responses_moved"
    } else {
        "responses_copied"
    };
    let mut sources: Vec<u64> = chosen.into_iter().map(|(_, source)| source).collect();
    sources.sort_unstable();
    sources.dedup();
    for ticket in sources.into_iter().chain([target_id]) {
        let audit = json!({word: {"response_ids": ids, "target_ticket_number": target_number}});
        state.add_audit(ticket, &user.email, audit, call.now);
    }
    Ok(Reply::data(
        json!({"ticket_number": target_number, "ticket_id": target_id, "response_ids": new_ids}),
    ))
}

/// The responses that a call names, once each in the order given, with their tickets.
fn chosen(state: &State, call: &Call) -> Result<Vec<(u64, u64)>, Reply> {
    let mut chosen: Vec<(u64, u64)> = Vec::new();
    for id in call.ids("response_ids") {
        let response = reference::response(state, call, Some(id))?;
        if !chosen.iter().any(|(known, _)| *known == id) {
            chosen.push((id, response.ticket_id));
        }
    }
    Ok(chosen)
}

fn recreate(state: &mut State, ids: &[u64], target: u64, moves: bool, now: i64) -> Vec<u64> {
    let new_ids: Vec<u64> = ids
        .iter()
        .filter_map(|id| state.copy_response(*id, target))
        .collect();
    if moves {
        for id in ids {
            if let Some(response) = state.responses.get_mut(id) {
                response.deleted_at = Some(now);
            }
        }
    }
    new_ids
}

/// Makes a new ticket of some responses of one ticket, linked to it as its clone.
pub(super) fn split(state: &mut State, call: &Call) -> Outcome {
    let user = caller(call)?;
    let chosen = chosen(state, call)?;
    let Some((_, source_id)) = chosen.first().copied() else {
        return Err(Reply::invalid(
            "response_ids",
            "The response ids field is required.",
        ));
    };
    if chosen.iter().any(|(_, ticket)| *ticket != source_id) {
        return Err(Reply::invalid(
            "response_ids",
            "The responses must be of one ticket.",
        ));
    }
    let Some(source) = state.tickets.get(&source_id) else {
        return Err(Reply::not_found("Ticket"));
    };
    reference::check_manages(state, user, source)?;
    let queue_id = match call.text("queue") {
        Some(name) => attributes::queue(state, call, &name, "queue")?.id,
        None => source.queue_id,
    };
    let new = offspring(source, call, queue_id);
    let new_id = state.add_ticket(new);
    links::change_pair(state, source_id, new_id, |ticket, id| {
        ticket.clone_links.insert(id);
    });
    let ids: Vec<u64> = chosen.into_iter().map(|(id, _)| id).collect();
    let moves = call.flag("copy") != Some(true);
    let new_ids = recreate(state, &ids, new_id, moves, call.now);
    let number = state.tickets.get(&new_id).map_or(0, |ticket| ticket.number);
    for ticket in [source_id, new_id] {
        let audit = json!({"split": {"response_ids": ids, "new_ticket_number": number}});
        state.add_audit(ticket, &user.email, audit, call.now);
    }
    Ok(Reply::data(json!({
        "ticket_number": number,
        "ticket_id": new_id,
        "response_ids": new_ids,
        "queue": state.queue_name(queue_id),
    })))
}

/// The ticket that a split opens.
fn offspring(source: &Ticket, call: &Call, queue_id: u64) -> Ticket {
    Ticket {
        subject: call.text("subject").unwrap_or_default(),
        status: "open".to_owned(),
        priority: source.priority,
        queue_id,
        originator_email: source.originator_email.clone(),
        originator_name: source.originator_name.clone(),
        participants: source.participants.clone(),
        created_at: call.now,
        updated_at: call.now,
        ..Ticket::default()
    }
}

/// Copies the newer of two tickets into the older, which survives.
pub(super) fn merge(state: &mut State, call: &Call) -> Outcome {
    let user = caller(call)?;
    let number = |field: &str| call.text(field).unwrap_or_default();
    let one = reference::numbered(state, call, &number("ticket_number"))?;
    let other = reference::numbered(state, call, &number("other_ticket_number"))?;
    if one.id == other.id {
        return Err(Reply::invalid(
            "other_ticket_number",
            "A ticket cannot be merged with itself.",
        ));
    }
    reference::check_manages(state, user, one)?;
    reference::check_manages(state, user, other)?;
    let (older, newer) = if (one.created_at, one.id) < (other.created_at, other.id) {
        (one, other)
    } else {
        (other, one)
    };
    let (old_id, old_number) = (older.id, older.number);
    let (new_id, new_number) = (newer.id, newer.number);
    let participants = newer.participants.clone();
    let live = state
        .thread(new_id)
        .filter(|response| response.deleted_at.is_none());
    let ids: Vec<u64> = live.map(|response| response.id).collect();
    let copies = recreate(state, &ids, old_id, false, call.now);
    lifecycle::remove(state, new_id, call.now);
    if let Some(newer) = state.tickets.get_mut(&new_id) {
        newer.merged_into = Some(old_number);
    }
    if let Some(older) = state.tickets.get_mut(&old_id) {
        for email in participants {
            older.add_participant(&email);
        }
    }
    let audit = json!({"merged": {"from": new_number, "into": old_number}});
    for ticket in [old_id, new_id] {
        state.add_audit(ticket, &user.email, audit.clone(), call.now);
    }
    Ok(Reply::data(json!({
        "ticket_number": old_number,
        "ticket_id": old_id,
        "merged_ticket_number": new_number,
        "response_ids": copies,
    })))
}
