//! Catalogues, details, and the forms in which they come.

use sandbox::envia::{NotFound, RecordForm, VariablesForm};
use serde_json::{Map, Value, json};

use super::helper::{refusal, start};

#[tokio::test]
async fn the_catalogue_has_every_kind_of_type() {
    let api = start().await;
    let types = api.get("/catalog/ticket-types").await.data();
    let row = |id: u64| {
        let mut rows = types.as_array().unwrap().iter();
        rows.find(|row| row["id"] == id).unwrap()
    };
    let context = |id: u64| row(id)["rules"]["mcp_context"].clone();
    assert_eq!(types.as_array().unwrap().len(), 25);
    assert_eq!(context(2), Value::Null);
    assert_eq!(
        row(3)["rules"]["conditions"],
        json!({"avaliable_status": [3, 11, 13],
            "validations": [{"type": "default", "field": "overcharge_applied", "operator": "==", "value": "1"}]})
    );
    assert_eq!(context(5)["amount_limit_mxn"], 5000);
    assert!(context(3)["agent_notes"].is_array() && context(4)["agent_notes"].is_string());
    assert_eq!(context(7)["requires_credit_id"], true);
    let text = row(6)["rules"].as_str().unwrap();
    assert!(serde_json::from_str::<Map<String, Value>>(text).is_ok());
    let text = row(13)["rules"].as_str().unwrap();
    assert!(serde_json::from_str::<Value>(text).is_err());
    let input = &row(9)["rules"]["inputs"][0];
    assert_eq!(
        (&input["name"], &input["required"]),
        (&json!("payment_method_id"), &json!(true))
    );
    assert_eq!(
        (&row(10)["active"], context(10)["is_blocked"].clone()),
        (&json!(0), json!(true))
    );
    assert_eq!(
        (&row(17)["active"], context(17)["is_blocked"].clone()),
        (&json!(0), json!(false))
    );
    assert_eq!(row(22)["rules"], Value::Null);
}

#[tokio::test]
async fn shipments_are_found_by_id_and_tracking_number() {
    let api = start().await;
    let by_id = api.get("/shipments/details/900123").await.data();
    assert_eq!(
        (
            &by_id["status"],
            &by_id["status_id"],
            &by_id["overcharge_applied"]
        ),
        (&json!("Delivered"), &json!(3), &json!(1))
    );
    let by_number = api.get("/shipments/details/TST0001112223").await.data();
    assert_eq!(by_id, by_number);
    assert_eq!(
        api.get("/shipments/details/1").await,
        refusal(404, "Not Found", "Shipment not found.")
    );
    let statuses = api.get("/catalog/shipment-statuses").await.data();
    assert_eq!(statuses.as_array().unwrap().len(), 24);
    assert_eq!(statuses[10], json!({"id": 11, "name": "Returned"}));
    let row = json!({"tracking_number": "NEW1", "status_id": 14, "company_id": 4410});
    api.envia.put_shipment(5, row.as_object().unwrap().clone());
    assert_eq!(
        api.get("/shipments/details/NEW1").await.data()["status"],
        "Lost"
    );
}

#[tokio::test]
async fn every_shipment_status_of_the_demo_has_both_overcharges() {
    let api = start().await;
    let mut seen = Vec::new();
    for id in 900_123..900_135 {
        let row = api.get(&format!("/shipments/details/{id}")).await.data();
        seen.push((
            row["status_id"].as_u64().unwrap(),
            row["overcharge_applied"].as_u64().unwrap(),
        ));
    }
    for status in [1, 2, 3, 11, 13, 14] {
        assert!(seen.contains(&(status, 0)) && seen.contains(&(status, 1)));
    }
}

#[tokio::test]
async fn details_come_in_three_envelopes() {
    let api = start().await;
    let path = "/companies/tickets/58201";
    let ticket = api.get(path).await.data();
    for (form, expected) in [
        (RecordForm::Bare, ticket.clone()),
        (RecordForm::List, json!({"data": [ticket.clone()]})),
        (RecordForm::Data, json!({"data": ticket})),
    ] {
        api.envia.change_switches(|switches| switches.record = form);
        assert_eq!(api.get(path).await.ok(), expected);
    }
    assert_eq!(ticket["files"][0]["url"], "https://files.example.test/9001");
    assert_eq!(
        ticket["ticket_variables"],
        json!({"amount": 1450, "declared_value": 2000})
    );
}

#[tokio::test]
async fn lists_come_bare_or_with_another_total() {
    let api = start().await;
    api.envia.change_switches(|switches| {
        switches.total_key = "recordsFiltered".to_owned();
    });
    let body = api.get("/companies/tickets?length=1").await.ok();
    assert_eq!(body["recordsFiltered"], 22);
    api.envia
        .change_switches(|switches| switches.bare_lists = true);
    for path in [
        "/companies/tickets",
        "/catalog/ticket-types",
        "/catalog/shipment-statuses",
    ] {
        assert!(api.get(path).await.ok().is_array());
    }
}

#[tokio::test]
async fn ids_come_as_text() {
    let api = start().await;
    api.envia
        .change_switches(|switches| switches.ids_as_strings = true);
    let ticket = api.ticket(58201).await;
    assert_eq!(
        (&ticket["id"], &ticket["shipment_id"], &ticket["credit_id"]),
        (&json!("58201"), &json!("900127"), &Value::Null)
    );
    assert_eq!(ticket["files"][0]["id"], "9001");
    let body = json!({"company_id": 4410, "type": 15, "comments": "x"});
    assert_eq!(api.create(body).await.ok(), json!({"id": "58231"}));
}

#[tokio::test]
async fn variables_come_in_many_forms() {
    let api = start().await;
    for (form, full, empty) in [
        (VariablesForm::Object, json!({"amount": 7500}), json!({})),
        (VariablesForm::Text, json!("{\"amount\":7500}"), json!("{}")),
        (VariablesForm::OrNull, json!({"amount": 7500}), Value::Null),
        (
            VariablesForm::OrEmptyList,
            json!({"amount": 7500}),
            json!([]),
        ),
        (
            VariablesForm::OrEmptyText,
            json!("{\"amount\":7500}"),
            json!(""),
        ),
    ] {
        api.envia
            .change_switches(|switches| switches.ticket_variables = form);
        assert_eq!(api.ticket(58210).await["ticket_variables"], full);
        assert_eq!(api.ticket(58217).await["ticket_variables"], empty);
    }
}

#[tokio::test]
async fn an_unknown_ticket_is_said_in_three_ways() {
    let api = start().await;
    let path = "/companies/tickets/1";
    let expected = refusal(404, "Not Found", "Ticket not found.");
    assert_eq!(api.get(path).await, expected);
    api.envia
        .change_switches(|switches| switches.not_found = NotFound::Status400);
    let expected = refusal(400, "Bad Request", "Ticket not found.");
    assert_eq!(api.get(path).await, expected);
    api.envia
        .change_switches(|switches| switches.not_found = NotFound::EmptyData);
    assert_eq!(api.get(path).await.ok(), json!({"data": []}));
}

#[tokio::test]
async fn a_page_with_an_uncommented_ticket_can_fail() {
    let api = start().await;
    api.envia
        .change_switches(|switches| switches.list_needs_comments = true);
    assert_eq!(api.list("length=5").await.0.len(), 5);
    let answer = api.get("/companies/tickets?ticket_id=58213").await;
    let expected = refusal(422, "Unprocessable Entity", "Unexpected end of JSON input");
    assert_eq!(answer, expected);
}
