//! Change step by step, and the ten statuses with and without a comment.

use mcp_tools::ErrorKind::{Arguments, Denied};
use serde_json::{Value, json};

use super::{PNG, World, file, merge};

pub(super) const UPDATE: &str = "update_ticket";
/// A pending ticket of company 4410 and type 5, with an amount below the type's limit.
const TICKET: u64 = 58201;
const PUT: &str = "PUT /companies/tickets/58201";

/// Arguments of `update_ticket` for that ticket, with these more.
pub(super) fn change(more: Value) -> Value {
    let mut change = json!({"ticket_id": TICKET});
    merge(&mut change, more);
    change
}

/// Every status without a comment, with a blank one, and with one.
#[tokio::test]
async fn the_table_of_statuses_and_comments() {
    for (status, label, needs_comment) in [
        (1, "Pending", false),
        (2, "Accepted", true),
        (3, "Declined", true),
        (4, "Incomplete", false),
        (5, "Follow-up", false),
        (6, "In Review", false),
        (7, "Complete", true),
        (8, "Rejected", true),
        (9, "In Analysis", false),
        (10, "Claim In Review", true),
    ] {
        for (comment, passes) in [
            (None, !needs_comment),
            (Some(" \n"), false),
            (Some(""), false),
            (Some("Motivo"), true),
        ] {
            let row = format!("{status} {label} with {comment:?}");
            let world = World::start().await;
            let mut body = json!({"status_id": status});
            if let Some(comment) = comment {
                body["comment"] = json!(comment);
            }
            let before = world.sandbox.ticket(TICKET).unwrap();
            if !passes {
                let text = world
                    .fails(
                        UPDATE,
                        change(body),
                        Arguments,
                        &["`comment`", "nothing was sent"],
                    )
                    .await;
                if comment.is_none() {
                    assert!(text.contains(label), "{row}: {text}");
                }
                assert!(world.asked().is_empty(), "{row}: {:?}", world.asked());
                assert_eq!(world.sandbox.ticket(TICKET).unwrap(), before, "{row}");
                continue;
            }
            let done = world.works(UPDATE, change(body.clone())).await;
            let said = comment.is_some();
            assert_eq!(
                done,
                json!({"ticket_id": TICKET, "status_id": status, "status": label, "comment_added": said, "files": []}),
                "{row}"
            );
            let read = "GET /companies/tickets/58201";
            let expected = match status {
                10 => vec!["GET /catalog/ticket-types", read, PUT],
                _ => vec![PUT],
            };
            assert_eq!(world.asked(), expected, "{row}");
            assert_eq!(world.body("tickets.update"), body, "{row}");
            assert_eq!(
                world.sandbox.ticket(TICKET).unwrap()["ticket_status_id"],
                status,
                "{row}"
            );
        }
    }
}

#[tokio::test]
async fn step_1_schema() {
    let world = World::start().await;
    for (row, wrong, says) in [
        (
            "no ticket",
            json!({"status_id": 1}),
            vec!["`ticket_id` is required"],
        ),
        (
            "ids from 1",
            json!({"ticket_id": 0, "assigned_to_id": 0, "new_ticket_type_id": 0, "company_id": 0}),
            vec![
                "`ticket_id` must",
                "`assigned_to_id` must",
                "`new_ticket_type_id` must",
                "`company_id` must",
            ],
        ),
        (
            "status 0",
            change(json!({"status_id": 0})),
            vec!["`status_id` must be one of", "10"],
        ),
        (
            "status 11",
            change(json!({"status_id": 11})),
            vec![
                "1 mistake in",
                "`status_id` must be one of `1`, `2`",
                "`10`, got 11",
            ],
        ),
        (
            "a status by its name",
            change(json!({"status_id": "accepted", "comment": "x"})),
            vec!["`status_id` must be one of"],
        ),
        (
            "a reason in another form",
            change(json!({"reason_decline": [4]})),
            vec!["`reason_decline` must be"],
        ),
        (
            "an unknown argument",
            change(json!({"status": 2})),
            vec!["`status` is not an argument here; did you mean `status_id`?"],
        ),
        (
            "a file without its parts",
            change(json!({"company_id": 4410, "files": [{"name": "a"}]})),
            vec![
                "`files[0].content_base64` is required",
                "`files[0].content_type` is required",
            ],
        ),
        (
            "a file that is none",
            change(json!({"company_id": 4410, "files": [
            {"name": "a", "content_base64": "?", "content_type": "image/png"}]})),
            vec!["`files[0].content_base64` is not standard base64"],
        ),
    ] {
        let text = world.fails(UPDATE, wrong, Arguments, &says).await;
        assert!(text.contains("nothing was sent"), "{row}: {text}");
    }
    assert!(world.asked().is_empty(), "{:?}", world.asked());
}

#[tokio::test]
async fn step_2_at_least_one_change() {
    let world = World::start().await;
    for nothing in [
        json!({}),
        json!({"company_id": 4410}),
        json!({"files": []}),
        json!({"dry_run": true}),
        json!({"status_id": null}),
    ] {
        world
            .fails(
                UPDATE,
                change(nothing),
                Arguments,
                &["all that is given", "give one of status_id"],
            )
            .await;
    }
    assert!(world.asked().is_empty());
}

#[tokio::test]
async fn step_3_files_need_the_company_and_step_4_the_comment() {
    let world = World::start().await;
    let both = change(json!({"status_id": 2, "files": [file("a.png")]}));
    let says = [
        "2 mistakes",
        "`company_id` is missing",
        "`comment` is missing",
        "Accepted",
    ];
    world.fails(UPDATE, both, Arguments, &says).await;
    assert!(world.asked().is_empty());
}

#[tokio::test]
async fn step_5_the_new_type_is_one_that_agents_may_use() {
    let world = World::start().await;
    for (row, id, kind, says) in [
        ("unknown", 99, Arguments, "99 (unknown)"),
        ("blocked", 10, Denied, "`new_ticket_type_id` is 10"),
        ("without context", 2, Denied, "`new_ticket_type_id` is 2"),
        ("inactive", 17, Denied, "`new_ticket_type_id` is 17"),
        ("null rules", 22, Denied, "`new_ticket_type_id` is 22"),
        (
            "rules that cannot be read",
            13,
            Denied,
            "`new_ticket_type_id` is 13",
        ),
    ] {
        let moved = change(json!({"new_ticket_type_id": id, "comment": "Motivo"}));
        let text = world
            .fails(UPDATE, moved, kind, &[says, "nothing was changed"])
            .await;
        assert!(text.contains("available"), "{row}: {text}");
    }
    assert_eq!(world.asked(), ["GET /catalog/ticket-types"]);
    world
        .works(UPDATE, change(json!({"new_ticket_type_id": 4})))
        .await;
    assert_eq!(world.asked(), ["GET /catalog/ticket-types", PUT]);
    assert_eq!(world.sandbox.ticket(TICKET).unwrap()["ticket_type_id"], 4);
}

#[tokio::test]
async fn step_6_the_get_is_made_only_for_status_10() {
    let world = World::start().await;
    world
        .works(
            UPDATE,
            change(json!({"status_id": 7, "comment": "x", "new_ticket_type_id": 4})),
        )
        .await;
    world
        .works(
            UPDATE,
            change(json!({"comment": "x", "assigned_to_id": 78})),
        )
        .await;
    assert_eq!(world.count("tickets.show"), 0);
    world
        .works(UPDATE, change(json!({"status_id": 10, "comment": "x"})))
        .await;
    assert_eq!(
        world.endpoints(),
        [
            "catalog.ticket_types",
            "tickets.update",
            "tickets.update",
            "tickets.show",
            "tickets.update"
        ]
    );
}

#[tokio::test]
async fn step_7_the_put_holds_only_what_is_given() {
    for body in [
        json!({"status_id": 5}),
        json!({"comment": "Sigue igual"}),
        json!({"assigned_to_id": 79}),
        json!({"reason_decline": 4}),
        json!({"reason_decline": "fuera de plazo"}),
        json!({"new_ticket_type_id": 4}),
        json!({"status_id": 3, "comment": "No procede", "reason_decline": 4, "assigned_to_id": 78, "new_ticket_type_id": 4}),
    ] {
        let world = World::start().await;
        let mut arguments = change(body.clone());
        arguments["company_id"] = json!(4410);
        let done = world.works(UPDATE, arguments).await;
        assert_eq!(world.body("tickets.update"), body);
        assert_eq!(done["comment_added"], json!(body.get("comment").is_some()));
        assert_eq!(done.get("status_id"), body.get("status_id"));
    }
}

#[tokio::test]
async fn step_7_is_skipped_for_files_alone_and_step_8_comes_after_it() {
    let world = World::start().await;
    let files = json!([file("a.png"), {"name": "b.pdf", "content_base64": PNG, "content_type": "application/pdf"}]);
    let upload = "POST /companies/tickets/58201/files";
    let done = world
        .works(UPDATE, change(json!({"company_id": 4410, "files": files})))
        .await;
    assert_eq!(world.asked(), [upload, upload]);
    assert_eq!(done["files"][1]["name"], "b.pdf");
    world.sandbox.clear_log();
    let both = change(json!({"company_id": 4410, "status_id": 6, "files": [file("c.png")]}));
    world.works(UPDATE, both).await;
    assert_eq!(world.asked(), [PUT, upload]);
}

#[tokio::test]
async fn step_8_a_file_that_fails_leaves_the_change() {
    let world = World::start().await;
    let wrong_company =
        change(json!({"company_id": 4411, "status_id": 6, "files": [file("a.png")]}));
    let done = world.works(UPDATE, wrong_company).await;
    assert_eq!(done["status"], "In Review");
    assert_eq!(done["files"][0]["ok"], false);
    let error = done["files"][0]["error"].as_str().unwrap();
    assert!(error.contains("company_id"), "{error}");
    assert_eq!(world.sandbox.ticket(TICKET).unwrap()["ticket_status_id"], 6);
}

#[tokio::test]
async fn step_9_the_tool_itself_writes_no_record() {
    let world = World::start().await;
    world.works(UPDATE, change(json!({"status_id": 6}))).await;
    assert_eq!(world.count("activity_log.create"), 0);
}
