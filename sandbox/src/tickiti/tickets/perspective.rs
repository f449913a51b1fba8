//! Which tickets a perspective holds, and in which order.

use std::cmp::Ordering;

use serde_json::Value;

use super::criteria::is_assigned;
use crate::tickiti::call::Call;
use crate::tickiti::model::{State, Ticket, User};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Row, caller, flag, number, text};

/// Name of the built-in perspective with the caller's own work.
const ATTENTION: &str = "For my attention";

/// A perspective ready to run.
#[derive(Debug, Default)]
pub(super) struct Perspective {
    conditions: Vec<Condition>,
    orders: Vec<Order>,
    /// Only what is assigned to the caller, to one of the caller's teams, or to nobody.
    for_attention: bool,
}

#[derive(Debug)]
struct Condition {
    field: String,
    operator: String,
    value: String,
}

#[derive(Debug)]
struct Order {
    field: String,
    ascending: bool,
}

impl Perspective {
    /// The perspective that a query names; `All` when it names none.
    pub(super) fn of(state: &State, call: &Call) -> Result<Self, Reply> {
        let search = call.body.get("search_object").and_then(Value::as_object);
        let id = call
            .id("perspective_id")
            .or_else(|| number(search?, "search_perspective_id"));
        let name = search
            .map(|search| text(search, "search_perspective"))
            .filter(|name| !name.is_empty());
        let user = caller(call)?;
        if id.is_none() && name.is_none_or(|name| name.eq_ignore_ascii_case("all")) {
            return Ok(Self::default());
        }
        let rows = state.tables.get("perspectives").into_iter().flatten();
        let mut seen = rows.filter(|(_, row)| {
            flag(row, "shared") || flag(row, "built_in") || number(row, "owner_id") == Some(user.id)
        });
        let found = seen.find(|(row_id, row)| match id {
            Some(id) => **row_id == id,
            None => name.is_some_and(|name| text(row, "name").eq_ignore_ascii_case(name)),
        });
        let Some((_, row)) = found else {
            return Err(Reply::not_found("Perspective"));
        };
        if !user.is_staff && !text(row, "name").eq_ignore_ascii_case("all") {
            return Err(Reply::forbidden("Only staff may use this perspective."));
        }
        Ok(Self::read(row))
    }

    fn read(row: &Row) -> Self {
        let list = |name: &str| {
            row.get(name)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
        };
        let conditions = list("conditions")
            .filter_map(Value::as_object)
            .map(|condition| Condition {
                field: text(condition, "field").to_owned(),
                operator: text(condition, "operator").to_owned(),
                value: printed(condition.get("value")),
            });
        let orders = list("orders")
            .filter_map(Value::as_object)
            .map(|order| Order {
                field: text(order, "field").to_owned(),
                ascending: flag(order, "ascending"),
            });
        Self {
            conditions: conditions.collect(),
            orders: orders.collect(),
            for_attention: flag(row, "built_in") && text(row, "name") == ATTENTION,
        }
    }

    /// True when the ticket belongs to the perspective.
    pub(super) fn holds(&self, state: &State, user: &User, ticket: &Ticket) -> bool {
        if self.for_attention
            && ticket.assigned_to.is_some()
            && !is_assigned(state, ticket, &user.email)
        {
            return false;
        }
        self.conditions
            .iter()
            .all(|condition| condition.holds(state, ticket))
    }

    /// Compares two tickets: the perspective's orders, then the last touched first.
    pub(super) fn order(&self, state: &State, a: &Ticket, b: &Ticket) -> Ordering {
        for order in &self.orders {
            let ordering = compare(state, &order.field, a, b);
            let ordering = if order.ascending {
                ordering
            } else {
                ordering.reverse()
            };
            if ordering != Ordering::Equal {
                return ordering;
            }
        }
        (b.updated_at, b.id).cmp(&(a.updated_at, a.id))
    }
}

impl Condition {
    /// Fields and operators are those of the demo data (inferred); an unknown field holds for every ticket.
    fn holds(&self, state: &State, ticket: &Ticket) -> bool {
        let actual = match self.field.as_str() {
            "status" => ticket.status.clone(),
            "priority" => ticket.priority.to_string(),
            "queue" | "queue_name" => state.queue_name(ticket.queue_id).to_owned(),
            "queue_id" => ticket.queue_id.to_string(),
            "subject" => ticket.subject.clone(),
            "originator" | "originator_email" => ticket.originator_email.clone(),
            "assigned" | "assigned_to_email" => ticket
                .assigned_to
                .clone()
                .unwrap_or_else(|| "Unassigned".to_owned()),
            _ => return true,
        };
        let (actual, value) = (actual.to_lowercase(), self.value.to_lowercase());
        match self.operator.as_str() {
            "is not" | "is_not" => actual != value,
            "contains" => actual.contains(&value),
            _ => actual == value,
        }
    }
}

fn compare(state: &State, field: &str, a: &Ticket, b: &Ticket) -> Ordering {
    match field {
        "created_at" => a.created_at.cmp(&b.created_at),
        "updated_at" => a.updated_at.cmp(&b.updated_at),
        "priority" => a.priority.cmp(&b.priority),
        "number" | "ticket_number" => a.number.cmp(&b.number),
        "subject" => a.subject.cmp(&b.subject),
        "status" => a.status.cmp(&b.status),
        "queue" | "queue_name" => state
            .queue_name(a.queue_id)
            .cmp(state.queue_name(b.queue_id)),
        _ => Ordering::Equal,
    }
}

fn printed(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}
