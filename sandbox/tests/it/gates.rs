//! Who may call what, in the documented order.

use sandbox::tickiti::{Tickiti, TokenSetup};
use serde_json::json;

use crate::helper::{answer, start, start_with};

/// A path, a token, and the status that the first shut gate gives.
async fn check(setup: TokenSetup, path: &str, status: u16, message: &str) {
    let mut api = start_with(Tickiti::builder().token(setup)).await;
    api.use_token("t");
    let answer = api.post(path, json!({})).await;
    assert_eq!(answer.status, status, "{path}: {}", answer.body);
    let found = answer.body["message"].as_str().unwrap_or_default();
    assert!(found.contains(message), "{path}: {found}");
}

#[tokio::test]
async fn a_token_is_needed_and_must_be_known() {
    let mut api = start().await;
    for path in ["token", "tickets/show", "reports/meta"] {
        let url = format!("{}/api/v1/{path}", api.tickiti.base_url());
        let bare = crate::helper::http().post(url).json(&json!({}));
        assert_eq!(answer(bare).await.status, 401, "{path}");
    }
    api.use_token("nobody");
    let refused = api.post("token", json!({})).await;
    assert_eq!(
        (refused.status, &refused.body),
        (401, &json!({"message": "Unauthenticated."}))
    );
}

#[tokio::test]
async fn the_gates_follow_each_other() {
    let new = || TokenSetup::new("t");
    let all = || new().abilities(["*"]);
    check(
        new().allowed_ip("203.0.113.9").abilities(["*"]),
        "token",
        401,
        "Unauthenticated",
    )
    .await;
    check(new().allowed_ip("127.0.0.1"), "token", 200, "").await;
    check(new(), "tickets/show", 403, "ability").await;
    check(
        new().abilities(["tickets:read"]),
        "tickets/respond",
        403,
        "ability",
    )
    .await;
    check(all().not_staff(), "settings/hashtags", 403, "unauthorized").await;
    check(all(), "settings/hashtags", 200, "").await;
    check(all(), "reports/meta", 403, "unauthorized").await;
    check(all().admin(), "reports/meta", 200, "").await;
    check(all().sysadmin(), "reports/meta", 200, "").await;
    check(all().admin(), "supervisor/jobs", 403, "unauthorized").await;
    check(all().superuser(), "supervisor/jobs", 200, "").await;
    check(all().admin(), "axial/skills", 403, "system administrator").await;
    check(all().not_staff().sysadmin(), "axial/skills", 200, "").await;
}

#[tokio::test]
async fn a_plan_can_be_taken_away() {
    let api = start_with(Tickiti::builder().without_plan("has_reports")).await;
    assert_eq!(
        api.post("reports/volumes", json!({"date_from": 1}))
            .await
            .status,
        403
    );
    api.tickiti.set_plan("has_reports", true);
    let wrong = api.post("reports/volumes", json!({"date_from": 1})).await;
    assert_eq!(wrong.wrong_fields(), ["date_from"]);
}

#[tokio::test]
async fn lookup_comes_before_validation() {
    let api = start().await;
    let unknown = json!({"ticket_number": "100000", "fields": "none"});
    assert_eq!(api.post("tickets/show", unknown).await.status, 404);
    let known = json!({"ticket_number": "709383", "fields": "none"});
    assert_eq!(
        api.post("tickets/show", known).await.wrong_fields(),
        ["fields"]
    );
    let path = "administration/users/4000/update";
    assert_eq!(api.post(path, json!({"is_staff": "x"})).await.status, 404);
    let path = "administration/users/4/update";
    assert_eq!(
        api.post(path, json!({"is_staff": "x"}))
            .await
            .wrong_fields(),
        ["is_staff"]
    );
}

#[tokio::test]
async fn queues_bound_what_an_owner_sees_and_restructures() {
    let viewer = TokenSetup::new("viewer")
        .abilities(["tickets:read", "tickets:write"])
        .view_only(["Sales"]);
    let stranger = TokenSetup::new("stranger")
        .abilities(["*"])
        .manage(["Inbox"]);
    let mut api = start_with(Tickiti::builder().token(viewer).token(stranger)).await;
    let in_inbox = api.create("In the inbox", "Inbox").await["ticket_number"].clone();
    let link = json!({"ticket_number": "709383", "linked_ticket_numbers": [in_inbox]});
    let links = api.post("tickets/link", link).await.data();
    assert_eq!(links["links"].as_array().unwrap().len(), 1);
    let one = json!({"ticket_number": "709383"});
    api.use_token("stranger");
    assert_eq!(api.post("tickets/show", one.clone()).await.status, 404);
    api.use_token("viewer");
    let shown = api.post("tickets/show", one.clone()).await.data();
    assert_eq!(
        shown["ticket"]["linked_tickets"],
        json!([]),
        "the other end is out of sight"
    );
    let delete = json!({"ticket_numbers": ["709383"]});
    let refused = api.post("tickets/delete", delete).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    let queues = api.post("tickets/queues", json!({})).await.data();
    assert_eq!(queues["queues"].as_array().unwrap().len(), 1);
    let rows = api.post("tickets/query", json!({})).await.ok();
    assert!(
        rows.as_array()
            .unwrap()
            .iter()
            .all(|row| row["queue_name"] == "Sales")
    );
}

#[tokio::test]
async fn wrong_methods_routes_and_forms_are_told_apart() {
    let api = start().await;
    assert_eq!(answer(api.request("POST", "faqs")).await.status, 405);
    assert_eq!(answer(api.request("GET", "tickets/show")).await.status, 405);
    assert_eq!(api.post("tickets/nothing", json!({})).await.status, 404);
    let url = format!("{}/api/v1/faqs", api.tickiti.base_url());
    assert_eq!(
        answer(crate::helper::http().get(url)).await.status,
        200,
        "faqs need no token"
    );
    for path in [
        "tickets/attachment-upload",
        "templates/image-upload",
        "administration/branding/app-logo",
    ] {
        assert_eq!(
            api.post(path, json!({"file": "x"})).await.status,
            422,
            "{path}"
        );
    }
    let not_json = api
        .request("POST", "tickets/show")
        .body(r#"{"ticket_number":"709383"}"#);
    assert_eq!(
        answer(not_json).await.status,
        422,
        "a body without its content type is not read"
    );
}

#[tokio::test]
async fn validation_names_every_wrong_field() {
    let api = start().await;
    let body = json!({
        "originator_email_address": "nobody",
        "participants": ["dana@customer.example", "x"],
        "attachments": [{"sha256": 1, "name": "n"}],
        "data": {"subject": 5, "on_hold_until": "2026-02-30"},
    });
    let refused = api.post("tickets", body).await;
    let mut fields = refused.wrong_fields();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "Idempotency-Key",
            "attachments.0.file_size",
            "attachments.0.sha256",
            "data.on_hold_until",
            "data.subject",
            "is_public",
            "originator_email_address",
            "participants.1",
        ]
    );
    let bounds = json!({"row_limit": 5001, "search_object": {"criteria": [{"tokens": []}]}});
    let refused = api.post("tickets/query", bounds).await;
    assert_eq!(
        refused.wrong_fields(),
        ["row_limit", "search_object.criteria.0.mode"]
    );
}

#[tokio::test]
async fn a_token_tells_what_it_may_do() {
    let mut api = start_with(Tickiti::builder().without_plan("has_reports")).await;
    api.use_token("sandbox-agent");
    let shown = api.post("token", json!({})).await.data();
    assert_eq!(
        shown["abilities"],
        json!(["settings:read", "tickets:read", "tickets:write"])
    );
    assert_eq!(shown["owner"]["roles"], json!(["staff"]));
    let families = &shown["families"];
    assert_eq!(
        (
            &families["tickets"]["write"],
            &families["settings"]["write"]
        ),
        (&json!(true), &json!(false))
    );
    let reasons = families["reports"]["reasons"].as_array().unwrap();
    assert!(
        reasons.contains(&json!("missing plan has_reports")),
        "{reasons:?}"
    );
    assert!(
        reasons.contains(&json!("missing role admin")),
        "{reasons:?}"
    );
}

#[tokio::test]
async fn the_reader_reads_every_family_and_writes_nothing() {
    let mut api = start().await;
    api.use_token("sandbox-reader");
    for path in [
        "tickets/query",
        "settings/watchlists",
        "mail/mailboxes",
        "templates",
        "workflow/queues",
        "reports/meta",
    ] {
        assert_eq!(api.post(path, json!({})).await.status, 200, "{path}");
    }
    for path in [
        "supervisor/jobs",
        "administration/ai-assistant",
        "axial/skills",
    ] {
        assert_eq!(api.post(path, json!({})).await.status, 200, "{path}");
    }
    for path in [
        "tickets",
        "settings/watchlists/create",
        "axial/skills/create",
    ] {
        assert_eq!(api.post(path, json!({})).await.status, 403, "{path}");
    }
}
