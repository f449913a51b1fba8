//! The public list of FAQs.

use serde_json::{Value, json};

use super::call::{Call, Handler};
use super::model::State;
use super::reply::Reply;
use super::rows::{flag, pick, text};

/// The handler of an action.
pub(super) fn handler(action: &str) -> Option<Handler> {
    (action == "(root)").then_some(index as Handler)
}

/// The enabled FAQs (shape inferred).
fn index(state: &mut State, _: &Call) -> Reply {
    let rows = state.tables.get("templates").into_iter().flatten();
    let rows = rows.map(|(_, row)| row);
    let shown = rows.filter(|row| text(row, "type") == "faq" && flag(row, "is_enabled"));
    let fields = [
        "id",
        "subject",
        "content",
        "category",
        "subcategory",
        "keywords",
    ];
    let faqs: Vec<Value> = shown.map(|row| Value::Object(pick(row, &fields))).collect();
    Reply::json(json!({"faqs": faqs}))
}
