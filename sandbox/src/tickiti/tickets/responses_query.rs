//! Reading responses across tickets, page by page.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::reference;
use super::view::{self, Projection};
use crate::tickiti::call::Call;
use crate::tickiti::clock::{self, DAY};
use crate::tickiti::model::{Response, State, Ticket, User};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, caller};
use crate::tickiti::switches::Install;

const BODIES: [&str; 3] = ["html", "plain_text", "attachments"];
const METADATA: [&str; 9] = [
    "is_internal",
    "is_pinned",
    "staff_response",
    "created_by_email",
    "created_at",
    "updated_at",
    "is_email_sourced",
    "audit",
    "is_audit_only",
];
const GROUPS: [&str; 6] = [
    "ticket_number",
    "created_by_email",
    "queue",
    "is_internal",
    "staff_response",
    "day",
];

/// What a response must meet.
#[derive(Debug, Default)]
struct Filter {
    from: Option<i64>,
    to: Option<i64>,
    is_internal: Option<bool>,
    staff_response: Option<bool>,
    has_attachments: Option<bool>,
    is_empty: Option<bool>,
    queues: BTreeSet<u64>,
    by_queue: bool,
    numbers: BTreeSet<u64>,
    by_number: bool,
    ids: BTreeSet<u64>,
    author: Option<String>,
    include_deleted: bool,
    /// Only what comes behind this place.
    after: Option<(i64, u64)>,
}

/// Rows with a cursor, a count, or counts by group.
pub(super) fn run(state: &mut State, call: &Call) -> Outcome {
    let newest = state.switches.install != Install::June;
    let filter = Filter::of(state, call, newest)?;
    let shape = Shape::of(call, newest)?;
    let user = caller(call)?;
    let mut found: Vec<(&Response, &Ticket)> = state
        .responses
        .values()
        .filter_map(|response| Some((response, state.tickets.get(&response.ticket_id)?)))
        .filter(|(response, ticket)| filter.holds(state, user, response, ticket))
        .collect();
    if newest && call.flag("count_only") == Some(true) {
        return Ok(Reply::data(json!({"count": found.len()})));
    }
    if let Some(group) = call.text("group_by").filter(|_| newest) {
        return groups(state, &group, &found);
    }
    let limit = call
        .body
        .get("limit")
        .and_then(Value::as_u64)
        .unwrap_or(200);
    let limit = usize::try_from(limit).unwrap_or(200);
    let place = |(response, _): &(&Response, &Ticket)| (response.created_at, response.id);
    let more = found.len() > limit;
    if more {
        // Only the page needs its order.
        found.select_nth_unstable_by_key(limit, place);
        found.truncate(limit);
    }
    found.sort_by_key(place);
    let last = found.last().filter(|_| more);
    let mut next = last.map(|(response, _)| {
        json!({"created_at": clock::wall_clock(response.created_at), "id": response.id})
    });
    if state.switches.repeated_cursor && filter.after.is_some() {
        next = call.body.get("cursor").cloned();
    }
    let rows: Vec<Value> = found
        .iter()
        .map(|(response, ticket)| shape.row(state, response, ticket))
        .collect();
    Ok(Reply::data(json!({"responses": rows, "next_cursor": next})))
}

impl Filter {
    fn of(state: &State, call: &Call, newest: bool) -> Result<Self, Reply> {
        let added = |name: &str| call.flag(name).filter(|_| newest);
        let names = call.texts("queue");
        let mut queues: BTreeSet<u64> = call.ids("queue_id").into_iter().collect();
        queues.extend(
            names
                .iter()
                .filter_map(|name| Some(state.queue_named(name)?.id)),
        );
        Ok(Self {
            from: moment(call, "created_from", 0)?,
            to: moment(call, "created_to", DAY - 1)?,
            is_internal: call.flag("is_internal"),
            staff_response: call.flag("staff_response"),
            has_attachments: added("has_attachments"),
            is_empty: added("is_empty"),
            by_queue: !names.is_empty() || !call.ids("queue_id").is_empty(),
            queues,
            by_number: !call.texts("ticket_number").is_empty(),
            numbers: call.ids("ticket_number").into_iter().collect(),
            ids: if newest {
                call.ids("response_id").into_iter().collect()
            } else {
                BTreeSet::new()
            },
            author: call.text("created_by_email").filter(|_| newest),
            include_deleted: call.flag("include_deleted") == Some(true),
            after: cursor(call)?,
        })
    }

    fn holds(&self, state: &State, user: &User, response: &Response, ticket: &Ticket) -> bool {
        let same =
            |wanted: Option<bool>, actual: bool| wanted.is_none_or(|wanted| wanted == actual);
        let deleted = response.deleted_at.is_some() || ticket.deleted_at.is_some();
        (self.include_deleted || !deleted)
            && self.from.is_none_or(|from| response.created_at >= from)
            && self.to.is_none_or(|to| response.created_at <= to)
            && self
                .after
                .is_none_or(|after| (response.created_at, response.id) > after)
            && same(self.is_internal, response.is_internal)
            && same(self.staff_response, response.staff_response)
            && same(self.has_attachments, !response.attachments.is_empty())
            && same(self.is_empty, response.html.is_empty())
            && (!self.by_queue || self.queues.contains(&ticket.queue_id))
            && (!self.by_number || self.numbers.contains(&ticket.number))
            && (self.ids.is_empty() || self.ids.contains(&response.id))
            && self
                .author
                .as_ref()
                .is_none_or(|a| a.eq_ignore_ascii_case(&response.created_by_email))
            && reference::sees(state, user, ticket)
    }
}

/// A date with the second of its day that is meant, or a time.
fn moment(call: &Call, field: &str, second: i64) -> Result<Option<i64>, Reply> {
    let Some(text) = call.text(field) else {
        return Ok(None);
    };
    let day = clock::parse_date(&text).map(|days| days * DAY + second);
    match day.or_else(|| clock::parse_wall_clock(&text)) {
        Some(moment) => Ok(Some(moment)),
        None => Err(Reply::invalid(field, "The field must be a valid date.")),
    }
}

fn cursor(call: &Call) -> Result<Option<(i64, u64)>, Reply> {
    let Some(cursor) = call.body.get("cursor").filter(|cursor| cursor.is_object()) else {
        return Ok(None);
    };
    let text = cursor
        .get("created_at")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let id = cursor.get("id").and_then(Value::as_u64);
    match (clock::parse_wall_clock(text), id) {
        (Some(at), Some(id)) => Ok(Some((at, id))),
        _ => Err(Reply::invalid(
            "cursor",
            "Send the cursor of the previous page as it came.",
        )),
    }
}

fn groups(state: &State, group: &str, found: &[(&Response, &Ticket)]) -> Outcome {
    if !GROUPS.contains(&group) {
        let text = format!(
            "The selected group_by must be one of {}.",
            GROUPS.join(", ")
        );
        return Err(Reply::invalid("group_by", &text));
    }
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (response, ticket) in found {
        let key = match group {
            "ticket_number" => ticket.number.to_string(),
            "created_by_email" => response.created_by_email.clone(),
            "queue" => state.queue_name(ticket.queue_id).to_owned(),
            "is_internal" => response.is_internal.to_string(),
            "staff_response" => response.staff_response.to_string(),
            _ => clock::date(response.created_at),
        };
        *counts.entry(key).or_default() += 1;
    }
    let groups = counts
        .into_iter()
        .map(|(key, count)| json!({"key": key, "count": count}));
    let groups: Vec<Value> = groups.collect();
    Ok(Reply::data(json!({"groups": groups})))
}

/// Which keys a row has.
#[derive(Debug)]
struct Shape {
    projection: Projection,
    /// The metadata that were named; all when `None`.
    metadata: Option<BTreeSet<String>>,
}

impl Shape {
    fn of(call: &Call, newest: bool) -> Result<Self, Reply> {
        let mut shape = Self {
            projection: Projection::ALL,
            metadata: None,
        };
        let fields: BTreeSet<String> = call
            .texts("fields")
            .into_iter()
            .filter(|_| newest)
            .collect();
        let known =
            |field: &String| BODIES.contains(&field.as_str()) || METADATA.contains(&field.as_str());
        if let Some(other) = fields.iter().find(|field| !known(field)) {
            return Err(Reply::invalid(
                "fields",
                &format!("The selected field {other} is unknown."),
            ));
        }
        if !fields.is_empty() {
            shape.projection.html = fields.contains("html");
            shape.projection.plain_text = fields.contains("plain_text");
            shape.projection.attachments = fields.contains("attachments");
            if fields
                .iter()
                .any(|field| METADATA.contains(&field.as_str()))
            {
                shape.metadata = Some(fields);
            }
        }
        if newest && call.flag("metadata_only") == Some(true) {
            shape.projection.html = false;
            shape.projection.plain_text = false;
            shape.projection.attachments = false;
        }
        Ok(shape)
    }

    fn row(&self, state: &State, response: &Response, ticket: &Ticket) -> Value {
        let mut view = view::response(state, response, self.projection);
        view.remove("id");
        if let Some(named) = &self.metadata {
            view = view
                .into_iter()
                .filter(|(name, _)| named.contains(name))
                .collect::<Map<String, Value>>();
        }
        view.insert("response_id".to_owned(), view::id(state, response.id));
        view.insert("ticket_number".to_owned(), ticket.number.into());
        if let Some(at) = response.deleted_at.or(ticket.deleted_at) {
            view.insert("deleted_at".to_owned(), clock::iso(at).into());
        }
        Value::Object(view)
    }
}
