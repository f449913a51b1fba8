//! Reading one ticket.

use std::borrow::Cow;

use api_core::{
    Endpoint, Method, Problem, Spec,
    path::{self, PathError},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    problems::Problems,
    statuses::TicketStatus,
    types::{
        CarrierId, CompanyId, CreditId, FileId, Id, One, ShipmentId, StaffId, TicketId, TypeId,
        Variables, lenient,
    },
};

/// Reads one ticket with its variables, files and comments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Show {
    /// Id of the ticket. Example: 58231.
    #[serde(skip_serializing)]
    pub ticket_id: TicketId,
}

impl Show {
    /// The request for one ticket.
    pub fn new(ticket_id: impl Into<TicketId>) -> Self {
        Self {
            ticket_id: ticket_id.into(),
        }
    }
}

impl Endpoint for Show {
    type Response = One<Ticket>;
    const SPEC: Spec =
        Spec::read("tickets.show", "companies/tickets/{ticket_id}").method(Method::Get);

    fn path(&self) -> Result<Cow<'static, str>, PathError> {
        path::fill(
            Self::SPEC.path,
            &[("ticket_id", &self.ticket_id.to_string())],
        )
    }

    fn problems(&self) -> Vec<Problem> {
        Problems::default()
            .id("ticket_id", Some(self.ticket_id.get()))
            .take()
    }
}

/// A ticket. Beside `ticket_type_id` and `ticket_variables` its fields are (inferred); what is not told is `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Ticket {
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
    /// Credit that it is about.
    #[serde(default, deserialize_with = "lenient::known")]
    pub credit_id: Option<CreditId>,
    /// Carrier that it is about.
    #[serde(default, deserialize_with = "lenient::known")]
    pub carrier_id: Option<CarrierId>,
    /// Package in a warehouse that it is about.
    #[serde(default, deserialize_with = "lenient::text")]
    pub warehouse_package_id: Option<String>,
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
    pub ticket_type_name: Option<String>,
    /// Its status.
    #[serde(default, deserialize_with = "lenient::known")]
    pub ticket_status_id: Option<TicketStatus>,
    /// Name of its status.
    #[serde(default, deserialize_with = "lenient::text")]
    pub ticket_status_name: Option<String>,
    /// The first description.
    #[serde(default, deserialize_with = "lenient::text")]
    pub comments: Option<String>,
    /// Member of staff that has it.
    #[serde(default, deserialize_with = "lenient::known")]
    pub assigned_to_id: Option<StaffId>,
    /// Why it was declined: an id or a text.
    #[serde(default)]
    pub reason_decline: Value,
    /// Its type-specific variables; see also [`Ticket::variables`].
    #[serde(default)]
    pub ticket_variables: Variables,
    /// Its files.
    #[serde(default, deserialize_with = "lenient::list")]
    pub files: Vec<TicketFile>,
    /// Its comments, in the order of the answer.
    #[serde(default, rename = "allComments", deserialize_with = "lenient::list")]
    pub comments_list: Vec<Comment>,
    /// User that opened it; 0 is the system.
    #[serde(default, deserialize_with = "lenient::known")]
    pub created_by: Option<Id>,
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

impl Ticket {
    /// The variables of the ticket: `ticket_variables`, or `data` when that is empty (inferred).
    #[must_use]
    pub fn variables(&self) -> Cow<'_, Variables> {
        let own = &self.ticket_variables;
        match self.extra.get("data") {
            Some(data) if own.values.is_empty() && !own.unreadable => {
                Cow::Owned(Variables::from_value(data.clone()))
            }
            _ => Cow::Borrowed(own),
        }
    }
}

/// A file of a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TicketFile {
    /// Id of the file.
    #[serde(default, deserialize_with = "lenient::known")]
    pub id: Option<FileId>,
    /// Its name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// What it shows.
    #[serde(default, deserialize_with = "lenient::text")]
    pub description: Option<String>,
    /// Where it can be had.
    #[serde(default, deserialize_with = "lenient::text")]
    pub url: Option<String>,
    /// What else the answer holds.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A comment of a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Comment {
    /// Id of the comment.
    #[serde(default, deserialize_with = "lenient::known")]
    pub id: Option<Id>,
    /// Who wrote it: `client` or `admin`.
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    pub author: Option<String>,
    /// Status of the ticket since that comment.
    #[serde(default, deserialize_with = "lenient::known")]
    pub status_id: Option<TicketStatus>,
    /// Its text.
    #[serde(default, deserialize_with = "lenient::text")]
    pub description: Option<String>,
    /// Name of the person that wrote it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub created_by_name: Option<String>,
    /// When it was written, `YYYY-MM-DD HH:MM:SS` in the server's time.
    #[serde(default, deserialize_with = "lenient::text")]
    pub created_at: Option<String>,
    /// What else the answer holds.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
