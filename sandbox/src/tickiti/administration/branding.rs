//! Names, colours and logos.

use serde_json::{Value, json};

use crate::tickiti::call::Call;
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, settings};

/// Name of the settings object.
pub(super) const SETTINGS: &str = "branding";

/// The settings, the logos by file name and size.
pub(super) fn index(state: &mut State, _call: &Call) -> Reply {
    Reply::json(Value::Object(settings(state, SETTINGS).clone()))
}

/// Stores whatever is given but the logos, since the fields are not known.
pub(super) fn update(state: &mut State, call: &Call) -> Reply {
    let given = call
        .body
        .iter()
        .filter(|(field, _)| !field.ends_with("_logo"));
    let given = given.map(|(field, value)| (field.clone(), value.clone()));
    settings(state, SETTINGS).extend(given);
    Reply::empty()
}

/// Takes a new logo.
pub(super) fn set_logo(state: &mut State, call: &Call, field: &str) -> Outcome {
    let file = call.files.first();
    let file = file.ok_or_else(|| Reply::invalid("file", "The file field is required."))?;
    let logo = json!({"name": file.file_name, "file_size": file.content.len()});
    settings(state, SETTINGS).insert(field.to_owned(), logo);
    Ok(Reply::empty())
}

/// Goes back to the logo of the product.
pub(super) fn reset_logo(state: &mut State, field: &str) -> Reply {
    settings(state, SETTINGS).insert(field.to_owned(), Value::Null);
    Reply::empty()
}
