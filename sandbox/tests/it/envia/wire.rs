//! Log, faults and control: what both doubles share, seen from this one.

use sandbox::envia::{Fault, FaultKind, Outcome};
use serde_json::{Value, json};

use super::helper::start;
use crate::helper::answer;

#[tokio::test]
async fn the_log_has_headers_and_bodies_but_no_token() {
    let api = start().await;
    let body = json!({"status_id": 5, "comment": "Visto"});
    api.get("/companies/tickets?tracking_number=TST0001112227&start=0")
        .await;
    api.update(58201, body.clone()).await;
    let log = api.envia.log();
    assert_eq!(
        log[0].path,
        "/companies/tickets?tracking_number=TST0001112227&start=0"
    );
    let names: Vec<_> = log.iter().map(|e| e.endpoint.as_deref().unwrap()).collect();
    assert_eq!(names, ["tickets.list", "tickets.update"]);
    assert_eq!(log[1].body, Some(body));
    assert_eq!(log[1].headers["content-type"], "application/json");
    assert!(!format!("{log:?}").contains("sandbox-bot"));
    api.envia.clear_log();
    assert_eq!(
        (
            api.envia.log().len(),
            api.envia.executions("tickets.update")
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn faults_hit_their_route_and_count() {
    let api = start().await;
    let body = r#"{"statusCode":422,"error":"Unprocessable Entity","message":"x"}"#;
    let status = FaultKind::Status {
        status: 422,
        body: body.to_owned(),
        content_type: "application/json".to_owned(),
        retry_after: None,
    };
    api.envia
        .add_fault(Fault::on("tickets.create", status).times(1));
    api.envia
        .add_fault(Fault::on("shipments.show", FaultKind::Html { status: 502 }));
    let ticket = json!({"company_id": 4410, "type": 15, "comments": "x"});
    assert_eq!(api.create(ticket.clone()).await.status, 422);
    assert_eq!(api.envia.ticket_count(), 22);
    assert_eq!(api.create(ticket).await.status, 200);
    assert_eq!(api.get("/shipments/details/900123").await.status, 502);
    api.envia.clear_faults();
    assert_eq!(api.get("/shipments/details/900123").await.status, 200);
}

#[tokio::test]
async fn a_lost_answer_leaves_its_ticket() {
    let api = start().await;
    api.envia
        .add_fault(Fault::on("tickets.create", FaultKind::DropAfterEffect).times(1));
    let request = api
        .bare("POST", "/companies/tickets")
        .bearer_auth("sandbox-bot");
    let body = json!({"company_id": 4410, "type": 3, "comments": "x", "shipment_id": 900123});
    assert!(request.json(&body).send().await.is_err());
    assert_eq!(api.envia.log()[0].outcome, Outcome::DroppedAfterEffect);
    assert_eq!(api.envia.executions("tickets.create"), 1);
    assert_eq!(api.create(body).await.status, 409);
}

#[tokio::test]
async fn other_processes_use_the_control() {
    let api = start().await;
    let control = async |method: &str, action: &str, body: Value| {
        let request = api.bare(method, &format!("/__sandbox/{action}"));
        answer(request.json(&body)).await
    };
    let switches = json!({"not_found": "empty-data", "record": "bare", "ticket_variables": "or-null", "created": "data"});
    assert_eq!(control("POST", "switches", switches).await.status, 200);
    assert_eq!(
        control("POST", "switches", json!({"install": "june"}))
            .await
            .status,
        422
    );
    assert_eq!(
        api.get("/companies/tickets/1").await.ok(),
        json!({"data": []})
    );
    control("POST", "clock", json!({"advance_seconds": 5}))
        .await
        .ok();
    assert_eq!(api.envia.clock(), 1_781_524_805);
    let fault = json!({"endpoint": "*", "kind": "html", "status": 503, "times": 1});
    control("POST", "faults", fault).await.ok();
    assert_eq!(api.get("/catalog/ticket-types").await.status, 503);
    let log = control("GET", "log", json!({})).await.ok();
    assert_eq!(log["counts"]["tickets.show"]["executions"], 1);
    assert_eq!(log["entries"].as_array().unwrap().len(), 2);
}
