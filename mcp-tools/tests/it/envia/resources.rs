//! The two resources, and how long what they read is kept.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use envia_client::{
    Catalogs,
    cache::{Clock, PAUSE, TTL},
};
use mcp_tools::{Content, ErrorKind, ToolError, envia::Envia};
use sandbox::envia::{Envia as Sandbox, Fault, FaultKind};
use serde_json::{Value, json};

use super::{World, answers, boom, client, draft};

const TICKETS: &str = "tickets://statuses";
const SHIPMENTS: &str = "shipments://statuses";

/// A clock that the test moves by hand.
#[derive(Debug, Default)]
pub(super) struct Hand(AtomicU64);

impl Hand {
    pub(super) fn pass(&self, time: Duration) {
        self.0.fetch_add(time.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// A world whose catalogues age by a clock of the test's own.
pub(super) async fn aging() -> (World, Arc<Hand>) {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let hand = Arc::new(Hand::default());
    let clock = Arc::clone(&hand) as Arc<dyn Clock>;
    let catalogs = Catalogs::with_clock(client(&sandbox.base_url()), clock);
    (World::over(sandbox, Envia::with_catalogs(catalogs)), hand)
}

async fn read(world: &World, uri: &str) -> Result<Value, ToolError> {
    let read = world.registry.read(uri, &world.context()).await.unwrap();
    read.map(|content| match content {
        Content::Json(value) => value,
        other => panic!("{other:?}"),
    })
}

#[tokio::test]
async fn there_are_two_and_no_third() {
    let world = World::start().await;
    let offered: Vec<&str> = world.registry.resources().map(|spec| spec.uri).collect();
    assert_eq!(offered, [SHIPMENTS, TICKETS]);
    for absent in [
        "tickets://types",
        "tickets://statuses/",
        "shipments://status",
        "",
    ] {
        assert!(world.registry.resource(absent).is_none(), "{absent}");
        assert!(
            world
                .registry
                .read(absent, &world.context())
                .await
                .is_none(),
            "{absent}"
        );
    }
}

#[tokio::test]
async fn ticket_statuses_are_known_without_a_call() {
    let world = World::start().await;
    let rows = read(&world, TICKETS).await.unwrap();
    let rows: Vec<Value> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| json!([row["id"], row["label"], row["requires_comment"]]))
        .collect();
    let expected = json!([
        [1, "Pending", false],
        [2, "Accepted", true],
        [3, "Declined", true],
        [4, "Incomplete", false],
        [5, "Follow-up", false],
        [6, "In Review", false],
        [7, "Complete", true],
        [8, "Rejected", true],
        [9, "In Analysis", false],
        [10, "Claim In Review", true],
    ]);
    assert_eq!(Value::Array(rows), expected);
    assert!(world.asked().is_empty());
}

#[tokio::test]
async fn shipment_statuses_come_from_the_back_office_once() {
    let (world, hand) = aging().await;
    let rows = read(&world, SHIPMENTS).await.unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 24);
    assert_eq!(rows[2], json!({"id": 3, "name": "Delivered"}));
    hand.pass(TTL - Duration::from_secs(1));
    assert_eq!(read(&world, SHIPMENTS).await.unwrap(), rows);
    // The names in refusals are the same catalogue.
    let wrong = draft(3, json!({"tracking_number": "TST0001112227"}));
    world
        .fails(
            "create_ticket",
            wrong,
            ErrorKind::Arguments,
            &["Delivered at Origin"],
        )
        .await;
    assert_eq!(world.count("catalog.shipment_statuses"), 1);
    hand.pass(Duration::from_secs(1));
    read(&world, SHIPMENTS).await.unwrap();
    assert_eq!(
        world.count("catalog.shipment_statuses"),
        2,
        "twelve hours are over"
    );
}

#[tokio::test]
async fn many_readers_at_once_make_one_request() {
    let fault = Fault::on("catalog.shipment_statuses", FaultKind::Delay { ms: 50 });
    let world = World::with(Sandbox::builder().fault(fault)).await;
    let readers = (0..20).map(|_| read(&world, SHIPMENTS));
    for rows in futures_util::future::join_all(readers).await {
        assert_eq!(rows.unwrap().as_array().unwrap().len(), 24);
    }
    assert_eq!(world.count("catalog.shipment_statuses"), 1);
}

#[tokio::test]
async fn with_nothing_kept_a_failure_is_a_read_error() {
    for (fault, says) in [
        (boom(500, "Internal Server Error", "x"), "ry again later"),
        (FaultKind::DropBeforeEffect, "ry again later"),
        (answers(200, &json!({"data": []})), "empty list"),
    ] {
        let world = World::failing("catalog.shipment_statuses", fault.clone()).await;
        let error = read(&world, SHIPMENTS).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Upstream, "{error}");
        let text = error.text();
        assert!(
            text.contains("shipment statuses") && text.contains(says),
            "{fault:?}: {text}"
        );
        // A failure is not kept: the next read asks again.
        world.sandbox.clear_faults();
        read(&world, SHIPMENTS).await.unwrap();
    }
}

#[tokio::test]
async fn an_old_value_is_served_when_it_cannot_be_loaded_anew() {
    let (world, hand) = aging().await;
    let rows = read(&world, SHIPMENTS).await.unwrap();
    let types = world.works("get_ticket_types", json!({})).await;
    world
        .sandbox
        .add_fault(Fault::on("*", boom(500, "Internal Server Error", "x")));
    hand.pass(TTL);
    world.sandbox.clear_log();
    for _ in 0..3 {
        assert_eq!(read(&world, SHIPMENTS).await.unwrap(), rows);
        let old = world.works("get_ticket_types", json!({})).await;
        assert_eq!(old["types"], types["types"]);
        let note = old["notes"][0].as_str().unwrap();
        assert!(
            note.contains("12 h old") && note.contains("may have changed"),
            "{note}"
        );
    }
    assert_eq!(
        world.endpoints(),
        ["catalog.shipment_statuses", "catalog.ticket_types"],
        "one attempt each, then a pause"
    );
    hand.pass(PAUSE);
    read(&world, SHIPMENTS).await.unwrap();
    assert_eq!(world.count("catalog.shipment_statuses"), 2);
    // An empty answer takes no value's place either.
    world.sandbox.clear_faults();
    world
        .sandbox
        .add_fault(Fault::on("*", answers(200, &json!({"data": []}))));
    hand.pass(PAUSE);
    assert_eq!(read(&world, SHIPMENTS).await.unwrap(), rows);
    world.sandbox.clear_faults();
    hand.pass(PAUSE);
    let fresh = world.works("get_ticket_types", json!({})).await;
    assert_eq!(fresh.get("notes"), None, "{fresh}");
}

#[tokio::test]
async fn drafts_are_judged_by_old_rules_too() {
    let (world, hand) = aging().await;
    let sound = draft(9, json!({"payment_method_id": 3, "dry_run": true}));
    world.works("create_ticket", sound.clone()).await;
    world
        .sandbox
        .add_fault(Fault::on("catalog.ticket_types", FaultKind::Garbage));
    hand.pass(TTL * 10);
    world.works("create_ticket", sound).await;
    world
        .fails(
            "create_ticket",
            draft(10, json!({})),
            ErrorKind::Denied,
            &[],
        )
        .await;
}

#[tokio::test]
async fn a_rule_that_changes_takes_hold_after_twelve_hours() {
    let (world, hand) = aging().await;
    let sound = draft(9, json!({"payment_method_id": 3, "dry_run": true}));
    world.works("create_ticket", sound.clone()).await;
    world.put_type(
        9,
        "payment_pending",
        json!({"mcp_context": {"is_blocked": true}}),
    );
    hand.pass(TTL - Duration::from_secs(1));
    world.works("create_ticket", sound.clone()).await;
    hand.pass(Duration::from_secs(1));
    world
        .fails("create_ticket", sound, ErrorKind::Denied, &["9 (blocked"])
        .await;
}

#[tokio::test]
async fn what_is_judged_by_old_rules_says_so() {
    let (world, hand) = aging().await;
    world.works("get_ticket_types", json!({})).await;
    let catalogue = boom(500, "Internal Server Error", "x");
    world
        .sandbox
        .add_fault(Fault::on("catalog.ticket_types", catalogue));
    hand.pass(TTL);
    let opened = json!({"company_id": 4410, "type": 9, "comments": "Pago", "payment_method_id": 3});
    let opened = world.works("create_ticket", opened).await;
    assert!(opened["ticket_id"].is_u64(), "{opened}");
    assert!(opened["note"].as_str().unwrap().contains("12 h old"));
    let blocked = json!({"company_id": 4410, "type": 10, "comments": "Falta"});
    let over = json!({"ticket_id": 58215, "status_id": 10, "comment": "x"});
    for (tool, refused) in [("create_ticket", blocked), ("update_ticket", over)] {
        let says = ["was refused", "12 h old"];
        world.fails(tool, refused, ErrorKind::Denied, &says).await;
    }
}
