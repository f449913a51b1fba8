//! Checks a body against the field table: presence, types, bounds.

use serde_json::{Map, Value};

use super::call::Upload;
use super::clock;
use super::facts::{Endpoint, Field, Kind};
use super::switches::Install;

/// Fields and what is wrong with them.
pub(crate) type Problems = Vec<(String, String)>;

/// Required fields that installs of June 2026 did not demand.
const OPTIONAL_IN_JUNE: [(&str, &str); 3] = [
    ("tickets.create", "is_public"),
    ("settings.stock_responses.create", "identifier"),
    ("settings.stock_responses.create", "category"),
];

/// Every violation of the field table.
pub(crate) fn problems(
    endpoint: &Endpoint,
    body: &Map<String, Value>,
    files: &[Upload],
    install: Install,
) -> Problems {
    let mut problems = Problems::new();
    for field in &endpoint.fields {
        if field.kind == Kind::File {
            if !files.iter().any(|file| file.part == field.name) {
                problems.push((
                    field.name.clone(),
                    message(&field.name, "field is required"),
                ));
            }
            continue;
        }
        let optional = install == Install::June
            && OPTIONAL_IN_JUNE.contains(&(endpoint.name.as_str(), field.name.as_str()));
        if optional && !body.contains_key(&field.name) {
            continue;
        }
        // Text parts carry numbers as text.
        let text_only = endpoint.multipart && field.kind == Kind::Integer;
        if text_only && body.contains_key(&field.name) {
            continue;
        }
        check(field, &field.name, body, &mut problems);
    }
    problems
}

fn message(name: &str, rest: &str) -> String {
    format!("The {} {rest}.", name.replace('_', " "))
}

/// Checks one field of an object.
fn check(field: &Field, path: &str, within: &Map<String, Value>, problems: &mut Problems) {
    // The two search forms take each other's field name.
    let alias = match field.name.as_str() {
        "q" => "search",
        "search" => "q",
        _ => "",
    };
    let value = within.get(&field.name);
    let absent = value.is_none_or(Value::is_null);
    if absent {
        if field.required && !within.contains_key(alias) {
            problems.push((path.to_owned(), message(path, "field is required")));
        }
        return;
    }
    let Some(value) = value else { return };
    let empty = matches!(value, Value::String(text) if text.is_empty());
    // Searches accept an empty text; other required texts must say something.
    if empty && field.required && alias.is_empty() {
        problems.push((path.to_owned(), message(path, "field is required")));
        return;
    }
    if field.list {
        check_list(field, path, value, problems);
    } else {
        check_item(field, path, value, problems);
        check_bounds(field, path, value, problems);
    }
}

fn check_list(field: &Field, path: &str, value: &Value, problems: &mut Problems) {
    let Value::Array(items) = value else {
        problems.push((path.to_owned(), message(path, "field must be an array")));
        return;
    };
    let count = items.len() as f64;
    if let Some(min) = field.min.filter(|min| count < *min) {
        problems.push((
            path.to_owned(),
            message(path, &format!("field must have at least {min} items")),
        ));
    }
    if let Some(max) = field.max.filter(|max| count > *max) {
        problems.push((
            path.to_owned(),
            message(path, &format!("field must not have more than {max} items")),
        ));
    }
    for (index, item) in items.iter().enumerate() {
        check_item(field, &format!("{path}.{index}"), item, problems);
    }
}

fn check_item(field: &Field, path: &str, value: &Value, problems: &mut Problems) {
    if let Some(expected) = mismatch(field.kind, &field.name, value) {
        problems.push((
            path.to_owned(),
            message(path, &format!("field must be {expected}")),
        ));
        return;
    }
    if let Value::Object(object) = value {
        for child in &field.children {
            check(child, &format!("{path}.{}", child.name), object, problems);
        }
    }
}

/// What a value should have been, when it is not.
fn mismatch(kind: Kind, name: &str, value: &Value) -> Option<&'static str> {
    let text = value.as_str();
    let (fits, expected) = match kind {
        Kind::Any | Kind::File => (true, ""),
        Kind::Boolean => (value.is_boolean(), "true or false"),
        Kind::Date => (
            text.is_some_and(|t| clock::parse_date(t).is_some()),
            "a valid date (YYYY-MM-DD)",
        ),
        Kind::DateTime => (
            text.is_some_and(|t| {
                clock::parse_date(t)
                    .or_else(|| clock::parse_wall_clock(t))
                    .is_some()
            }),
            "a valid date (YYYY-MM-DD or YYYY-MM-DD HH:MM:SS)",
        ),
        Kind::Email => (text.is_some_and(is_email), "a valid email address"),
        Kind::Id => (
            value.is_u64() || text.is_some_and(|t| t.parse::<u64>().is_ok()),
            "an integer",
        ),
        Kind::Integer => (value.is_i64() || value.is_u64(), "an integer"),
        Kind::Number => (value.is_number(), "a number"),
        // PHP reads an empty JSON list as an empty object.
        Kind::Object => (
            value.is_object() || value.as_array().is_some_and(Vec::is_empty),
            "an object",
        ),
        // The priority is a number in text form; the bare number is taken too.
        Kind::Text => (
            text.is_some() || (name == "priority" && value.is_u64()),
            "a string",
        ),
        Kind::TextOrInteger => (
            text.is_some() || value.is_i64() || value.is_u64(),
            "a string or an integer",
        ),
        Kind::TextOrNull => (text.is_some() || value.is_null(), "a string"),
    };
    (!fits).then_some(expected)
}

fn check_bounds(field: &Field, path: &str, value: &Value, problems: &mut Problems) {
    let (size, unit) = match value {
        Value::String(text) => (text.chars().count() as f64, " characters"),
        Value::Number(number) => (number.as_f64().unwrap_or(0.0), ""),
        _ => return,
    };
    if let Some(min) = field.min.filter(|min| size < *min) {
        problems.push((
            path.to_owned(),
            message(path, &format!("field must be at least {min}{unit}")),
        ));
    }
    if let Some(max) = field.max.filter(|max| size > *max) {
        problems.push((
            path.to_owned(),
            message(path, &format!("field must not be greater than {max}{unit}")),
        ));
    }
}

/// A loose check: one `@`, something before it, a dotted name after it, no blanks.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>,;\"@".contains(c);
    !local.is_empty()
        && text.len() <= 254
        && local.chars().all(plain)
        && domain.chars().all(plain)
        && domain.split('.').count() >= 2
        && domain.split('.').all(|label| !label.is_empty())
}
