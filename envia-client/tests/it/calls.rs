//! Every endpoint: where it goes, what it carries, what it reads.

use envia_client::{
    Effect, Repeat, Reversal,
    api::{self, activity_log, catalog, shipments, tickets},
    statuses::TicketStatus,
    types::{ActivityStatus, Amount, FileContent, FileType, ShipmentId, ShipmentRef, Sla},
};
use serde_json::json;

use crate::back_end::{BackEnd, ok};

#[tokio::test]
async fn reads_go_where_they_should_with_both_headers() {
    let back_end = BackEnd::start([
        ok(&json!({"data": [{"id": 3, "name": "overweight", "rules": "{}", "active": 1, "type": null}]})),
        ok(&json!([{"id": 3, "name": "Delivered", "class": "success"}])),
        ok(&json!({"data": [], "recordsTotal": "0"})),
        ok(&json!({"data": [{"id": 58231, "ticket_variables": null}]})),
        ok(&json!({"data": {"id": 900_123, "status_id": "3"}})),
        ok(&json!({"data": {"id": 900_123}})),
    ])
    .await;
    let client = &back_end.client;
    let types = client.send(&catalog::TicketTypes::default()).await.unwrap();
    assert_eq!(types.rows[0].active, Some(true));
    let statuses = client
        .send(&catalog::ShipmentStatuses::default())
        .await
        .unwrap();
    assert_eq!(statuses.rows[0].name.as_deref(), Some("Delivered"));
    let list = tickets::List {
        tracking_number: Some("TST 1/2".into()),
        ticket_status: Some(TicketStatus::FollowUp),
        sla: Some(Sla::OnTime),
        ..tickets::List::default()
    };
    assert_eq!(client.send(&list).await.unwrap().total, Some(0));
    let ticket = client.send(&tickets::Show::new(58231)).await.unwrap().0;
    assert!(ticket.ticket_variables.values.is_empty());
    let tracking = ShipmentRef::Tracking("TST/1".into());
    let shipment = client.send(&shipments::Show::new(tracking)).await.unwrap();
    assert_eq!(shipment.status_id(), Some(3));
    let by_id = shipments::Show::new(ShipmentId::new(900_123));
    client.send(&by_id).await.unwrap();

    assert_eq!(
        back_end.lines(),
        [
            "GET /catalog/ticket-types",
            "GET /catalog/shipment-statuses",
            "GET /companies/tickets?tracking_number=TST+1%2F2&ticket_status=follow_up&sla=0&start=0&length=10",
            "GET /companies/tickets/58231",
            "GET /shipments/details/TST%2F1",
            "GET /shipments/details/900123",
        ]
    );
    for asked in back_end.asked() {
        assert_eq!(asked.header("authorization"), Some("Bearer test-bot-token"));
        let signature = "b952408c8ef72202a13a9806f14bd5f4f504d402c58b191a57610bb1963da37f";
        assert_eq!(
            asked.header("x-bot-ai-signature"),
            Some(signature),
            "{}",
            asked.line
        );
        assert!(
            asked
                .header("user-agent")
                .unwrap()
                .starts_with("envia-client/")
        );
    }
}

#[tokio::test]
async fn writes_carry_what_they_should_and_are_signed() {
    let back_end = BackEnd::start([
        ok(&json!({"id": 58231})),
        ok(&json!({"data": true})),
        ok(&json!({"success": true, "data": {"id": 9001, "name": "a.png", "url": "https://files.example.test/9001"}})),
        ok(&json!({"success": true})),
        ok(&json!({"data": {"id": "7"}})),
    ])
    .await;
    let client = &back_end.client;
    let create = tickets::Create::new(4410, 5, "Caja golpeada, contenido roto");
    assert_eq!(client.send(&create).await.unwrap().ticket_id.get(), 58231);
    let mut update = tickets::Update::new(58231);
    update.comment = Some("visto".into());
    client.send(&update).await.unwrap();
    let upload = tickets::Upload {
        ticket_id: 58231.into(),
        company_id: 4410.into(),
        name: "a.png".into(),
        content_base64: FileContent::new("hola"),
        content_type: FileType::Png,
        description: Some("caja".into()),
    };
    assert_eq!(client.send(&upload).await.unwrap().id.unwrap().get(), 9001);
    let mut log = activity_log::Create::new("get_ticket", "ticketing", ActivityStatus::Success);
    log.input_params = json!({"ticket_id": 5.0, "2": 1, "10": 2})
        .as_object()
        .cloned();
    client.send(&log).await.unwrap();
    let mut claim = tickets::Create::new(4410, 3, "Peso cobrado de más");
    claim.amount = Some(Amount::new(180.5).unwrap());
    client.send(&claim).await.unwrap();

    let asked = back_end.asked();
    let lines: Vec<&str> = asked.iter().map(|asked| asked.line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "POST /companies/tickets",
            "PUT /companies/tickets/58231",
            "POST /companies/tickets/58231/files",
            "POST /mcp/activity-log",
            "POST /companies/tickets",
        ]
    );
    let signature = "f2d76636d3fbd4b8f2c0cd407982bc42240df43cceba321fe61ecad42d9b4681";
    assert_eq!(asked[0].header("x-bot-ai-signature"), Some(signature));
    assert_eq!(asked[1].json(), json!({"comment": "visto"}));
    assert_eq!(asked[2].json()["content_base64"], "aG9sYQ==");
    assert!(
        asked[3]
            .body
            .contains(r#""input_params":{"2":1,"10":2,"ticket_id":5}"#),
        "{}",
        asked[3].body
    );
    assert_eq!(asked[4].json()["data"], "{\"amount\":180.5}");
}

#[test]
fn every_endpoint_says_what_it_does() {
    let facts: Vec<_> = api::ALL
        .iter()
        .map(|operation| {
            let spec = operation.spec;
            (spec.name, spec.method.as_str(), spec.effect, spec.reversal)
        })
        .collect();
    let never = Effect::Write(Repeat::Never);
    let compensable = Some(Reversal::Compensable);
    let irreversible = Some(Reversal::Irreversible);
    assert_eq!(
        facts,
        [
            ("activity_log.create", "POST", never, irreversible),
            ("catalog.shipment_statuses", "GET", Effect::Read, None),
            ("catalog.ticket_types", "GET", Effect::Read, None),
            ("shipments.show", "GET", Effect::Read, None),
            ("tickets.create", "POST", never, compensable),
            ("tickets.list", "GET", Effect::Read, None),
            ("tickets.show", "GET", Effect::Read, None),
            ("tickets.update", "PUT", never, compensable),
            ("tickets.upload", "POST", never, irreversible),
        ]
    );
    for operation in api::ALL {
        let schema = operation.schema();
        assert_eq!(
            schema.get("type"),
            Some(&json!("object")),
            "{}",
            operation.spec.name
        );
    }
}
