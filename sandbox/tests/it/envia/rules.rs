//! The rules of the types, held against tickets when the switch asks for it.

use sandbox::envia::{Envia, Switches};
use serde_json::{Value, json};

use super::helper::{Api, start, start_with};

async fn strict() -> Api {
    let mut switches = Switches::default();
    switches.enforce_rules = true;
    let builder = Envia::builder().without_tickets().switches(switches);
    start_with(builder).await
}

/// The refusal of a new ticket of company 4410, or `""`.
async fn refused(api: &Api, more: Value) -> String {
    let mut body = json!({"company_id": 4410, "comments": "x"});
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    let answer = api.create(body).await;
    let message = answer.body["message"].as_str().unwrap_or_default();
    assert_eq!(answer.status == 200, message.is_empty(), "{}", answer.body);
    message.to_owned()
}

#[tokio::test]
async fn without_the_switch_nothing_is_enforced() {
    let api = start().await;
    for kind in [2, 3, 7, 9, 10, 13, 22] {
        assert_eq!(refused(&api, json!({"type": kind})).await, "");
    }
}

#[tokio::test]
async fn unavailable_types_are_refused() {
    let api = strict().await;
    // Without context, blocked, broken text, inactive, null.
    for kind in [2, 10, 13, 17, 20, 22] {
        let message = refused(&api, json!({"type": kind, "shipment_id": 900123})).await;
        assert_eq!(message, "This ticket type is not available.", "{kind}");
    }
}

#[tokio::test]
async fn references_and_variables_must_be_there() {
    let api = strict().await;
    for (body, expected) in [
        (json!({"type": 15}), "This ticket type needs a shipment."),
        (json!({"type": 15, "tracking_number": "UNKNOWN"}), ""),
        (
            json!({"type": 7, "amount": 1}),
            "This ticket type needs a credit.",
        ),
        (
            json!({"type": 7, "credit_id": 1}),
            "The variable amount is missing.",
        ),
        (json!({"type": 7, "credit_id": 1, "amount": 0}), ""),
        (
            json!({"type": 24, "credit_id": 1}),
            "The variable amount is missing.",
        ),
        (
            json!({"type": 9}),
            "The variable payment_method_id is missing.",
        ),
        (
            json!({"type": 9, "data": "{\"payment_method_id\":\"\"}"}),
            "The variable payment_method_id is missing.",
        ),
        (json!({"type": 9, "data": "{\"payment_method_id\":3}"}), ""),
        (
            json!({"type": 6, "shipment_id": 900123, "variables": {"package_features": "x"}}),
            "The variable address_references is missing.",
        ),
    ] {
        assert_eq!(refused(&api, body.clone()).await, expected, "{body}");
    }
}

#[tokio::test]
async fn the_shipment_must_fit() {
    let api = strict().await;
    let status = "The shipment's status does not allow this ticket type.";
    let condition = "The shipment does not meet the conditions of this ticket type.";
    for (body, expected) in [
        (json!({"type": 3, "shipment_id": 900123}), ""),
        (json!({"type": 3, "shipment_id": 900124}), condition),
        (json!({"type": 3, "shipment_id": 900125}), status),
        (json!({"type": 3, "tracking_number": "TST0001112229"}), ""),
        (
            json!({"type": 3, "tracking_number": "UNKNOWN"}),
            "Shipment not found.",
        ),
        (
            json!({"type": 3, "shipment_id": 900129, "tracking_number": "TST0001112223"}),
            "The shipment has another tracking number.",
        ),
        (json!({"type": 11, "shipment_id": 900131}), ""),
        (json!({"type": 11, "shipment_id": 900132}), condition),
        (
            json!({"type": 14, "shipment_id": 900138, "variables": {"new_address": "x"}}),
            condition,
        ),
        (
            json!({"type": 14, "shipment_id": 900128, "variables": {"new_address": "x"}}),
            "",
        ),
    ] {
        assert_eq!(refused(&api, body.clone()).await, expected, "{body}");
    }
}

#[tokio::test]
async fn operators_compare_as_documented() {
    let api = strict().await;
    for (field, operator, value, fits) in [
        ("weight", "==", json!("2.4"), true),
        ("weight", "!=", json!(2.4), false),
        ("overcharge_cost", ">=", json!("120.5"), true),
        ("overcharge_cost", ">", json!(120.5), false),
        ("overcharge_cost", "<", json!("1000"), true),
        ("overcharge_cost", "<=", json!("99"), false),
        ("overcharge_applied", "==", json!(true), true),
        ("carrier_id", "==", json!(2.0), true),
        ("service", "==", json!(" express "), true),
        ("service", "<", json!("z"), false),
        ("missing", "!=", json!("1"), false),
        ("weight", "~", json!("2.4"), false),
    ] {
        let check =
            json!({"type": "default", "field": field, "operator": operator, "value": value});
        let row = json!({"name": "own", "active": 1, "rules": {
            "conditions": {"validations": [check]}, "mcp_context": {},
        }});
        api.envia
            .put_ticket_type(40, row.as_object().unwrap().clone());
        let message = refused(
            &api,
            json!({"type": 40, "tracking_number": "TST0001112223"}),
        )
        .await;
        assert_eq!(message.is_empty(), fits, "{field} {operator} {value}");
    }
}

#[tokio::test]
async fn stated_variables_take_the_place_of_inputs() {
    let api = strict().await;
    let row = json!({"name": "own", "rules": {
        "inputs": [{"name": "bank", "required": true}],
        "mcp_context": {"required_variables": ["carrier_id", {"name": "days", "type": "number"}]},
    }});
    api.envia
        .put_ticket_type(40, row.as_object().unwrap().clone());
    for (body, expected) in [
        (json!({"type": 40}), "The variable carrier_id is missing."),
        (
            json!({"type": 40, "carrier_id": 2}),
            "The variable days is missing.",
        ),
        (json!({"type": 40, "carrier_id": 2, "days": 30}), ""),
    ] {
        assert_eq!(refused(&api, body.clone()).await, expected, "{body}");
    }
}

#[tokio::test]
async fn changes_need_comments_and_amounts_within_the_limit() {
    let api = start().await;
    api.envia
        .change_switches(|switches| switches.enforce_rules = true);
    for status in 1..=10 {
        let needs = matches!(status, 2 | 3 | 7 | 8 | 10);
        let answer = api.update(58204, json!({"status_id": status})).await;
        assert_eq!(answer.status == 400, needs, "{status}");
    }
    for (id, passes) in [
        (58214, true),
        (58215, false),
        (58216, false),
        (58206, false),
        (58210, true),
        (58204, true),
    ] {
        let change = json!({"status_id": 10, "comment": "x"});
        assert_eq!(api.update(id, change).await.status == 200, passes, "{id}");
    }
    let blocked = json!({"new_ticket_type_id": 10, "comment": "x"});
    assert_eq!(api.update(58201, blocked).await.status, 400);
}
