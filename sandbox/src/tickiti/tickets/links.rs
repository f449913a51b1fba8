//! Links between tickets.

use serde_json::{Value, json};

use super::{reference, view};
use crate::tickiti::call::Call;
use crate::tickiti::model::{State, Ticket};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, caller};

/// Links one ticket to others; a linked pair stays as it is.
pub(super) fn link(state: &mut State, call: &Call) -> Outcome {
    let ticket_id = reference::ticket_id(state, call)?;
    let mut others = Vec::new();
    for number in call.texts("linked_ticket_numbers") {
        let other = reference::numbered(state, call, &number)?;
        if other.id == ticket_id {
            return Err(Reply::invalid(
                "linked_ticket_numbers",
                "A ticket cannot be linked to itself.",
            ));
        }
        others.push((other.id, other.number));
    }
    let author = caller(call)?.email.clone();
    for (other, number) in others {
        let linked = state.tickets.get(&ticket_id);
        if linked.is_some_and(|t| t.links.contains(&other) || t.clone_links.contains(&other)) {
            continue;
        }
        change_pair(state, ticket_id, other, |ticket, id| {
            ticket.links.insert(id);
        });
        state.add_audit(ticket_id, &author, json!({"linked": number}), call.now);
    }
    answer(state, call, ticket_id)
}

/// Removes a link; those of clones stay for ever.
pub(super) fn unlink(state: &mut State, call: &Call) -> Outcome {
    let ticket = reference::ticket(state, call)?;
    let number = call.text("linked_ticket_number").unwrap_or_default();
    let other = reference::numbered(state, call, &number)?;
    if ticket.clone_links.contains(&other.id) {
        return Err(Reply::invalid(
            "linked_ticket_number",
            "The link to a clone cannot be removed.",
        ));
    }
    if !ticket.links.contains(&other.id) {
        return Err(Reply::not_found("Link"));
    }
    let (ticket_id, other_id, number) = (ticket.id, other.id, other.number);
    change_pair(state, ticket_id, other_id, |ticket, id| {
        ticket.links.remove(&id);
    });
    state.add_audit(
        ticket_id,
        &caller(call)?.email,
        json!({"unlinked": number}),
        call.now,
    );
    answer(state, call, ticket_id)
}

/// The linked tickets.
pub(super) fn index(state: &mut State, call: &Call) -> Outcome {
    let ticket_id = reference::ticket_id(state, call)?;
    answer(state, call, ticket_id)
}

/// Applies a change to both ends of a link.
pub(super) fn change_pair(state: &mut State, one: u64, other: u64, change: fn(&mut Ticket, u64)) {
    for (ticket, id) in [(one, other), (other, one)] {
        if let Some(ticket) = state.tickets.get_mut(&ticket) {
            change(ticket, id);
        }
    }
}

/// The links of a ticket (shape inferred).
fn answer(state: &State, call: &Call, ticket_id: u64) -> Outcome {
    let user = caller(call)?;
    let Some(ticket) = state.tickets.get(&ticket_id) else {
        return Err(Reply::not_found("Ticket"));
    };
    let ids = ticket.links.union(&ticket.clone_links);
    let links: Vec<Value> = ids
        .filter_map(|id| view::link(state, user, ticket, *id))
        .collect();
    Ok(Reply::data(
        json!({"ticket_number": ticket.number, "links": links}),
    ))
}
