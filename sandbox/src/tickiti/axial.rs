//! The axial family: skills that the AI assistant drafts from.
//!
//! Wrappers and the shape of `options` are ours (inferred).

mod actions;
mod seed;

use serde_json::{Value, json};

use super::call::{Call, Handler};
use super::model::State;
use super::reply::Reply;
use super::rows::{List, Outcome, Row, one_of, pick, settle, taken_field, text};
use super::settings::is_citable;

pub(super) use seed::seed;

/// The skills, each with its `actions`.
const LIST: List = List {
    table: "skills",
    what: "Skill",
    key: "skill",
    fields: &[
        "key",
        "title",
        "description",
        "instructions",
        "triggers",
        "composition",
        "citation_set",
        "enabled",
        "ordinal",
        "parent_key",
    ],
};

/// The skill that can be neither renamed nor deleted.
const RESERVED: &str = "axial.core";

/// How a skill may put an answer together.
const COMPOSITIONS: &[&str] = &["vetted", "guided", "open"];

/// The handler of an action.
pub(super) fn handler(action: &str) -> Option<Handler> {
    let handler: Handler = match action {
        "skills.index" => index,
        "skills.options" => |_, _| Reply::json(options()),
        "skills.show" => |state, call| settle(show(state, call)),
        "skills.create" => |state, call| settle(create(state, call)),
        "skills.update" => |state, call| settle(update(state, call)),
        "skills.delete" => |state, call| settle(delete(state, call)),
        "skills.actions.upsert" => |state, call| settle(actions::upsert(state, call)),
        "skills.actions.delete" => |state, call| settle(actions::delete(state, call)),
        _ => return None,
    };
    Some(handler)
}

fn index(state: &mut State, _call: &Call) -> Reply {
    let fields = [
        "id",
        "key",
        "title",
        "description",
        "composition",
        "enabled",
        "reserved",
    ];
    let rows = state.tables.get(LIST.table).into_iter().flatten();
    let skills: Vec<Row> = rows
        .map(|(_, row)| {
            let mut short = pick(row, &fields);
            let actions = row.get("actions").and_then(Value::as_array);
            let count = actions.map_or(0, Vec::len);
            short.insert("action_count".to_owned(), json!(count));
            short
        })
        .collect();
    Reply::json(json!({"skills": skills}))
}

fn options() -> Value {
    json!({
        "handlers": actions::LOCAL_HANDLERS,
        "handler_types": actions::HANDLER_TYPES,
        "permissions": actions::PERMISSIONS,
        "compositions": COMPOSITIONS,
        "skill_fields": LIST.fields,
        "action_fields": actions::FIELDS,
    })
}

fn show(state: &mut State, call: &Call) -> Outcome {
    let id = find(state, call)?;
    whole(state, id)
}

/// Adds a skill with its actions, or nothing at all.
fn create(state: &mut State, call: &Call) -> Outcome {
    check(state, &call.body, None)?;
    let given = call.body.get("actions").and_then(Value::as_array);
    let mut actions = Vec::new();
    for action in given.into_iter().flatten() {
        actions::merge(&mut actions, action)?;
    }
    let defaults = json!({
        "triggers": "",
        "composition": "vetted",
        "citation_set": [],
        "enabled": true,
        "ordinal": 0,
        "parent_key": null,
        "reserved": false,
        "actions": actions,
    });
    let id = LIST.add(state, defaults, &call.body);
    whole(state, id)
}

/// Changes the given fields; skills below a renamed one follow it.
fn update(state: &mut State, call: &Call) -> Outcome {
    let id = find(state, call)?;
    check(state, &call.body, Some(id))?;
    let row = LIST.row_mut(state, Some(id))?;
    let old = text(row, "key").to_owned();
    let new = call.text("key").unwrap_or_else(|| old.clone());
    if old == RESERVED && new != old {
        return Err(Reply::forbidden("The skill axial.core cannot be renamed."));
    }
    row.extend(pick(&call.body, LIST.fields));
    adopt(state, &old, &json!(new));
    whole(state, id)
}

/// Removes a skill and its actions; skills below it move to the top.
fn delete(state: &mut State, call: &Call) -> Outcome {
    let id = find(state, call)?;
    let key = text(LIST.row_mut(state, Some(id))?, "key").to_owned();
    if key == RESERVED {
        return Err(Reply::forbidden("The skill axial.core cannot be deleted."));
    }
    state.tables.entry(LIST.table).or_default().remove(&id);
    adopt(state, &key, &Value::Null);
    Ok(Reply::empty())
}

/// Gives the skills below one key another parent.
fn adopt(state: &mut State, old: &str, new: &Value) {
    let rows = state.tables.entry(LIST.table).or_default();
    for row in rows
        .values_mut()
        .filter(|row| text(row, "parent_key") == old)
    {
        row.insert("parent_key".to_owned(), new.clone());
    }
}

/// The id of the skill that a call names by key or id.
fn find(state: &State, call: &Call) -> Result<u64, Reply> {
    let named = call.text("skill").unwrap_or_default();
    let mut rows = state.tables.get(LIST.table).into_iter().flatten();
    rows.find(|(id, row)| text(row, "key") == named || id.to_string() == named)
        .map(|(id, _)| *id)
        .ok_or_else(|| Reply::not_found(LIST.what))
}

fn whole(state: &mut State, id: u64) -> Outcome {
    let row = LIST.row_mut(state, Some(id))?;
    Ok(Reply::json(json!({"skill": row})))
}

/// The rules that create and update share.
fn check(state: &State, given: &Row, id: Option<u64>) -> Result<(), Reply> {
    if let Some(key) = given.get("key").and_then(Value::as_str) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '_';
        if key.is_empty() || !key.chars().all(plain) {
            let message = "The key may have lower-case letters, digits, dots and underscores.";
            return Err(Reply::invalid("key", message));
        }
        LIST.unique(state, "key", key, id)
            .map_err(|_| taken_field("key"))?;
    }
    one_of(given, "composition", COMPOSITIONS)?;
    check_parent(state, given, id)?;
    let citations = given.get("citation_set").and_then(Value::as_array);
    for citation in citations.into_iter().flatten().filter_map(Value::as_str) {
        if !is_citable(state, citation) {
            let message = format!("{citation} is no stock response that may be cited.");
            return Err(Reply::invalid("citation_set", &message));
        }
    }
    Ok(())
}

/// The parent must exist, and must not stand below the skill itself.
fn check_parent(state: &State, given: &Row, id: Option<u64>) -> Result<(), Reply> {
    let rows = state.tables.get(LIST.table);
    let by_key = |key: &str| {
        let mut rows = rows.into_iter().flatten();
        rows.find(|(_, row)| text(row, "key") == key)
    };
    let mut parent = text(given, "parent_key");
    let steps = rows.map_or(0, std::collections::BTreeMap::len);
    for _ in 0..=steps {
        if parent.is_empty() {
            return Ok(());
        }
        match by_key(parent) {
            Some((found, row)) if Some(*found) != id => parent = text(row, "parent_key"),
            _ => break,
        }
    }
    let message = "The selected parent key is unknown or leads back to this skill.";
    Err(Reply::invalid("parent_key", message))
}

#[cfg(test)]
mod tests;
