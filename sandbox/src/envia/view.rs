//! Tickets as they read.

use serde_json::{Map, Value, json};

use crate::wire::clock::wall_clock;

use super::model::{Author, Comment, File, LOCAL, State, Ticket, status_name, text};
use super::switches::{RecordForm, VariablesForm};

/// Wall clock of the back office.
pub(crate) fn local(at: i64) -> String {
    wall_clock(at + LOCAL)
}

/// Where a file can be read; the name is reserved, nothing answers there.
pub(crate) fn file_url(id: u64) -> String {
    format!("https://files.example.test/{id}")
}

/// A single record in the form of the install.
pub(crate) fn record(state: &State, record: Value) -> Value {
    match state.switches.record {
        RecordForm::Data => json!({"data": record}),
        RecordForm::Bare => record,
        RecordForm::List => json!({"data": [record]}),
    }
}

/// A ticket in the list.
pub(crate) fn row(state: &State, ticket: &Ticket, now: i64) -> Value {
    let shipment = state.shipment_of(ticket);
    let of_shipment = |key: &str| shipment.and_then(|row| row.get(key)).cloned();
    json!({
        "id": ticket.id,
        "company_id": ticket.company_id,
        "company_name": company_name(state, ticket),
        "shipment_id": ticket.shipment_id,
        "tracking_number": ticket.tracking_number,
        "carrier": of_shipment("name"),
        "service": of_shipment("service"),
        "ticket_type_id": ticket.type_id,
        "ticket_type": state.type_name(ticket.type_id),
        "ticket_status_id": ticket.status_id,
        "ticket_status": status_name(ticket.status_id),
        "shipment_type": of_shipment("shipment_type_id"),
        "international": of_shipment("international"),
        "sla": ticket.sla(now),
        "assigned_to_id": ticket.assigned_to_id,
        "created_at": local(ticket.created_at),
        "updated_at": local(ticket.updated_at),
    })
}

/// A ticket with its history.
pub(crate) fn detail(state: &State, ticket: &Ticket) -> Value {
    let shipment = state.shipment_of(ticket);
    let of_shipment = |key: &str| shipment.and_then(|row| row.get(key)).cloned();
    json!({
        "id": ticket.id,
        "company_id": ticket.company_id,
        "company_name": company_name(state, ticket),
        "shipment_id": ticket.shipment_id,
        "credit_id": ticket.credit_id,
        "carrier_id": ticket.carrier_id,
        "warehouse_package_id": ticket.warehouse_package_id,
        "tracking_number": ticket.tracking_number,
        "carrier": of_shipment("name"),
        "service": of_shipment("service"),
        "ticket_type_id": ticket.type_id,
        "ticket_type_name": state.type_name(ticket.type_id),
        "ticket_status_id": ticket.status_id,
        "ticket_status_name": status_name(ticket.status_id),
        "comments": ticket.comments,
        "assigned_to_id": ticket.assigned_to_id,
        "reason_decline": ticket.reason_decline,
        "ticket_variables": variables(state.switches.ticket_variables, &ticket.variables),
        "files": ticket.files.iter().map(file).collect::<Vec<_>>(),
        "allComments": ticket.thread.iter().map(comment).collect::<Vec<_>>(),
        "created_by": 0,
        "created_at": local(ticket.created_at),
        "utc_created_at": wall_clock(ticket.created_at),
        "updated_at": local(ticket.updated_at),
    })
}

/// A shipment with the name of its status.
pub(crate) fn shipment(state: &State, row: &Map<String, Value>) -> Value {
    let mut row = row.clone();
    let status = super::model::number(&row, "status_id");
    let name = status.and_then(|id| state.shipment_statuses.get(&id));
    row.insert("status".to_owned(), json!(name));
    Value::Object(row)
}

/// Turns `id` and every `…_id` into a decimal string.
pub(crate) fn ids_to_text(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(ids_to_text),
        Value::Object(members) => {
            for (key, member) in members {
                if (key == "id" || key.ends_with("_id")) && member.is_u64() {
                    *member = Value::String(member.to_string());
                } else {
                    ids_to_text(member);
                }
            }
        }
        _ => {}
    }
}

fn company_name<'a>(state: &'a State, ticket: &Ticket) -> Option<&'a str> {
    let company = state.companies.get(&ticket.company_id);
    company.map(|company| company.name.as_str())
}

fn variables(form: VariablesForm, variables: &Map<String, Value>) -> Value {
    let object = || Value::Object(variables.clone());
    let none = variables.is_empty();
    match form {
        VariablesForm::OrNull if none => Value::Null,
        VariablesForm::OrEmptyList if none => json!([]),
        VariablesForm::OrEmptyText if none => json!(""),
        VariablesForm::Object | VariablesForm::OrNull | VariablesForm::OrEmptyList => object(),
        VariablesForm::Text | VariablesForm::OrEmptyText => Value::String(object().to_string()),
    }
}

fn file(file: &File) -> Value {
    json!({
        "id": file.id,
        "name": file.name,
        "description": file.description,
        "url": file_url(file.id),
    })
}

fn comment(comment: &Comment) -> Value {
    json!({
        "id": comment.id,
        "type": match comment.author {
            Author::Client => "client",
            Author::Admin => "admin",
        },
        "status_id": comment.status_id,
        "status_name": status_name(comment.status_id),
        "description": comment.text,
        "created_by_name": comment.name,
        "created_at": local(comment.at),
        "utc_created_at": wall_clock(comment.at),
    })
}

/// The ticket types as the catalogue lists them.
pub(crate) fn types(state: &State) -> Value {
    let rows = state.types.values().cloned();
    list(state, rows.map(Value::Object).collect())
}

/// The shipment statuses as the catalogue lists them.
pub(crate) fn shipment_statuses(state: &State) -> Value {
    let rows = state.shipment_statuses.iter();
    list(
        state,
        rows.map(|(id, name)| json!({"id": id, "name": name}))
            .collect(),
    )
}

fn list(state: &State, rows: Vec<Value>) -> Value {
    if state.switches.bare_lists {
        Value::Array(rows)
    } else {
        json!({"data": rows})
    }
}

/// The shipment of an id or a tracking number.
pub(crate) fn find_shipment<'a>(state: &'a State, key: &str) -> Option<&'a Map<String, Value>> {
    let by_id = key.parse().ok().and_then(|id| state.shipments.get(&id));
    by_id.or_else(|| {
        let mut rows = state.shipments.values();
        rows.find(|row| text(row, "tracking_number") == Some(key))
    })
}
