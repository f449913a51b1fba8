//! What the families made of simple lists share.

use serde_json::{Map, Value, json};

use super::call::Call;
use super::model::{State, User};
use super::reply::Reply;

/// The fields of one row.
pub(super) type Row = Map<String, Value>;

/// A step of a handler: its answer, or the refusal that ends it early.
pub(super) type Outcome = Result<Reply, Reply>;

/// The answer of a handler that may have ended early.
pub(super) fn settle(outcome: Outcome) -> Reply {
    let (Ok(reply) | Err(reply)) = outcome;
    reply
}

/// One simple list: where its rows live and how calls speak of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct List {
    /// Name in [`State::tables`].
    pub(super) table: &'static str,
    /// What one row is, for messages.
    pub(super) what: &'static str,
    /// Request field that names a row.
    pub(super) key: &'static str,
    /// Fields that a caller may set.
    pub(super) fields: &'static [&'static str],
}

impl List {
    /// The bare array of all rows.
    pub(super) fn array(&self, state: &State) -> Reply {
        Reply::json(Value::Array(state.rows(self.table)))
    }

    /// All rows under the list's own name.
    pub(super) fn wrapped(&self, state: &State) -> Reply {
        Reply::json(json!({ self.table: state.rows(self.table) }))
    }

    /// The row with an id.
    pub(super) fn get<'state>(&self, state: &'state State, id: Option<u64>) -> Option<&'state Row> {
        state.tables.get(self.table)?.get(&id?)
    }

    /// The row that a call names, or 404.
    pub(super) fn row<'state>(
        &self,
        state: &'state State,
        call: &Call,
    ) -> Result<&'state Row, Reply> {
        self.get(state, call.id(self.key))
            .ok_or_else(|| Reply::not_found(self.what))
    }

    /// The row with an id to change, or 404.
    pub(super) fn row_mut<'state>(
        &self,
        state: &'state mut State,
        id: Option<u64>,
    ) -> Result<&'state mut Row, Reply> {
        let rows = state.tables.get_mut(self.table);
        rows.zip(id)
            .and_then(|(rows, id)| rows.get_mut(&id))
            .ok_or_else(|| Reply::not_found(self.what))
    }

    /// Adds a row of defaults and the given fields; answers its id.
    pub(super) fn add(&self, state: &mut State, defaults: Value, given: &Row) -> u64 {
        let mut row = object(defaults);
        row.extend(pick(given, self.fields));
        state.insert_row(self.table, row)
    }

    /// Changes the given fields of the row that a call names.
    pub(super) fn update(&self, state: &mut State, call: &Call) -> Outcome {
        let changes = pick(&call.body, self.fields);
        self.row_mut(state, call.id(self.key))?.extend(changes);
        Ok(Reply::empty())
    }

    /// Removes the row that a call names.
    pub(super) fn delete(&self, state: &mut State, call: &Call) -> Outcome {
        let rows = state.tables.get_mut(self.table);
        rows.zip(call.id(self.key))
            .and_then(|(rows, id)| rows.remove(&id))
            .map(|_| Reply::empty())
            .ok_or_else(|| Reply::not_found(self.what))
    }

    /// Refuses a value that another row has in the same field.
    pub(super) fn unique(
        &self,
        state: &State,
        field: &str,
        value: &str,
        except: Option<u64>,
    ) -> Result<(), Reply> {
        let rows = state.tables.get(self.table).into_iter().flatten();
        let taken = rows
            .filter(|(id, _)| Some(**id) != except)
            .any(|(_, row)| text(row, field) == value);
        if taken {
            return Err(taken_field(field));
        }
        Ok(())
    }

    /// Adds demo rows: a JSON array of objects.
    pub(super) fn seed(&self, state: &mut State, rows: Value) {
        let Value::Array(rows) = rows else { return };
        for row in rows {
            state.insert_row(self.table, object(row));
        }
    }
}

/// 422 for a value that must be unique.
pub(super) fn taken_field(field: &str) -> Reply {
    Reply::invalid(field, &format!("The {field} has already been taken."))
}

/// 422 for a value that is not one of a fixed set.
pub(super) fn one_of(body: &Row, field: &str, allowed: &[&str]) -> Result<(), Reply> {
    match body.get(field) {
        Some(Value::String(value)) if !allowed.contains(&value.as_str()) => Err(Reply::invalid(
            field,
            &format!(
                "The selected {field} must be one of {}.",
                allowed.join(", ")
            ),
        )),
        _ => Ok(()),
    }
}

/// The user a call runs as.
pub(super) fn caller(call: &Call) -> Result<&User, Reply> {
    call.owner
        .as_ref()
        .ok_or_else(|| Reply::forbidden("This action needs a token with an owner."))
}

/// True for admins; sysadmins are admins too.
pub(super) fn is_admin(user: &User) -> bool {
    user.is_admin || user.is_sysadmin
}

/// The map inside a JSON object; empty for anything else.
pub(super) fn object(value: Value) -> Row {
    match value {
        Value::Object(map) => map,
        _ => Row::new(),
    }
}

/// An object inside a request body; empty when absent.
pub(super) fn inner(call: &Call, field: &str) -> Row {
    object(call.body.get(field).cloned().unwrap_or_default())
}

/// The named fields of an object, those that are there.
pub(super) fn pick(from: &Row, fields: &[&str]) -> Row {
    fields
        .iter()
        .filter_map(|field| Some(((*field).to_owned(), from.get(*field)?.clone())))
        .collect()
}

/// A text of a row; empty when absent.
pub(super) fn text<'row>(row: &'row Row, field: &str) -> &'row str {
    row.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A switch of a row; false when absent.
pub(super) fn flag(row: &Row, field: &str) -> bool {
    row.get(field).and_then(Value::as_bool).unwrap_or_default()
}

/// A whole number of a row, given as number or decimal text.
pub(super) fn number(row: &Row, field: &str) -> Option<u64> {
    match row.get(field)? {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}

/// A settings object, created when it is not there yet.
pub(super) fn settings<'state>(state: &'state mut State, name: &'static str) -> &'state mut Row {
    state.settings.entry(name).or_default()
}

/// An id of a kind that no thing of that kind has.
pub(super) fn fresh_id(
    state: &mut State,
    kind: &'static str,
    taken: impl Fn(&State, u64) -> bool,
) -> u64 {
    loop {
        let id = state.next_id(kind);
        if !taken(state, id) {
            return id;
        }
    }
}

/// The first admin who is a person: owner of demo rows.
pub(super) fn first_admin(state: &State) -> Option<u64> {
    let mut users = state.users.values();
    users
        .find(|user| is_admin(user) && !user.is_system)
        .map(|user| user.id)
}

/// Name of a queue for demo rows; of the first one when there is none with the id.
pub(super) fn queue_name(state: &State, id: u64) -> String {
    let queue = state
        .queues
        .get(&id)
        .or_else(|| state.queues.values().next());
    queue.map_or_else(|| "Inbox".to_owned(), |queue| queue.name.clone())
}

/// The present of demo rows, in seconds: when the youngest ticket changed last.
pub(super) fn demo_now(state: &State) -> i64 {
    let changes = state.tickets.values().map(|ticket| ticket.updated_at);
    changes.max().unwrap_or_default()
}

#[cfg(test)]
pub(super) mod fixture;
