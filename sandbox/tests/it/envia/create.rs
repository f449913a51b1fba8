//! New tickets.

use sandbox::envia::CreatedForm;
use serde_json::{Value, json};

use super::helper::{refusal, start, wrong_keys};

#[tokio::test]
async fn a_new_ticket_is_pending_and_has_one_comment() {
    let api = start().await;
    let body =
        json!({"company_id": 4410, "type": 15, "comments": "Cotizar carga", "shipment_id": 900124});
    assert_eq!(api.create(body).await.ok(), json!({"id": 58231}));
    let ticket = api.ticket(58231).await;
    assert_eq!(
        (
            &ticket["ticket_status_id"],
            &ticket["ticket_status_name"],
            &ticket["ticket_type_name"]
        ),
        (&json!(1), &json!("pending"), &json!("ltl_ftl"))
    );
    assert_eq!(
        (
            &ticket["tracking_number"],
            &ticket["carrier"],
            &ticket["carrier_id"]
        ),
        (&json!("TST0001112224"), &json!("estafeta"), &json!(12))
    );
    // The company's own agent, local time.
    assert_eq!(
        (&ticket["assigned_to_id"], &ticket["created_at"]),
        (&json!(77), &json!("2026-06-15 06:00:00"))
    );
    let comments = ticket["allComments"].as_array().unwrap();
    assert_eq!(comments.len(), 1);
    assert_eq!(
        (
            &comments[0]["type"],
            &comments[0]["description"],
            &comments[0]["created_by_name"]
        ),
        (
            &json!("client"),
            &json!("Cotizar carga"),
            &json!("Ana Prueba")
        )
    );
}

#[tokio::test]
async fn variables_travel_in_many_ways_and_the_amount_wins() {
    let api = start().await;
    let id = api
        .created(json!({
            "amount": 5, "data": "{\"amount\": 1, \"a\": 1, \"b\": 1, \"nested\": {\"x\": []}}",
            "variables": {"b": 2, "c": 2}, "ticket_variables": {"c": 3}, "days": 30, "reason": "x",
        }))
        .await;
    let expected = json!({
        "amount": 5, "a": 1, "b": 2, "c": 3, "nested": {"x": []}, "days": 30, "reason": "x",
    });
    assert_eq!(api.ticket(id).await["ticket_variables"], expected);
    let id = api.created(json!({"data": {"amount": "12.50"}})).await;
    assert_eq!(
        api.ticket(id).await["ticket_variables"],
        json!({"amount": "12.50"})
    );
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let api = start().await;
    let missing = api.create(json!({})).await;
    assert_eq!(wrong_keys(&missing), ["company_id", "type", "comments"]);
    assert_eq!(missing.body["message"], "Invalid request payload input");
    for (key, value) in [
        ("company_id", json!("4410")),
        ("type", json!("damaged")),
        ("comments", json!("")),
        ("shipment_id", Value::Null),
        ("tracking_number", json!(1)),
        ("amount", json!("180.5")),
        ("assigned_to_id", json!(0)),
        ("credit_id", json!(1.5)),
        ("data", json!("[]")),
        ("variables", json!("{}")),
        ("files", json!([])),
        ("documents", json!("x")),
    ] {
        let mut body = json!({"company_id": 4410, "type": 15, "comments": "x"});
        body[key] = value;
        assert_eq!(wrong_keys(&api.create(body).await), [key]);
    }
    assert_eq!(api.envia.ticket_count(), 22);
}

#[tokio::test]
async fn what_a_ticket_points_to_must_exist() {
    let api = start().await;
    for (key, value, what) in [
        ("company_id", 1, "Company not found."),
        ("type", 99, "Ticket type not found."),
        ("shipment_id", 1, "Shipment not found."),
        // Another company's.
        ("shipment_id", 910_001, "Shipment not found."),
        ("assigned_to_id", 1, "Staff member not found."),
    ] {
        let mut body = json!({"company_id": 4410, "type": 15, "comments": "x"});
        body[key] = value.into();
        assert_eq!(api.create(body).await, refusal(404, "Not Found", what));
    }
}

#[tokio::test]
async fn one_active_ticket_for_shipment_and_type() {
    let api = start().await;
    let body = |kind: u64| json!({"company_id": 4410, "type": kind, "comments": "x", "shipment_id": 900123});
    let conflict = "The shipment already has an active ticket of this type.";
    for status in 1..=10 {
        let kind = if status == 1 { 15 } else { 15 + status };
        // 19 wants documents; any other type will do.
        let kind = if kind == 19 { 1 } else { kind };
        let id = api.create(body(kind)).await.ok()["id"].as_u64().unwrap();
        if status > 1 {
            let change = json!({"status_id": status, "comment": "x"});
            api.update(id, change).await.ok();
        }
        let second = api.create(body(kind)).await;
        if matches!(status, 1 | 3 | 5 | 6) {
            assert_eq!(second, refusal(409, "Conflict", conflict), "{status}");
        } else {
            assert_eq!(second.status, 200, "{status}");
        }
    }
    // Another shipment, another type, no shipment: no conflict.
    api.created(json!({"shipment_id": 900124})).await;
    api.created(json!({"tracking_number": "TST0001112223"}))
        .await;
    api.created(json!({"tracking_number": "TST0001112223"}))
        .await;
}

#[tokio::test]
async fn a_credit_line_needs_documents() {
    let api = start().await;
    let body = json!({"company_id": 4411, "type": 19, "comments": "x", "data": "{\"days\": 30}"});
    assert_eq!(api.create(body.clone()).await.status, 422);
    let mut with = body.clone();
    with["documents"] = json!([1]);
    assert_eq!(api.create(with).await.status, 200);
    let mut within = body;
    within["data"] = json!("{\"documents\": [1]}");
    assert_eq!(api.create(within).await.status, 200);
}

#[tokio::test]
async fn the_id_comes_in_three_forms() {
    let api = start().await;
    let body = json!({"company_id": 4410, "type": 15, "comments": "x"});
    for (form, status, expected) in [
        (CreatedForm::Bare, 200, json!({"id": 58231})),
        (CreatedForm::Data, 200, json!({"data": {"id": 58232}})),
        (CreatedForm::Created, 201, json!({"id": 58233})),
    ] {
        api.envia
            .change_switches(|switches| switches.created = form);
        let answer = api.create(body.clone()).await;
        assert_eq!((answer.status, answer.body), (status, expected));
    }
}
