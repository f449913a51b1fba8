//! The catalogues over HTTP: fetched once, kept, and judged by.

use envia_client::{
    Catalogs,
    api::{shipments::Show, tickets::Create},
    rules::{Known, Rule},
    types::ShipmentRef,
};
use serde_json::json;

use crate::back_end::{BackEnd, boom, ok};

#[tokio::test]
async fn a_draft_is_judged_by_what_the_back_end_says() {
    let rules = json!({"reference": "guide",
        "conditions": {"avaliable_status": [3, 11, 13], "validations": [
            {"type": "default", "field": "overcharge_applied", "operator": "==", "value": "1"}]},
        "mcp_context": {"is_blocked": false, "requires_guide": true, "use_case": "a surcharge"}});
    let back_end = BackEnd::start([
        ok(&json!({"data": [
            {"id": 3, "name": "overweight", "active": 1, "rules": rules.to_string()},
            {"id": 8, "name": "delay", "active": 1, "rules": {"reference": "guide", "mcp_context": {}}},
            {"id": 22, "name": "rating_tickets", "active": 1, "rules": null}]})),
        ok(&json!({"data": [{"id": 2, "name": "Shipped"}, {"id": "3", "name": "Delivered"}]})),
        ok(&json!({"data": {"id": 900_123, "tracking_number": "TST1", "status_id": 2, "overcharge_applied": 0}})),
    ])
    .await;
    let catalogs = Catalogs::new(back_end.client.clone());
    let types = catalogs.ticket_types().await.unwrap();
    let names = catalogs.shipment_statuses().await.unwrap();
    let shipment = Show::new(ShipmentRef::Tracking("TST1".into()));
    let shipment = back_end.client.send(&shipment).await.unwrap();
    let mut draft = Create::new(4410, 3, "cobro de más");
    draft.tracking_number = Some("TST1".into());
    let known = Known {
        shipment: Some(&shipment),
        status_names: Some(&names.value),
    };
    let verdict = types.value.check(&draft, &known);
    let broken: Vec<Rule> = verdict.violations.iter().map(|v| v.rule).collect();
    assert_eq!(broken, [Rule::ShipmentStatus, Rule::Validation]);
    assert_eq!(verdict.violations[0].allowed, "Delivered, ID 11, ID 13");
    assert_eq!(verdict.alternatives[0].name, "delay");

    assert!(!catalogs.ticket_types().await.unwrap().is_stale());
    assert_eq!(back_end.lines().len(), 3);
}

#[tokio::test]
async fn without_a_catalogue_there_is_a_clear_error() {
    let back_end = BackEnd::start([
        boom(401, "Unauthorized", "no"),
        ok(&json!({"data": []})),
        ok(&json!({"data": [{"id": 1, "name": "Created"}]})),
    ])
    .await;
    let catalogs = Catalogs::new(back_end.client.clone());
    let error = catalogs.ticket_types().await.unwrap_err().to_string();
    assert!(
        error.contains("ticket types") && error.contains("401"),
        "{error}"
    );
    let error = catalogs.shipment_statuses().await.unwrap_err().to_string();
    assert!(error.contains("empty list"), "{error}");
    assert_eq!(
        catalogs.shipment_statuses().await.unwrap().value.tell(1),
        "Created"
    );
}
