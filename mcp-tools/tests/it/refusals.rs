//! What a caller is told when a call cannot be made, and that nothing was sent then.

use mcp_tools::ErrorKind;
use serde_json::{Value, json};

use crate::harness::World;

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is missing in: {text}");
    }
}

/// Wrong arguments: refused with all of these parts, and no request left.
async fn refuses(world: &World, tool: &str, arguments: Value, parts: &[&str]) {
    world.sandbox.clear_log();
    let error = world.call(tool, arguments.clone()).await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Arguments,
        "{tool} {arguments}: {error}"
    );
    says(error.text(), parts);
    assert_eq!(world.sandbox.log().len(), 0, "{tool} {arguments} was sent");
}

#[tokio::test]
async fn mistakes_are_told_together_before_anything_is_sent() {
    let world = World::start().await;
    let cases = [
        (
            "create_ticket",
            json!({"originator_email_adress": "a@b.example", "priority": "Highest", "on_hold_until": "2026-02-30"}),
            &[
                "did you mean `originator_email_address`",
                "`originator_email_address` is required",
                "`priority` must be one of",
                "`on_hold_until` must be a calendar date",
            ][..],
        ),
        (
            "create_ticket",
            json!({"originator_email_address": "a@b.example", "subject": "S", "content": "C", "template_identifier": "t"}),
            &["`subject` does not go with `template_identifier`"],
        ),
        (
            "create_ticket",
            json!({"originator_email_address": "a@b.example"}),
            &["`subject` is missing", "template", "intervention"],
        ),
        (
            "create_ticket",
            json!({"originator_email_address": "a@b.example", "intervention": "refund", "data": {}, "queue_name": "Sales"}),
            &["queue_name", "uid"],
        ),
        (
            "create_ticket",
            json!({"originator_email_address": "a@b.example", "subject": "S", "content": "C", "status": "on-hold"}),
            &["on_hold_until"],
        ),
        (
            "respond_to_ticket",
            json!({"ticket_number": "709383", "ticket_id": 13, "from_email": "a@b.example"}),
            &["ticket_number", "ticket_id"],
        ),
        (
            "respond_to_ticket",
            json!({"ticket_number": "709383", "from_email": "a@b.example"}),
            &["content"],
        ),
        (
            "respond_to_ticket",
            json!({"ticket_number": "709383", "from_email": "a@b.example", "body": "Hi", "status": "open"}),
            &["`body` is not an argument"],
        ),
        (
            "close_ticket",
            json!({"ticket_number": "709383", "content_path": "/etc/passwd"}),
            &["`content_path` is not taken here"],
        ),
        (
            "create_ticket",
            json!({
                "originator_email_address": "a@b.example", "subject": "S", "content": "C", "queue_name": "Sales",
                "data": {"queue_name": "Inbox"},
            }),
            &["give the queue once"],
        ),
        (
            "respond_to_ticket",
            json!({"ticket_number": "709383", "from_email": "a@b.example", "assigned_to_email": "Sam"}),
            &["`assigned_to_email` is wrong: `Sam` is not an assignee"],
        ),
        (
            "query_tickets",
            json!({"search_object": {"criteria": [{"mode": "status", "tokens": ["opened"]}]}}),
            &["a status is `open`, `on-hold` or `closed`"],
        ),
        (
            "query_tickets",
            json!({"perspective_name": "All", "perspective_id": 1}),
            &["name the perspective once"],
        ),
        (
            "list_endpoints",
            json!({"schema": true}),
            &["needs a `family`"],
        ),
        ("get_ticket", json!({}), &["ticket_number", "ticket_id"]),
        (
            "tickiti_call",
            json!({"family": "ticket", "action": "show"}),
            &["did you mean `tickets`"],
        ),
        (
            "tickiti_call",
            json!({"family": "settings", "action": "perspective.create"}),
            &["did you mean `perspectives.create`"],
        ),
        (
            "tickiti_call",
            json!({"family": "administration", "action": "users.update", "payload": {"user": ".."}}),
            &["payload.user"],
        ),
        (
            "tickiti_call",
            json!({"family": "administration", "action": "users.update", "payload": {}}),
            &["payload.user"],
        ),
        (
            "tickiti_call",
            json!({"family": "tickets", "action": "attachment_upload", "payload": {}}),
            &["file"],
        ),
        (
            "list_endpoints",
            json!({"family": "setings"}),
            &["did you mean `settings`"],
        ),
        (
            "list_workflow",
            json!({"kind": "queue"}),
            &["`kind` must be one of"],
        ),
        (
            "run_report",
            json!({"report": "volumes", "date_from": "May 1"}),
            &["date_from"],
        ),
    ];
    for (tool, arguments, parts) in cases {
        refuses(&world, tool, arguments, parts).await;
    }
}

#[tokio::test]
async fn an_unknown_tool_names_the_nearest() {
    let world = World::start().await;
    let error = world.call("create_tickets", json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownTool);
    says(error.text(), &["did you mean `create_ticket`"]);
    let prefixed = world.call("tickiti_list_queues", json!({})).await;
    let error = prefixed.unwrap_err();
    says(error.text(), &["did you mean `list_queues`"]);
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let world = World::start().await;
    let ticket =
        json!({"originator_email_address": "a@b.example", "subject": "S", "content": "<p>C</p>"});
    let error = world
        .call_as("sandbox-reader", "create_ticket", ticket)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    says(
        error.text(),
        &["403", "`tickets:write`", "Nothing was changed"],
    );

    let report = json!({"report": "volumes", "date_from": "2026-05-01", "date_to": "2026-05-31"});
    let error = world
        .call_as("sandbox-agent", "run_report", report)
        .await
        .unwrap_err();
    says(error.text(), &["`reports:read`", "role `admin`"]);
}

#[tokio::test]
async fn a_wrong_token_a_missing_ticket_and_a_used_key() {
    let world = World::start().await;
    let error = world
        .call_as("wrong", "list_queues", json!({}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    says(error.text(), &["401", "TICKITI_API_TOKEN"]);
    assert!(
        !error.text().contains("wrong"),
        "the token is shown: {error}"
    );

    let error = world
        .call("get_ticket", json!({"ticket_number": "111111"}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    says(error.text(), &["404", "query_tickets"]);

    let with_key = |subject: &str| {
        json!({
            "originator_email_address": "a@b.example", "subject": subject, "content": "<p>C</p>",
            "idempotency_key": "order-5512",
        })
    };
    let first = world.call("create_ticket", with_key("One")).await.unwrap();
    let again = world.call("create_ticket", with_key("One")).await.unwrap();
    assert_eq!(first["ticket_number"], again["ticket_number"]);
    assert_eq!(world.sandbox.executions("tickets.create"), 1);
    let error = world
        .call("create_ticket", with_key("Two"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    says(error.text(), &["409", "idempotency_key"]);
}

#[tokio::test]
async fn the_back_ends_own_refusal_is_passed_on() {
    let world = World::start().await;
    let move_away =
        json!({"ticket_number": "709383", "from_email": "a@b.example", "queue": "No such queue"});
    let error = world
        .call("respond_to_ticket", move_away)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    says(error.text(), &["422", "`queue`"]);
}
