//! Rules that span fields, request by request: nothing that breaks one leaves.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tickiti_client::{
    Endpoint, ErrorKind, PrepareError, Problem,
    api::{named, tickets},
    types::Status,
};

use crate::helper::{email, featured, start};

/// What is wrong follows the name of the field: "`content` is missing: …".
#[track_caller]
fn read_as_a_sentence(problem: &Problem) {
    let verb = problem.problem.split(' ').next().unwrap();
    let verbs = ["is", "has", "must", "cannot", "does", "only", "exclude"];
    assert!(verbs.contains(&verb), "{problem}");
}

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
    for problem in &problems {
        read_as_a_sentence(problem);
    }
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
        &["replace[0].find"],
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
    let tokens = ["search_object.criteria[0].tokens"];
    check::<tickets::Query>(criteria("created_from", json!(["2026-10-01"])), &[]);
    check::<tickets::Query>(criteria("created_from", json!(["yesterday"])), &tokens);
    check::<tickets::Query>(
        criteria("created_from", json!(["2026-10-01", "2026-10-02"])),
        &tokens,
    );
    check::<tickets::Query>(criteria("subject", json!([])), &tokens);
    check::<tickets::Query>(criteria("status", json!(["Open", "on-hold "])), &[]);
    check::<tickets::Query>(criteria("priority", json!(["30", "urgent"])), &[]);
    check::<tickets::Query>(
        json!({"search_object": {"criteria": [
            {"mode": "status", "tokens": ["opened"]},
            {"mode": "subject", "tokens": ["x"]},
            {"mode": "priority", "tokens": ["Low", "huge"]},
        ]}}),
        &[
            "search_object.criteria[0].tokens",
            "search_object.criteria[2].tokens",
        ],
    );
}

#[tokio::test]
async fn a_broken_rule_reads_as_one_sentence() {
    let world = start().await;
    let mut hold = tickets::Respond::new(featured(), email("sam@support.example.com"));
    hold.status = Some(Status::OnHold);
    let error = world.client.send(&hold).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "tickets.respond: `on_hold_until` is missing: on-hold needs the date on which the ticket opens again, \
         YYYY-MM-DD"
    );
    let error = world
        .client
        .send(&tickets::Delete::default())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "tickets.delete: `ticket_numbers`, `originator_email` exclude each other: give exactly one of them"
    );
}

#[test]
fn fields_of_the_wrong_form_are_named() {
    for (name, request, field, expected) in [
        (
            "tickets.respond",
            json!({"ticket_id": 1, "from_email": "sam@support.example.com", "assigned_to_email": "Sam"}),
            "assigned_to_email",
            "`assigned_to_email` is wrong: `Sam` is not an assignee: a staff e-mail address, team:<id>, or Unassigned",
        ),
        (
            "tickets.respond",
            json!({"ticket_id": "x", "from_email": "sam@support.example.com", "content": "y"}),
            "ticket_id",
            "",
        ),
        (
            "tickets.respond",
            json!({"ticket_id": 1, "content": "y"}),
            "from_email",
            "`from_email` is missing",
        ),
        (
            "tickets.split",
            json!({"response_ids": [1, "x"], "subject": "y"}),
            "response_ids",
            "",
        ),
    ] {
        let Value::Object(fields) = request else {
            panic!("fields are an object");
        };
        let error = named(name).unwrap().prepare(fields).unwrap_err();
        let PrepareError::Fields { field: found, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(found.as_deref(), Some(field), "{error}");
        assert!(
            expected.is_empty() || error.to_string() == expected,
            "{error}"
        );
    }
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
