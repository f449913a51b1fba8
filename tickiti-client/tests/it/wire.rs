//! What each request looks like when it leaves.

use serde_json::{Map, Value, json};
use tickiti_client::{
    Endpoint, Operation, PrepareError,
    api::{self, tickets},
    types::{AssigneeKey, Date, DateTime, Priority, Status, TicketId, UploadedFile},
};

use crate::helper::{email, featured, number};

#[track_caller]
fn check_wire<E: Endpoint>(request: &E, path: &str, body: Value) {
    assert_eq!(request.path().unwrap(), path);
    assert_eq!(serde_json::to_value(request).unwrap(), body);
    assert_eq!(request.problems(), []);
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

#[track_caller]
fn prepared(name: &str, fields: Value) -> Value {
    let operation: &Operation = api::named(name).unwrap();
    Value::Object(operation.prepare(object(fields)).unwrap().fields)
}

#[test]
fn create() {
    let mut request = tickets::Create::new(email("dana@customer.example.com"), "Lost", "<p>x</p>");
    let data = json!({"subject": "Lost", "content": "<p>x</p>"});
    let bare = json!({"originator_email_address": "dana@customer.example.com", "is_public": true, "data": data});
    check_wire(&request, "tickets", bare);

    request.queue_name = Some("Support".into());
    request.data.assigned_to_email = Some(AssigneeKey::Team(4.into()));
    request.data.priority = Some(Priority::High);
    request.participants = Some(vec![email("kim@customer.example.com")]);
    request.attachments = Some(vec![UploadedFile {
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
            .parse()
            .unwrap(),
        name: "photo.pdf".into(),
        file_size: 48_211,
    }]);
    check_wire(
        &request,
        "tickets",
        json!({
            "originator_email_address": "dana@customer.example.com",
            "is_public": true,
            "queue_name": "Support",
            "participants": ["kim@customer.example.com"],
            "data": {
                "subject": "Lost",
                "content": "<p>x</p>",
                "assigned_to_email": "team:4",
                "priority": "30",
                "queue_name": "Support",
            },
            "attachments": [{
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "name": "photo.pdf",
                "file_size": 48_211,
            }],
        }),
    );
}

#[test]
fn create_in_its_other_shapes() {
    let dana = || email("dana@customer.example.com");
    let values = object(json!({"order_no": "5512"}));
    check_wire(
        &tickets::Create::from_template(dana(), "order_delay", values.clone()),
        "tickets",
        json!({
            "originator_email_address": "dana@customer.example.com",
            "is_public": true,
            "template_identifier": "order_delay",
            "data": {"order_no": "5512"},
        }),
    );
    check_wire(
        &tickets::Create::by_intervention(dana(), "refund_request", "order-5512-refund", values),
        "tickets",
        json!({
            "originator_email_address": "dana@customer.example.com",
            "is_public": true,
            "intervention": "refund_request",
            "uid": "order-5512-refund",
            "data": {"data": {"order_no": "5512"}},
        }),
    );
}

#[test]
fn respond_and_close() {
    let sam = || email("sam@support.example.com");
    let mut reply = tickets::Respond::reply(featured(), sam(), "<p>On its way.</p>");
    reply.send_full_email = Some(true);
    check_wire(
        &reply,
        "tickets/respond",
        json!({"ticket_number": "709383", "from_email": "sam@support.example.com", "content": "<p>On its way.</p>", "send_full_email": true}),
    );
    let mut park = tickets::Respond::new(TicketId::new(912), sam());
    park.on_hold_until = Some(Date::new("2026-11-01").unwrap());
    park.status = Some(Status::OnHold);
    check_wire(
        &park,
        "tickets/respond",
        json!({"ticket_id": 912, "from_email": "sam@support.example.com", "status": "on-hold", "on_hold_until": "2026-11-01"}),
    );
    let mut close = tickets::Close::new(featured());
    close.resolved = Some("Fixed".into());
    check_wire(
        &close,
        "tickets/close",
        json!({"ticket_number": "709383", "resolved": "Fixed"}),
    );
}

#[test]
fn searches() {
    let mut query = tickets::Query::new()
        .with(tickets::Mode::Queue, ["Support"])
        .with(tickets::Mode::Other("order_no".into()), ["5512"]);
    query.row_limit = Some(200);
    check_wire(
        &query,
        "tickets/query",
        json!({"row_limit": 200, "search_object": {"criteria": [
            {"mode": "queue", "tokens": ["Support"]},
            {"mode": "order_no", "tokens": ["5512"]},
        ]}}),
    );
    let filters = tickets::ResponseFilters {
        created_from: Some(DateTime::new("2026-10-01").unwrap()),
        fields: Some(vec![tickets::ResponseField::PlainText]),
        ..Default::default()
    };
    let mut query = tickets::ResponsesQuery::new(filters);
    query.group_by = Some(tickets::GroupBy::Day);
    check_wire(
        &query,
        "tickets/responses/query",
        json!({"created_from": "2026-10-01", "fields": ["plain_text"], "group_by": "day"}),
    );
}

#[test]
fn restructuring() {
    check_wire(
        &tickets::Merge::new(number("481230"), number("481299")),
        "tickets/merge",
        json!({"ticket_number": "481230", "other_ticket_number": "481299"}),
    );
    check_wire(
        &tickets::ResponseMove::new(vec![3302.into()], number("481299")),
        "tickets/response-move",
        json!({"response_ids": [3302], "target_ticket_number": "481299"}),
    );
    check_wire(
        &tickets::Link::new(featured(), vec![number("481299")]),
        "tickets/link",
        json!({"ticket_number": "709383", "linked_ticket_numbers": ["481299"]}),
    );
}

#[test]
fn paths_take_their_parameters() {
    let rights = json!({
        "can_view": true,
        "can_manage": false,
        "can_delete": false,
        "treat_as_inbox": false,
        "receive_inbox_errors": false,
    });
    let prepare = |user: Value| {
        let mut fields = object(rights.clone());
        fields.extend(object(json!({"user": user, "queue": "3"})));
        api::find("administration", "users.queue_upsert")
            .unwrap()
            .prepare(fields)
    };
    let prepared = prepare(json!(12)).unwrap();
    assert_eq!(prepared.path, "administration/users/12/queues/3");
    assert_eq!(Value::Object(prepared.fields), rights);
    for bad in [json!(".."), json!(""), json!(null)] {
        prepare(bad).unwrap_err();
    }
}

#[test]
fn fields_by_name_take_the_form_of_the_wire_and_keep_what_is_unknown() {
    assert_eq!(
        prepared(
            "tickets.show",
            json!({"ticket_number": 709_383, "new_option": {"a": [1]}})
        ),
        json!({"ticket_number": "709383", "new_option": {"a": [1]}})
    );
    assert_eq!(
        prepared(
            "tickets.response_move",
            json!({"response_ids": ["1", 2], "target_ticket_number": 3})
        ),
        json!({"response_ids": [1, 2], "target_ticket_number": "3"})
    );
    let create = json!({
        "originator_email_address": "dana@customer.example.com",
        "is_public": false,
        "data": {"subject": "s", "content": "c", "priority": "urgent", "custom": 7},
    });
    assert_eq!(
        prepared("tickets.create", create)["data"],
        json!({"subject": "s", "content": "c", "priority": "40", "custom": 7})
    );
    let tokens =
        json!({"search_object": {"criteria": [{"mode": "ticket_number", "tokens": [1, "2"]}]}});
    assert_eq!(
        prepared("tickets.query", tokens),
        json!({"search_object": {"criteria": [{"mode": "ticket_number", "tokens": ["1", "2"]}]}})
    );
    assert_eq!(
        prepared("interventions.accept", json!({"uid": 4})),
        json!({"uid": 4})
    );
}

#[test]
fn broken_rules_are_told_as_problems() {
    let operation = api::named("tickets.delete").unwrap();
    let refused = operation
        .prepare(object(json!({"queue": "Inbox"})))
        .unwrap_err();
    let PrepareError::Problems(problems) = refused else {
        panic!("{refused}");
    };
    let fields: Vec<_> = problems
        .iter()
        .map(|problem| problem.field.as_ref())
        .collect();
    assert_eq!(fields, ["ticket_numbers, originator_email", "queue"]);
}
