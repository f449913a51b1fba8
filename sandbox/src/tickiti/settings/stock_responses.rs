//! Stock responses: texts that staff put into replies.

use serde_json::{Value, json};

use crate::tickiti::call::Call;
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{
    List, Outcome, Row, caller, flag, inner, is_admin, number, object, one_of, pick,
};
use crate::tickiti::switches::Install;
use crate::tickiti::templates::{change, contains_term, insert, resets_omitted};

/// The stock responses; their ids come from the same source as those of the templates.
pub(in crate::tickiti) const LIST: List = List {
    table: "stock_responses",
    what: "Stock response",
    key: "template_id",
    fields: &[
        "identifier",
        "category",
        "subcategory",
        "subject",
        "keywords",
        "content",
        "is_enabled",
        "notes",
        "ai_relevance",
    ],
};

const AI_RELEVANCE: &[&str] = &["as_is", "compose", "reference", "exclude"];

/// All of them, or those that contain a text; bodies only on request.
///
/// Installs before October 2026 know neither choice.
pub(super) fn index(state: &mut State, call: &Call) -> Reply {
    let is_newest = state.switches.install == Install::October;
    let search = call.text("search").filter(|_| is_newest);
    let search = search.unwrap_or_default().to_lowercase();
    let mut fields = vec!["id", "identifier", "category", "subcategory", "keywords"];
    fields.push("use_count");
    if is_newest && call.flag("include_content") == Some(true) {
        fields.extend(["subject", "content", "is_enabled", "ai_relevance"]);
    }
    let rows = state.tables.get(LIST.table).into_iter().flatten();
    let found: Vec<Row> = rows
        .map(|(_, row)| row)
        .filter(|row| contains_term(row, &search))
        .map(|row| pick(row, &fields))
        .collect();
    Reply::json(json!({"stock_responses": found}))
}

/// One with its body.
pub(super) fn show(state: &mut State, call: &Call) -> Outcome {
    Ok(Reply::json(json!({"template": LIST.row(state, call)?})))
}

/// Adds one.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    let given = titled(call.body.clone());
    check(call, &given)?;
    let mut row = blank();
    row.extend(pick(&given, LIST.fields));
    let id = insert(state, LIST.table, row);
    Ok(Reply::json(json!({"template": {"id": id}})))
}

/// Changes the given fields.
pub(super) fn update(state: &mut State, call: &Call) -> Outcome {
    let template = titled(inner(call, "template"));
    let reset = resets_omitted(state);
    let id = number(&template, "id");
    if LIST.get(state, id).is_none() {
        return Err(Reply::not_found(LIST.what));
    }
    check(call, &template)?;
    change(
        LIST.row_mut(state, id)?,
        pick(&template, LIST.fields),
        reset,
    );
    Ok(Reply::empty())
}

/// A stock response before anything is set.
pub(super) fn blank() -> Row {
    object(json!({
        "type": "stock-response",
        "identifier": "",
        "category": "",
        "subcategory": "",
        "subject": "",
        "keywords": "",
        "content": "",
        "is_enabled": true,
        "notes": "",
        "ai_relevance": "reference",
        "use_count": 0,
        "images": [],
    }))
}

/// Older clients say `title` for the identifier.
fn titled(mut given: Row) -> Row {
    if let Some(title) = given.remove("title") {
        given.entry("identifier").or_insert(title);
    }
    given
}

fn check(call: &Call, given: &Row) -> Result<(), Reply> {
    if given.contains_key("ai_relevance") && !is_admin(caller(call)?) {
        return Err(Reply::forbidden("Only an admin may set ai_relevance."));
    }
    one_of(given, "ai_relevance", AI_RELEVANCE)
}

/// True when the assistant may cite a stock response of this identifier.
pub(in crate::tickiti) fn is_citable(state: &State, identifier: &str) -> bool {
    let rows = state.tables.get(LIST.table).into_iter().flatten();
    rows.map(|(_, row)| row).any(|row| {
        let relevance = row.get("ai_relevance").and_then(Value::as_str);
        let named = row.get("identifier").and_then(Value::as_str) == Some(identifier);
        named && flag(row, "is_enabled") && matches!(relevance, Some("as_is" | "compose"))
    })
}
