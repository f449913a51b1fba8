//! What a client may read: the statuses of tickets and of shipments.

use envia_client::statuses::TicketStatus;
use serde_json::{Value, json};

use super::Envia;
use crate::{
    context::Context,
    error::ToolError,
    resource::{Resource, ResourceSpec},
};

/// How long a client may keep them, as long as this server does itself.
const HALF_A_DAY: u64 = 12 * 3_600;

/// The ten statuses of a ticket.
#[derive(Debug)]
pub(super) struct TicketStatuses;

impl Resource for TicketStatuses {
    fn spec(&self) -> ResourceSpec {
        ResourceSpec::new(
            "tickets://statuses",
            "ticket-statuses",
            "Ticket statuses",
            "The ten statuses of an Envia ticket: id, name, label, and whether a change to it needs a comment.",
        )
        .keep(HALF_A_DAY)
    }

    async fn read(&self, _: &Context) -> Result<Value, ToolError> {
        let rows = TicketStatus::ALL.into_iter().map(|status| {
            json!({
                "id": status.id(),
                "name": status.name(),
                "label": status.label(),
                "requires_comment": status.requires_comment(),
            })
        });
        Ok(rows.collect())
    }
}

/// The statuses of shipments, as the back office names them.
#[derive(Debug)]
pub(super) struct ShipmentStatuses;

impl Resource for ShipmentStatuses {
    fn spec(&self) -> ResourceSpec {
        ResourceSpec::new(
            "shipments://statuses",
            "shipment-statuses",
            "Shipment statuses",
            "The statuses of an Envia shipment: id and name. Ticket types may be opened in some of them only.",
        )
        .keep(HALF_A_DAY)
    }

    async fn read(&self, context: &Context) -> Result<Value, ToolError> {
        let names = context
            .backend::<Envia>()?
            .shipment_statuses(context)
            .await?;
        let rows = names
            .value
            .iter()
            .map(|(id, name)| json!({"id": id, "name": name}));
        Ok(rows.collect())
    }
}
