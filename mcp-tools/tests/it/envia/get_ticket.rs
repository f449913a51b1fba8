//! `get_ticket`: units in the names of variables, forms of the record, and the ways of "not found".

use mcp_tools::ErrorKind::{Arguments, NotFound};
use sandbox::envia::{NotFound as Absent, RecordForm, VariablesForm};
use serde_json::{Value, json};

use super::{World, answers};

const GET: &str = "get_ticket";

/// What the variables of a ticket read as.
async fn shown(variables: Value) -> Value {
    let ticket = json!({"data": {"id": 7, "ticket_variables": variables}});
    let world = World::failing("tickets.show", answers(200, &ticket)).await;
    world.works(GET, json!({"ticket_id": 7})).await["ticket_variables"].clone()
}

#[tokio::test]
async fn the_table_of_units() {
    for (name, becomes) in [
        ("days", "term_in_days"),
        ("amount", "amount_in_mxn"),
        ("declared_value", "declared_value_in_mxn"),
        ("weight", "weight_in_kg"),
        ("real_weight", "real_weight_in_kg"),
        ("length", "length_in_cm"),
        ("width", "width_in_cm"),
        ("height", "height_in_cm"),
        ("months", "term_in_months"),
        ("hours", "term_in_hours"),
        ("payment_method_id", "payment_method_id"),
        ("Amount", "Amount"),
        ("amounts", "amounts"),
    ] {
        for value in [
            json!(30),
            json!("30"),
            json!(null),
            json!({"amount": 1, "days": 2}),
        ] {
            let renamed = shown(json!({name: value})).await;
            assert_eq!(renamed, json!({becomes: value}), "{name}");
        }
    }
}

#[tokio::test]
async fn rules_of_renaming() {
    for (row, variables, expected) in [
        (
            "a name that is taken leaves both",
            json!({"amount": 1, "amount_in_mxn": 2}),
            json!({"amount": 1, "amount_in_mxn": 2}),
        ),
        (
            "only that one",
            json!({"amount": 1, "amount_in_mxn": 2, "days": 3}),
            json!({"amount": 1, "amount_in_mxn": 2, "term_in_days": 3}),
        ),
        (
            "the top level alone",
            json!({"box": {"weight": 1}, "list": [{"days": 1}]}),
            json!({"box": {"weight": 1}, "list": [{"days": 1}]}),
        ),
        (
            "all at once, in their order",
            json!({"z": 1, "height": 2, "a": 3}),
            json!({"z": 1, "height_in_cm": 2, "a": 3}),
        ),
    ] {
        let renamed = shown(variables).await;
        assert_eq!(renamed.to_string(), expected.to_string(), "{row}");
    }
}

#[tokio::test]
async fn every_form_of_the_variables() {
    let some = json!({"amount_in_mxn": 5, "term_in_days": 30});
    for (row, form, expected) in [
        ("object", json!({"amount": 5, "days": 30}), &some),
        ("text", json!("{\"amount\": 5, \"days\": 30}"), &some),
        (
            "text in text",
            json!("\"{\\\"amount\\\": 5, \\\"days\\\": 30}\""),
            &some,
        ),
        ("null", json!(null), &json!({})),
        ("an empty list", json!([]), &json!({})),
        ("an empty text", json!(""), &json!({})),
    ] {
        assert_eq!(shown(form).await, *expected, "{row}");
    }
    for form in [
        VariablesForm::Object,
        VariablesForm::Text,
        VariablesForm::OrNull,
        VariablesForm::OrEmptyList,
        VariablesForm::OrEmptyText,
    ] {
        let world = World::start().await;
        world
            .sandbox
            .change_switches(|switches| switches.ticket_variables = form);
        let full = world.works(GET, json!({"ticket_id": 58218})).await;
        assert_eq!(
            full["ticket_variables"],
            json!({"amount_in_mxn": 700, "weight_in_kg": 1.5, "length_in_cm": 30}),
            "{form:?}"
        );
        let none = world.works(GET, json!({"ticket_id": 58217})).await;
        assert_eq!(none["ticket_variables"], json!({}), "{form:?}");
    }
    let ticket = json!({"id": 7, "ticket_variables": "amount=5"});
    let world = World::failing("tickets.show", answers(200, &ticket)).await;
    let odd = world.works(GET, json!({"ticket_id": 7})).await;
    assert!(
        odd["note"].as_str().unwrap().contains("a person must look"),
        "{odd}"
    );
}

#[tokio::test]
async fn every_form_of_the_record() {
    for form in [RecordForm::Data, RecordForm::Bare, RecordForm::List] {
        for as_text in [false, true] {
            let world = World::start().await;
            world.sandbox.change_switches(|switches| {
                switches.record = form;
                switches.ids_as_strings = as_text;
            });
            let ticket = world.works(GET, json!({"ticket_id": "58202"})).await;
            for (key, value) in [
                ("id", json!(58202)),
                ("company_id", json!(4410)),
                ("shipment_id", json!(900_123)),
                ("tracking_number", json!("TST0001112223")),
                ("ticket_type_id", json!(3)),
                ("ticket_type_name", json!("overweight")),
                ("ticket_status_id", json!(2)),
                ("ticket_status_name", json!("accepted")),
                (
                    "comments",
                    json!({"untrusted_from_outside": "Peso cobrado de más"}),
                ),
                ("ticket_variables", json!({"amount_in_mxn": 180.5})),
            ] {
                assert_eq!(
                    ticket[key], value,
                    "{key} in {form:?}, ids as text: {as_text}"
                );
            }
            assert_eq!(
                ticket["allComments"].as_array().unwrap().len(),
                2,
                "{ticket}"
            );
            assert_eq!(world.asked(), ["GET /companies/tickets/58202"]);
        }
    }
}

#[tokio::test]
async fn three_ways_of_not_found() {
    for way in [Absent::Status404, Absent::Status400, Absent::EmptyData] {
        let world = World::start().await;
        world
            .sandbox
            .change_switches(|switches| switches.not_found = way);
        let says = ["There is no such ticket", "list_tickets"];
        world
            .fails(GET, json!({"ticket_id": 1}), NotFound, &says)
            .await;
        assert_eq!(world.asked(), ["GET /companies/tickets/1"], "{way:?}");
    }
}

#[tokio::test]
async fn a_ticket_that_is_no_id() {
    let world = World::start().await;
    for wrong in [
        json!({}),
        json!({"ticket_id": 0}),
        json!({"ticket_id": -1}),
        json!({"ticket_id": "TST1"}),
        json!({"ticket_id": 1.5}),
    ] {
        world.fails(GET, wrong, Arguments, &["`ticket_id`"]).await;
    }
    assert!(world.asked().is_empty());
}
