//! How odd rules are read: what is not understood never opens a door.

use std::time::{Duration, Instant};

use super::*;

#[test]
fn what_is_not_understood_refuses() {
    let guide = (Rule::Reference, "tracking_number, shipment_id");
    let unreadable = (Rule::Unreadable, "type");
    let excluded = (Rule::Excluded, "type");
    let bank = (Rule::Variable, "variables.bank");
    for (own, expected) in [
        (json!({"mcp_context": "{\"use_case\": \"u\"}"}), vec![]),
        (
            json!({"mcp_context": "{\"is_blocked\": true}"}),
            vec![excluded],
        ),
        (json!({"mcp_context": "use it"}), vec![excluded]),
        (json!({"mcp_context": []}), vec![excluded]),
        (json!({"mcp_context": true}), vec![excluded]),
        (usable(json!({"reference": "GUIDE"})), vec![guide]),
        (
            usable(json!({"reference": "\"Credit\""})),
            vec![(Rule::Credit, "credit_id")],
        ),
        (usable(json!({"reference": ["guide"]})), vec![unreadable]),
        (usable(json!({"reference": 1})), vec![unreadable]),
        (usable(json!({"reference": null})), vec![]),
        (usable(json!({"inputs": ["bank"]})), vec![unreadable]),
        (usable(json!({"inputs": [null]})), vec![unreadable]),
        (
            usable(json!({"inputs": [{"name": ["bank"]}]})),
            vec![unreadable],
        ),
        (
            usable(json!({"inputs": [{"name": null, "required": true}]})),
            vec![],
        ),
        (
            usable(json!({"inputs": [{"name": "bank", "required": true}]})),
            vec![bank],
        ),
        (
            usable(json!({"inputs": [{"name": " a ", "required": true}]})),
            vec![(Rule::Variable, "variables. a ")],
        ),
        (
            usable(json!({"mcp_context": {"required_variables": [" a "]}})),
            vec![(Rule::Variable, "variables. a ")],
        ),
    ] {
        let found = rules(own.clone()).check(&draft(json!({"data": {"a": 1}})), &Known::default());
        assert_eq!(broken(&found), expected, "{own}");
    }
}

/// A validation that the shipment meets, in one part changed.
#[test]
fn validations_are_taken_literally() {
    let shipment = shipment(json!({"overcharge_applied": 1}));
    let known = Known {
        shipment: Some(&shipment),
        status_names: None,
    };
    let draft = draft(json!({"shipment_id": 900_123}));
    let whole =
        json!({"type": "default", "field": "overcharge_applied", "operator": "==", "value": "1"});
    let check = |row: Value| {
        rules(usable(json!({"conditions": {"validations": [row]}}))).check(&draft, &known)
    };
    assert_eq!(check(whole.clone()), []);
    let mut typeless = whole.clone();
    typeless.as_object_mut().unwrap().remove("type");
    assert_eq!(check(typeless), []);
    for (key, value) in [
        ("type", json!(null)),
        ("type", json!("")),
        ("type", json!([])),
        ("type", json!("Default")),
        ("type", json!(" default ")),
        ("type", json!(1)),
        ("field", json!(" overcharge_applied")),
        ("field", json!(1)),
        ("operator", json!("== ")),
        ("operator", json!("===")),
        ("operator", json!(null)),
    ] {
        let mut row = whole.clone();
        row[key] = value;
        assert_eq!(check(row.clone()).len(), 1, "{row}");
    }
}

#[test]
fn a_context_that_cannot_be_read_hides_a_limit() {
    for context in [json!("5000"), json!([]), json!({}).to_string().into()] {
        let read = rules(json!({"mcp_context": context}));
        let hidden = matches!(read.amount_limit(), AmountLimit::Unreadable(_));
        assert_eq!(hidden, context != "{}", "{context}");
        assert_eq!(read.broken.is_some(), hidden, "{context}");
    }
}

#[test]
fn in_use_is_what_says_so() {
    let active = |active: Value| -> TicketType {
        let mut row = json!({"id": 5, "rules": usable(json!({}))});
        row["active"] = active;
        serde_json::from_value(row).unwrap()
    };
    for (value, expected) in [
        (json!(1), true),
        (json!(true), true),
        (json!("1"), true),
        (json!("true"), true),
        (json!(null), true),
        (json!(0), false),
        (json!("0"), false),
        (json!(""), false),
        (json!("no"), false),
        (json!(2), false),
        (json!([1]), false),
    ] {
        let read = TypeRules::from(&active(value.clone()));
        assert_eq!(read.available().is_ok(), expected, "{value}");
    }
    let absent = serde_json::from_value(json!({"id": 5, "rules": usable(json!({}))})).unwrap();
    assert!(TypeRules::from(&absent).active);
}

#[test]
fn of_two_with_one_id_the_closed_one_counts() {
    let kind = |name: &str, rules| TicketType::new(5.into(), name, rules);
    let blocked = || {
        kind(
            "blocked",
            usable(json!({"mcp_context": {"is_blocked": true}})),
        )
    };
    let open = |name: &str| kind(name, usable(json!({})));
    for (rows, expected) in [
        (vec![open("a"), open("b")], "a"),
        (vec![open("a"), blocked()], "blocked"),
        (vec![blocked(), open("a")], "blocked"),
        (
            vec![open("a"), kind("internal", json!(null)), blocked()],
            "internal",
        ),
    ] {
        let catalog = Catalog::new(rows);
        assert_eq!(catalog.get(5.into()).unwrap().name, expected);
    }
}

/// Compared with one another they would take minutes.
#[test]
fn very_many_inputs() {
    let inputs =
        (0..100_000).map(|n| json!({"name": format!("input_{n}"), "required": n % 2 == 0}));
    let inputs: Vec<Value> = inputs.collect();
    let read = rules(usable(json!({"inputs": inputs})));
    let began = Instant::now();
    assert_eq!(read.optional_variables().len(), 50_000);
    let schema = read.input_schema();
    let variables = schema["properties"]["variables"]["properties"].as_object();
    assert_eq!(variables.map(|variables| variables.len()), Some(100_000));
    assert!(began.elapsed() < Duration::from_secs(20));
}
