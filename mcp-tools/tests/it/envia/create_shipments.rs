//! Creation, the rules that look at the shipment: statuses, validations, and where the shipment comes from.

use mcp_tools::ErrorKind::{Arguments, Upstream};
use sandbox::envia::FaultKind;
use serde_json::json;

use super::{
    World, boom,
    create_rules::{refusal, usable},
    draft,
};

const CREATE: &str = "create_ticket";
const NEW: u64 = 41;

#[tokio::test]
async fn rule_4_shipment_statuses_by_name() {
    let world = World::start().await;
    world.put_type(
        NEW,
        "odd",
        usable(json!({"conditions": {"avaliable_status": [3, 99]}})),
    );
    world.put_type(42, "no_conditions", usable(json!({"reference": "guide"})));
    world.put_shipment(900_500, "TST5", json!({"status_id": 98}));
    world.put_shipment(900_501, "TST6", json!({"status_id": null}));
    for (row, id, shipment, says) in [
        ("a status of the list", 3, 900_123, None),
        ("the last status of the list", 3, 900_131, None),
        (
            "another",
            3,
            900_127,
            Some("is Shipped; allowed: Delivered, Returned, Delivered at Origin;"),
        ),
        (
            "an unknown name of what is allowed",
            NEW,
            900_127,
            Some("is Shipped; allowed: Delivered, ID 99;"),
        ),
        (
            "an unknown name of what is found",
            NEW,
            900_500,
            Some("is ID 98; allowed: Delivered, ID 99;"),
        ),
        (
            "no status at all",
            NEW,
            900_501,
            Some("`shipment.status_id` is missing; allowed: Delivered, ID 99;"),
        ),
        ("an empty list restricts nothing", 15, 900_127, None),
        ("a missing list restricts nothing", 42, 900_127, None),
    ] {
        let found = refusal(&world, draft(id, json!({"shipment_id": shipment}))).await;
        match says {
            None => assert_eq!(found, None, "{row}"),
            Some(part) => assert!(
                found.as_ref().is_some_and(|text| text.contains(part)),
                "{row}: {found:?}"
            ),
        }
    }
    assert_eq!(world.count("catalog.shipment_statuses"), 1);
}

/// Without the catalogue of names the ids must do.
#[tokio::test]
async fn rule_4_shipment_statuses_without_names() {
    let world = World::failing("catalog.shipment_statuses", boom(500, "Internal", "x")).await;
    let wrong = draft(3, json!({"tracking_number": "TST0001112227"}));
    world
        .fails(
            CREATE,
            wrong,
            Arguments,
            &["is Shipped", "ID 3, ID 11, ID 13"],
        )
        .await;
}

#[tokio::test]
async fn rule_5_validations() {
    let world = World::start().await;
    world.put_shipment(
        900_500,
        "TST5",
        json!({"flag": true, "count": 12, "price": 120.5, "whole": 7.0, "text": " ground ", "number_as_text": "12",
            "nothing": null, "list": [1]}),
    );
    for (field, operator, value, holds) in [
        ("flag", "==", "1", true),
        ("flag", "==", "true", false),
        ("count", "==", "12", true),
        ("whole", "==", "7", true),
        ("text", "==", "ground", true),
        ("text", "!=", "ground", false),
        ("count", "!=", "13", true),
        ("count", ">", "9", true),
        ("number_as_text", ">", "9", true),
        ("count", ">", "12", false),
        ("count", ">=", "12", true),
        ("price", "<", "120.6", true),
        ("price", "<=", "120.5", true),
        ("price", "<=", "120.4", false),
        ("text", ">", "9", false),
        ("nothing", "!=", "1", false),
        ("absent", "!=", "1", false),
        ("list", "!=", "1", false),
        ("count", "in", "12", false),
        ("count", "=", "12", false),
    ] {
        let validation =
            json!({"type": "default", "field": field, "operator": operator, "value": value});
        world.put_type(
            NEW,
            "checked",
            usable(json!({"conditions": {"validations": [validation]}})),
        );
        // A new catalogue each time.
        let fresh = World::over_same(&world);
        let call = fresh.call(
            CREATE,
            draft(NEW, json!({"shipment_id": 900_500, "dry_run": true})),
        );
        let found = call.await;
        assert_eq!(
            found.is_ok(),
            holds,
            "{field} {operator} {value}: {found:?}"
        );
        if let Err(error) = found {
            assert_eq!(error.kind(), Arguments, "{error}");
            assert!(
                error.text().contains(&format!("`shipment.{field}`")),
                "{error}"
            );
        }
    }
    for broken in [
        json!({"type": "newer", "field": "count", "operator": "==", "value": "12"}),
        json!("count == 12"),
    ] {
        world.put_type(
            NEW,
            "checked",
            usable(json!({"conditions": {"validations": [broken]}})),
        );
        let fresh = World::over_same(&world);
        let with = draft(NEW, json!({"shipment_id": 900_500}));
        fresh
            .fails(CREATE, with, Arguments, &["hand over to a person"])
            .await;
    }
    world.wrote_nothing();
}

#[tokio::test]
async fn the_shipment_is_looked_up_only_where_it_is_needed() {
    for (row, id, more, lookups) in [
        (
            "no rule looks at it",
            9,
            json!({"variables": {"payment_method_id": 3}}),
            vec![],
        ),
        (
            "none, though a number is given",
            9,
            json!({"payment_method_id": 3, "tracking_number": "TST0001112223"}),
            vec![],
        ),
        (
            "a guide by its id is a shipment already",
            15,
            json!({"shipment_id": 900_123}),
            vec![],
        ),
        (
            "a guide by its number must become one",
            15,
            json!({"tracking_number": "TST0001112223"}),
            vec!["TST0001112223"],
        ),
        (
            "statuses and validations",
            3,
            json!({"tracking_number": "TST0001112223"}),
            vec!["TST0001112223"],
        ),
        (
            "by id before the number",
            3,
            json!({"shipment_id": 900_123, "tracking_number": "TST0001112223"}),
            vec!["900123"],
        ),
    ] {
        let world = World::start().await;
        assert_eq!(refusal(&world, draft(id, more)).await, None, "{row}");
        let mut expected = vec!["GET /catalog/ticket-types".to_owned()];
        expected.extend(
            lookups
                .iter()
                .map(|key| format!("GET /shipments/details/{key}")),
        );
        // Without a request to open it, an active ticket is looked for as well.
        let asked = world.asked();
        let before: Vec<String> = asked
            .into_iter()
            .filter(|request| !request.starts_with("GET /companies/tickets?"))
            .collect();
        assert_eq!(before, expected, "{row}");
    }
}

#[tokio::test]
async fn a_shipment_that_is_unknown_or_another_refuses() {
    let world = World::start().await;
    for (row, more, says) in [
        (
            "an unknown number",
            json!({"tracking_number": "NONE1"}),
            "`tracking_number` is NONE1: there is no such shipment",
        ),
        (
            "an unknown id",
            json!({"shipment_id": 1}),
            "`shipment_id` is 1: there is no such shipment",
        ),
        (
            "the two disagree",
            json!({"shipment_id": 900_123, "tracking_number": "TST0001112231"}),
            "`tracking_number` is TST0001112231; allowed: TST0001112223",
        ),
    ] {
        let text = refusal(&world, draft(3, more)).await.unwrap_or_default();
        assert!(
            text.contains(says) && text.contains("1 rule is broken"),
            "{row}: {text}"
        );
    }
    world.wrote_nothing();
}

#[tokio::test]
async fn a_failing_lookup_opens_nothing() {
    for fault in [
        boom(500, "Internal Server Error", "x"),
        FaultKind::DropBeforeEffect,
        FaultKind::Html { status: 502 },
    ] {
        let world = World::failing("shipments.show", fault).await;
        let sound = draft(3, json!({"tracking_number": "TST0001112231"}));
        world
            .fails(
                CREATE,
                sound,
                Upstream,
                &["shipments.show", "No ticket was opened"],
            )
            .await;
        world.wrote_nothing();
    }
}

#[tokio::test]
async fn blanks_around_a_tracking_number_are_left_out() {
    let world = World::start().await;
    let copied = draft(4, json!({"tracking_number": " TST0001112228\n"}));
    let opened = world.works(CREATE, copied).await;
    assert_eq!(world.asked()[1], "GET /shipments/details/TST0001112228");
    assert_eq!(
        world.body("tickets.create")["tracking_number"],
        "TST0001112228"
    );
    assert_eq!(opened["tracking_number"], "TST0001112228");
    let found = world
        .works(
            "list_tickets",
            json!({"tracking_number": " TST0001112228 "}),
        )
        .await;
    assert_eq!(found["tickets"][0]["id"], opened["ticket_id"]);
}
