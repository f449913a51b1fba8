//! One effect per key.

use std::time::Duration;

use sandbox::tickiti::{Fault, FaultKind, Outcome};
use serde_json::{Value, json};

use crate::helper::{answer, start};

fn ticket(subject: &str) -> Value {
    json!({
        "originator_email_address": "dana@customer.example",
        "is_public": true,
        "data": {"subject": subject, "content": "<p>x</p>"},
    })
}

#[tokio::test]
async fn the_same_key_and_payload_is_done_once() {
    let api = start().await;
    let before = api.tickiti.ticket_count();
    let first = api.keyed("tickets", "k", ticket("a")).await.ok();
    let again = json!({
        "data": {"content": "<p>x</p>", "subject": "a"},
        "is_public": true,
        "originator_email_address": "dana@customer.example",
    });
    assert_eq!(
        api.keyed("tickets", "k", again).await.ok(),
        first,
        "order of keys does not matter"
    );
    assert_eq!(api.tickiti.ticket_count(), before + 1);
    assert_eq!(
        (
            api.tickiti.executions("tickets.create"),
            api.tickiti.replays("tickets.create")
        ),
        (1, 1)
    );
    let log = api.tickiti.log();
    assert_eq!(
        log.iter()
            .map(|e| (e.executed, e.replayed))
            .collect::<Vec<_>>(),
        [(true, false), (false, true)]
    );
}

#[tokio::test]
async fn another_payload_is_a_conflict() {
    let api = start().await;
    api.keyed("tickets", "k", ticket("a")).await.ok();
    let refused = api.keyed("tickets", "k", ticket("b")).await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (409, &json!("idempotency_key_conflict"))
    );
    assert_eq!(api.tickiti.executions("tickets.create"), 1);
}

#[tokio::test]
async fn keys_belong_to_an_owner_and_an_endpoint() {
    let mut api = start().await;
    api.keyed("tickets", "k", ticket("a")).await.ok();
    let respond =
        json!({"ticket_number": "709383", "from_email": "eva@shop.example", "content": "x"});
    api.keyed("tickets/respond", "k", respond).await.ok();
    api.use_token("sandbox-agent");
    api.keyed("tickets", "k", ticket("b")).await.ok();
    assert_eq!(api.tickiti.executions("tickets.create"), 2);
}

#[tokio::test]
async fn keys_expire_after_a_day() {
    let api = start().await;
    api.keyed("tickets", "k", ticket("a")).await.ok();
    api.tickiti.advance_clock(86_399);
    api.keyed("tickets", "k", ticket("a")).await.ok();
    api.tickiti.advance_clock(1);
    api.keyed("tickets", "k", ticket("b")).await.ok();
    assert_eq!(
        (
            api.tickiti.executions("tickets.create"),
            api.tickiti.replays("tickets.create")
        ),
        (2, 1)
    );
}

#[tokio::test]
async fn refusals_are_not_kept() {
    let api = start().await;
    assert_eq!(api.keyed("tickets", "k", json!({})).await.status, 422);
    api.keyed("tickets", "k", ticket("a")).await.ok();
}

#[tokio::test]
async fn a_missing_or_endless_key_is_named() {
    let api = start().await;
    assert_eq!(
        api.post("tickets", ticket("a")).await.wrong_fields(),
        ["Idempotency-Key"]
    );
    let long = "k".repeat(256);
    assert_eq!(
        api.keyed("tickets", &long, ticket("a"))
            .await
            .wrong_fields(),
        ["Idempotency-Key"]
    );
    api.keyed("tickets", &long[..255], ticket("a")).await.ok();
}

#[tokio::test]
async fn twins_at_the_same_time_are_one_ticket() {
    let api = start().await;
    api.tickiti
        .add_fault(Fault::on("tickets.create", FaultKind::Delay { ms: 50 }));
    let send = || api.keyed("tickets", "k", ticket("a"));
    let (a, b, c) = tokio::join!(send(), send(), send());
    let a = a.ok();
    assert_eq!((&b.ok(), &c.ok()), (&a, &a));
    assert_eq!(
        (
            api.tickiti.executions("tickets.create"),
            api.tickiti.replays("tickets.create")
        ),
        (1, 2)
    );
}

#[tokio::test]
async fn a_twin_takes_over_when_the_first_gives_up() {
    let api = start().await;
    api.tickiti
        .add_fault(Fault::on("tickets.create", FaultKind::Delay { ms: 10_000 }).times(1));
    let request = || {
        api.request("POST", "tickets")
            .header("Idempotency-Key", "k")
            .json(&ticket("a"))
    };
    let first = request().timeout(Duration::from_millis(100)).send();
    let (first, second) = tokio::join!(first, async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        answer(request()).await
    });
    assert!(first.unwrap_err().is_timeout());
    second.ok();
    assert_eq!(api.tickiti.executions("tickets.create"), 1);
    let outcomes: Vec<Outcome> = api.tickiti.log().iter().map(|e| e.outcome).collect();
    assert_eq!(outcomes, [Outcome::Aborted, Outcome::Answered]);
}

#[tokio::test]
async fn fresh_keys_need_no_token_and_differ() {
    let api = start().await;
    let url = format!("{}/api/v1/idempotency_key", api.tickiti.base_url());
    let fresh = || async {
        answer(crate::helper::http().post(&url)).await.data()["idempotency_key"].clone()
    };
    let (one, two) = (fresh().await, fresh().await);
    assert_ne!(one, two);
    assert_eq!(one.as_str().unwrap().len(), 36);
}

#[tokio::test]
async fn other_endpoints_ignore_the_header() {
    let api = start().await;
    for _ in 0..2 {
        let body = json!({"response_ids": [1], "target_ticket_number": "709383"});
        api.keyed("tickets/response-copy", "k", body).await.ok();
    }
    assert_eq!(api.tickiti.executions("tickets.response_copy"), 2);
}
