//! Installs of June 2026 and of the time between.

use sandbox::tickiti::{Install, Switches, Tickiti};
use serde_json::json;

use crate::helper::{Api, start_with};

async fn of(install: Install) -> Api {
    let mut switches = Switches::default();
    switches.install = install;
    start_with(Tickiti::builder().switches(switches)).await
}

#[tokio::test]
async fn added_endpoints_are_unknown_routes() {
    for (install, path, status) in [
        (Install::June, "token", 404),
        (Install::June, "tickets/close", 404),
        (Install::June, "tickets/queues", 404),
        (Install::June, "axial/skills", 404),
        (Install::June, "workflow/queues", 200),
        (Install::Intermediate, "token", 404),
        (Install::Intermediate, "tickets/teams", 404),
        (Install::Intermediate, "tickets/queues", 200),
        (Install::Intermediate, "axial/skills", 200),
        (Install::October, "token", 200),
    ] {
        let answer = of(install).await.post(path, json!({})).await;
        assert_eq!(answer.status, status, "{install:?} {path}");
    }
}

#[tokio::test]
async fn june_has_its_own_rules_for_tickets() {
    let api = of(Install::June).await;
    let by_id = api.post("tickets/show", json!({"ticket_id": 13})).await;
    assert_eq!(by_id.wrong_fields(), ["ticket_number"]);
    let cut = json!({"ticket_number": "709383", "fields": ["plain_text"], "max_body_chars": 1});
    let shown = api.post("tickets/show", cut).await.data();
    assert!(
        shown["responses"][0]["html"].as_str().unwrap().len() > 1,
        "no projection"
    );
    let mut create = json!({
        "originator_email_address": "dana@customer.example",
        "queue_name": "Sales",
        "data": {"subject": "s", "content": "c"},
    });
    let once = api.keyed("tickets", "once", create.clone()).await;
    assert_eq!(once.wrong_fields(), ["data.queue_name"]);
    create["data"]["queue_name"] = json!("Sales");
    let number = api.keyed("tickets", "twice", create).await.data()["ticket_number"].clone();
    let respond = |key: &'static str, status: Option<&str>| {
        let mut body = json!({"ticket_number": number, "from_email": "eva@shop.example", "content": "x", "is_internal": true});
        if let Some(status) = status {
            body["status"] = json!(status);
            body["on_hold_until"] = json!("2026-08-01");
        }
        api.keyed("tickets/respond", key, body)
    };
    assert_eq!(
        respond("closed", Some("closed")).await.wrong_fields(),
        ["status"]
    );
    respond("hold", Some("on-hold")).await.ok();
    assert_eq!(respond("note", None).await.data()["reopened"], true);
    let limited = api
        .post("tickets/query", json!({"row_limit": 2}))
        .await
        .ok();
    assert_eq!(limited.as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn updates_reset_what_they_leave_out() {
    let api = of(Install::October).await;
    let templates = api.post("templates", json!({})).await.ok();
    let id = templates[0]["id"].clone();
    let update = json!({"template": {"id": id, "description": "d"}});
    let content = || async {
        let shown = api
            .post("templates/show", json!({"template_id": id}))
            .await
            .ok();
        shown["template"]["content"].clone()
    };
    api.post("templates/update", update.clone()).await.ok();
    assert_ne!(content().await, "");
    api.tickiti
        .change_switches(|s| s.reset_omitted_fields = true);
    api.post("templates/update", update).await.ok();
    assert_eq!(content().await, "");
}
