//! The life of a ticket: opened, answered, held, closed, found.

use serde_json::{Value, json};

use crate::helper::start;

#[tokio::test]
async fn a_ticket_is_opened_answered_closed_and_found() {
    let api = start().await;
    let created = api.create("Tent pole", "Sales").await;
    assert_eq!(created["queue"], "Sales");
    let number = &created["ticket_number"];
    let reply = json!({"ticket_number": number, "from_email": "eva@shop.example", "content": "<p>On its way.</p>"});
    let responded = api.keyed("tickets/respond", "r1", reply).await.data();
    assert_eq!(responded["reopened"], false);
    assert!(responded["response_id"].is_u64());
    let close = json!({"ticket_id": created["ticket_id"], "content": "<p>Done.</p>"});
    api.keyed("tickets/close", "c1", close).await.data();
    let shown = api.show(number).await;
    assert_eq!(shown["ticket"]["status"], "closed");
    assert!(shown["ticket"]["id"].is_string() && shown["ticket"]["number"].is_u64());
    let bodies: Vec<&Value> = shown["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["plain_text"])
        .collect();
    assert_eq!(bodies, ["Hello", "On its way.", "Done."]);
    let criteria = json!([{"mode": "subject", "tokens": ["tent", "POLE"]}]);
    let rows = api
        .post(
            "tickets/query",
            json!({"search_object": {"criteria": criteria}}),
        )
        .await
        .ok();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["queue_name"], "Sales");
}
