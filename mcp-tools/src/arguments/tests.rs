use serde_json::{Value, json};

use super::*;

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "ticket_number": {"type": "string", "pattern": "^[0-9]+$"},
            "ticket_id": {"type": ["integer", "string"], "pattern": "^[0-9]+$"},
            "limit": {"type": "integer", "minimum": 1, "maximum": 100},
            "status": {"type": "string", "enum": ["open", "on-hold", "closed"]},
            "is_public": {"type": "boolean"},
            "email": {"type": "string", "format": "email"},
            "day": {"type": "string", "format": "date"},
            "parent": {"type": ["string", "null"]},
            "criteria": {"type": "array", "maxItems": 2, "items": {
                "type": "object",
                "properties": {"mode": {"type": "string"}, "tokens": {"type": "array", "items": {"type": "string"}}},
                "required": ["mode"],
            }},
        },
        "required": ["email"],
        "additionalProperties": false,
    })
}

#[track_caller]
fn accepts(given: Value, becomes: Value) {
    let Value::Object(mut arguments) = given else {
        panic!("arguments are objects")
    };
    assert_eq!(check(&schema(), &mut arguments, Unknown::Refuse), []);
    assert_eq!(Value::Object(arguments), becomes);
}

#[track_caller]
fn refuses(given: Value, mistakes: &[&str]) {
    let Value::Object(mut arguments) = given else {
        panic!("arguments are objects")
    };
    let found = check(&schema(), &mut arguments, Unknown::Refuse);
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found, mistakes);
}

#[test]
fn puts_harmless_variations_right() {
    accepts(
        json!({"email": "a@b.c", "ticket_number": 709383, "limit": "20", "is_public": "True", "status": "On-Hold"}),
        json!({"email": "a@b.c", "ticket_number": "709383", "limit": 20, "is_public": true, "status": "on-hold"}),
    );
    accepts(
        json!({"email": "a@b.c", "limit": 20.0, "ticket_id": "13"}),
        json!({"email": "a@b.c", "limit": 20, "ticket_id": "13"}),
    );
}

#[test]
fn null_is_absent_unless_it_means_something() {
    accepts(
        json!({"email": "a@b.c", "limit": null, "parent": null}),
        json!({"email": "a@b.c", "parent": null}),
    );
}

#[test]
fn tells_all_mistakes_at_once() {
    refuses(
        json!({"limit": 0, "status": "close", "ticketnumber": "1", "day": "2026-02-30", "criteria": [{"tokens": [1, {}]}]}),
        &[
            "`ticketnumber` is not an argument here; did you mean `ticket_number`?",
            "`email` is required: an e-mail address",
            "`limit` must be at least 1, got 0",
            "`status` must be one of `open`, `on-hold`, `closed`, got \"close\"; did you mean `closed`?",
            "`day` must be a calendar date as YYYY-MM-DD, got \"2026-02-30\"",
            "`criteria[0].mode` is required: a text",
            "`criteria[0].tokens[1]` must be a text, got an object",
        ],
    );
}

#[test]
fn names_what_was_expected() {
    refuses(
        json!({"email": "a b@c", "limit": "many", "ticket_id": "12x", "is_public": "perhaps", "criteria": "x"}),
        &[
            "`email` must be one e-mail address, got \"a b@c\"",
            "`limit` must be a whole number, got \"many\"",
            "`ticket_id` must consist of digits only, got \"12x\"",
            "`is_public` must be true or false, got \"perhaps\"",
            "`criteria` must be a list, got \"x\"",
        ],
    );
}

#[test]
fn no_more_mistakes_are_looked_for_than_anybody_mends() {
    let keys = (0..100_000).map(|key| (format!("key{key}"), json!(0)));
    let mut arguments: Map<String, Value> = keys.collect();
    let mistakes = check(&schema(), &mut arguments, Unknown::Refuse);
    assert!(
        (MOST..MOST + 10).contains(&mistakes.len()),
        "{}",
        mistakes.len()
    );
}

#[test]
fn unknown_fields_can_be_kept() {
    let Value::Object(mut arguments) = json!({"email": "a@b.c", "colour": 1}) else {
        unreachable!()
    };
    assert_eq!(check(&schema(), &mut arguments, Unknown::Keep), []);
    assert!(arguments.contains_key("colour"));
}

#[test]
fn finds_the_nearest_word() {
    let known = ["tickets", "templates", "settings", "workflow"];
    assert_eq!(nearest("ticket", known), Some("tickets"));
    assert_eq!(nearest("Work-Flow", known), Some("workflow"));
    assert_eq!(nearest("banana", known), None);
}
