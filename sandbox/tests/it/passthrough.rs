//! The eight families beside the tickets, over HTTP: what is written is read back.

mod administration;
mod mail;
mod operation;
mod settings;
mod sweep;

use serde_json::json;

use sweep::Sweep;

#[tokio::test]
async fn every_endpoint_of_the_eight_families_does_what_it_says() {
    let mut sweep = Sweep::start().await;
    settings::settings(&mut sweep).await;
    settings::templates(&mut sweep).await;
    mail::mail(&mut sweep).await;
    mail::workflow(&mut sweep).await;
    operation::reports(&mut sweep).await;
    operation::supervisor(&mut sweep).await;
    operation::axial(&mut sweep).await;
    administration::administration(&mut sweep).await;
    assert_eq!(sweep.missed(), Vec::<String>::new());
}

#[tokio::test]
async fn the_gates_stand_before_every_family() {
    let sweep = Sweep::start().await;
    for (token, path, status) in [
        ("sandbox-agent", "settings/watchlists", 200),
        ("sandbox-agent", "mail/mailboxes", 403),
        ("sandbox-reader", "mail/mailboxes", 200),
        ("sandbox-reader", "settings/hashtags/delete", 403),
        ("sandbox-nobody", "settings/watchlists", 401),
    ] {
        let answer = sweep.as_token(token, path, &json!({"tag": "x"})).await;
        assert_eq!(answer.0, status, "{token} on {path}: {}", answer.1);
    }
}

#[tokio::test]
async fn staff_see_what_is_shared_and_cannot_share_themselves() {
    let sweep = Sweep::start().await;
    let path = "settings/perspectives";
    let own = sweep.as_token("sandbox-agent", path, &json!({})).await;
    assert_eq!(own.1["perspectives"], json!([]));
    let all = sweep
        .as_token("sandbox-agent", path, &json!({"scope": "all"}))
        .await;
    let built_in = sweep::find(&all.1["perspectives"], "name", "For my attention");
    assert_eq!(built_in["built_in"], true);
    let shared = json!({"name": "Ours", "icon": "star", "shared": true});
    for path in ["settings/perspectives/create", "settings/watchlists/create"] {
        let answer = sweep.as_token("sandbox-agent", path, &shared).await;
        assert_eq!(answer.0, 403, "{path}: {}", answer.1);
    }
}
