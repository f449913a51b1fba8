//! The templates family: texts of mails, notifications, interventions and FAQs.
//!
//! Shapes of `faqs`, `search`, `render` and the image uploads are ours (inferred).

mod images;
mod render;
mod search;
mod seed;

use serde_json::{Value, json};

use super::call::{Call, Handler};
use super::model::State;
use super::reply::Reply;
use super::rows::{List, Outcome, Row, inner, number, object, one_of, pick, settle, text};
use super::switches::Install;

pub(super) use images::{referenced, upload_image};
pub(super) use render::{fill, find_template};
pub(super) use search::contains_term;
pub(super) use seed::seed;

/// Templates and FAQs.
pub(super) const LIST: List = List {
    table: "templates",
    what: "Template",
    key: "template_id",
    fields: &[
        "type",
        "identifier",
        "subject",
        "content",
        "description",
        "legend",
        "keywords",
        "is_enabled",
        "ordinal",
        "category",
        "subcategory",
    ],
};

/// Types that create and update take; `template` is an older word for `email`.
const TYPES: &[&str] = &["email", "notification", "intervention", "faq", "template"];

/// The handler of an action.
pub(super) fn handler(action: &str) -> Option<Handler> {
    let handler: Handler = match action {
        "index" => |state, _| Reply::json(Value::Array(of_kind(state, false))),
        "faqs" => |state, _| Reply::json(Value::Array(of_kind(state, true))),
        "show" => |state, call| settle(show(state, call)),
        "create" => |state, call| settle(create(state, call)),
        "update" => |state, call| settle(update(state, call)),
        "delete" => |state, call| settle(LIST.delete(state, call)),
        "image_upload" => |state, call| settle(upload_image(state, call, &LIST)),
        "render" => |state, call| settle(render::render(state, call)),
        "search" => search::search,
        _ => return None,
    };
    Some(handler)
}

/// Adds a row whose id no template and no stock response has.
pub(super) fn insert(state: &mut State, table: &'static str, mut row: Row) -> u64 {
    let id = state.next_id(LIST.table);
    row.insert("id".to_owned(), Value::from(id));
    state.tables.entry(table).or_default().insert(id, row);
    id
}

/// True when updates reset what they leave out: by switch, and on installs before October 2026.
pub(super) fn resets_omitted(state: &State) -> bool {
    state.switches.reset_omitted_fields || state.switches.install != Install::October
}

/// Changes a template or stock response; installs with the older rule blank what was left out.
pub(super) fn change(row: &mut Row, changes: Row, reset_omitted: bool) {
    if reset_omitted {
        row.extend(object(
            json!({"content": "", "subject": "", "is_enabled": false}),
        ));
    }
    row.extend(changes);
}

/// FAQs in their order, or everything else without bodies.
fn of_kind(state: &State, faqs: bool) -> Vec<Value> {
    let rows = state.tables.get(LIST.table).into_iter().flatten();
    let mut found: Vec<Row> = rows
        .map(|(_, row)| row)
        .filter(|row| is_faq(row) == faqs)
        .cloned()
        .collect();
    if faqs {
        found.sort_by_key(|row| number(row, "ordinal"));
    } else {
        for row in &mut found {
            row.remove("content");
            row.remove("images");
        }
    }
    found.into_iter().map(Value::Object).collect()
}

fn show(state: &State, call: &Call) -> Outcome {
    Ok(Reply::json(json!({"template": LIST.row(state, call)?})))
}

fn create(state: &mut State, call: &Call) -> Outcome {
    one_of(&call.body, "type", TYPES)?;
    let mut given = pick(&call.body, LIST.fields);
    name_type(&mut given);
    if is_faq(&given) {
        given.remove("identifier");
    } else {
        let identifier = text(&given, "identifier");
        if identifier.is_empty() {
            return Err(Reply::invalid(
                "identifier",
                "The identifier field is required unless type is faq.",
            ));
        }
        LIST.unique(state, "identifier", identifier, None)?;
    }
    let mut row = blank();
    row.extend(given);
    let id = insert(state, LIST.table, row);
    let row = LIST.row_mut(state, Some(id))?;
    if is_faq(row) {
        row.insert("identifier".to_owned(), json!(format!("faq-{id}")));
    }
    Ok(Reply::empty())
}

fn update(state: &mut State, call: &Call) -> Outcome {
    let template = inner(call, "template");
    let id = number(&template, "id");
    let stored = LIST.get(state, id);
    let was_faq = is_faq(stored.ok_or_else(|| Reply::not_found(LIST.what))?);
    one_of(&template, "type", TYPES)?;
    let mut changes = pick(&template, LIST.fields);
    name_type(&mut changes);
    if was_faq {
        changes.remove("identifier");
    }
    if let Some(identifier) = changes.get("identifier").and_then(Value::as_str) {
        LIST.unique(state, "identifier", identifier, id)?;
    }
    let reset = resets_omitted(state);
    change(LIST.row_mut(state, id)?, changes, reset);
    Ok(Reply::empty())
}

/// A template before anything is set.
fn blank() -> Row {
    object(json!({
        "type": "email",
        "identifier": "",
        "subject": "",
        "content": "",
        "description": "",
        "legend": "",
        "keywords": "",
        "is_enabled": true,
        "ordinal": 0,
        "category": "",
        "subcategory": "",
        "images": [],
    }))
}

fn is_faq(row: &Row) -> bool {
    text(row, "type") == "faq"
}

fn name_type(row: &mut Row) {
    if text(row, "type") == "template" {
        row.insert("type".to_owned(), json!("email"));
    }
}

#[cfg(test)]
mod tests;
