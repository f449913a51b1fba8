//! Changes that are made only while nobody wrote a comment.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use mcp_tools::{ErrorKind, Ledger, ledger::Pace, store::Memory};
use sandbox::envia::{Envia as Sandbox, Fault, FaultKind};
use serde_json::{Value, json};

use super::World;
use crate::harness::object;

const UPDATE: &str = "update_ticket";
const TICKET: u64 = 58201;

async fn last(world: &World) -> Value {
    let ticket = world
        .works("get_ticket", json!({"ticket_id": TICKET}))
        .await;
    assert_eq!(
        ticket.as_object().unwrap().keys().next().unwrap(),
        "last_comment_id",
        "it leads"
    );
    ticket["last_comment_id"].clone()
}

/// Refused because of what is new, before anything is changed; answers what is new.
async fn stale(world: &World, arguments: Value) -> Value {
    let before = world.count("tickets.update");
    let text = world
        .fails(
            UPDATE,
            arguments,
            ErrorKind::Conflict,
            &["nothing was sent"],
        )
        .await;
    assert_eq!(world.count("tickets.update"), before);
    serde_json::from_str(text.split_once('\n').unwrap().1).unwrap()
}

#[tokio::test]
async fn a_comment_that_was_not_read_comes_back_and_nothing_is_sent() {
    let world = World::start().await;
    let read = last(&world).await;
    let new = world
        .sandbox
        .write_as_client(TICKET, "Ya llegó,\u{202E} gracias")
        .unwrap();
    let change = |last: &Value| json!({"ticket_id": TICKET, "status_id": 5, "comment": "Seguimos", "if_last_comment_id": last});
    world.sandbox.clear_log();
    let news = stale(&world, change(&read)).await;
    assert_eq!(world.sandbox.log().len(), 1, "one request");
    assert_eq!(news["last_comment_id"], new.to_string());
    let message = &news["new_messages"][0];
    assert_eq!(message["comment_id"], new.to_string());
    assert_eq!(
        message["text"],
        json!({"untrusted_from_customer": "Ya llegó,⟦U+202E⟧ gracias"})
    );
    assert!(
        message["by"].get("untrusted_from_customer").is_some(),
        "{message}"
    );
    let mut rehearsal = change(&read);
    rehearsal["dry_run"] = json!(true);
    stale(&world, rehearsal).await;

    let changed = world.works(UPDATE, change(&json!(new))).await;
    assert_eq!(changed["last_comment_id"], new);
    // A colleague's comment counts too.
    stale(
        &world,
        json!({"ticket_id": TICKET, "status_id": 6, "if_last_comment_id": new}),
    )
    .await;
}

#[tokio::test]
async fn a_time_of_the_back_office_serves_as_well() {
    let world = World::start().await;
    let ticket = world
        .works("get_ticket", json!({"ticket_id": TICKET}))
        .await;
    let change =
        |since: &Value| json!({"ticket_id": TICKET, "status_id": 6, "if_unchanged_since": since});
    world.sandbox.advance_clock(60);
    world.sandbox.write_as_client(TICKET, "Otra vez").unwrap();
    let news = stale(&world, change(&ticket["updated_at"])).await;
    let at = news["new_messages"][0]["at"].clone();
    world.works(UPDATE, change(&at)).await;
    let zoned = change(&json!("2026-02-03T10:15:00Z"));
    world
        .fails(
            UPDATE,
            zoned,
            ErrorKind::Arguments,
            &["`if_unchanged_since` must be a time"],
        )
        .await;
}

#[tokio::test]
async fn a_repeat_is_not_refused_because_of_its_own_lost_answer() {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    for (fault, times) in [
        (FaultKind::DropAfterEffect, 0),
        (FaultKind::DropBeforeEffect, 1),
    ] {
        let world = World::with(Sandbox::builder().clock(i64::try_from(now).unwrap())).await;
        let pace = Pace {
            settle: Duration::ZERO,
            ..Pace::default()
        };
        let ledger = Ledger::new(Arc::new(Memory::new()), "me").with_pace(pace);
        let read = last(&world).await;
        let change = json!({"ticket_id": TICKET, "status_id": 5, "comment": "Seguimos", "if_last_comment_id": read});
        let call = || {
            let mut context = world.context();
            context.ledger = Some(ledger.clone());
            world.registry.call(UPDATE, context, object(change.clone()))
        };
        world.sandbox.add_fault(Fault::on("tickets.update", fault));
        assert_eq!(call().await.unwrap_err().kind(), ErrorKind::Unknown);
        world.sandbox.clear_faults();
        let before = world.count("tickets.update");
        call().await.unwrap();
        assert_eq!(world.count("tickets.update"), before + times);
        let thread = world.sandbox.ticket(TICKET).unwrap()["allComments"].clone();
        let said = thread
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["description"] == "Seguimos");
        assert_eq!(said.count(), 1);
    }
}

#[tokio::test]
async fn whoever_has_read_none_is_shown_all() {
    let world = World::start().await;
    let ticket = world.sandbox.ticket(TICKET).unwrap();
    let comments = ticket["allComments"].as_array().unwrap().len();
    let news = stale(
        &world,
        json!({"ticket_id": TICKET, "status_id": 6, "if_last_comment_id": 0}),
    )
    .await;
    assert_eq!(news["new_messages"].as_array().unwrap().len(), comments);
}
