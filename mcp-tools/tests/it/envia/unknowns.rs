//! What no document settles: for each point, by its number, the choice that was made. Numbers 14 to 16 are with the
//! activity log; number 17, the path of the HTTP transport and its key, belongs to the server.

use std::time::Duration;

use envia_client::cache::TTL;
use mcp_tools::{
    ErrorKind::{Arguments, Denied},
    audit::Outcome,
};
use sandbox::envia::{CreatedForm, RecordForm};
use serde_json::{Value, json};

use super::{World, activity_log::log, boom, draft, file, resources::aging};

fn pending() -> Value {
    draft(9, json!({"payment_method_id": 3}))
}

#[tokio::test]
async fn unknown_1_rules_are_kept_for_twelve_hours() {
    let (world, hand) = aging().await;
    assert_eq!(TTL, Duration::from_secs(43_200));
    for (pass, fetched) in [(0, 1), (43_199, 1), (1, 2)] {
        hand.pass(Duration::from_secs(pass));
        world.works("get_ticket_types", json!({})).await;
        assert_eq!(world.count("catalog.ticket_types"), fetched, "{pass}");
    }
}

/// A whole life of a ticket, under every wrapper that the neighbours use.
#[tokio::test]
async fn unknown_2_wrappers_of_answers() {
    for record in [RecordForm::Data, RecordForm::Bare, RecordForm::List] {
        for created in [CreatedForm::Bare, CreatedForm::Data, CreatedForm::Created] {
            for loose in [false, true] {
                let world = World::start().await;
                world.sandbox.change_switches(|switches| {
                    switches.record = record;
                    switches.created = created;
                    switches.bare_lists = loose;
                    switches.success_flag = loose;
                    switches.ids_as_strings = loose;
                    switches.strict_signature = true;
                });
                life(&world).await;
            }
        }
    }
}

/// Opens, finds, reads and moves a ticket; everything must be understood.
async fn life(world: &World) {
    let types = world
        .works("get_ticket_types", json!({"type_name": "overweight"}))
        .await;
    assert_eq!(types["id"], 3);
    let whole = draft(
        3,
        json!({"tracking_number": "TST0001112231", "amount": 5.0, "comments": "Peso «ñ» / \"cobrado\"\n",
        "variables": {"weight": 2.0, "note": "\u{1}€"}, "files": [file("a.png")]}),
    );
    let opened = world.works("create_ticket", whole).await;
    assert_eq!(
        (&opened["ticket_id"], &opened["shipment_id"]),
        (&json!(58231), &json!(900_131))
    );
    assert_eq!(opened["files"][0]["ok"], true, "{opened}");
    let found = world
        .works("list_tickets", json!({"tracking_number": "TST0001112231"}))
        .await;
    assert_eq!(found["tickets"][0]["id"], 58231);
    let moved = json!({"ticket_id": 58231, "status_id": 10, "comment": "Revisar"});
    world.works("update_ticket", moved).await;
    let shown = world.works("get_ticket", json!({"ticket_id": 58231})).await;
    assert_eq!(shown["ticket_status_id"], 10);
    assert_eq!(
        shown["ticket_variables"],
        json!({"weight_in_kg": 2, "note": {"untrusted_from_outside": "⟦U+0001⟧€"}, "amount_in_mxn": 5})
    );
    let closed = json!({"ticket_id": 58231, "status_id": 2, "comment": "Procede"});
    world.works("update_ticket", closed).await;
}

#[tokio::test]
async fn unknown_3_the_comment_of_a_change_is_sent_as_comment() {
    let world = World::start().await;
    world
        .works(
            "update_ticket",
            json!({"ticket_id": 58201, "comment": "Sigue"}),
        )
        .await;
    assert_eq!(world.body("tickets.update"), json!({"comment": "Sigue"}));
    let thread = world.sandbox.ticket(58201).unwrap()["allComments"].clone();
    assert_eq!(
        thread.as_array().unwrap().last().unwrap()["description"],
        "Sigue"
    );
}

#[tokio::test]
async fn unknown_4_files_go_to_the_tickets_own_path() {
    let world = World::start().await;
    world
        .works(
            "update_ticket",
            json!({"ticket_id": 58201, "company_id": 4410, "files": [file("a.png")]}),
        )
        .await;
    assert_eq!(world.asked(), ["POST /companies/tickets/58201/files"]);
    assert_eq!(
        world.body("tickets.upload"),
        json!({"company_id": 4410, "name": "a.png", "content_base64": super::PNG, "content_type": "image/png"})
    );
}

#[tokio::test]
async fn unknown_5_every_request_is_signed() {
    let world = World::start().await;
    world
        .sandbox
        .change_switches(|switches| switches.strict_signature = true);
    life(&world).await;
    log(&world, Outcome::Success, None).await;
    let log = world.sandbox.log();
    assert!(log.len() >= 9, "{:?}", world.asked());
    for entry in log {
        let signature = entry.headers.get("x-bot-ai-signature").unwrap();
        assert_eq!(signature.len(), 64, "{}", entry.path);
        assert!(
            entry.status.is_some_and(|status| status < 300),
            "{}",
            entry.path
        );
    }
}

#[tokio::test]
async fn unknown_6_variables_travel_as_text_and_the_amount_also_beside_it() {
    let world = World::start().await;
    let credit = draft(
        24,
        json!({"credit_id": 3302, "amount": 100.0, "variables": {"reason": "doble"}}),
    );
    world.works("create_ticket", credit).await;
    let body = world.body("tickets.create");
    assert_eq!(body["amount"], 100);
    let data: Value = serde_json::from_str(body["data"].as_str().unwrap()).unwrap();
    assert_eq!(data, json!({"reason": "doble", "amount": 100}));
}

#[tokio::test]
async fn unknown_7_a_credit_is_an_optional_input() {
    let world = World::start().await;
    world
        .works("create_ticket", draft(16, json!({"credit_id": 3301})))
        .await;
    assert_eq!(world.body("tickets.create")["credit_id"], 3301);
    world
        .fails(
            "create_ticket",
            draft(16, json!({})),
            Arguments,
            &["`credit_id` is missing"],
        )
        .await;
}

#[tokio::test]
async fn unknown_8_shipments_are_read_by_id_or_tracking_number() {
    for (named, path) in [
        (
            json!({"tracking_number": "TST0001112228"}),
            "GET /shipments/details/TST0001112228",
        ),
        (
            json!({"shipment_id": 900_128}),
            "GET /shipments/details/900128",
        ),
    ] {
        let world = World::start().await;
        world.works("create_ticket", draft(4, named)).await;
        assert_eq!(world.asked()[1], path);
        assert_eq!(world.body("tickets.create")["shipment_id"], 900_128);
    }
}

#[tokio::test]
async fn unknown_9_values_compare_as_text_and_unknown_operators_refuse() {
    for (operator, value, passes) in [("==", "1", true), ("==", "1.0", false), ("~", "1", false)] {
        let world = World::start().await;
        world.put_shipment(900_500, "TST5", json!({"flag": true}));
        let check =
            json!({"type": "default", "field": "flag", "operator": operator, "value": value});
        world.put_type(
            41,
            "checked",
            json!({"mcp_context": {}, "conditions": {"validations": [check]}}),
        );
        let tried = world
            .call("create_ticket", draft(41, json!({"shipment_id": 900_500})))
            .await;
        assert_eq!(tried.is_ok(), passes, "{operator} {value}: {tried:?}");
    }
}

/// No id or name of a type is built in: what the catalogue says counts.
#[tokio::test]
async fn unknown_10_ids_and_names_of_types_are_data() {
    let world = World::start().await;
    world.put_type(
        11,
        "renamed",
        json!({"mcp_context": {"use_case": "Something else"}}),
    );
    world.put_type(
        777,
        "new_one",
        json!({"mcp_context": {"use_case": "Later"}}),
    );
    world.put_type(9, "internal_now", json!({}));
    let listed = world.works("get_ticket_types", json!({})).await.to_string();
    assert!(
        listed.contains("\"renamed\"") && listed.contains("\"new_one\""),
        "{listed}"
    );
    assert!(
        !listed.contains("internal_now") && !listed.contains("type_2"),
        "{listed}"
    );
    world.works("create_ticket", draft(777, json!({}))).await;
    world.works("create_ticket", draft(11, json!({}))).await;
    world
        .fails("create_ticket", pending(), Denied, &["9 (internal)"])
        .await;
}

#[tokio::test]
async fn unknown_11_names_of_shipment_statuses_are_data() {
    let names = json!({"data": [{"id": 3, "name": "Entregado"}, {"id": 77, "name": "Otro"}]});
    let world = World::failing("catalog.shipment_statuses", super::answers(200, &names)).await;
    let rows = world
        .registry
        .read("shipments://statuses", &world.context())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(rows, mcp_tools::Content::Json(names["data"].clone()));
    let wrong = draft(3, json!({"shipment_id": 900_127}));
    world
        .fails(
            "create_ticket",
            wrong,
            Arguments,
            &["allowed: Entregado, ID 11, ID 13"],
        )
        .await;
}

/// The whole table is held by the tests of `get_ticket`.
#[tokio::test]
async fn unknown_12_units_of_a_ticket() {
    let world = World::start().await;
    let line = world.works("get_ticket", json!({"ticket_id": 58209})).await;
    assert_eq!(
        line["ticket_variables"],
        json!({"amount_in_mxn": 50000, "term_in_days": 30, "documents": [1, 2]})
    );
}

#[tokio::test]
async fn unknown_13_a_reason_is_an_id_or_a_text() {
    for reason in [json!(4), json!("fuera de plazo"), json!("4")] {
        let world = World::start().await;
        let declined =
            json!({"ticket_id": 58201, "status_id": 3, "comment": "No", "reason_decline": reason});
        world.works("update_ticket", declined).await;
        assert_eq!(world.body("tickets.update")["reason_decline"], reason);
        let shown = world.works("get_ticket", json!({"ticket_id": 58201})).await;
        assert_eq!(shown["reason_decline"], reason);
    }
}

#[tokio::test]
async fn unknown_18_the_standing_is_passed_through() {
    let world = World::start().await;
    for sla in [0, 1, 2] {
        world.sandbox.set_sla(58201, Some(sla));
        let found = world
            .works("list_tickets", json!({"ticket_id": 58201, "sla": sla}))
            .await;
        assert_eq!(found["tickets"][0]["sla"], sla);
    }
}

#[tokio::test]
async fn unknown_19_limits_are_data() {
    let claim = json!({"ticket_id": 58201, "status_id": 10, "comment": "x"});
    for (limit, passes) in [(1449.99, false), (1450.0, true), (1_000_000.0, true)] {
        let world = World::start().await;
        world.put_type(
            5,
            "damaged",
            json!({"mcp_context": {"amount_limit_mxn": limit}}),
        );
        let told = world.works("get_ticket_types", json!({"type_id": 5})).await;
        assert_eq!(told["amount_limit_mxn"], limit);
        assert_eq!(
            world.call("update_ticket", claim.clone()).await.is_ok(),
            passes,
            "{limit}"
        );
    }
}

#[tokio::test]
async fn unknown_20_equal_passes_absent_passes_and_no_number_refuses() {
    let world = World::start().await;
    for (ticket, passes) in [(58214, true), (58217, true), (58216, false)] {
        let claim = json!({"ticket_id": ticket, "status_id": 10, "comment": "x"});
        assert_eq!(
            world.call("update_ticket", claim).await.is_ok(),
            passes,
            "{ticket}"
        );
    }
}

/// That 10 MiB pass and more does not is held by the tests of files.
#[tokio::test]
async fn unknown_21_a_smaller_limit_of_the_back_office_is_told() {
    let world = World::failing("tickets.upload", boom(413, "Request Entity Too Large", "x")).await;
    let mut whole = pending();
    whole["files"] = json!([file("a.png")]);
    let opened = world.works("create_ticket", whole).await;
    assert!(
        opened["files"][0]["error"]
            .as_str()
            .unwrap()
            .contains("smaller file"),
        "{opened}"
    );
}

#[tokio::test]
async fn unknown_22_inactive_types_are_hidden_and_refused() {
    let world = World::start().await;
    let listed = world.works("get_ticket_types", json!({})).await.to_string();
    assert!(!listed.contains("\"partners\""), "{listed}");
    world
        .fails(
            "get_ticket_types",
            json!({"type_id": 17}),
            Denied,
            &["not available"],
        )
        .await;
    world
        .fails(
            "create_ticket",
            draft(17, json!({})),
            Denied,
            &["17 (inactive)"],
        )
        .await;
    world.wrote_nothing();
}

#[tokio::test]
async fn unknown_23_created_is_told_by_200_and_201() {
    for form in [CreatedForm::Bare, CreatedForm::Created] {
        let world = World::start().await;
        world
            .sandbox
            .change_switches(|switches| switches.created = form);
        let opened = world.works("create_ticket", pending()).await;
        assert_eq!(opened["ticket_id"], 58231);
        let status = if form == CreatedForm::Created {
            201
        } else {
            200
        };
        assert_eq!(world.sandbox.log().last().unwrap().status, Some(status));
    }
}
