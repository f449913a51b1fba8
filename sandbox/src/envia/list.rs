//! `GET /companies/tickets`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::wire::clock::{DAY, parse_date};
use crate::wire::percent;

use super::boom::{Boom, Handled, Reply};
use super::model::{LOCAL, State, Ticket, number, status_name, text};
use super::view;

/// Longest page; longer ones are cut to it (inferred).
const LONGEST: u64 = 100;

const PARAMETERS: [&str; 13] = [
    "company_id",
    "ticket_id",
    "tracking_number",
    "ticket_type",
    "ticket_status",
    "carrier",
    "shipment_type",
    "international",
    "sla",
    "created_start_date",
    "created_end_date",
    "start",
    "length",
];

/// Answers the page that a query asks for.
pub(crate) fn list(state: &State, query: &str, now: i64) -> Handled {
    let filter = Filter::read(query)?;
    let found: Vec<_> = state
        .tickets
        .values()
        .rev()
        .filter(|ticket| filter.keeps(state, ticket, now))
        .collect();
    let start = usize::try_from(filter.start).unwrap_or(usize::MAX);
    let length = usize::try_from(filter.length.min(LONGEST)).unwrap_or_default();
    let page: Vec<_> = found.iter().skip(start).take(length).collect();
    if state.switches.list_needs_comments && page.iter().any(|ticket| ticket.thread.is_empty()) {
        return Err(Boom::new(422, "Unexpected end of JSON input"));
    }
    let rows: Vec<_> = page
        .iter()
        .map(|ticket| view::row(state, ticket, now))
        .collect();
    if state.switches.bare_lists {
        return Ok(Reply::ok(Value::Array(rows)));
    }
    let mut body = Map::new();
    body.insert("data".to_owned(), Value::Array(rows));
    body.insert(state.switches.total_key.clone(), json!(found.len()));
    Ok(Reply::ok(Value::Object(body)))
}

/// What the query asks for; everything that is given must hold.
#[derive(Debug)]
struct Filter {
    company_id: Option<u64>,
    ticket_id: Option<u64>,
    tracking_number: Option<String>,
    ticket_type: Option<String>,
    ticket_status: Option<String>,
    carrier: Option<String>,
    shipment_type: Option<u64>,
    international: Option<u64>,
    sla: Option<u64>,
    /// Seconds since the epoch.
    from: Option<i64>,
    /// Seconds since the epoch, not included.
    until: Option<i64>,
    start: u64,
    length: u64,
}

impl Filter {
    fn read(query: &str) -> Result<Self, Boom> {
        let mut query = Query::parse(query);
        let filter = Self {
            company_id: query.id("company_id"),
            ticket_id: query.id("ticket_id"),
            tracking_number: query.text("tracking_number"),
            ticket_type: query.text("ticket_type"),
            ticket_status: query.text("ticket_status"),
            carrier: query.text("carrier"),
            shipment_type: query.one_of("shipment_type", 1..=3),
            international: query.one_of("international", 0..=2),
            sla: query.one_of("sla", 0..=2),
            from: query.day("created_start_date"),
            until: query.day("created_end_date").map(|start| start + DAY),
            start: query.one_of("start", 0..=u64::MAX).unwrap_or(0),
            length: query.one_of("length", 1..=u64::MAX).unwrap_or(10),
        };
        if query.wrong.is_empty() {
            Ok(filter)
        } else {
            Err(Boom::invalid("query", query.wrong))
        }
    }

    fn keeps(&self, state: &State, ticket: &Ticket, now: i64) -> bool {
        let shipment = state.shipment_of(ticket);
        let of_shipment = |key: &str| shipment.and_then(|row| number(row, key));
        let carrier = shipment.and_then(|row| text(row, "name"));
        holds(self.company_id, Some(ticket.company_id))
            && holds(self.ticket_id, Some(ticket.id))
            && holds(self.shipment_type, of_shipment("shipment_type_id"))
            && holds(self.international, of_shipment("international"))
            && holds(self.sla, Some(ticket.sla(now)))
            && self
                .tracking_number
                .as_deref()
                .is_none_or(|wanted| ticket.tracking_number.as_deref() == Some(wanted))
            && named(
                self.ticket_type.as_deref(),
                Some(state.type_name(ticket.type_id)),
                str::to_lowercase,
            )
            && named(
                self.ticket_status.as_deref(),
                Some(status_name(ticket.status_id)),
                plain,
            )
            && named(self.carrier.as_deref(), carrier, str::to_lowercase)
            && self.from.is_none_or(|from| ticket.created_at >= from)
            && self.until.is_none_or(|until| ticket.created_at < until)
    }
}

fn holds(wanted: Option<u64>, found: Option<u64>) -> bool {
    wanted.is_none() || wanted == found
}

/// True when one of the names, separated by commas, is the one found.
fn named(wanted: Option<&str>, found: Option<&str>, form: fn(&str) -> String) -> bool {
    let Some(wanted) = wanted else { return true };
    let found = found.map(form);
    wanted
        .split(',')
        .any(|name| Some(form(name.trim())) == found)
}

/// A status name in the form that all its spellings share; labels differ from names only in this.
fn plain(name: &str) -> String {
    name.to_lowercase().replace([' ', '-'], "_")
}

/// The parameters of a query and the names of those that are wrong.
#[derive(Debug)]
struct Query {
    values: BTreeMap<String, String>,
    wrong: Vec<String>,
}

impl Query {
    fn parse(query: &str) -> Self {
        let mut values = BTreeMap::new();
        let mut wrong = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = percent::decode(&value.replace('+', " "));
            let known = PARAMETERS.contains(&name);
            match decoded.filter(|value| known && !value.is_empty()) {
                Some(value) if !values.contains_key(name) => {
                    values.insert(name.to_owned(), value);
                }
                _ => wrong.push(name.to_owned()),
            }
        }
        Self { values, wrong }
    }

    fn text(&mut self, name: &str) -> Option<String> {
        self.values.remove(name)
    }

    fn read<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let value = read(&self.text(name)?);
        if value.is_none() {
            self.wrong.push(name.to_owned());
        }
        value
    }

    fn one_of(&mut self, name: &str, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
        self.read(name, |text| {
            text.parse().ok().filter(|number| range.contains(number))
        })
    }

    fn id(&mut self, name: &str) -> Option<u64> {
        self.one_of(name, 1..=u64::MAX)
    }

    /// The start of a day of the back office, in seconds since the epoch.
    fn day(&mut self, name: &str) -> Option<i64> {
        self.read(name, |text| parse_date(text).map(|days| days * DAY - LOCAL))
    }
}
