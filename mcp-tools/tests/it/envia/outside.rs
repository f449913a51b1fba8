//! Hostile comments: what people outside write is marked wherever it comes back.

use mcp_tools::provenance::{self, Author};
use serde_json::json;

use super::{World, draft};
use crate::provenance::{CANARY, all_marked, hostile};

const TICKET: u64 = 58201;

#[tokio::test]
async fn whatever_reads_marks_what_a_customer_wrote() {
    let world = World::start().await;
    let before = world
        .works("get_ticket", json!({"ticket_id": TICKET}))
        .await;
    let comments = before["allComments"].as_array().unwrap().len();
    for text in hostile() {
        world.sandbox.write_as_client(TICKET, &text).unwrap();
    }
    world.sandbox.put_company(4410, CANARY);
    let shown = world
        .works("get_ticket", json!({"ticket_id": TICKET}))
        .await;
    assert_eq!(all_marked("get_ticket", &shown), hostile().len() + 1);
    let thread = shown["allComments"].as_array().unwrap();
    for (comment, text) in thread.iter().skip(comments).zip(hostile()) {
        assert_eq!(
            provenance::unmarked(&comment["description"]),
            Some((Author::Customer, text))
        );
        assert_eq!(comment["type"], "client");
    }
    let rows = world
        .works("list_tickets", json!({"company_id": 4410}))
        .await;
    assert!(all_marked("list_tickets", &rows) > 0, "{rows}");
}

#[tokio::test]
async fn what_the_staff_and_the_back_office_say_stays() {
    let world = World::start().await;
    let change = json!({"ticket_id": TICKET, "status_id": 5, "comment": "Seguimos con el caso"});
    world.works("update_ticket", change).await;
    let shown = world
        .works("get_ticket", json!({"ticket_id": TICKET}))
        .await;
    let last = shown["allComments"].as_array().unwrap().last().unwrap();
    assert_eq!(last["description"], "Seguimos con el caso");
    for name in [
        "tracking_number",
        "ticket_type_name",
        "ticket_status_name",
        "created_at",
    ] {
        assert!(shown[name].is_string(), "{name}: {shown}");
    }
}

#[tokio::test]
async fn the_first_description_names_and_values_are_from_outside() {
    let world = World::start().await;
    let file = json!({"name": format!("{CANARY}.png"), "content_base64": super::PNG, "content_type": "image/png", "description": CANARY});
    let opened = draft(
        9,
        json!({"payment_method_id": 3, "comments": CANARY, "files": [file]}),
    );
    let opened = world.works("create_ticket", opened).await;
    let shown = world
        .works("get_ticket", json!({"ticket_id": opened["ticket_id"]}))
        .await;
    assert!(all_marked("get_ticket", &shown) >= 3, "{shown}");
    assert_eq!(shown["comments"], json!({"untrusted_from_outside": CANARY}));
    assert!(
        shown["files"][0]["url"].is_string(),
        "an address is one word"
    );
}
