//! What the back office knows.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::switches::Switches;

/// Offset of the back office's wall clock (Mexico City, without summer time), in seconds.
pub(crate) const LOCAL: i64 = -6 * 3_600;

/// Everything that one back office holds.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) switches: Switches,
    pub(crate) companies: BTreeMap<u64, Company>,
    pub(crate) staff: BTreeMap<u64, Staff>,
    /// Rows as they read, by id.
    pub(crate) shipments: BTreeMap<u64, Map<String, Value>>,
    /// Rows as they read, by id.
    pub(crate) types: BTreeMap<u64, Map<String, Value>>,
    /// Names by id.
    pub(crate) shipment_statuses: BTreeMap<u64, String>,
    pub(crate) tickets: BTreeMap<u64, Ticket>,
    /// Contents of uploaded files by id.
    pub(crate) blobs: BTreeMap<u64, Vec<u8>>,
    pub(crate) activity: Vec<Value>,
    pub(crate) next_ticket: u64,
    pub(crate) next_file: u64,
    pub(crate) next_comment: u64,
}

/// A customer.
#[derive(Debug, Deserialize)]
pub(crate) struct Company {
    pub(crate) id: u64,
    pub(crate) name: String,
    /// Who writes the company's comments.
    pub(crate) contact: String,
    /// Staff member who gets its tickets.
    pub(crate) agent_id: Option<u64>,
}

/// A staff member.
#[derive(Debug, Deserialize)]
pub(crate) struct Staff {
    pub(crate) id: u64,
    pub(crate) name: String,
}

/// A ticket; times are seconds since the epoch.
#[derive(Debug, Default)]
pub(crate) struct Ticket {
    pub(crate) id: u64,
    pub(crate) company_id: u64,
    pub(crate) type_id: u64,
    pub(crate) status_id: u64,
    pub(crate) shipment_id: Option<u64>,
    pub(crate) tracking_number: Option<String>,
    pub(crate) credit_id: Option<u64>,
    pub(crate) carrier_id: Option<u64>,
    pub(crate) warehouse_package_id: Option<String>,
    pub(crate) comments: Option<String>,
    pub(crate) assigned_to_id: Option<u64>,
    pub(crate) reason_decline: Option<Value>,
    pub(crate) variables: Map<String, Value>,
    pub(crate) files: Vec<File>,
    pub(crate) thread: Vec<Comment>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) closed_at: Option<i64>,
    /// Set by hand; computed when absent.
    pub(crate) sla: Option<u64>,
    /// A satisfaction mail is due.
    pub(crate) csat_due: bool,
}

/// A file of a ticket; its content is in [`State::blobs`].
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
}

/// An entry of a ticket's history.
#[derive(Debug)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) author: Author,
    pub(crate) name: String,
    pub(crate) status_id: u64,
    pub(crate) text: String,
    pub(crate) at: i64,
}

/// Whose comment it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Author {
    Client,
    Admin,
}

/// Names of the ticket statuses, by id from 1.
pub(crate) const STATUSES: [&str; 10] = [
    "pending",
    "accepted",
    "declined",
    "incomplete",
    "follow_up",
    "in_review",
    "complete",
    "rejected",
    "in_analysis",
    "claim_in_review",
];

pub(crate) fn status_name(id: u64) -> &'static str {
    let index = usize::try_from(id).ok().and_then(|id| id.checked_sub(1));
    index
        .and_then(|index| STATUSES.get(index).copied())
        .unwrap_or_default()
}

impl State {
    /// The shipment of a tracking number.
    pub(crate) fn tracked(&self, tracking_number: &str) -> Option<(u64, &Map<String, Value>)> {
        let mut shipments = self.shipments.iter();
        shipments
            .find(|(_, row)| text(row, "tracking_number") == Some(tracking_number))
            .map(|(id, row)| (*id, row))
    }

    /// The shipment that a ticket is about.
    pub(crate) fn shipment_of(&self, ticket: &Ticket) -> Option<&Map<String, Value>> {
        match (ticket.shipment_id, &ticket.tracking_number) {
            (Some(id), _) => self.shipments.get(&id),
            (None, Some(number)) => self.tracked(number).map(|(_, row)| row),
            (None, None) => None,
        }
    }

    /// Name of a ticket type.
    pub(crate) fn type_name(&self, id: u64) -> &str {
        let row = self.types.get(&id);
        row.and_then(|row| text(row, "name")).unwrap_or_default()
    }

    /// A new entry for a ticket's history.
    pub(crate) fn comment(
        &mut self,
        ticket: &Ticket,
        author: Author,
        text: String,
        at: i64,
    ) -> Comment {
        let name = match author {
            Author::Client => {
                let company = self.companies.get(&ticket.company_id);
                company.map(|company| company.contact.clone())
            }
            Author::Admin => {
                let staff = ticket.assigned_to_id.and_then(|id| self.staff.get(&id));
                staff.map(|staff| staff.name.clone())
            }
        };
        let id = take(&mut self.next_comment);
        Comment {
            id,
            author,
            name: name.unwrap_or_else(|| "Bot".to_owned()),
            status_id: ticket.status_id,
            text,
            at,
        }
    }
}

impl Ticket {
    /// 2 and 3 take no more changes.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.status_id, 2 | 3)
    }

    /// 0 on time, 1 at risk, 2 overdue: within 24 hours of the client's last word (computation inferred).
    pub(crate) fn sla(&self, now: i64) -> u64 {
        if let Some(sla) = self.sla {
            return sla;
        }
        let words = self.thread.iter().filter(|c| c.author == Author::Client);
        let from = words.map(|comment| comment.at).max();
        let from = from.unwrap_or(self.created_at);
        match self.closed_at.unwrap_or(now) - from {
            waited if waited < 18 * 3_600 => 0,
            waited if waited <= 24 * 3_600 => 1,
            _ => 2,
        }
    }
}

/// A counter's value; the counter goes on.
pub(crate) fn take(counter: &mut u64) -> u64 {
    let id = *counter;
    *counter += 1;
    id
}

/// A text of a row.
pub(crate) fn text<'a>(row: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    row.get(key)?.as_str()
}

/// A whole number of a row.
pub(crate) fn number(row: &Map<String, Value>, key: &str) -> Option<u64> {
    row.get(key)?.as_u64()
}
