//! `get_ticket_types`: which types are shown, how one is found, and what is told of it.

use mcp_tools::ErrorKind;
use sandbox::envia::Envia as Sandbox;
use serde_json::{Value, json};

use super::{World, draft};

const TYPES: &str = "get_ticket_types";
/// Types of the demo data that agents may use.
const AVAILABLE: [u64; 17] = [1, 3, 4, 5, 6, 7, 8, 9, 11, 12, 14, 15, 16, 18, 19, 24, 25];
/// Types that they may not, with words of their rules that nobody may read.
const EXCLUDED: [(u64, &str, &[&str]); 8] = [
    (10, "pobox_package_pending", &["package_name", "PO box"]),
    (2, "carrier", &["carrier_id"]),
    (22, "rating_tickets", &[]),
    (13, "theft", &["avaliable_status"]),
    (17, "partners", &["partner programme"]),
    (20, "type_20", &[]),
    (21, "type_21", &[]),
    (23, "type_23", &[]),
];

#[tokio::test]
async fn list_mode_shows_the_available_types_with_the_documented_fields() {
    let world = World::start().await;
    let answer = world.works(TYPES, json!({})).await;
    let rows = answer["types"].as_array().unwrap();
    let ids: Vec<u64> = rows.iter().map(|row| row["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, AVAILABLE);
    for row in rows {
        let keys: Vec<&String> = row.as_object().unwrap().keys().collect();
        let documented = ["id", "name", "description", "use_case", "requires_guide"];
        assert_eq!(keys, documented, "{row}");
        assert!(!row["use_case"].as_str().unwrap().is_empty(), "{row}");
    }
    assert_eq!(
        rows[1],
        json!({"id": 3, "name": "overweight", "description": "Overweight", "requires_guide": true,
            "use_case": "The customer disputes a weight surcharge on a finished shipment."})
    );
    let text = answer.to_string();
    for (_, name, secrets) in EXCLUDED {
        assert!(!text.contains(&format!("\"{name}\"")), "{name}");
        for secret in secrets {
            assert!(!text.contains(secret), "{secret}");
        }
    }
    assert_eq!(world.asked(), ["GET /catalog/ticket-types"]);
}

#[tokio::test]
async fn the_catalogue_is_fetched_once() {
    let world = World::start().await;
    for arguments in [
        json!({}),
        json!({"type_id": 9}),
        json!({"type_name": "lost"}),
    ] {
        world.works(TYPES, arguments).await;
    }
    let nine = draft(9, json!({"payment_method_id": 3, "dry_run": true}));
    world.works("create_ticket", nine).await;
    assert_eq!(world.count("catalog.ticket_types"), 1);
    assert_eq!(world.count("catalog.shipment_statuses"), 1);
}

#[tokio::test]
async fn one_type_by_id_by_name_and_by_a_word() {
    let world = World::start().await;
    for (case, arguments, found) in [
        ("by id", json!({"type_id": 5}), 5),
        ("id as text", json!({"type_id": "5"}), 5),
        ("exact name", json!({"type_name": "refund"}), 7),
        (
            "exact name before a part of an earlier one",
            json!({"type_name": "credit"}),
            16,
        ),
        (
            "exact name in capitals",
            json!({"type_name": " DAMAGED "}),
            5,
        ),
        ("part of a name", json!({"type_name": "overw"}), 3),
        (
            "a part of an excluded type alone",
            json!({"type_name": "po box package missing"}),
            0,
        ),
        (
            "an excluded name that stands in another's text",
            json!({"type_name": "carrier"}),
            0,
        ),
        (
            "a word of the description",
            json!({"type_name": "delayed"}),
            8,
        ),
        (
            "a word of the use case",
            json!({"type_name": "nobody came"}),
            25,
        ),
        ("the first of several", json!({"type_name": "refun"}), 7),
        (
            "id before name",
            json!({"type_id": 4, "type_name": "damaged"}),
            4,
        ),
        (
            "the name where the id does not exist",
            json!({"type_id": 999, "type_name": "damaged"}),
            5,
        ),
    ] {
        let answer = world.call(TYPES, arguments).await;
        let id = answer.ok().and_then(|answer| answer["id"].as_u64());
        assert_eq!(id.unwrap_or_default(), found, "{case}");
    }
}

#[tokio::test]
async fn detail_mode_tells_what_a_type_needs() {
    let world = World::start().await;
    let damaged = world.works(TYPES, json!({"type_id": 5})).await;
    for (key, value) in [
        ("id", json!(5)),
        ("name", json!("damaged")),
        ("requires_guide", json!(true)),
        ("requires_credit_id", json!(false)),
        ("amount_limit_mxn", json!(5000)),
        ("requires", json!("guide")),
        ("required_variables", json!([])),
        (
            "optional_variables",
            json!([{"name": "amount", "type": "number"}, {"name": "declared_value", "type": "number"}]),
        ),
        (
            "agent_notes",
            json!([
                "Ask for photos of the outside and of the contents.",
                "Never promise a refund."
            ]),
        ),
        (
            "required_files",
            json!([{"name": "Fotografía del paquete", "description": "package-evidence"}]),
        ),
        (
            "eligible_shipment_statuses",
            json!([
            {"id": 3, "name": "Delivered"}, {"id": 13, "name": "Delivered at Origin"}, {"id": 15, "name": "Damaged"}]),
        ),
        (
            "comment_template",
            json!(["ticket-damaged-what", "ticket-damaged-when"]),
        ),
    ] {
        assert_eq!(damaged[key], value, "{key}");
    }
    let lost = world.works(TYPES, json!({"type_id": 4})).await;
    assert_eq!(
        lost["agent_notes"],
        json!(["Confirm with the customer that nobody at the address has received the package."]),
        "notes that are one text"
    );
    let pending = world.works(TYPES, json!({"type_id": 9})).await;
    assert_eq!(
        pending["required_variables"],
        json!([{"name": "payment_method_id", "type": "string (select)", "label": "payment-method"}])
    );
    assert!(pending.get("amount_limit_mxn").is_none(), "{pending}");
    assert!(pending.get("requires").is_none(), "{pending}");
    let wrong = world.works(TYPES, json!({"type_id": 6})).await;
    assert_eq!(
        wrong["optional_variables"],
        json!([]),
        "inputs without a name"
    );
    let moved = world.works(TYPES, json!({"type_id": 14})).await;
    assert_eq!(moved["optional_variables"][0]["type"], "string (email)");
    assert_eq!(
        moved["shipment_conditions"],
        json!(["shipment.international != 1"])
    );
    let refund = world.works(TYPES, json!({"type_id": 24})).await;
    assert_eq!(refund["requires_credit_id"], true);
    assert_eq!(
        refund["required_variables"],
        json!([{"name": "amount", "type": "number"}])
    );
}

#[tokio::test]
async fn excluded_types_never_leak_their_rules() {
    let world = World::start().await;
    for (id, name, secrets) in EXCLUDED {
        let says: &[&str] = &["not available", "get_ticket_types without arguments"];
        let by_id = world
            .fails(TYPES, json!({"type_id": id}), ErrorKind::Denied, says)
            .await;
        let by_name = world
            .fails(TYPES, json!({"type_name": name}), ErrorKind::Denied, says)
            .await;
        let both = json!({"type_id": id, "type_name": "damaged"});
        let both = world.fails(TYPES, both, ErrorKind::Denied, &[]).await;
        let created = draft(id, json!({"tracking_number": "TST0001112223"}));
        let created = world
            .fails("create_ticket", created, ErrorKind::Denied, &[])
            .await;
        for text in [by_id, by_name, both, created] {
            for secret in secrets {
                assert!(!text.contains(secret), "{id}: `{secret}` in: {text}");
            }
        }
    }
    let says: &[&str] = &[
        "no available ticket type",
        "get_ticket_types without arguments",
    ];
    for secret in ["package_name", "partner programme", "pobox"] {
        world
            .fails(
                TYPES,
                json!({"type_name": secret}),
                ErrorKind::NotFound,
                says,
            )
            .await;
    }
    world
        .fails(TYPES, json!({"type_id": 99}), ErrorKind::NotFound, &["99"])
        .await;
    world
        .fails(TYPES, json!({"type_name": "  "}), ErrorKind::NotFound, &[])
        .await;
    assert_eq!(world.asked(), ["GET /catalog/ticket-types"]);
}

/// What satisfies a type's schema is opened, by a back office that holds to the rules as well; what lacks a part of it is
/// refused.
#[tokio::test]
async fn the_input_schema_agrees_with_create_ticket() {
    let world = World::with(Sandbox::builder().without_tickets()).await;
    world
        .sandbox
        .change_switches(|switches| switches.enforce_rules = true);
    // A shipment for each type, in a status and form that the type takes.
    let shipments: [(u64, u64); 12] = [
        (3, 900_123),
        (4, 900_134),
        (5, 900_136),
        (6, 900_139),
        (8, 900_128),
        (11, 900_123),
        (12, 900_126),
        (14, 900_126),
        (15, 900_124),
        (25, 900_137),
        (1, 0),
        (9, 0),
    ];
    for id in AVAILABLE {
        let detail = world.works(TYPES, json!({"type_id": id})).await;
        let schema = &detail["input_schema"];
        let judge = jsonschema::draft202012::new(schema).unwrap();
        let shipment = shipments.iter().find(|(kind, _)| *kind == id);
        let shipment = shipment.map(|(_, shipment)| *shipment).filter(|id| *id > 0);
        let mut whole = draft(id, json!({}));
        if let Some(shipment) = shipment {
            whole["shipment_id"] = json!(shipment);
        }
        if detail["requires_credit_id"] == true {
            whole["credit_id"] = json!(3301);
        }
        for variable in detail["required_variables"].as_array().unwrap() {
            let name = variable["name"].as_str().unwrap();
            let value = match variable["type"].as_str().unwrap() {
                "number" => json!(12.5),
                _ if name == "documents" => json!([1, 2]),
                _ => json!("valor"),
            };
            match name {
                "amount" => whole["amount"] = value,
                _ => whole["variables"][name] = value,
            }
        }
        assert!(judge.is_valid(&whole), "{id}: {whole} against {schema}");
        let mut tried = whole.clone();
        tried["dry_run"] = json!(true);
        world.works("create_ticket", tried.clone()).await;
        let opened = world.works("create_ticket", whole).await;
        assert!(opened["ticket_id"].is_u64(), "{id}: {opened}");

        for part in schema["required"].as_array().unwrap() {
            let part = part.as_str().unwrap();
            let mut lacking = tried.clone();
            lacking.as_object_mut().unwrap().remove(part);
            assert!(!judge.is_valid(&lacking), "{id} without {part}");
            world
                .fails("create_ticket", lacking, ErrorKind::Arguments, &[part])
                .await;
        }
        if schema.get("anyOf").is_some() {
            let mut lacking = tried.clone();
            lacking.as_object_mut().unwrap().remove("shipment_id");
            assert!(!judge.is_valid(&lacking), "{id} without a shipment");
            world
                .fails(
                    "create_ticket",
                    lacking,
                    ErrorKind::Arguments,
                    &["tracking_number"],
                )
                .await;
        }
    }
    assert_eq!(world.count("tickets.create"), AVAILABLE.len());
}

#[tokio::test]
async fn names_of_statuses_are_a_help_and_no_condition() {
    let world = World::failing(
        "catalog.shipment_statuses",
        super::boom(401, "Unauthorized", "no"),
    )
    .await;
    let detail = world.works(TYPES, json!({"type_id": 3})).await;
    assert_eq!(
        detail["eligible_shipment_statuses"][1],
        json!({"id": 11, "name": "ID 11"})
    );
    assert!(
        detail["notes"][0]
            .as_str()
            .unwrap()
            .contains("names of shipment statuses"),
        "{detail}"
    );
    let without = world.works(TYPES, json!({"type_id": 9})).await;
    assert_eq!(without.get("notes"), None::<&Value>);
}
