//! Perspectives: saved ticket searches.

use serde_json::{Value, json};

use super::{check_may_change, check_may_share, is_own, is_visible};
use crate::tickiti::call::Call;
use crate::tickiti::model::{State, User};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{List, Outcome, Row, caller, flag, one_of, pick, text};
use crate::tickiti::switches::Install;

/// The perspectives of everybody.
pub(super) const LIST: List = List {
    table: "perspectives",
    what: "Perspective",
    key: "perspective_id",
    fields: &[
        "name",
        "description",
        "shared",
        "show_in_crm",
        "display_mode",
        "conditions",
        "orders",
    ],
};

/// `mine`: the caller's own, in short; `all`: everything in sight, with conditions and orders.
///
/// Installs before October 2026 know `mine` only (inferred).
pub(super) fn index(state: &mut State, call: &Call) -> Outcome {
    let user = caller(call)?;
    one_of(&call.body, "scope", &["mine", "all"])?;
    let rows = state.tables.get(LIST.table).into_iter().flatten();
    let rows = rows.map(|(_, row)| row);
    let is_newest = state.switches.install == Install::October;
    let perspectives: Vec<Row> = if is_newest && call.text("scope").as_deref() == Some("all") {
        rows.filter(|row| is_visible(row, user)).cloned().collect()
    } else {
        let short = ["id", "name", "description", "shared", "display_mode"];
        rows.filter(|row| is_own(row, user))
            .map(|row| pick(row, &short))
            .collect()
    };
    Ok(Reply::json(json!({"perspectives": perspectives})))
}

/// One perspective, by id or by name.
pub(super) fn show(state: &mut State, call: &Call) -> Outcome {
    let user = caller(call)?;
    let row = find(state, call, user)?;
    Ok(Reply::json(json!({"perspective": row})))
}

/// Adds a perspective of the caller.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    let user = caller(call)?;
    check(call, user)?;
    let defaults = json!({
        "description": "",
        "shared": false,
        "show_in_crm": false,
        "display_mode": "List",
        "conditions": [],
        "orders": [],
        "built_in": false,
        "owner_id": user.id,
    });
    let id = LIST.add(state, defaults, &call.body);
    Ok(Reply::json(json!({"perspective_id": id})))
}

/// Changes the given fields.
pub(super) fn update(state: &mut State, call: &Call) -> Outcome {
    let user = caller(call)?;
    check_may_change(find(state, call, user)?, user)?;
    check(call, user)?;
    LIST.update(state, call)
}

/// Removes a perspective that is not built in.
pub(super) fn delete(state: &mut State, call: &Call) -> Outcome {
    let user = caller(call)?;
    let row = find(state, call, user)?;
    if flag(row, "built_in") {
        return Err(Reply::forbidden("Built-in perspectives cannot be deleted."));
    }
    check_may_change(row, user)?;
    LIST.delete(state, call)
}

/// The perspective a call names, if the caller may see it.
fn find<'state>(state: &'state State, call: &Call, user: &User) -> Result<&'state Row, Reply> {
    let id = call.id(LIST.key);
    let name = call.text("name").filter(|_| id.is_none());
    if id.is_none() && name.is_none() {
        return Err(Reply::invalid(
            LIST.key,
            "Give the perspective_id or the name of a perspective.",
        ));
    }
    let rows = state.tables.get(LIST.table).into_iter().flatten();
    let mut seen = rows.map(|(id, row)| (*id, row));
    seen.find(|(row_id, row)| {
        let own_name = text(row, "name");
        let named = name
            .as_deref()
            .is_none_or(|name| own_name.eq_ignore_ascii_case(name));
        named && id.is_none_or(|id| id == *row_id) && is_visible(row, user)
    })
    .map(|(_, row)| row)
    .ok_or_else(|| Reply::not_found(LIST.what))
}

/// The rules over several fields that create and update share.
fn check(call: &Call, user: &User) -> Result<(), Reply> {
    check_may_share(call, user)?;
    one_of(&call.body, "display_mode", &["Card", "List"])?;
    if call.body.get("name").and_then(Value::as_str) == Some("") {
        return Err(Reply::invalid("name", "The name field is required."));
    }
    Ok(())
}
