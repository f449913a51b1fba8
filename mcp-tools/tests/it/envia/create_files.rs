//! Creation and change: each file with an outcome of its own.

use mcp_tools::ErrorKind::Arguments;
use sandbox::envia::{Envia as Sandbox, Fault, FaultKind};
use serde_json::{Value, json};

use super::{PNG, World, boom, draft, file};

/// Opens a ticket with two files, the second of which meets a fault.
async fn second_fails(fault: FaultKind) -> (World, Value) {
    let fault = Fault::on("tickets.upload", fault).skip(1).times(1);
    let world = World::with(Sandbox::builder().fault(fault)).await;
    let files = json!([file("foto1.png"), file("foto2.png")]);
    let two = draft(9, json!({"payment_method_id": 3, "files": files}));
    let opened = world.works("create_ticket", two).await;
    (world, opened)
}

#[tokio::test]
async fn one_of_two_fails_and_the_ticket_stays() {
    for (fault, says) in [
        (boom(413, "Request Entity Too Large", "x"), "smaller file"),
        (boom(422, "Unprocessable Entity", "x"), "422"),
        (
            boom(500, "Internal Server Error", "x"),
            "may have been added",
        ),
        (FaultKind::DropAfterEffect, "may have been added"),
        (FaultKind::Html { status: 502 }, "502"),
    ] {
        let (world, opened) = second_fails(fault.clone()).await;
        assert_eq!(opened["ticket_id"], 58231, "{fault:?}");
        let files = opened["files"].as_array().unwrap();
        let failed: Vec<&Value> = files.iter().filter(|file| file["ok"] == false).collect();
        let ([failed], 2) = (failed.as_slice(), files.len()) else {
            panic!("{fault:?}: {opened}")
        };
        let error = failed["error"].as_str().unwrap();
        assert!(
            error.contains(says) && !error.contains('\n') && !error.contains('<'),
            "{fault:?}: {error}"
        );
        assert_eq!(
            world.count("tickets.upload"),
            2,
            "{fault:?}: one request per file"
        );
        assert!(world.sandbox.ticket(58231).is_some());
    }
}

#[tokio::test]
async fn the_failed_file_is_sent_again_with_update_ticket() {
    let (world, opened) = second_fails(boom(503, "Service Unavailable", "x")).await;
    let ticket = &opened["ticket_id"];
    let again = json!({"ticket_id": ticket, "company_id": 4410, "files": [file("foto2.png")]});
    let sent = world.works("update_ticket", again).await;
    assert_eq!(
        (&sent["files"][0]["ok"], &sent["comment_added"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        world.count("tickets.update"),
        0,
        "files alone change nothing else"
    );
    let kept = world.sandbox.ticket(58231).unwrap();
    assert_eq!(kept["files"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_travels_is_the_file_itself() {
    let world = World::start().await;
    let one = json!([{"name": "Recibo ñ.pdf", "content_base64": "aG9sYQ==", "content_type": "application/pdf", "description": "recibo"}]);
    let opened = world
        .works(
            "create_ticket",
            draft(9, json!({"payment_method_id": 3, "files": one})),
        )
        .await;
    assert_eq!(
        world.body("tickets.upload"),
        json!({"company_id": 4410, "name": "Recibo ñ.pdf", "content_base64": "aG9sYQ==", "content_type": "application/pdf",
            "description": "recibo"})
    );
    let id = opened["files"][0]["id"].as_u64().unwrap();
    assert_eq!(world.sandbox.file_content(id).unwrap(), b"hola");
    let shown = world
        .works("get_ticket", json!({"ticket_id": opened["ticket_id"]}))
        .await;
    assert_eq!(
        shown["files"][0]["description"],
        json!({"untrusted_from_outside": "recibo"})
    );
}

#[tokio::test]
async fn a_file_of_ten_mebibytes_is_taken_and_a_larger_one_is_not() {
    let world = World::start().await;
    let limit = 10 * 1024 * 1024;
    // Lengths of the form 3 n + 1, so that two characters of padding end them.
    let zeros = |bytes: usize| "A".repeat(bytes.div_ceil(3) * 4 - 2) + "==";
    let with = |bytes| {
        let file =
            json!({"name": "a.png", "content_base64": zeros(bytes), "content_type": "image/png"});
        draft(
            9,
            json!({"payment_method_id": 3, "files": [file], "dry_run": true}),
        )
    };
    let planned = world.works("create_ticket", with(limit)).await;
    assert_eq!(planned["files"][0]["bytes"], limit);
    let says =
        ["`files[0].content_base64` is a file of 10485763 bytes; at most 10485760 are taken"];
    world
        .fails("create_ticket", with(limit + 3), Arguments, &says)
        .await;
}

#[tokio::test]
async fn the_back_offices_own_limit_is_told_per_file() {
    let world = World::start().await;
    world
        .sandbox
        .change_switches(|switches| switches.upload_cap = 16);
    let one = draft(
        9,
        json!({"payment_method_id": 3, "files": [{"name": "a.png", "content_base64": PNG, "content_type": "image/png"}]}),
    );
    let opened = world.works("create_ticket", one).await;
    let error = opened["files"][0]["error"].as_str().unwrap();
    assert!(
        error.contains("413") && error.contains("Send a smaller file"),
        "{error}"
    );
}

#[tokio::test]
async fn files_that_no_time_is_left_for_are_told_and_the_ticket_stays() {
    let world = World::start().await;
    let mut context = world.context();
    context.deadline = Some(std::time::Instant::now() + std::time::Duration::from_millis(900));
    let with_file = draft(9, json!({"payment_method_id": 3, "files": [file("a.png")]}));
    let answer = world
        .registry
        .call("create_ticket", context, super::object(with_file))
        .await
        .unwrap();
    assert!(answer["ticket_id"].is_u64(), "{answer:?}");
    let told = answer["files"][0]["error"].as_str().unwrap();
    assert!(told.contains("no time left"), "{told}");
    assert_eq!(world.count("tickets.upload"), 0);
}
