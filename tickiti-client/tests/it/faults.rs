//! A bad network and a bad proxy: what is repeated, what is told, how often it was done.

use std::time::Duration;

use sandbox::tickiti::{Fault, FaultKind};
use serde_json::json;
use tickiti_client::{
    CallOptions, ErrorKind,
    api::{mail, tickets},
};

use crate::helper::{World, email, featured, start};

async fn with(fault: Fault) -> World {
    let world = start().await;
    world.install.add_fault(fault);
    world
}

fn lost_parcel() -> tickets::Create {
    tickets::Create::new(
        email("dana@customer.example.com"),
        "Lost parcel",
        "<p>Where is it?</p>",
    )
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_ticket() {
    for kind in [
        FaultKind::DropAfterEffect,
        FaultKind::DropBeforeEffect,
        FaultKind::TruncatedBody,
        FaultKind::Html { status: 502 },
    ] {
        let world = with(Fault::on("tickets.create", kind.clone()).times(2)).await;
        let before = world.install.ticket_count();
        world.client.send(&lost_parcel()).await.unwrap();
        assert_eq!(world.install.executions("tickets.create"), 1, "{kind:?}");
        assert_eq!(world.install.ticket_count(), before + 1, "{kind:?}");
        let log = world.install.log();
        assert_eq!(log.len(), 3, "{kind:?}");
        assert!(
            log.iter()
                .all(|entry| entry.idempotency_key == log[0].idempotency_key)
        );
        assert!(
            log.iter()
                .all(|entry| entry.body_sha256 == log[0].body_sha256)
        );
    }
}

#[tokio::test]
async fn what_would_act_twice_is_not_sent_twice() {
    let world = with(Fault::on(
        "mail.subjects.create",
        FaultKind::DropAfterEffect,
    ))
    .await;
    let request = mail::subjects::Create::new("Out of office");
    let error = world.client.send(&request).await.unwrap_err();
    assert!(error.may_have_applied(), "{error}");
    assert_eq!(error.attempts(), 1);
    assert_eq!(world.install.executions("mail.subjects.create"), 1);
}

#[tokio::test]
async fn reads_are_repeated() {
    let world = with(Fault::on("tickets.show", FaultKind::DropBeforeEffect).times(2)).await;
    world
        .client
        .send(&tickets::Show::new(featured()))
        .await
        .unwrap();
    assert_eq!(world.install.log().len(), 3);
}

#[tokio::test]
async fn a_failure_inside_a_200_is_a_failure() {
    for key in ["my_error", "amf_error", "error", "ok"] {
        let fault = Fault::on("tickets.show", FaultKind::LogicalError { key: key.into() });
        let world = with(fault).await;
        let error = world
            .client
            .send(&tickets::Show::new(featured()))
            .await
            .unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Logical(_)),
            "{key}: {error}"
        );
        assert_eq!(world.install.log().len(), 1, "{key}");
    }
}

#[tokio::test]
async fn a_write_refused_inside_a_200_is_not_repeated_and_has_not_been_applied() {
    for key in ["my_error", "amf_error", "error", "ok"] {
        let kind = FaultKind::LogicalError { key: key.into() };
        let world = with(Fault::on("*", kind)).await;
        let keyed = tickets::Close::new(featured());
        let never = mail::subjects::Create::new("Out of office");
        for (name, error) in [
            (
                "tickets.close",
                world.client.send(&keyed).await.unwrap_err(),
            ),
            (
                "mail.subjects.create",
                world.client.send(&never).await.unwrap_err(),
            ),
        ] {
            assert!(matches!(error.kind(), ErrorKind::Logical(_)), "{error}");
            assert!(!error.may_have_applied(), "{error}");
            let log = world.install.log();
            let left = log.iter().filter(|e| e.endpoint.as_deref() == Some(name));
            assert_eq!(left.count(), 1, "{key} on {name}");
        }
    }
}

#[tokio::test]
async fn what_is_not_the_api_is_told_without_its_body() {
    let world = with(Fault::on("tickets.show", FaultKind::Garbage)).await;
    let error = world
        .client
        .send(&tickets::Show::new(featured()))
        .await
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Decode { .. }), "{error}");
    let location = "https://login.example.com/?next=secret".to_owned();
    let world = with(Fault::on("tickets.show", FaultKind::Redirect { location })).await;
    let error = world
        .client
        .send(&tickets::Show::new(featured()))
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(302));
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn the_deadline_covers_the_body() {
    let world = with(Fault::on("tickets.show", FaultKind::StallBody)).await;
    let options = CallOptions::default().with_deadline(Duration::from_millis(200));
    let request = tickets::Show::new(featured());
    let error = world
        .client
        .send_with(&request, &options)
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error}");
}

#[tokio::test]
async fn being_throttled_says_how_long() {
    let fault = FaultKind::Status {
        status: 429,
        body: json!({"message": "Too Many Attempts."}).to_string(),
        content_type: "application/json".into(),
        retry_after: Some("60".into()),
    };
    let world = with(Fault::on("tickets.create", fault)).await;
    let error = world.client.send(&lost_parcel()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert_eq!(error.message(), Some("Too Many Attempts."));
    assert_eq!(
        world.install.log().len(),
        1,
        "a minute does not fit the deadline"
    );
}
