//! `POST /companies/tickets`.

use serde_json::{Map, Value, json};

use super::boom::{Boom, Handled, Reply};
use super::fields::Fields;
use super::model::{Author, State, Ticket, number, take, text};
use super::rules;
use super::switches::CreatedForm;

/// The keys that are no variables.
const KNOWN: [&str; 14] = [
    "company_id",
    "type",
    "comments",
    "shipment_id",
    "tracking_number",
    "amount",
    "assigned_to_id",
    "credit_id",
    "carrier_id",
    "warehouse_package_id",
    "data",
    "variables",
    "ticket_variables",
    "documents",
];

/// Opens a ticket.
pub(crate) fn create(state: &mut State, body: &Map<String, Value>, now: i64) -> Handled {
    let mut ticket = read(body)?;
    fill(state, &mut ticket)?;
    let documents = ticket.variables.get("documents").and_then(Value::as_array);
    if ticket.type_id == 19 && documents.is_none_or(Vec::is_empty) {
        return Err(Boom::new(422, "This ticket type needs documents."));
    }
    if state.switches.enforce_rules {
        rules::admit(state, &ticket)?;
    }
    if has_twin(state, &ticket) {
        let text = "The shipment already has an active ticket of this type.";
        return Err(Boom::new(409, text));
    }
    ticket.id = take(&mut state.next_ticket);
    ticket.created_at = now;
    ticket.updated_at = now;
    let description = ticket.comments.clone().unwrap_or_default();
    let comment = state.comment(&ticket, Author::Client, description, now);
    ticket.thread.push(comment);
    let id = json!({"id": ticket.id});
    state.tickets.insert(ticket.id, ticket);
    Ok(match state.switches.created {
        CreatedForm::Bare => Reply::ok(id),
        CreatedForm::Data => Reply::ok(json!({"data": id})),
        CreatedForm::Created => Reply {
            status: 201,
            body: id,
        },
    })
}

/// The ticket that a body describes.
fn read(body: &Map<String, Value>) -> Result<Ticket, Boom> {
    let mut fields = Fields::of(body);
    for key in ["company_id", "type", "comments"] {
        fields.require(key);
    }
    let ticket = Ticket {
        company_id: fields.id("company_id").unwrap_or_default(),
        type_id: fields.id("type").unwrap_or_default(),
        comments: fields.text("comments"),
        status_id: 1,
        shipment_id: fields.id("shipment_id"),
        tracking_number: fields.text("tracking_number"),
        assigned_to_id: fields.id("assigned_to_id"),
        credit_id: fields.id("credit_id"),
        carrier_id: fields.id("carrier_id"),
        warehouse_package_id: fields.text("warehouse_package_id"),
        variables: variables(&mut fields, body),
        ..Ticket::default()
    };
    fields.check()?;
    Ok(ticket)
}

/// Variables from all the places in which they may travel (inferred); the explicit amount wins.
fn variables(fields: &mut Fields<'_>, body: &Map<String, Value>) -> Map<String, Value> {
    let mut variables = fields.read("data", object_or_text).unwrap_or_default();
    for key in ["variables", "ticket_variables"] {
        variables.extend(fields.read(key, object).unwrap_or_default());
    }
    for (key, value) in body {
        if KNOWN.contains(&key.as_str()) {
            continue;
        }
        if value.is_array() || value.is_object() {
            fields.refuse(key);
        } else {
            variables.insert(key.clone(), value.clone());
        }
    }
    if let Some(documents) = fields.read("documents", Value::as_array) {
        variables.insert("documents".to_owned(), documents.clone().into());
    }
    if let Some(amount) = fields.read("amount", |value| value.is_number().then_some(value)) {
        variables.insert("amount".to_owned(), amount.clone());
    }
    variables
}

fn object(value: &Value) -> Option<Map<String, Value>> {
    value.as_object().cloned()
}

fn object_or_text(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::String(text) => serde_json::from_str(text).ok(),
        other => object(other),
    }
}

/// Looks up what the ticket points to, and takes over what follows from it.
fn fill(state: &State, ticket: &mut Ticket) -> Result<(), Boom> {
    let Some(company) = state.companies.get(&ticket.company_id) else {
        return Err(Boom::not_found("Company"));
    };
    if !state.types.contains_key(&ticket.type_id) {
        return Err(Boom::not_found("Ticket type"));
    }
    if let Some(id) = ticket.shipment_id {
        // A shipment of another company is as good as none (inferred).
        let shipment = state.shipments.get(&id);
        let own = shipment.filter(|row| number(row, "company_id") == Some(ticket.company_id));
        let Some(shipment) = own else {
            return Err(Boom::not_found("Shipment"));
        };
        let tracking_number = text(shipment, "tracking_number").map(str::to_owned);
        ticket.tracking_number = ticket.tracking_number.take().or(tracking_number);
        ticket.carrier_id = ticket.carrier_id.or(number(shipment, "carrier_id"));
    }
    match ticket.assigned_to_id {
        Some(id) if !state.staff.contains_key(&id) => return Err(Boom::not_found("Staff member")),
        Some(_) => {}
        // Without an agent of the company's own it goes to the bot user.
        None => ticket.assigned_to_id = Some(company.agent_id.unwrap_or(0)),
    }
    Ok(())
}

/// True when the same shipment has an active ticket of the same type. Declined (3) counts here.
fn has_twin(state: &State, ticket: &Ticket) -> bool {
    ticket.shipment_id.is_some()
        && state.tickets.values().any(|other| {
            other.shipment_id == ticket.shipment_id
                && other.type_id == ticket.type_id
                && matches!(other.status_id, 1 | 3 | 5 | 6)
        })
}
