//! The demo data, from the crate's data files.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::model::{Author, Company, File, Staff, State, Ticket, number, take, text};

/// A ticket of the demo data.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: u64,
    company_id: u64,
    type_id: u64,
    status_id: u64,
    comments: Option<String>,
    /// Hours from its creation to the start of the double.
    hours_ago: i64,
    shipment_id: Option<u64>,
    #[serde(default)]
    variables: Map<String, Value>,
    assigned_to_id: Option<u64>,
    credit_id: Option<u64>,
    reason_decline: Option<Value>,
    closed_hours_ago: Option<i64>,
    /// Last word of the staff.
    closing: Option<String>,
    sla: Option<u64>,
    #[serde(default)]
    files: Vec<FileRow>,
}

#[derive(Debug, Deserialize)]
struct FileRow {
    name: String,
    description: Option<String>,
}

/// The demo back office; its tickets end at `now`.
///
/// # Errors
///
/// A data file is broken.
pub(crate) fn state(now: i64, tickets: bool) -> serde_json::Result<State> {
    let mut state = State {
        next_ticket: 58_231,
        next_file: 9_001,
        next_comment: 1,
        ..State::default()
    };
    let companies: Vec<Company> = read(include_str!("../../data/envia/companies.json"))?;
    state.companies = companies.into_iter().map(|row| (row.id, row)).collect();
    let staff: Vec<Staff> = read(include_str!("../../data/envia/staff.json"))?;
    state.staff = staff.into_iter().map(|row| (row.id, row)).collect();
    for row in read::<Map<String, Value>>(include_str!("../../data/envia/ticket-types.json"))? {
        state
            .types
            .insert(number(&row, "id").unwrap_or_default(), row);
    }
    for row in read::<Map<String, Value>>(include_str!("../../data/envia/shipments.json"))? {
        state
            .shipments
            .insert(number(&row, "id").unwrap_or_default(), row);
    }
    for row in read::<Map<String, Value>>(include_str!("../../data/envia/shipment-statuses.json"))?
    {
        let name = text(&row, "name").unwrap_or_default().to_owned();
        state
            .shipment_statuses
            .insert(number(&row, "id").unwrap_or_default(), name);
    }
    if tickets {
        for row in read::<Row>(include_str!("../../data/envia/tickets.json"))? {
            row.insert(&mut state, now);
        }
    }
    Ok(state)
}

fn read<T: for<'de> Deserialize<'de>>(text: &str) -> serde_json::Result<Vec<T>> {
    serde_json::from_str(text)
}

impl Row {
    fn insert(self, state: &mut State, now: i64) {
        let created_at = now - self.hours_ago * 3_600;
        let closed_at = self.closed_hours_ago.map(|hours| now - hours * 3_600);
        let shipment = self.shipment_id.and_then(|id| state.shipments.get(&id));
        let mut ticket = Ticket {
            id: self.id,
            company_id: self.company_id,
            type_id: self.type_id,
            status_id: self.status_id,
            shipment_id: self.shipment_id,
            tracking_number: shipment
                .and_then(|row| text(row, "tracking_number"))
                .map(str::to_owned),
            carrier_id: shipment.and_then(|row| number(row, "carrier_id")),
            credit_id: self.credit_id,
            comments: self.comments,
            assigned_to_id: self.assigned_to_id,
            reason_decline: self.reason_decline,
            variables: self.variables,
            created_at,
            updated_at: closed_at.unwrap_or(created_at),
            closed_at,
            sla: self.sla,
            ..Ticket::default()
        };
        let files = self.files.into_iter().map(|file| File {
            id: take(&mut state.next_file),
            name: file.name,
            description: file.description,
        });
        ticket.files = files.collect();
        if let Some(text) = ticket.comments.clone() {
            let mut comment = state.comment(&ticket, Author::Client, text, created_at);
            comment.status_id = 1;
            ticket.thread.push(comment);
        }
        if let Some(text) = self.closing {
            let comment = state.comment(&ticket, Author::Admin, text, ticket.updated_at);
            ticket.thread.push(comment);
        }
        state.tickets.insert(ticket.id, ticket);
    }
}
