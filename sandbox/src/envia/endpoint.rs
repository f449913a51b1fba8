//! The routes of the back office.

use crate::wire::percent;

/// A route that the double serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    TicketTypes,
    ShipmentStatuses,
    CreateTicket,
    ListTickets,
    GetTicket,
    UpdateTicket,
    UploadFile,
    GetShipment,
    LogActivity,
}

impl Endpoint {
    /// The endpoint of a method and path, and its path parameter, decoded.
    pub(crate) fn find(method: &str, path: &str) -> Option<(Self, String)> {
        let segments: Vec<_> = path.strip_prefix('/')?.split('/').collect();
        let (endpoint, parameter) = match (method, segments.as_slice()) {
            ("GET", ["catalog", "ticket-types"]) => (Self::TicketTypes, ""),
            ("GET", ["catalog", "shipment-statuses"]) => (Self::ShipmentStatuses, ""),
            ("POST", ["companies", "tickets"]) => (Self::CreateTicket, ""),
            ("GET", ["companies", "tickets"]) => (Self::ListTickets, ""),
            ("GET", ["companies", "tickets", id]) => (Self::GetTicket, *id),
            ("PUT", ["companies", "tickets", id]) => (Self::UpdateTicket, *id),
            ("POST", ["companies", "tickets", id, "files"]) => (Self::UploadFile, *id),
            ("GET", ["shipments", "details", key]) => (Self::GetShipment, *key),
            ("POST", ["mcp", "activity-log"]) => (Self::LogActivity, ""),
            _ => return None,
        };
        Some((endpoint, percent::decode(parameter)?))
    }

    /// Name for faults, log and counts.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::TicketTypes => "catalog.ticket_types",
            Self::ShipmentStatuses => "catalog.shipment_statuses",
            Self::CreateTicket => "tickets.create",
            Self::ListTickets => "tickets.list",
            Self::GetTicket => "tickets.show",
            Self::UpdateTicket => "tickets.update",
            Self::UploadFile => "tickets.upload",
            Self::GetShipment => "shipments.show",
            Self::LogActivity => "activity_log.create",
        }
    }

    /// True for the routes with a JSON body.
    pub(crate) fn has_body(self) -> bool {
        matches!(
            self,
            Self::CreateTicket | Self::UpdateTicket | Self::UploadFile | Self::LogActivity
        )
    }
}
