//! Records of calls in the activity log of the back office.

use mcp_tools::{
    audit::{NotRecorded, Outcome, Record, Recorder as _},
    envia::ActivityLog,
};
use sandbox::envia::{Envia as Sandbox, Fault, FaultKind};
use serde_json::{Value, json};

use super::{World, boom, client, draft};

fn recorder(world: &World) -> ActivityLog {
    ActivityLog::new(client(&world.sandbox.base_url()))
}

/// Writes a record of a call to the activity log.
pub(super) async fn log(world: &World, outcome: Outcome, message: Option<&str>) -> Value {
    let arguments = crate::harness::object(json!({"type_id": 10}));
    let mut record = Record::new("request-1", "get_ticket_types", arguments, outcome);
    record.message = message.map(str::to_owned);
    record.duration_ms = 12;
    recorder(world).record(&record).await.unwrap();
    world.sandbox.activity_log().last().unwrap().clone()
}

#[tokio::test]
async fn unknowns_14_and_15_required_fields_of_the_log_and_the_name_of_the_server() {
    let world = World::start().await;
    log(&world, Outcome::Success, None).await;
    assert_eq!(
        world.body("activity_log.create"),
        json!({"tool_name": "get_ticket_types", "mcp_name": "ticketing-mcp", "user_id": 0, "status": "success",
            "input_params": {"type_id": 10}, "execution_time_ms": 12})
    );
}

#[tokio::test]
async fn unknown_16_denied_is_for_policies() {
    let world = World::start().await;
    for (tool, arguments, status) in [
        ("create_ticket", draft(10, json!({})), "denied"),
        (
            "update_ticket",
            json!({"ticket_id": 58215, "status_id": 10, "comment": "x"}),
            "denied",
        ),
        ("create_ticket", draft(99, json!({})), "error"),
        (
            "update_ticket",
            json!({"ticket_id": 58215, "status_id": 10}),
            "error",
        ),
        (
            "create_ticket",
            draft(9, json!({"payment_method_id": 3})),
            "success",
        ),
    ] {
        let result = world.call(tool, arguments).await;
        let message = result.as_ref().err().map(|error| error.text().to_owned());
        let row = log(&world, Outcome::of(&result), message.as_deref()).await;
        assert_eq!(row["status"], status, "{result:?}");
        assert_eq!(row["error_message"], json!(message));
    }
}

fn chance(found: &NotRecorded) -> &'static str {
    match found {
        NotRecorded::Later(_) => "later",
        NotRecorded::Doubtful(_) => "doubtful",
        NotRecorded::Never(_) => "never",
    }
}

#[tokio::test]
async fn a_failed_record_says_whether_another_try_has_a_chance() {
    let record = Record::new(
        "request-1",
        "list_tickets",
        serde_json::Map::new(),
        Outcome::Success,
    );
    for (fault, expected) in [
        (boom(400, "Bad Request", "x"), "never"),
        (boom(413, "Request Entity Too Large", "x"), "never"),
        (boom(422, "Unprocessable Entity", "x"), "doubtful"),
        (boom(401, "Unauthorized", "x"), "later"),
        (boom(404, "Not Found", "x"), "later"),
        (boom(429, "Too Many Requests", "x"), "later"),
        (boom(500, "Internal Server Error", "x"), "doubtful"),
        (FaultKind::Html { status: 503 }, "later"),
        (FaultKind::Html { status: 200 }, "doubtful"),
        (FaultKind::DropBeforeEffect, "later"),
        (FaultKind::DropAfterEffect, "later"),
    ] {
        let world = World::failing("activity_log.create", fault.clone()).await;
        let found = recorder(&world).record(&record).await.unwrap_err();
        assert_eq!(chance(&found), expected, "{fault:?}");
        assert!(!found.to_string().contains(super::TOKEN), "{found}");
    }
    let away = {
        let world = World::start().await;
        recorder(&world)
    };
    assert_eq!(chance(&away.record(&record).await.unwrap_err()), "later");
}

#[tokio::test]
async fn a_record_that_no_log_takes_is_not_sent() {
    let world = World::start().await;
    let record = Record::new(
        "request-1",
        "x".repeat(101),
        serde_json::Map::new(),
        Outcome::Success,
    );
    let found = recorder(&world).record(&record).await.unwrap_err();
    assert!(matches!(found, NotRecorded::Never(_)), "{found:?}");
    assert!(world.asked().is_empty());
}

/// A record leaves once by itself: sent twice it would be two rows.
#[tokio::test]
async fn a_record_is_not_repeated_by_the_client() {
    let fault = Fault::on("activity_log.create", FaultKind::DropAfterEffect);
    let world = World::with(Sandbox::builder().fault(fault)).await;
    let record = Record::new(
        "request-1",
        "list_tickets",
        serde_json::Map::new(),
        Outcome::Success,
    );
    recorder(&world).record(&record).await.unwrap_err();
    assert_eq!(world.sandbox.activity_log().len(), 1);
    assert_eq!(
        world.sandbox.log()[0].request_id.as_deref(),
        Some("request-1")
    );
}

#[tokio::test]
async fn a_row_that_is_taken_without_a_readable_word_is_not_sent_again() {
    let taken = FaultKind::Status {
        status: 201,
        body: "OK".to_owned(),
        content_type: "text/plain".to_owned(),
        retry_after: None,
    };
    let world = World::failing("activity_log.create", taken).await;
    let record = Record::new(
        "id",
        "list_tickets",
        mcp_tools::JsonObject::new(),
        Outcome::Success,
    );
    assert_eq!(recorder(&world).record(&record).await, Ok(()));
}
