//! Creation: what becomes of the one request that opens a ticket.

use std::time::Duration;

use mcp_tools::ErrorKind::{Conflict, NotFound, Refused, Throttled, Unknown, Upstream};
use sandbox::envia::{CreatedForm, Envia as Sandbox, Fault, FaultKind};
use serde_json::{Value, json};

use super::{World, answers, boom, client_within, draft};

const CREATE: &str = "create_ticket";

fn sound() -> Value {
    draft(
        4,
        json!({"tracking_number": "TST0001112228", "amount": 900}),
    )
}

#[tokio::test]
async fn every_form_of_the_answer_has_the_id() {
    for form in [CreatedForm::Bare, CreatedForm::Data, CreatedForm::Created] {
        let world = World::start().await;
        world.sandbox.change_switches(|switches| {
            switches.created = form;
            switches.ids_as_strings = form == CreatedForm::Data;
        });
        let opened = world.works(CREATE, sound()).await;
        assert_eq!(
            opened,
            json!({"ticket_id": 58231, "shipment_id": 900_128, "tracking_number": "TST0001112228", "files": []}),
            "{form:?}"
        );
    }
}

#[tokio::test]
async fn outcome_409_an_active_ticket_exists() {
    let world = World::start().await;
    world.works(CREATE, sound()).await;
    world.sandbox.clear_log();
    let says = [
        "An active ticket exists for this shipment and type",
        "list_tickets",
        "update_ticket",
        "TST0001112228",
        "409",
    ];
    world.fails(CREATE, sound(), Conflict, &says).await;
    assert_eq!(world.count("tickets.create"), 1);
    // Found by what the text says.
    let found = world
        .works(
            "list_tickets",
            json!({"tracking_number": "TST0001112228", "ticket_type": "lost"}),
        )
        .await;
    assert_eq!(found["tickets"][0]["id"], 58231);
    // By its id alone the number is learned from the lookup.
    let by_id = draft(4, json!({"shipment_id": 900_128}));
    world
        .fails(CREATE, by_id, Conflict, &["TST0001112228"])
        .await;
}

/// Pending, declined, in follow-up and in review stand in the way; the others do not.
#[tokio::test]
async fn outcome_409_by_the_status_of_the_other_ticket() {
    for status in 1..=10_u64 {
        let world = World::start().await;
        let opened = world.works(CREATE, sound()).await;
        if status > 1 {
            let moved =
                json!({"ticket_id": opened["ticket_id"], "status_id": status, "comment": "Motivo"});
            world.works("update_ticket", moved).await;
        }
        let again = world.call(CREATE, sound()).await;
        assert_eq!(
            again.is_err(),
            [1, 3, 5, 6].contains(&status),
            "{status}: {again:?}"
        );
    }
}

/// Neither a change nor a second ticket is possible then; the texts must not send the agent round in a circle.
#[tokio::test]
async fn a_declined_ticket_in_the_way_is_for_a_person() {
    let world = World::start().await;
    let again = draft(4, json!({"tracking_number": "TST0001112233"}));
    let found = world
        .works("list_tickets", json!({"tracking_number": "TST0001112233"}))
        .await;
    assert_eq!(found["tickets"][0]["ticket_status"], "declined");
    world.put_type(4, "lost", json!({"reference": "guide", "mcp_context": {}}));
    world
        .fails(
            CREATE,
            again,
            Conflict,
            &["declined ticket counts too", "hand over to a person"],
        )
        .await;
    let change = json!({"ticket_id": 58203, "comment": "Otra vez"});
    world
        .fails(
            "update_ticket",
            change,
            Conflict,
            &["or hand over to a person"],
        )
        .await;
}

#[tokio::test]
async fn a_lost_answer_is_an_unknown_outcome_and_no_second_ticket() {
    for (fault, was_opened) in [
        (FaultKind::DropAfterEffect, true),
        (FaultKind::TruncatedBody, true),
        (FaultKind::DropBeforeEffect, false),
        (
            boom(
                500,
                "Internal Server Error",
                "An internal server error occurred",
            ),
            false,
        ),
        (FaultKind::Html { status: 503 }, false),
    ] {
        let world = World::failing("tickets.create", fault.clone()).await;
        let before = world.sandbox.ticket_count();
        let says = [
            "The ticket may have been opened",
            "check with list_tickets",
            "before trying again",
            "TST0001112228",
        ];
        world.fails(CREATE, sound(), Unknown, &says).await;
        assert_eq!(world.count("tickets.create"), 1, "{fault:?}");
        assert_eq!(
            world.sandbox.ticket_count() > before,
            was_opened,
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_an_unknown_outcome() {
    let sandbox = Sandbox::builder().fault(Fault::on("tickets.create", FaultKind::StallHeaders));
    let sandbox = sandbox.start().await.unwrap();
    let client = client_within(&sandbox.base_url(), Duration::from_millis(500));
    let world = World::over(sandbox, mcp_tools::envia::Envia::new(client));
    let says = [
        "no complete answer came within",
        "may have been opened",
        "list_tickets",
    ];
    world.fails(CREATE, sound(), Unknown, &says).await;
    assert_eq!(world.count("tickets.create"), 1);
}

#[tokio::test]
async fn an_answer_without_an_id_is_an_unknown_outcome() {
    for body in [json!({"data": true}), json!({}), json!([])] {
        let world = World::failing("tickets.create", answers(200, &body)).await;
        world
            .fails(
                CREATE,
                sound(),
                Unknown,
                &["may have been opened", "list_tickets"],
            )
            .await;
        assert_eq!(world.count("tickets.create"), 1, "{body}");
    }
}

#[tokio::test]
async fn refusals_of_the_back_office() {
    let throttled = FaultKind::Status {
        status: 429,
        body: String::new(),
        content_type: String::new(),
        retry_after: Some("90".to_owned()),
    };
    let keys = json!({"statusCode": 400, "error": "Bad Request", "message": "Invalid request payload input",
        "validation": {"source": "payload", "keys": ["assigned_to_id"]}});
    for (fault, kind, says) in [
        (
            answers(400, &keys),
            Refused,
            vec![
                "Invalid request payload input",
                "assigned_to_id",
                "Nothing was changed",
            ],
        ),
        (
            boom(401, "Unauthorized", "no"),
            Upstream,
            vec!["bot token", "BACKEND_BOT_AI_TOKEN"],
        ),
        (
            boom(403, "Forbidden", "no"),
            Upstream,
            vec!["bot token", "BACKEND_BOT_AI_TOKEN"],
        ),
        (
            boom(404, "Not Found", "Company not found."),
            NotFound,
            vec!["Company not found", "No ticket was opened"],
        ),
        (
            boom(413, "Request Entity Too Large", "x"),
            Refused,
            vec!["larger than the back office takes"],
        ),
        (
            boom(
                422,
                "Unprocessable Entity",
                "This ticket type needs documents.",
            ),
            Refused,
            vec!["needs documents", "422"],
        ),
        (throttled, Throttled, vec!["Call again in 90 seconds"]),
        (
            answers(200, &json!({"success": false, "message": "No se pudo"})),
            Refused,
            vec!["No se pudo"],
        ),
    ] {
        let world = World::failing("tickets.create", fault.clone()).await;
        world.fails(CREATE, sound(), kind, &says).await;
        assert_eq!(world.count("tickets.create"), 1, "{fault:?}");
        assert_eq!(world.count("tickets.upload"), 0);
    }
}

/// What the double itself finds wrong, after all rules were kept.
#[tokio::test]
async fn things_that_only_the_back_office_knows() {
    let world = World::start().await;
    for (row, more) in [
        ("an unknown company", json!({"company_id": 4999})),
        ("a shipment of another company", json!({"company_id": 4411})),
        ("unknown staff", json!({"assigned_to_id": 999})),
    ] {
        let mut wrong = sound();
        super::merge(&mut wrong, more);
        let text = world
            .fails(CREATE, wrong, NotFound, &["No ticket was opened"])
            .await;
        assert!(text.contains("not found"), "{row}: {text}");
    }
}
