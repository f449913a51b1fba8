//! `mail`.

use serde_json::json;

use super::world;

#[tokio::test]
async fn mail_is_sent_and_found() {
    let world = world().await;
    let mail = json!({"to_address": "dana@customer.example.com", "subject": "Your parcel is here", "content": "<p>Come.</p>"});
    world
        .sends("send_email", mail.clone(), "mail/send", mail)
        .await;
    let search = json!({"q": "parcel is here", "limit": 5});
    let found = world
        .sends(
            "search_sent_mail",
            search.clone(),
            "mail/sent-mail/search",
            search,
        )
        .await;
    assert!(
        found.to_string().contains("dana@customer.example.com"),
        "{found}"
    );
}

#[tokio::test]
async fn what_they_refuse() {
    let world = world().await;
    let mail = json!({"to_address": "a@b.example", "subject": "S", "content": "C"});
    world
        .lacks("sandbox-reader", "send_email", mail, "mail:write")
        .await;
    world
        .lacks(
            "sandbox-agent",
            "search_sent_mail",
            json!({"q": "x"}),
            "mail:read",
        )
        .await;
    let both = json!({"to_address": "a@b.example", "subject": "S", "content": "C", "template_identifier": "t"});
    world.refuses("send_email", both, &["not both"]).await;
    world
        .refuses(
            "send_email",
            json!({"to_address": "a@b.example", "subject": "S"}),
            &["`content` is missing"],
        )
        .await;
    world
        .refuses(
            "search_sent_mail",
            json!({"q": "x", "limit": 501}),
            &["limit"],
        )
        .await;
}
