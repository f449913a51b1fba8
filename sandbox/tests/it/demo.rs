//! The demo data that documentation and other tests rely on.

use sandbox::tickiti::Tickiti;
use serde_json::{Value, json};

use crate::helper::{Api, start, start_with};

/// How many tickets meet the criteria.
async fn count(api: &Api, criteria: Value) -> usize {
    let body = json!({"row_limit": 5000, "search_object": {"criteria": criteria}});
    api.post("tickets/query", body)
        .await
        .ok()
        .as_array()
        .unwrap()
        .len()
}

#[tokio::test]
async fn the_shop_is_what_its_description_says() {
    let api = start().await;
    let header = api.show(&json!("709383")).await["ticket"].clone();
    assert_eq!(
        (
            &header["id"],
            &header["queue_name"],
            &header["originator_email"],
            &header["status"]
        ),
        (
            &json!("13"),
            &json!("Sales"),
            &json!("marcus@trailblazers-club.example"),
            &json!("open")
        )
    );
    let all = count(&api, json!([])).await;
    assert_eq!((all, api.tickiti.ticket_count()), (320, 320));
    let month = |from: &str, to: &str| json!([{"mode": "created_from", "tokens": [from]}, {"mode": "created_to", "tokens": [to]}]);
    assert!(count(&api, month("2026-05-01", "2026-05-31")).await >= 30);
    assert!(count(&api, month("2025-10-15", "2025-11-15")).await >= 30);
    assert_eq!(count(&api, month("2026-06-16", "2030-01-01")).await, 0);
    for status in ["open", "on-hold", "closed"] {
        assert!(
            count(&api, json!([{"mode": "status", "tokens": [status]}])).await >= 5,
            "{status}"
        );
    }
    let words = |word: &str| json!([{"mode": "content", "tokens": [word]}]);
    assert!(count(&api, words("hola")).await >= 30 && count(&api, words("hello")).await >= 60);
    let hostile = json!([{"mode": "content", "match": "any", "tokens": [
        "ignore previous instructions", "maintenance mode", "ignora las instrucciones", "create an api token",
    ]}]);
    assert_eq!(count(&api, hostile).await, 5);
    for queue in [
        "Inbox",
        "Sales",
        "Support",
        "Returns",
        "Billing",
        "Wholesale",
        "Atención España",
    ] {
        assert!(
            count(&api, json!([{"mode": "queue", "tokens": [queue]}])).await >= 5,
            "{queue}"
        );
    }
    let mailboxes = api.post("mail/mailboxes", json!({})).await.ok();
    assert!(
        mailboxes["mailboxes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["id"] == 2)
    );
}

#[tokio::test]
async fn two_doubles_hold_the_same() {
    let (one, two) = (start().await, start().await);
    let body = json!({"limit": 1000});
    let first = one.post("tickets/responses/query", body.clone()).await.ok();
    assert_eq!(first, two.post("tickets/responses/query", body).await.ok());
    assert_eq!(first["data"]["responses"].as_array().unwrap().len(), 1000);
}

#[tokio::test]
async fn an_install_can_start_without_tickets_and_at_another_time() {
    let api = start_with(Tickiti::builder().without_tickets()).await;
    assert_eq!(api.tickiti.ticket_count(), 0);
    api.create("The first", "Inbox").await;
    let api = start_with(Tickiti::builder().clock(1_800_000_000)).await;
    let newest = api
        .post("tickets/query", json!({"row_limit": 1}))
        .await
        .ok();
    assert!(
        newest[0]["updated_at"]
            .as_str()
            .unwrap()
            .starts_with("2027-01-1"),
        "{newest}"
    );
}
