use api_core::Endpoint;
use serde_json::{Value, json};

use super::*;
use crate::{
    statuses::TicketStatus,
    types::{Amount, Date, FileContent, FileType, International, One, Page, Sla},
};

fn check_wire<E: Endpoint>(request: &E, path: &str, body: &Value) {
    assert_eq!(request.problems(), [], "{path}");
    assert_eq!(request.path().unwrap(), path);
    assert_eq!(&serde_json::to_value(request).unwrap(), body, "{path}");
}

fn check_refused<E: Endpoint>(request: &E, fields: &[&str]) {
    let problems = request.problems();
    let found: Vec<&str> = problems
        .iter()
        .map(|problem| problem.field.as_ref())
        .collect();
    assert_eq!(found, fields, "{problems:?}");
}

fn read<T: serde::de::DeserializeOwned>(answer: Value) -> T {
    serde_json::from_value(answer).unwrap()
}

#[test]
fn create_sends_variables_as_text_and_the_amount_twice() {
    let mut request = Create::new(4410, 5, "Caja golpeada");
    let bare = json!({"company_id": 4410, "type": 5, "comments": "Caja golpeada"});
    check_wire(&request, "companies/tickets", &bare);
    request.shipment_id = Some(900_123.into());
    request.amount = Some(Amount::new(5.0).unwrap());
    request.variables = read(json!({"days": 3.0, "reason": "roto"}));
    check_wire(
        &request,
        "companies/tickets",
        &json!({"company_id": 4410, "type": 5, "comments": "Caja golpeada", "shipment_id": 900_123,
            "amount": 5, "data": "{\"days\":3,\"reason\":\"roto\",\"amount\":5}"}),
    );
    request.variables = read(json!({"amount": "5"}));
    assert_eq!(request.problems(), []);
    request.amount = None;
    assert_eq!(serde_json::to_value(&request).unwrap()["amount"], 5);
}

#[test]
fn create_refuses_what_contradicts_itself() {
    let mut request = Create::new(0, 5, " ");
    request.tracking_number = Some(String::new());
    request.amount = Some(Amount::new(5.0).unwrap());
    request.variables = read(json!({"amount": 6}));
    let fields = ["company_id", "comments", "tracking_number", "amount"];
    check_refused(&request, &fields);
    let draft: Create =
        read(json!({"company_id": "4410", "type": 5, "comments": "x", "data": "{\"days\": 1}"}));
    assert_eq!(Value::Object(draft.variables), json!({"days": 1}));
    let broken = json!({"company_id": 1, "type": 5, "comments": "x", "data": "days: 1"});
    assert!(serde_json::from_value::<Create>(broken).is_err());
}

#[test]
fn created_in_every_wrapper() {
    for answer in [
        json!({"id": 58231}),
        json!({"id": "58231"}),
        json!({"data": {"id": 58231}}),
        json!({"data": [{"id": 58231}]}),
        json!({"success": true, "data": {"ticket_id": 58231}}),
    ] {
        assert_eq!(
            read::<Created>(answer.clone()).ticket_id.get(),
            58231,
            "{answer}"
        );
    }
    for answer in [
        json!({"data": true}),
        json!({"id": 0}),
        json!({"data": {"id": "0"}}),
        json!(0),
        json!(true),
        json!({"success": false, "data": {"id": 5}}),
    ] {
        let read = serde_json::from_value::<Created>(answer.clone());
        assert!(read.is_err(), "{answer}");
    }
}

#[test]
fn list_sends_all_thirteen_filters_and_zero_too() {
    check_wire(
        &List::default(),
        "companies/tickets",
        &json!({"start": 0, "length": 10}),
    );
    let all = json!({
        "company_id": 4410, "ticket_id": 58231, "tracking_number": "TST0001112223",
        "ticket_type": "overweight", "ticket_status": "in_review", "carrier": "dhl",
        "shipment_type": 1, "international": 0, "sla": 0,
        "created_start_date": "2026-02-01", "created_end_date": "2026-02-03",
        "start": 20, "length": 100});
    assert_eq!(all.as_object().unwrap().len(), 13);
    let request = List {
        international: Some(International::Domestic),
        sla: Some(Sla::OnTime),
        ticket_status: Some(TicketStatus::InReview),
        ..read(all.clone())
    };
    check_wire(&request, "companies/tickets", &all);
}

#[test]
fn list_refuses_what_has_no_page() {
    let request = List {
        created_start_date: Some(Date::new("2026-02-04").unwrap()),
        created_end_date: Some(Date::new("2026-02-03").unwrap()),
        carrier: Some(" ".into()),
        length: 101,
        ..List::default()
    };
    check_refused(
        &request,
        &["carrier", "created_start_date, created_end_date", "length"],
    );
    let page: Page<Row> = read(
        json!({"data": [{"id": "7", "sla": "2", "ticket_status_id": 99, "x": 1}], "total_rows": "1"}),
    );
    let row = &page.rows[0];
    assert_eq!(
        (row.id.get(), row.sla, row.ticket_status_id),
        (7, Some(Sla::Overdue), None)
    );
    assert_eq!((page.total, &row.extra["x"]), (Some(1), &json!(1)));
}

#[test]
fn a_ticket_is_read_however_it_is_wrapped() {
    let ticket = json!({"id": "58231", "ticket_type_id": "5", "ticket_status_id": 1,
        "ticket_variables": "{\"amount\":\"1450.00\"}", "reason_decline": null,
        "files": [{"id": "9001", "name": "foto1.jpg"}, 3], "allComments": [{"id": 1, "type": "client"}]});
    for answer in [
        ticket.clone(),
        json!({"data": ticket}),
        json!({"data": [ticket]}),
    ] {
        let One(ticket) = read::<One<Ticket>>(answer);
        assert_eq!(ticket.ticket_variables.values["amount"], "1450.00");
        assert_eq!((ticket.files.len(), ticket.comments_list.len()), (1, 1));
        assert_eq!(ticket.ticket_status_id, Some(TicketStatus::Pending));
    }
    let One(other) =
        read::<One<Ticket>>(json!({"id": 7, "ticket_variables": [], "data": "{\"amount\":5}"}));
    assert_eq!(other.variables().values["amount"], 5);
    check_wire(&Show::new(58231), "companies/tickets/58231", &json!({}));
}

#[test]
fn update_sends_what_is_given() {
    let mut request = Update::new(58231);
    check_refused(&request, &["ticket_id"]);
    request.status_id = Some(TicketStatus::Declined);
    request.comment = Some("Sin evidencia".into());
    request.reason_decline = Some(json!(4.0));
    check_wire(
        &request,
        "companies/tickets/58231",
        &json!({"status_id": 3, "comment": "Sin evidencia", "reason_decline": 4}),
    );
    request.reason_decline = Some(json!([]));
    request.comment = Some(String::new());
    check_refused(&request, &["comment", "reason_decline"]);
}

#[test]
fn upload_sends_base64() {
    let mut request = Upload {
        ticket_id: 58231.into(),
        company_id: 4410.into(),
        name: "foto1.jpg".into(),
        content_base64: FileContent::new("hola"),
        content_type: FileType::Jpeg,
        description: None,
    };
    check_wire(
        &request,
        "companies/tickets/58231/files",
        &json!({"company_id": 4410, "name": "foto1.jpg", "content_base64": "aG9sYQ==", "content_type": "image/jpeg"}),
    );
    request.content_base64 = FileContent::new("");
    request.name.clear();
    check_refused(&request, &["name", "content_base64"]);
    let file = json!({"id": 9001, "name": "foto1.jpg", "url": "https://files.example.test/9001"});
    for answer in [file.clone(), json!({"success": true, "data": file})] {
        assert_eq!(read::<Uploaded>(answer).id.unwrap().get(), 9001);
    }
    for answer in [json!(null), json!(true), json!({}), json!({"id": 0})] {
        assert_eq!(
            read::<Uploaded>(answer.clone()),
            Uploaded::default(),
            "{answer}"
        );
    }
    for answer in [
        json!("saved"),
        json!([{"id": 9001}]),
        json!(0),
        json!({"success": false, "data": {"id": 9001}}),
    ] {
        let read = serde_json::from_value::<Uploaded>(answer.clone());
        assert!(read.is_err(), "{answer}");
    }
}
