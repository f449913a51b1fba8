//! The workflow family: business hours, escalations, interventions, queues, resolution categories.
//!
//! The business hours beside the escalations, the ticket counts of the queues and `{token}` are
//! ours (inferred).

mod escalations;
mod interventions;
mod queues;
mod resolutions;
mod seed;

use super::call::Handler;
use super::rows::settle;

pub(super) use seed::seed;

/// The handler of an action.
pub(super) fn handler(action: &str) -> Option<Handler> {
    let handler: Handler = match action {
        "business_hours.update" => {
            |state, call| settle(escalations::update_business_hours(state, call))
        }
        "escalations.index" => escalations::index,
        "escalations.create" => |state, call| settle(escalations::create(state, call)),
        "escalations.update" => |state, call| settle(escalations::update(state, call)),
        "escalations.delete" => |state, call| settle(escalations::LIST.delete(state, call)),
        "interventions.index" => |state, _| interventions::LIST.wrapped(state),
        "interventions.create" => |state, call| settle(interventions::create(state, call)),
        "interventions.update" => |state, call| settle(interventions::update(state, call)),
        "interventions.delete" => |state, call| settle(interventions::LIST.delete(state, call)),
        "interventions.generate_token" => {
            |state, call| settle(interventions::generate_token(state, call))
        }
        "queues.index" => queues::index,
        "queues.create" => |state, call| settle(queues::create(state, call)),
        "queues.update" => |state, call| settle(queues::update(state, call)),
        "queues.delete" => |state, call| settle(queues::delete(state, call)),
        "queues.move" => |state, call| settle(queues::move_tickets(state, call)),
        "resolutions.index" => resolutions::index,
        "resolutions.create" => |state, call| settle(resolutions::create(state, call)),
        "resolutions.update" => |state, call| settle(resolutions::update(state, call)),
        "resolutions.delete" => |state, call| settle(resolutions::delete(state, call)),
        "resolutions.reorder" => |state, call| settle(resolutions::reorder(state, call)),
        _ => return None,
    };
    Some(handler)
}

#[cfg(test)]
mod tests;
