//! Which ticket, response or attachment a call means, and whether its owner may touch it.

use crate::tickiti::call::Call;
use crate::tickiti::facts::Endpoint;
use crate::tickiti::model::{Response, State, Ticket, User};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::caller;
use crate::tickiti::switches::Install;

const ONE_REFERENCE: &str = "Give exactly one of ticket_number and ticket_id.";

/// 404 for a ticket reference that leads nowhere, before the rest of the body is looked at.
pub(in crate::tickiti) fn lookup(state: &State, endpoint: &Endpoint, call: &Call) -> Option<Reply> {
    let takes = |name: &str| {
        endpoint
            .fields
            .iter()
            .any(|field| field.name == name && !field.list)
    };
    if !takes("ticket_number") || !takes("ticket_id") {
        return None;
    }
    ticket(state, call)
        .err()
        .filter(|reply| reply.status == 404)
}

/// The live ticket of a ticket reference, in a queue that the owner sees.
pub(super) fn ticket<'state>(state: &'state State, call: &Call) -> Result<&'state Ticket, Reply> {
    let number = call.text("ticket_number");
    // Installs of June 2026 knew numbers only.
    let id = call
        .text("ticket_id")
        .filter(|_| state.switches.install != Install::June);
    match (number, id) {
        (Some(number), None) => numbered(state, call, &number),
        (None, Some(id)) => {
            let ticket = id.parse().ok().and_then(|id: u64| state.tickets.get(&id));
            visible(state, caller(call)?, ticket)
        }
        (None, None) => Err(Reply::invalid("ticket_number", ONE_REFERENCE)),
        (Some(_), Some(_)) => Err(Reply::invalid("ticket_id", ONE_REFERENCE)),
    }
}

/// The internal id of a ticket reference.
pub(super) fn ticket_id(state: &State, call: &Call) -> Result<u64, Reply> {
    ticket(state, call).map(|ticket| ticket.id)
}

/// The live ticket with a number, in a queue that the owner sees.
pub(super) fn numbered<'state>(
    state: &'state State,
    call: &Call,
    number: &str,
) -> Result<&'state Ticket, Reply> {
    visible(state, caller(call)?, any_numbered(state, number))
}

/// The ticket with a number, deleted or not, in any queue.
pub(super) fn any_numbered<'state>(state: &'state State, number: &str) -> Option<&'state Ticket> {
    state.ticket_by_number(number.trim().parse().ok()?)
}

/// A live ticket in a queue that the user sees; all others are unknown to the user (inferred).
fn visible<'state>(
    state: &State,
    user: &User,
    ticket: Option<&'state Ticket>,
) -> Result<&'state Ticket, Reply> {
    ticket
        .filter(|ticket| ticket.deleted_at.is_none())
        .filter(|ticket| state.permission(user, ticket.queue_id).can_view)
        .ok_or_else(|| Reply::not_found("Ticket"))
}

/// True when the user sees the queue of a ticket.
pub(super) fn sees(state: &State, user: &User, ticket: &Ticket) -> bool {
    state.permission(user, ticket.queue_id).can_view
}

/// 403 unless the user manages the queue of a ticket.
pub(super) fn check_manages(state: &State, user: &User, ticket: &Ticket) -> Result<(), Reply> {
    if state.permission(user, ticket.queue_id).can_manage {
        return Ok(());
    }
    let queue = state.queue_name(ticket.queue_id);
    Err(Reply::forbidden(&format!(
        "You need Manage on the queue {queue}."
    )))
}

/// The live response with an id, on a ticket that the owner sees.
pub(super) fn response<'state>(
    state: &'state State,
    call: &Call,
    id: Option<u64>,
) -> Result<&'state Response, Reply> {
    let user = caller(call)?;
    id.and_then(|id| state.responses.get(&id))
        .filter(|response| response.deleted_at.is_none())
        .filter(|response| {
            let ticket = state.tickets.get(&response.ticket_id);
            visible(state, user, ticket).is_ok()
        })
        .ok_or_else(|| Reply::not_found("Response"))
}

/// The address that a call speaks for: `from_email`, else the owner's.
pub(super) fn author(call: &Call) -> Result<String, Reply> {
    match call.text("from_email") {
        Some(email) => Ok(email),
        None => Ok(caller(call)?.email.clone()),
    }
}
