//! `POST /companies/tickets/{ticket_id}/files`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::boom::{Boom, Handled, Reply};
use super::fields::Fields;
use super::model::{File, State, take};
use super::view::file_url;

const KNOWN: [&str; 5] = [
    "company_id",
    "name",
    "content_base64",
    "content_type",
    "description",
];

const TYPES: [&str; 3] = ["image/jpeg", "image/png", "application/pdf"];

/// Stores a file of a ticket.
pub(crate) fn upload(state: &mut State, id: u64, body: &Map<String, Value>) -> Handled {
    let mut fields = Fields::of(body);
    fields.only(&KNOWN);
    for key in KNOWN.into_iter().filter(|key| *key != "description") {
        fields.require(key);
    }
    let company_id = fields.id("company_id");
    let name = fields.text("name").unwrap_or_default();
    let content = fields.read("content_base64", |value| {
        let text = value.as_str().filter(|text| !text.is_empty())?;
        STANDARD.decode(text).ok()
    });
    fields.read("content_type", |value| {
        TYPES.contains(&value.as_str()?).then_some(())
    });
    let description = fields.read("description", Value::as_str).map(str::to_owned);
    fields.check()?;
    let ticket = state.tickets.get_mut(&id);
    let Some(ticket) = ticket.filter(|ticket| Some(ticket.company_id) == company_id) else {
        return Err(Boom::not_found("Ticket"));
    };
    let id = take(&mut state.next_file);
    let stored = json!({"id": id, "name": name, "url": file_url(id)});
    ticket.files.push(File {
        id,
        name,
        description,
    });
    state.blobs.insert(id, content.unwrap_or_default());
    Ok(Reply::ok(json!({"success": true, "data": stored})))
}
