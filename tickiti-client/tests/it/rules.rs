//! Rules that span fields, request by request: nothing that breaks one leaves.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tickiti_client::{Endpoint, ErrorKind, api::tickets};

use crate::helper::start;

/// The fields that a request's rules complain of.
#[track_caller]
fn check<E: Endpoint + DeserializeOwned>(request: Value, expected: &[&str]) {
    let parsed: E = serde_json::from_value(request.clone()).unwrap();
    let problems = parsed.problems();
    let fields: Vec<_> = problems
        .iter()
        .map(|problem| problem.field.as_ref())
        .collect();
    assert_eq!(fields, expected, "{request}");
}

fn create(more: Value) -> Value {
    let mut request =
        json!({"originator_email_address": "dana@customer.example.com", "is_public": true});
    for (key, value) in more.as_object().unwrap() {
        request[key] = value.clone();
    }
    request
}

#[test]
fn a_ticket_is_created_in_exactly_one_way() {
    let check = |more: Value, expected: &[&str]| check::<tickets::Create>(create(more), expected);
    check(json!({}), &["data.subject", "data.content"]);
    check(
        json!({"data": {"subject": "x", "content": "  "}}),
        &["data.content"],
    );
    check(json!({"data": {"subject": "x", "content": "y"}}), &[]);
    check(json!({"template_identifier": "t"}), &[]);
    check(
        json!({"template_identifier": "t", "data": {"subject": "a value"}}),
        &[],
    );
    check(json!({"intervention": "i", "uid": "1"}), &[]);
    check(json!({"intervention": "i"}), &["uid"]);
    check(
        json!({"intervention": "i", "uid": "1", "queue_name": "q"}),
        &["queue_name"],
    );
    check(
        json!({"intervention": "i", "uid": "1", "data": {"amount": 4}}),
        &["data"],
    );
    check(
        json!({"intervention": "i", "uid": "1", "template_identifier": "t"}),
        &["template_identifier, intervention"],
    );
    check(json!({"template_identifier": "t", "uid": "1"}), &["uid"]);
}

#[test]
fn a_hold_has_a_date() {
    let data = |more: Value| {
        let mut data = json!({"subject": "x", "content": "y"});
        data.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        create(json!({"data": data}))
    };
    check::<tickets::Create>(data(json!({"status": "on-hold"})), &["data.on_hold_until"]);
    check::<tickets::Create>(
        data(json!({"status": "on-hold", "on_hold_until": "2026-11-01"})),
        &[],
    );
    check::<tickets::Create>(
        data(json!({"status": "closed", "on_hold_until": "2026-11-01"})),
        &["data.on_hold_until"],
    );
    check::<tickets::Create>(
        data(json!({"assigned_to_email": "Unassigned"})),
        &["data.assigned_to_email"],
    );
}

#[test]
fn a_response_says_or_changes_something() {
    let respond = |more: Value, expected: &[&str]| {
        let mut request = json!({"ticket_id": 1, "from_email": "sam@support.example.com"});
        request
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        check::<tickets::Respond>(request, expected);
    };
    respond(json!({}), &["content"]);
    respond(json!({"content": ""}), &["content"]);
    respond(
        json!({"is_internal": true, "keep_status": true}),
        &["content"],
    );
    respond(json!({"add_participants": []}), &["content"]);
    for change in ["resolved", "queue", "subject"] {
        respond(json!({ change: "x" }), &[]);
    }
    respond(json!({"priority": "Low"}), &[]);
    respond(json!({"assigned_to_email": "Unassigned"}), &[]);
    respond(json!({"on_hold_until": "2026-11-01"}), &[]);
    respond(json!({"status": "on-hold"}), &["on_hold_until"]);
    respond(
        json!({"status": "open", "on_hold_until": "2026-11-01"}),
        &["on_hold_until"],
    );
    respond(json!({"content": "x"}), &[]);
}

#[test]
fn an_edit_changes_one_thing() {
    let update = |more: Value, expected: &[&str]| {
        let mut request = json!({"response_id": 1});
        request
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        check::<tickets::ResponseUpdate>(request, expected);
    };
    let replace = json!([{"find": "a", "replace": ""}]);
    update(json!({}), &["content"]);
    update(json!({"content": "x"}), &[]);
    update(json!({"replace": replace}), &[]);
    update(json!({"replace": []}), &["content"]);
    update(
        json!({"content": "x", "replace": replace}),
        &["content, replace"],
    );
    update(
        json!({"replace": [{"find": "", "replace": "b"}]}),
        &["replace.find"],
    );
    update(json!({"is_internal": false, "notify": true}), &[]);
    update(json!({"is_internal": true, "notify": true}), &["notify"]);
    update(json!({"content": "x", "notify": true}), &["notify"]);
}

#[test]
fn bounds_and_selectors() {
    check::<tickets::Delete>(json!({}), &["ticket_numbers, originator_email"]);
    check::<tickets::Delete>(json!({"ticket_numbers": []}), &["ticket_numbers"]);
    check::<tickets::Delete>(
        json!({"ticket_numbers": vec!["1"; 1001]}),
        &["ticket_numbers"],
    );
    check::<tickets::Delete>(
        json!({"ticket_numbers": ["1"], "originator_email": "a@b.example"}),
        &["ticket_numbers, originator_email"],
    );
    check::<tickets::Delete>(
        json!({"ticket_numbers": ["1"], "queue": "Inbox"}),
        &["queue"],
    );
    check::<tickets::Delete>(
        json!({"originator_email": "a@b.example", "queue": "Inbox"}),
        &[],
    );
    check::<tickets::Merge>(
        json!({"ticket_number": "1", "other_ticket_number": 1}),
        &["other_ticket_number"],
    );
    check::<tickets::Split>(
        json!({"response_ids": [], "subject": "é".repeat(256)}),
        &["response_ids", "subject"],
    );
    check::<tickets::Split>(
        json!({"response_ids": [1], "subject": "é".repeat(255)}),
        &[],
    );
    check::<tickets::Link>(
        json!({"ticket_id": 1, "linked_ticket_numbers": vec!["2"; 101]}),
        &["linked_ticket_numbers"],
    );
    check::<tickets::ParticipantsAdd>(
        json!({"ticket_id": 1, "participants": []}),
        &["participants"],
    );
    check::<tickets::Query>(json!({"row_limit": 5001}), &["row_limit"]);
    check::<tickets::ResponsesQuery>(json!({"limit": 0}), &["limit"]);
    let criteria = |mode: &str, tokens: Value| json!({"search_object": {"criteria": [{"mode": mode, "tokens": tokens}]}});
    let tokens = ["search_object.criteria.tokens"];
    check::<tickets::Query>(criteria("created_from", json!(["2026-10-01"])), &[]);
    check::<tickets::Query>(criteria("created_from", json!(["yesterday"])), &tokens);
    check::<tickets::Query>(
        criteria("created_from", json!(["2026-10-01", "2026-10-02"])),
        &tokens,
    );
    check::<tickets::Query>(criteria("subject", json!([])), &tokens);
}

#[tokio::test]
async fn nothing_leaves_when_a_rule_is_broken() {
    let world = start().await;
    let error = world
        .client
        .send(&tickets::Delete::default())
        .await
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Invalid(_)), "{error}");
    assert!(
        error.to_string().contains("give exactly one of them"),
        "{error}"
    );
    assert!(!error.may_have_applied());
    assert_eq!(world.install.log().len(), 0);
}
