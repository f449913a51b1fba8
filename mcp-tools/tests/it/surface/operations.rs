//! `ticket-operations`, and the two tools for participants.

use std::sync::Arc;

use mcp_tools::{
    Backends, Confirm, Confirmations, Context, ErrorKind, store::Memory, tickiti::Tickiti,
};
use serde_json::{Value, json};

use super::world;
use crate::harness::{World, instances, object};

const DANA: &str = "dana@customer.example.com";

#[tokio::test]
async fn people_of_a_ticket() {
    let world = world().await;
    let (number, _) = world.opened("People").await;
    let given = json!({"ticket_number": number, "participants": [DANA]});
    world
        .sends(
            "add_participants",
            given.clone(),
            "tickets/participants/add",
            given.clone(),
        )
        .await;
    world
        .sends(
            "remove_participants",
            given.clone(),
            "tickets/participants/remove",
            given,
        )
        .await;
    let other = json!({"ticket_number": number, "originator_email": DANA});
    world
        .sends(
            "change_originator",
            other.clone(),
            "tickets/originator-update",
            other,
        )
        .await;
    let shown = world
        .answers("get_ticket", json!({"ticket_number": number}))
        .await;
    assert!(shown["ticket"].to_string().contains(DANA), "{shown}");
}

#[tokio::test]
async fn one_response() {
    let world = world().await;
    let (_, id) = world.opened("One response").await;
    let edit = json!({"response_id": id, "replace": [{"find": "look into", "replace": "repair"}]});
    world
        .sends(
            "edit_response",
            edit.clone(),
            "tickets/response-update",
            edit,
        )
        .await;
    let read = json!({"response_id": id, "max_body_chars": 500});
    let shown = world
        .sends("get_response", read.clone(), "tickets/response", read)
        .await;
    assert!(shown.to_string().contains("repair"), "{shown}");
    let hide = json!({"response_id": id, "is_internal": true});
    world.answers("edit_response", hide).await;
    let gone = json!({"response_id": id});
    world
        .sends(
            "delete_response",
            gone.clone(),
            "tickets/response-delete",
            gone.clone(),
        )
        .await;
    let error = world.call("get_response", gone).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
}

#[tokio::test]
async fn responses_from_ticket_to_ticket() {
    let world = world().await;
    let (_, id) = world.opened("Source").await;
    let (target, _) = world.opened("Target").await;
    let given = json!({"response_ids": [id], "target_ticket_number": target});
    let copied = world
        .sends(
            "copy_responses",
            given.clone(),
            "tickets/response-copy",
            given.clone(),
        )
        .await;
    assert!(copied["response_ids"].is_array(), "{copied}");
    world
        .sends(
            "move_responses",
            given.clone(),
            "tickets/response-move",
            given,
        )
        .await;
    let (_, other) = world.opened("To be split").await;
    let split =
        json!({"response_ids": [other], "subject": "A new matter", "queue": "Inbox", "copy": true});
    let made = world
        .sends("split_ticket", split.clone(), "tickets/split", split)
        .await;
    let new = made["ticket_number"]
        .to_string()
        .trim_matches('"')
        .to_owned();
    let shown = world
        .answers("get_ticket", json!({"ticket_number": new}))
        .await;
    assert!(shown.to_string().contains("A new matter"), "{shown}");
}

#[tokio::test]
async fn links_between_tickets() {
    let world = world().await;
    let (one, _) = world.opened("One").await;
    let (two, _) = world.opened("Two").await;
    let link = json!({"ticket_number": one, "linked_ticket_numbers": [two]});
    world
        .sends("link_tickets", link.clone(), "tickets/link", link)
        .await;
    let of = json!({"ticket_number": one});
    let links = world
        .sends(
            "list_linked_tickets",
            of.clone(),
            "tickets/links",
            of.clone(),
        )
        .await;
    assert!(links.to_string().contains(&two), "{links}");
    let unlink = json!({"ticket_number": one, "linked_ticket_number": two});
    world
        .sends("unlink_tickets", unlink.clone(), "tickets/unlink", unlink)
        .await;
    let links = world.answers("list_linked_tickets", of).await;
    assert!(!links.to_string().contains(&two), "{links}");
}

#[tokio::test]
async fn whole_tickets() {
    let world = world().await;
    let (old, _) = world.opened("Older").await;
    let (new, _) = world.opened("Newer").await;
    let merge = json!({"ticket_number": new, "other_ticket_number": old});
    let merged = world
        .sends("merge_tickets", merge.clone(), "tickets/merge", merge)
        .await;
    assert_eq!(
        merged["ticket_number"].to_string().trim_matches('"'),
        old,
        "{merged}"
    );

    let delete = json!({"ticket_numbers": [old]});
    let seen = json!({"ticket_numbers": [old], "dry_run": true});
    world
        .sends("delete_tickets", seen.clone(), "tickets/delete", seen)
        .await;
    world
        .answers("get_ticket", json!({"ticket_number": old}))
        .await;
    world
        .sends("delete_tickets", delete.clone(), "tickets/delete", delete)
        .await;
    let error = world
        .call("get_ticket", json!({"ticket_number": old}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    let back = json!({"ticket_number": old});
    world
        .sends(
            "restore_ticket",
            back.clone(),
            "tickets/restore",
            back.clone(),
        )
        .await;
    world.answers("get_ticket", back).await;
}

#[tokio::test]
async fn a_file_of_a_response() {
    let world = world().await;
    let (ticket, file) = with_file(&world).await;
    let given = json!({"ticket_number": ticket, "response_attachment_id": file, "reason": "an identity card"});
    let answer = world
        .sends(
            "delete_attachment",
            given.clone(),
            "tickets/attachment-delete",
            given,
        )
        .await;
    assert!(!answer.as_object().unwrap().is_empty());
    let shown = world
        .answers("get_ticket", json!({"ticket_number": ticket}))
        .await;
    assert!(shown.to_string().contains("an identity card"), "{shown}");
}

/// A ticket of the demo data with a file.
async fn with_file(world: &World) -> (String, u64) {
    let rows = json!({"has_attachments": true, "limit": 1});
    let found = world.answers("query_responses", rows).await;
    let row = &found["responses"][0];
    let number = row["ticket_number"]
        .to_string()
        .trim_matches('"')
        .to_owned();
    let file = &row["attachments"][0];
    let id = file
        .get("id")
        .or_else(|| file.get("response_attachment_id"));
    (
        number,
        id.and_then(|id| id.to_string().trim_matches('"').parse().ok())
            .unwrap_or_else(|| panic!("{row}")),
    )
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let world = world().await;
    let (number, id) = world.opened("Refused").await;
    let ticket = json!({"ticket_number": number});
    let with = |more: Value| {
        let mut all = object(ticket.clone());
        all.extend(object(more));
        Value::Object(all)
    };
    let moved = json!({"response_ids": [id], "target_ticket_number": "709383"});
    for (tool, arguments) in [
        ("add_participants", with(json!({"participants": [DANA]}))),
        ("remove_participants", with(json!({"participants": [DANA]}))),
        ("change_originator", with(json!({"originator_email": DANA}))),
        (
            "edit_response",
            json!({"response_id": id, "content": "<p>x</p>"}),
        ),
        ("delete_response", json!({"response_id": id})),
        ("copy_responses", moved.clone()),
        ("move_responses", moved),
        (
            "split_ticket",
            json!({"response_ids": [id], "subject": "S"}),
        ),
        (
            "link_tickets",
            with(json!({"linked_ticket_numbers": ["709383"]})),
        ),
        (
            "unlink_tickets",
            with(json!({"linked_ticket_number": "709383"})),
        ),
        (
            "merge_tickets",
            with(json!({"other_ticket_number": "709383"})),
        ),
        ("delete_tickets", json!({"ticket_numbers": [number]})),
        ("restore_ticket", ticket.clone()),
        (
            "delete_attachment",
            with(json!({"response_attachment_id": 1})),
        ),
    ] {
        world
            .lacks("sandbox-reader", tool, arguments, "tickets:write")
            .await;
    }
}

#[tokio::test]
async fn wrong_arguments_never_leave() {
    let world = world().await;
    let both = json!({"ticket_number": "709383", "ticket_id": 13, "participants": [DANA]});
    for (tool, arguments, parts) in [
        ("add_participants", both, &["not both"][..]),
        (
            "remove_participants",
            json!({"ticket_number": "709383"}),
            &["`participants` is required"],
        ),
        (
            "change_originator",
            json!({"originator_email": "nobody"}),
            &["originator_email"],
        ),
        (
            "edit_response",
            json!({"response_id": 1}),
            &["`content` is missing"],
        ),
        (
            "edit_response",
            json!({"response_id": 1, "content": "a", "replace": [{"find": "b", "replace": "c"}]}),
            &["exclude each other"],
        ),
        (
            "delete_response",
            json!({"response": 1}),
            &["did you mean `response_id`?"],
        ),
        (
            "get_response",
            json!({"response_id": "x"}),
            &["response_id"],
        ),
        (
            "copy_responses",
            json!({"response_ids": [], "target_ticket_number": "709383"}),
            &["response_ids"],
        ),
        (
            "move_responses",
            json!({"response_ids": [1]}),
            &["`target_ticket_number` is required"],
        ),
        (
            "split_ticket",
            json!({"response_ids": [1], "subject": ""}),
            &["subject"],
        ),
        (
            "link_tickets",
            json!({"linked_ticket_numbers": ["709383"]}),
            &["the ticket is missing"],
        ),
        (
            "unlink_tickets",
            json!({"ticket_number": "709383"}),
            &["`linked_ticket_number` is required"],
        ),
        ("list_linked_tickets", json!({}), &["the ticket is missing"]),
        (
            "merge_tickets",
            json!({"ticket_number": "709383", "other_ticket_number": "709383"}),
            &["is the same ticket"],
        ),
        ("delete_tickets", json!({}), &["exactly one"]),
        (
            "delete_tickets",
            json!({"ticket_numbers": ["709383"], "queue": "Sales"}),
            &["only goes with"],
        ),
        (
            "restore_ticket",
            json!({"ticket_number": "x"}),
            &["ticket_number"],
        ),
        (
            "delete_attachment",
            json!({"ticket_number": "709383", "response_attachment_id": 1, "reason": "x".repeat(501)}),
            &["reason"],
        ),
    ] {
        world.refuses(tool, arguments, parts).await;
    }
}

#[tokio::test]
async fn what_cannot_be_undone_is_asked_about() {
    let world = world().await;
    let (one, _) = world.opened("One").await;
    let (two, _) = world.opened("Two").await;
    let (_, id) = world.opened("Three").await;
    let (ticket, file) = with_file(&world).await;
    let tokens = world.answers("list_api_tokens", json!({})).await;
    let key = tokens["tokens"].as_array().unwrap().last().unwrap()["id"].clone();
    let store = std::sync::Arc::new(Memory::new());
    for (tool, endpoint, arguments, shown) in [
        (
            "delete_tickets",
            "tickets.delete",
            json!({"ticket_numbers": [one, two]}),
            &one,
        ),
        (
            "delete_attachment",
            "tickets.attachment_delete",
            json!({"ticket_number": ticket, "response_attachment_id": file}),
            &ticket,
        ),
        (
            "delete_response",
            "tickets.response_delete",
            json!({"response_id": id}),
            &id.to_string(),
        ),
        (
            "merge_tickets",
            "tickets.merge",
            json!({"ticket_number": "709383", "other_ticket_number": ticket}),
            &ticket,
        ),
        (
            "send_email",
            "mail.send",
            json!({"to_address": DANA, "subject": "S", "content": "<p>C</p>"}),
            &DANA.to_owned(),
        ),
        (
            "revoke_api_token",
            "administration.api_tokens.revoke",
            json!({"id": key}),
            &key.to_string().trim_matches('"').to_owned(),
        ),
    ] {
        let call = |arguments: Value| {
            let base = world.sandbox.base_url();
            let tickiti = Tickiti::new(instances(&["default"], &base, "sandbox-admin"));
            let mut context = Context::new("test", Backends::new().with(tickiti));
            let kept: Arc<Memory> = Arc::clone(&store);
            context.confirmations = Some(Confirmations::new(Confirm::Irreversible, kept, "me"));
            world.registry.call(tool, context, object(arguments))
        };
        let done = || -> u64 {
            let log = world.sandbox.log();
            let own = log
                .iter()
                .filter(|entry| entry.endpoint.as_deref() == Some(endpoint));
            let rehearsed = |entry: &&sandbox::tickiti::LogEntry| {
                entry
                    .body
                    .as_ref()
                    .is_some_and(|body| body["dry_run"] == true)
            };
            own.filter(|entry| entry.executed && !rehearsed(entry))
                .count() as u64
        };
        let before = done();
        let error = call(arguments.clone()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unconfirmed, "{tool}: {error}");
        assert!(error.text().contains(shown.as_str()), "{tool}: {error}");
        assert_eq!(done(), before, "{tool}");
        let mut agreed = arguments;
        agreed["confirm"] = json!(error.question().unwrap().token);
        call(agreed)
            .await
            .unwrap_or_else(|error| panic!("{tool}: {error}"));
        assert_eq!(done(), before + 1, "{tool}");
    }
}
