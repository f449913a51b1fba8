//! The endpoints: one module per family, one request type per endpoint, and the list of them all.
//!
//! Reads are sent again by themselves after a failure; nothing else is, once it has left. No endpoint takes an idempotency key, and the
//! one that sets values, `tickets.update`, adds a comment each time it arrives.

pub mod activity_log;
pub mod catalog;
pub mod shipments;
pub mod tickets;

use api_core::Operation;

/// Every endpoint, in the order of the names.
pub static ALL: &[Operation] = &[
    Operation::of::<activity_log::Create>(),
    Operation::of::<catalog::ShipmentStatuses>(),
    Operation::of::<catalog::TicketTypes>(),
    Operation::of::<shipments::Show>(),
    Operation::of::<tickets::Create>(),
    Operation::of::<tickets::List>(),
    Operation::of::<tickets::Show>(),
    Operation::of::<tickets::Update>(),
    Operation::of::<tickets::Upload>(),
];
