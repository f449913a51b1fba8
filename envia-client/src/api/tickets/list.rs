//! Finding tickets.

use api_core::{Endpoint, Method, Problem, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    problems::Problems,
    statuses::TicketStatus,
    types::{
        CompanyId, Date, International, Page, ShipmentId, ShipmentKind, Sla, StaffId, TicketId,
        TypeId, lenient,
    },
};

/// Rows of a page when nothing is said.
const DEFAULT_LENGTH: u64 = 10;
/// Rows of a page at most (inferred).
const MAX_LENGTH: u64 = 100;

/// Lists tickets, newest first; all filters must hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct List {
    /// Tickets of one company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_id: Option<CompanyId>,
    /// One ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_id: Option<TicketId>,
    /// Tickets of one shipment; the way to find a ticket that exists already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub tracking_number: Option<String>,
    /// Name of a ticket type, not its id. Example: `overweight`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub ticket_type: Option<String>,
    /// Status of the ticket; sent as its name.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "TicketStatus::by_name"
    )]
    pub ticket_status: Option<TicketStatus>,
    /// Name of a carrier. Example: `dhl`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub carrier: Option<String>,
    /// Kind of freight: 1 parcel, 2 LTL, 3 FTL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment_type: Option<ShipmentKind>,
    /// 0 within Mexico, 1 out of it, 2 into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub international: Option<International>,
    /// 0 on time, 1 at risk, 2 overdue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla: Option<Sla>,
    /// Opened on that day or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_start_date: Option<Date>,
    /// Opened on that day or earlier; the whole day counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_end_date: Option<Date>,
    /// Number of tickets to skip. Default: 0.
    #[serde(default)]
    pub start: u64,
    /// Number of tickets at most, 1 to 100. Default: 10.
    #[serde(default = "default_length")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_LENGTH)))]
    pub length: u64,
}

const fn default_length() -> u64 {
    DEFAULT_LENGTH
}

impl Default for List {
    fn default() -> Self {
        Self {
            company_id: None,
            ticket_id: None,
            tracking_number: None,
            ticket_type: None,
            ticket_status: None,
            carrier: None,
            shipment_type: None,
            international: None,
            sla: None,
            created_start_date: None,
            created_end_date: None,
            start: 0,
            length: DEFAULT_LENGTH,
        }
    }
}

impl Endpoint for List {
    type Response = Page<Row>;
    const SPEC: Spec = Spec::read("tickets.list", "companies/tickets").method(Method::Get);

    fn problems(&self) -> Vec<Problem> {
        let in_order = match (self.created_start_date, self.created_end_date) {
            (Some(start), Some(end)) => start <= end,
            _ => true,
        };
        Problems::default()
            .id("company_id", self.company_id.map(CompanyId::get))
            .id("ticket_id", self.ticket_id.map(TicketId::get))
            .filled("tracking_number", self.tracking_number.as_deref())
            .filled("ticket_type", self.ticket_type.as_deref())
            .filled("carrier", self.carrier.as_deref())
            .require(
                in_order,
                "created_start_date, created_end_date",
                "must be in order: the start is after the end",
            )
            .require(
                (1..=MAX_LENGTH).contains(&self.length),
                "length",
                "must be from 1 to 100",
            )
            .take()
    }
}

/// A ticket in a list. Which fields a row has is (inferred); what is not told is `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Row {
    /// Id of the ticket.
    pub id: TicketId,
    /// Company that it belongs to.
    #[serde(default, deserialize_with = "lenient::known")]
    pub company_id: Option<CompanyId>,
    /// Name of the company.
    #[serde(default, deserialize_with = "lenient::text")]
    pub company_name: Option<String>,
    /// Shipment that it is about.
    #[serde(default, deserialize_with = "lenient::known")]
    pub shipment_id: Option<ShipmentId>,
    /// Tracking number of the shipment.
    #[serde(default, deserialize_with = "lenient::text")]
    pub tracking_number: Option<String>,
    /// Name of the carrier.
    #[serde(default, deserialize_with = "lenient::text")]
    pub carrier: Option<String>,
    /// Service of the carrier.
    #[serde(default, deserialize_with = "lenient::text")]
    pub service: Option<String>,
    /// Id of its type.
    #[serde(default, deserialize_with = "lenient::known")]
    pub ticket_type_id: Option<TypeId>,
    /// Name of its type.
    #[serde(default, deserialize_with = "lenient::text")]
    pub ticket_type: Option<String>,
    /// Its status.
    #[serde(default, deserialize_with = "lenient::known")]
    pub ticket_status_id: Option<TicketStatus>,
    /// Name of its status.
    #[serde(default, deserialize_with = "lenient::text")]
    pub ticket_status: Option<String>,
    /// Kind of freight.
    #[serde(default, deserialize_with = "lenient::known")]
    pub shipment_type: Option<ShipmentKind>,
    /// Whether the shipment crosses a border.
    #[serde(default, deserialize_with = "lenient::known")]
    pub international: Option<International>,
    /// How it stands against the time promised.
    #[serde(default, deserialize_with = "lenient::known")]
    pub sla: Option<Sla>,
    /// Member of staff that has it.
    #[serde(default, deserialize_with = "lenient::known")]
    pub assigned_to_id: Option<StaffId>,
    /// When it was opened, `YYYY-MM-DD HH:MM:SS` in the server's time.
    #[serde(default, deserialize_with = "lenient::text")]
    pub created_at: Option<String>,
    /// When it was changed last, in the same form.
    #[serde(default, deserialize_with = "lenient::text")]
    pub updated_at: Option<String>,
    /// What else the answer holds.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
