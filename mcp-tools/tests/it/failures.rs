//! What the model reads when the back end fails: each failure with its next step, and how often the request left.

use mcp_tools::{ErrorKind, ToolError};
use sandbox::tickiti::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::harness::World;

struct Case {
    endpoint: &'static str,
    fault: FaultKind,
    kind: ErrorKind,
    says: Vec<&'static str>,
    requests: usize,
}

fn ticket() -> Value {
    json!({
        "originator_email_address": "marcus@trailblazers-club.example",
        "is_public": true, "data": {"subject": "S", "content": "<p>C</p>"},
    })
}

fn payload(endpoint: &str) -> Value {
    match endpoint {
        "tickets.create" => ticket(),
        "settings.perspectives.create" => json!({"name": "Faulty"}),
        "settings.perspectives.update" => json!({"perspective_id": 3, "description": "Faulty"}),
        _ => json!({}),
    }
}

async fn fails(case: Case) -> ToolError {
    let world = World::start().await;
    let name = format!("{} under {:?}", case.endpoint, case.fault);
    world
        .sandbox
        .add_fault(Fault::on(case.endpoint, case.fault));
    let error = match world.endpoint(case.endpoint, payload(case.endpoint)).await {
        Ok(answer) => panic!("{name} succeeded: {answer}"),
        Err(error) => error,
    };
    assert_eq!(error.kind(), case.kind, "{name}: {error}");
    for part in &case.says {
        assert!(
            error.text().contains(part),
            "{name}: `{part}` is missing in: {error}"
        );
    }
    let left = world.sandbox.log();
    let left = left
        .iter()
        .filter(|entry| entry.endpoint.as_deref() == Some(case.endpoint));
    assert_eq!(left.count(), case.requests, "{name}: requests that left");
    error
}

const fn status(status: u16, retry_after: Option<String>) -> FaultKind {
    FaultKind::Status {
        status,
        body: String::new(),
        content_type: String::new(),
        retry_after,
    }
}

#[tokio::test]
async fn throttling_says_how_long_to_wait() {
    fails(Case {
        endpoint: "settings.watchlists.index",
        fault: status(429, Some("90".to_owned())),
        kind: ErrorKind::Throttled,
        says: vec!["429", "Call again in 90 seconds", "Nothing was changed"],
        requests: 1,
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_of_a_write_that_must_not_repeat() {
    fails(Case {
        endpoint: "settings.perspectives.create",
        fault: FaultKind::DropAfterEffect,
        kind: ErrorKind::Unknown,
        says: vec!["outcome", "unknown", "Do not repeat it blindly"],
        requests: 1,
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_of_a_keyed_write_names_the_key() {
    let error = fails(Case {
        endpoint: "tickets.create",
        fault: FaultKind::DropAfterEffect,
        kind: ErrorKind::Unknown,
        says: vec!["unknown", "idempotency_key `"],
        requests: 3,
    })
    .await;
    assert!(!error.text().contains("blindly"), "{error}");
}

#[tokio::test]
async fn a_lost_answer_of_a_write_that_may_repeat() {
    fails(Case {
        endpoint: "settings.perspectives.update",
        fault: FaultKind::DropAfterEffect,
        kind: ErrorKind::Unknown,
        says: vec!["unknown", "same arguments is safe"],
        requests: 3,
    })
    .await;
}

#[tokio::test]
async fn a_proxys_page_is_not_repeated_to_the_model() {
    let error = fails(Case {
        endpoint: "settings.watchlists.index",
        fault: FaultKind::Html { status: 502 },
        kind: ErrorKind::Upstream,
        says: vec!["502", "Call again in a while"],
        requests: 3,
    })
    .await;
    assert!(!error.text().contains('<'), "{error}");
}

#[tokio::test]
async fn answers_that_are_not_what_they_should_be() {
    for (fault, says) in [
        (FaultKind::Garbage, "TICKITI_API_BASE"),
        (
            FaultKind::Redirect {
                location: "https://elsewhere.example/login?token=x".to_owned(),
            },
            "https://elsewhere.example",
        ),
        (FaultKind::Oversized { bytes: 70_000_000 }, "Ask for less"),
    ] {
        let error = fails(Case {
            endpoint: "settings.watchlists.index",
            fault,
            kind: ErrorKind::Upstream,
            says: vec![says],
            requests: 1,
        })
        .await;
        assert!(!error.text().contains("token=x"), "{error}");
    }
}

#[tokio::test]
async fn a_logical_error_in_a_success_is_a_refusal() {
    for key in ["my_error", "amf_error", "error", "ok"] {
        fails(Case {
            endpoint: "settings.watchlists.index",
            fault: FaultKind::LogicalError {
                key: key.to_owned(),
            },
            kind: ErrorKind::Refused,
            says: vec!["refused although it answered 200"],
            requests: 1,
        })
        .await;
    }
}

#[tokio::test]
async fn a_back_end_that_is_away() {
    let world = World::start().await;
    let base = world.sandbox.base_url();
    drop(world.sandbox);
    let instances = crate::harness::instances(&["default"], &base, "sandbox-admin");
    let backends = mcp_tools::Backends::new().with(mcp_tools::tickiti::Tickiti::new(instances));
    let context = mcp_tools::Context::new("test", backends);
    let error = world
        .registry
        .call("list_watchlists", context, mcp_tools::JsonObject::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Upstream);
    assert!(error.text().contains("could not be reached"), "{error}");
}

#[tokio::test]
async fn an_older_install_says_what_it_lacks_and_is_worked_around_where_it_can_be() {
    let world = World::start().await;
    world
        .sandbox
        .change_switches(|switches| switches.install = sandbox::tickiti::Install::June);
    let error = world
        .endpoint(
            "tickets.split",
            json!({"response_ids": [1], "subject": "S"}),
        )
        .await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        error.text().contains("not available on this install"),
        "{error}"
    );
    let queues = world.call("list_queues", json!({})).await.unwrap();
    assert!(Value::Object(queues).to_string().contains("Sales"));
    let error = world.call("get_token_info", json!({})).await.unwrap_err();
    assert!(error.text().contains("older than the endpoint"), "{error}");
    let opened = world
        .call(
            "create_ticket",
            json!({
                "originator_email_address": "marcus@trailblazers-club.example", "queue_name": "Sales",
                "subject": "S", "content": "<p>C</p>",
            }),
        )
        .await
        .unwrap();
    let shown = world
        .call(
            "get_ticket",
            json!({"ticket_number": opened["ticket_number"]}),
        )
        .await
        .unwrap();
    assert_eq!(shown["ticket"]["queue_id"], "2", "{shown:?}");
}
