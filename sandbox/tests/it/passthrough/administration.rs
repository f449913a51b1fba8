//! Administration.

use serde_json::json;

use super::sweep::{Sweep, find};

/// Every endpoint of the administration family.
pub(super) async fn administration(sweep: &mut Sweep) {
    api_tokens(sweep).await;
    people(sweep).await;
    install(sweep).await;
    diagnostics(sweep).await;
    storage(sweep).await;
}

async fn api_tokens(sweep: &mut Sweep) {
    let body = json!({"name": "sweep", "owner": "system", "abilities": ["tickets:read"]});
    let made = sweep.ok("administration.api_tokens.create", body).await;
    let (id, plain) = (
        made["data"]["id"].clone(),
        made["data"]["token"].as_str().unwrap(),
    );
    let found = sweep
        .as_token(plain, "tickets/query", &json!({"row_limit": 1}))
        .await;
    assert_eq!(found.0, 200, "a new token works: {}", found.1);
    let denied = sweep
        .as_token(plain, "settings/watchlists", &json!({}))
        .await;
    assert_eq!(denied.0, 403);
    let narrowed = json!({"id": id, "abilities": ["settings:read"], "allowed_ip": "203.0.113.9"});
    sweep
        .done("administration.api_tokens.update", narrowed)
        .await;
    let elsewhere = sweep
        .as_token(plain, "settings/watchlists", &json!({}))
        .await;
    assert_eq!(elsewhere.0, 401, "the address is not the allowed one");
    let anywhere = json!({"id": id, "allowed_ip": null});
    sweep
        .done("administration.api_tokens.update", anywhere)
        .await;
    let list = sweep.ok("administration.api_tokens.index", json!({})).await;
    assert_eq!(find(&list["data"]["tokens"], "name", "sweep")["id"], id);
    assert!(!list.to_string().contains(plain));
    sweep
        .done("administration.api_tokens.revoke", json!({"id": id}))
        .await;
    let revoked = sweep
        .as_token(plain, "settings/watchlists", &json!({}))
        .await;
    assert_eq!(revoked.0, 401);
}

async fn people(sweep: &mut Sweep) {
    let body = json!({"name": "Sweep", "email": "sweep@shop.example", "is_staff": true});
    sweep.done("administration.users.create", body).await;
    let list = sweep.ok("administration.users.index", json!({})).await;
    let id = find(&list["users"], "name", "Sweep")["id"].to_string();
    assert!(!list.to_string().contains("sandbox-password"));
    sweep.path = vec![("user", id), ("queue", "1".to_owned())];
    sweep
        .done("administration.users.update", json!({"is_admin": true}))
        .await;
    let permission = json!({
        "can_view": true, "can_manage": false, "can_delete": false,
        "treat_as_inbox": false, "receive_inbox_errors": true,
    });
    sweep
        .done("administration.users.queue_upsert", permission)
        .await;
    let list = sweep.ok("administration.users.index", json!({})).await;
    let user = find(&list["users"], "name", "Sweep");
    assert_eq!(user["is_admin"], true);
    let queue = user["queues"].as_array().unwrap();
    let queue = queue.iter().find(|queue| queue["queue_id"] == 1).unwrap();
    assert_eq!(queue["receive_inbox_errors"], true);
    assert_eq!(queue["can_manage"], false);
    sweep
        .done("administration.users.queue_detach", json!({}))
        .await;

    sweep
        .done("administration.teams.create", json!({"name": "Sweep"}))
        .await;
    let list = sweep.ok("administration.teams.index", json!({})).await;
    let id = find(&list["teams"], "name", "Sweep")["id"].clone();
    sweep
        .done(
            "administration.teams.update",
            json!({"id": id, "name": "Swept"}),
        )
        .await;
    sweep
        .done("administration.teams.delete", json!({"id": id}))
        .await;
}

async fn install(sweep: &mut Sweep) {
    let update = json!({"current_password": "sandbox-password", "ai_api_key": "sk-hush", "ai_enabled": false});
    sweep.done("administration.ai.update", update).await;
    let shown = sweep.ok("administration.ai.index", json!({})).await;
    assert_eq!(
        (&shown["ai_enabled"], &shown["ai_api_key_set"]),
        (&json!(false), &json!(true))
    );
    assert!(!shown.to_string().contains("sk-hush"));
    let wrong = json!({"current_password": "guess"});
    sweep.fails("administration.ai.update", wrong, 422).await;

    let domain = json!({"current_password": "sandbox-password", "domain": "ayuda.shop.example"});
    sweep
        .done("administration.custom_domain.update", domain)
        .await;
    let status = sweep
        .ok("administration.custom_domain.status", json!({}))
        .await;
    assert_eq!(status["status"], "waiting_for_dns");

    sweep.upload("administration.branding.app_logo", &[]).await;
    sweep
        .upload("administration.branding.email_logo", &[])
        .await;
    sweep
        .fails("administration.branding.app_logo", json!({}), 422)
        .await;
    sweep
        .done(
            "administration.branding.update",
            json!({"app_name": "Swept"}),
        )
        .await;
    let shown = sweep.ok("administration.branding.index", json!({})).await;
    assert_eq!(shown["app_name"], "Swept");
    assert_eq!(shown["app_logo"]["name"], "box.png");
    sweep
        .done("administration.branding.reset_app_logo", json!({}))
        .await;
    sweep
        .done("administration.branding.reset_email_logo", json!({}))
        .await;
    let shown = sweep.ok("administration.branding.index", json!({})).await;
    assert!(shown["app_logo"].is_null() && shown["email_logo"].is_null());

    let licence = sweep.ok("administration.licence.index", json!({})).await;
    assert!(licence["features"].is_array());
    sweep
        .done(
            "administration.system.update",
            json!({"max_attachment_mb": 20}),
        )
        .await;
    sweep
        .done(
            "administration.storage.retention",
            json!({"sent_mail_retention_days": 90}),
        )
        .await;
    let system = sweep.ok("administration.system.index", json!({})).await;
    assert_eq!(system["max_attachment_mb"], 20);
    assert_eq!(system["sent_mail_retention_days"], 90);
}

async fn diagnostics(sweep: &mut Sweep) {
    for action in ["index", "fetch", "update", "upload"] {
        let endpoint = format!("administration.diagnostics.{action}");
        sweep.fails(&endpoint, json!({}), 404).await;
    }
    sweep
        .sandbox
        .change_switches(|switches| switches.diagnostics = true);
    sweep
        .done(
            "administration.diagnostics.update",
            json!({"collect_logs": true}),
        )
        .await;
    let shown = sweep
        .ok("administration.diagnostics.index", json!({}))
        .await;
    assert_eq!(shown["options"]["collect_logs"], true);
    sweep
        .done(
            "administration.diagnostics.upload",
            json!({"note": "sweep"}),
        )
        .await;
    let entries = sweep
        .ok("administration.diagnostics.fetch", json!({}))
        .await;
    assert_eq!(entries["entries"][0]["data"]["note"], "sweep");
}

async fn storage(sweep: &mut Sweep) {
    sweep
        .done("administration.storage.delete_orphaned", json!({}))
        .await;
    let closed = json!({"row_limit": 5000, "search_object": {"criteria": [{"mode": "status", "tokens": ["closed"]}]}});
    let before = sweep.tickets(closed.clone()).await.len();
    let ages = json!({"older_than_days": 99_999});
    sweep
        .done("administration.storage.delete_closed", ages)
        .await;
    assert_eq!(sweep.tickets(closed.clone()).await.len(), before);
    sweep
        .done(
            "administration.storage.delete_closed",
            json!({"older_than_days": 1}),
        )
        .await;
    assert!(sweep.tickets(closed).await.len() < before);
}
