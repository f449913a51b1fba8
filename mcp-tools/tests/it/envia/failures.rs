//! What the model reads when the back office fails: each class with its next step, and how often the request left.

use std::time::Duration;

use mcp_tools::{
    Backends, Context, ErrorKind,
    ErrorKind::{Conflict, NotFound, Refused, Throttled, Unknown, Upstream},
    envia::Envia,
};
use sandbox::envia::{Envia as Sandbox, Fault, FaultKind};
use serde_json::{Value, json};

use super::{TOKEN, World, answers, boom, client_within, draft, file};

/// A call that comes to its own endpoint, whatever else it needs.
fn call_of(endpoint: &str) -> (&'static str, Value) {
    match endpoint {
        "catalog.ticket_types" => ("get_ticket_types", json!({})),
        "shipments.show" => (
            "create_ticket",
            draft(4, json!({"tracking_number": "TST0001112228"})),
        ),
        "tickets.create" => ("create_ticket", draft(9, json!({"payment_method_id": 3}))),
        "tickets.list" => ("list_tickets", json!({})),
        "tickets.show" => ("get_ticket", json!({"ticket_id": 58201})),
        "tickets.update" => ("update_ticket", json!({"ticket_id": 58201, "status_id": 6})),
        other => panic!("no call for {other}"),
    }
}

const READS: [&str; 4] = [
    "catalog.ticket_types",
    "shipments.show",
    "tickets.list",
    "tickets.show",
];
const WRITES: [&str; 2] = ["tickets.create", "tickets.update"];
/// Attempts of a read.
const ATTEMPTS: usize = 4;

fn throttled(retry_after: Option<&str>) -> FaultKind {
    FaultKind::Status {
        status: 429,
        body: String::new(),
        content_type: String::new(),
        retry_after: retry_after.map(str::to_owned),
    }
}

async fn check(endpoint: &str, fault: FaultKind, kind: ErrorKind, says: &[&str], requests: usize) {
    let world = World::failing(endpoint, fault.clone()).await;
    let (tool, arguments) = call_of(endpoint);
    let text = world.fails(tool, arguments, kind, says).await;
    assert!(!text.contains('<'), "{endpoint} under {fault:?}: {text}");
    assert_eq!(
        world.count(endpoint),
        requests,
        "{endpoint} under {fault:?}: {text}"
    );
}

#[tokio::test]
async fn reads_are_repeated_where_that_may_help() {
    for endpoint in READS {
        let later: &[&str] = &["ry again later"];
        let token: &[&str] = &[
            "bot token",
            "operator must check BACKEND_URL and BACKEND_BOT_AI_TOKEN",
        ];
        for (fault, kind, says, requests) in [
            (boom(401, "Unauthorized", "no"), Upstream, token, 1),
            (boom(403, "Forbidden", "no"), Upstream, token, 1),
            (
                boom(
                    500,
                    "Internal Server Error",
                    "An internal server error occurred",
                ),
                Upstream,
                later,
                1,
            ),
            (
                boom(503, "Service Unavailable", "x"),
                Upstream,
                later,
                ATTEMPTS,
            ),
            (FaultKind::Html { status: 502 }, Upstream, later, ATTEMPTS),
            (FaultKind::DropBeforeEffect, Upstream, later, ATTEMPTS),
            (FaultKind::TruncatedBody, Upstream, later, ATTEMPTS),
            (
                throttled(Some("90")),
                Throttled,
                &["Call again in 90 seconds"],
                1,
            ),
            (throttled(Some("0")), Throttled, &["all again"], ATTEMPTS),
            (
                FaultKind::Garbage,
                Upstream,
                &["operator must check", "BACKEND_URL"],
                1,
            ),
            (
                FaultKind::Html { status: 200 },
                Upstream,
                &["operator must check", "BACKEND_URL"],
                1,
            ),
            (
                FaultKind::Redirect {
                    location: "https://login.example/?x=1".to_owned(),
                },
                Upstream,
                &["BACKEND_URL must be the final address"],
                1,
            ),
            (
                answers(200, &json!({"success": false, "message": "Mantenimiento"})),
                Refused,
                &["Mantenimiento"],
                1,
            ),
            (
                answers(200, &json!({"statusCode": 500, "message": "Mantenimiento"})),
                Refused,
                &["Mantenimiento"],
                1,
            ),
        ] {
            check(endpoint, fault, kind, says, requests).await;
        }
    }
}

#[tokio::test]
async fn refusals_of_reads() {
    for (endpoint, fault, kind, says) in [
        (
            "tickets.show",
            boom(404, "Not Found", "x"),
            NotFound,
            "no such ticket",
        ),
        (
            "tickets.list",
            boom(404, "Not Found", "x"),
            NotFound,
            "does not exist",
        ),
        (
            "tickets.list",
            boom(400, "Bad Request", "Invalid request query input"),
            Refused,
            "Invalid request query input",
        ),
        (
            "tickets.list",
            boom(422, "Unprocessable Entity", "Unexpected end of JSON input"),
            Refused,
            "422 can also be a failure of the back office",
        ),
        (
            "tickets.show",
            boom(409, "Conflict", "Ocupado"),
            Refused,
            "Ocupado",
        ),
        (
            "tickets.show",
            boom(413, "Request Entity Too Large", "x"),
            Refused,
            "larger than",
        ),
    ] {
        check(endpoint, fault, kind, &[says], 1).await;
    }
}

#[tokio::test]
async fn writes_leave_once_whatever_is_answered() {
    for endpoint in WRITES {
        let unknown: &[&str] = &["unknown", "may have been", "before trying again"];
        let token: &[&str] = &["bot token", "Nothing was changed", "BACKEND_BOT_AI_TOKEN"];
        for (fault, kind, says, requests) in [
            (boom(401, "Unauthorized", "no"), Upstream, token, 1),
            (boom(403, "Forbidden", "no"), Upstream, token, 1),
            (boom(404, "Not Found", "x"), NotFound, &["no"], 1),
            (
                boom(413, "Request Entity Too Large", "x"),
                Refused,
                &["larger than"],
                1,
            ),
            (
                boom(422, "Unprocessable Entity", "x"),
                Unknown,
                &["422", "may have been", "before trying again"],
                1,
            ),
            (
                boom(422, "Unprocessable Entity", "Invalid request payload input"),
                Refused,
                &["422", "Nothing was changed"],
                1,
            ),
            (boom(500, "Internal Server Error", "x"), Unknown, unknown, 1),
            (boom(503, "Service Unavailable", "x"), Unknown, unknown, 1),
            (FaultKind::Html { status: 504 }, Unknown, unknown, 1),
            (FaultKind::DropAfterEffect, Unknown, unknown, 1),
            (FaultKind::DropBeforeEffect, Unknown, unknown, 1),
            (
                throttled(Some("90")),
                Throttled,
                &["Call again in 90 seconds", "Nothing was changed"],
                1,
            ),
            (throttled(Some("0")), Throttled, &["Nothing was changed"], 1),
            (
                answers(200, &json!({"success": false, "message": "Mantenimiento"})),
                Refused,
                &["Mantenimiento", "Nothing was changed"],
                1,
            ),
        ] {
            check(endpoint, fault, kind, says, requests).await;
        }
    }
    check(
        "tickets.create",
        boom(409, "Conflict", "x"),
        Conflict,
        &["list_tickets"],
        1,
    )
    .await;
    check(
        "tickets.update",
        boom(409, "Conflict", "Ocupado"),
        Refused,
        &["Ocupado", "Nothing was changed"],
        1,
    )
    .await;
    check(
        "tickets.update",
        boom(422, "Unprocessable Entity", "Ticket is closed"),
        Conflict,
        &["Closed tickets"],
        1,
    )
    .await;
}

/// A read that recovers is a success of the tool.
#[tokio::test]
async fn a_read_that_fails_twice_and_then_works() {
    for fault in [
        boom(503, "Service Unavailable", "x"),
        FaultKind::DropBeforeEffect,
        throttled(Some("0")),
    ] {
        let world =
            World::with(Sandbox::builder().fault(Fault::on("tickets.list", fault).times(2))).await;
        world.works("list_tickets", json!({})).await;
        assert_eq!(world.count("tickets.list"), 3);
    }
}

#[tokio::test]
async fn an_answer_that_never_comes() {
    for (endpoint, kind, says) in [
        ("tickets.list", Upstream, "within 1 s"),
        ("tickets.create", Unknown, "within 1 s"),
        ("tickets.update", Unknown, "within 1 s"),
    ] {
        let sandbox = Sandbox::builder().fault(Fault::on(endpoint, FaultKind::StallHeaders));
        let sandbox = sandbox.start().await.unwrap();
        let client = client_within(&sandbox.base_url(), Duration::from_millis(500));
        let world = World::over(sandbox, Envia::new(client));
        let (tool, arguments) = call_of(endpoint);
        world.fails(tool, arguments, kind, &[says]).await;
        assert_eq!(world.count(endpoint), 1, "{endpoint}");
    }
}

#[tokio::test]
async fn a_back_office_that_is_away() {
    let world = World::start().await;
    // Loaded before it goes, so that creation comes as far as its own request.
    world.works("get_ticket_types", json!({})).await;
    let World {
        sandbox,
        registry,
        backends,
    } = world;
    drop(sandbox);
    for endpoint in [
        "tickets.list",
        "tickets.show",
        "tickets.create",
        "tickets.update",
        "shipments.show",
    ] {
        let (tool, arguments) = call_of(endpoint);
        let context = Context::new("test", backends.clone());
        let error = registry
            .call(tool, context, crate::harness::object(arguments))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Upstream, "{endpoint}: {error}");
        for part in [
            "could not be reached",
            "nothing was sent",
            "operator must check BACKEND_URL",
        ] {
            assert!(
                error.text().contains(part),
                "{endpoint}: `{part}` is missing in: {error}"
            );
        }
    }
}

#[tokio::test]
async fn without_rules_nothing_is_sent() {
    for fault in [
        boom(500, "Internal Server Error", "x"),
        answers(200, &json!({"data": []})),
        FaultKind::Garbage,
    ] {
        let world = World::failing("catalog.ticket_types", fault).await;
        let says = ["ticket types", "could not be loaded", "Nothing was changed"];
        let sound = draft(9, json!({"payment_method_id": 3, "files": [file("a.png")]}));
        world.fails("create_ticket", sound, Upstream, &says).await;
        let moved = json!({"ticket_id": 58201, "new_ticket_type_id": 4});
        world.fails("update_ticket", moved, Upstream, &says).await;
        let claim = json!({"ticket_id": 58201, "status_id": 10, "comment": "x"});
        world.fails("update_ticket", claim, Upstream, &says).await;
        world.wrote_nothing();
        // What needs no rules goes on.
        world
            .works("update_ticket", json!({"ticket_id": 58201, "status_id": 6}))
            .await;
    }
}

#[tokio::test]
async fn a_profile_without_this_back_office() {
    let world = World::start().await;
    let context = Context::new("test", Backends::new());
    let error = world
        .registry
        .call(
            "list_tickets",
            context,
            json!({}).as_object().unwrap().clone(),
        )
        .await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Internal);
}

/// Whatever the back office repeats of what it was sent, the token stays out of texts.
#[tokio::test]
async fn a_message_with_the_token_in_it() {
    for status in [400, 404, 409, 422, 500] {
        for endpoint in [
            "tickets.create",
            "tickets.update",
            "tickets.list",
            "tickets.show",
            "shipments.show",
        ] {
            let message = format!("Bearer {TOKEN} is not welcome");
            let world = World::failing(endpoint, boom(status, "No", &message)).await;
            let (tool, arguments) = call_of(endpoint);
            let Err(error) = world.call(tool, arguments).await else {
                panic!("{endpoint} {status}")
            };
            assert!(
                !error.text().contains(TOKEN),
                "{endpoint} {status}: {error}"
            );
        }
    }
}
