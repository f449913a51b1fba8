//! Change: what becomes of the one request that makes it.

use mcp_tools::ErrorKind::{Conflict, NotFound, Refused, Unknown};
use sandbox::envia::{Envia as Sandbox, Fault, FaultKind};
use serde_json::json;

use super::{
    World, answers, boom, file, merge,
    update::{UPDATE, change},
};

#[tokio::test]
async fn a_closed_ticket_takes_no_changes_in_both_forms_of_the_answer() {
    for as_422 in [false, true] {
        for closed in [58202, 58203] {
            let world = World::start().await;
            world
                .sandbox
                .change_switches(|switches| switches.closed_is_422 = as_422);
            let says = ["Closed tickets", "accept no changes", "nothing was changed"];
            let comment = json!({"ticket_id": closed, "comment": "Otra vez"});
            world.fails(UPDATE, comment, Conflict, &says).await;
            assert_eq!(world.count("tickets.update"), 1);
            // Here the ticket is read anyway, and nothing is sent.
            world.sandbox.clear_log();
            let claim = json!({"ticket_id": closed, "status_id": 10, "comment": "Otra vez"});
            world
                .fails(UPDATE, claim, Conflict, &["closed", "nothing was changed"])
                .await;
            world.wrote_nothing();
        }
    }
}

#[tokio::test]
async fn an_unknown_ticket() {
    let world = World::start().await;
    let says = ["list_tickets"];
    world
        .fails(
            UPDATE,
            json!({"ticket_id": 1, "status_id": 6}),
            NotFound,
            &says,
        )
        .await;
    let claim = json!({"ticket_id": 1, "status_id": 10, "comment": "x"});
    world.sandbox.clear_log();
    world.fails(UPDATE, claim, NotFound, &says).await;
    world.wrote_nothing();
    let files = json!({"ticket_id": 1, "company_id": 4410, "files": [file("a.png")]});
    let done = world.works(UPDATE, files).await;
    assert!(
        done["files"][0]["error"]
            .as_str()
            .unwrap()
            .contains("no such ticket"),
        "{done}"
    );
    for answer in [
        boom(404, "Not Found", "Not Found"),
        boom(400, "Bad Request", "Ticket not found."),
    ] {
        let world = World::failing("tickets.update", answer).await;
        world
            .fails(UPDATE, change(json!({"status_id": 6})), NotFound, &says)
            .await;
    }
}

#[tokio::test]
async fn a_lost_answer_is_an_unknown_outcome_and_files_wait() {
    for fault in [
        FaultKind::DropAfterEffect,
        boom(500, "Internal Server Error", "x"),
    ] {
        let fault = Fault::on("tickets.update", fault);
        let world = World::with(Sandbox::builder().fault(fault)).await;
        let both =
            change(json!({"comment": "Motivo", "company_id": 4410, "files": [file("a.png")]}));
        let says = [
            "The change may have been made",
            "get_ticket",
            "add the comment twice",
            "No file was sent",
        ];
        world.fails(UPDATE, both, Unknown, &says).await;
        assert_eq!(world.endpoints(), ["tickets.update"]);
    }
}

#[tokio::test]
async fn both_forms_of_success_and_a_success_that_is_none() {
    let world = World::start().await;
    world
        .sandbox
        .change_switches(|switches| switches.success_flag = true);
    world.works(UPDATE, change(json!({"status_id": 6}))).await;
    for body in [
        json!({"data": false}),
        json!({"success": false, "message": "Bloqueado"}),
    ] {
        let world = World::failing("tickets.update", answers(200, &body)).await;
        world
            .fails(
                UPDATE,
                change(json!({"status_id": 6})),
                Refused,
                &["although it answered with success"],
            )
            .await;
    }
}

#[tokio::test]
async fn dry_run_changes_nothing() {
    let world = World::start().await;
    let body = json!({"status_id": 10, "comment": "Revisar"});
    let mut tried = change(body.clone());
    merge(
        &mut tried,
        json!({"dry_run": true, "company_id": 4410, "files": [file("a.png")]}),
    );
    let planned = world.works(UPDATE, tried).await;
    assert_eq!(
        planned["would_send"],
        json!({"method": "PUT", "path": "companies/tickets/58201", "body": body})
    );
    assert_eq!(planned["files"][0]["bytes"], 8);
    assert_eq!(world.endpoints(), ["catalog.ticket_types", "tickets.show"]);
    let files = change(json!({"dry_run": true, "company_id": 4410, "files": [file("a.png")]}));
    assert_eq!(world.works(UPDATE, files).await["would_send"], json!({}));
    world.wrote_nothing();
}

#[tokio::test]
async fn a_dry_run_tells_of_a_closed_ticket_and_changes_nothing() {
    let world = World::start().await;
    let closed = json!({"ticket_id": 58202, "status_id": 5, "dry_run": true});
    world
        .fails(
            UPDATE,
            closed,
            Conflict,
            &["Accepted", "a ticket that is not closed"],
        )
        .await;
    let open = json!({"ticket_id": 58201, "status_id": 5, "dry_run": true});
    let answer = world.works(UPDATE, open).await;
    assert_eq!(answer["would_send"]["path"], "companies/tickets/58201");
    world.wrote_nothing();
}

#[tokio::test]
async fn a_member_of_staff_that_does_not_exist() {
    let world = World::start().await;
    let wrong = json!({"ticket_id": 58201, "assigned_to_id": 999});
    let says = [
        "Staff member not found",
        "the message says which",
        "Nothing was changed",
    ];
    world.fails(UPDATE, wrong, NotFound, &says).await;
}
