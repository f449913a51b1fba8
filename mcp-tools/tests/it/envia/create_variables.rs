//! Creation: variables inside `variables` and beside the arguments, and how they travel.

use mcp_tools::ErrorKind::Arguments;
use serde_json::{Value, json};

use super::{World, draft};

const CREATE: &str = "create_ticket";

/// The variables that left, and the fields of their own.
async fn sent(type_id: u64, more: Value) -> (Value, Value) {
    let world = World::start().await;
    let rules = json!({"inputs": [{"name": "carrier_id", "required": true}, {"name": "warehouse_package_id"}, {"name": "weight"}],
        "mcp_context": {}});
    world.put_type(41, "own_fields", rules);
    world.works(CREATE, draft(type_id, more)).await;
    let body = world.body("tickets.create");
    let data = body.get("data").and_then(Value::as_str);
    let data = data.map_or(Value::Null, |text| serde_json::from_str(text).unwrap());
    (data, body)
}

#[tokio::test]
async fn both_places_travel_as_one_json_text() {
    for (row, type_id, more, data) in [
        (
            "inside",
            9,
            json!({"variables": {"payment_method_id": 3}}),
            json!({"payment_method_id": 3}),
        ),
        (
            "beside",
            9,
            json!({"payment_method_id": 3}),
            json!({"payment_method_id": 3}),
        ),
        (
            "one each",
            9,
            json!({"payment_method_id": 3, "variables": {"bank_account": "0044"}}),
            json!({"payment_method_id": 3, "bank_account": "0044"}),
        ),
        (
            "the same twice",
            9,
            json!({"payment_method_id": 3, "variables": {"payment_method_id": 3}}),
            json!({"payment_method_id": 3}),
        ),
        (
            "inside, names that the type does not list",
            9,
            json!({"variables": {"payment_method_id": 3, "folio": "A-1"}}),
            json!({"payment_method_id": 3, "folio": "A-1"}),
        ),
        (
            "null is as good as absent",
            9,
            json!({"payment_method_id": 3, "variables": {"bank_account": null}}),
            json!({"payment_method_id": 3}),
        ),
        (
            "lists and objects",
            19,
            json!({"amount": 50000.0, "days": 30, "documents": [1, {"id": 2}]}),
            json!({"days": 30, "documents": [1, {"id": 2}], "amount": 50000}),
        ),
        ("none", 16, json!({"credit_id": 3301}), Value::Null),
    ] {
        let (found, _) = sent(type_id, more).await;
        assert_eq!(found, data, "{row}");
    }
}

#[tokio::test]
async fn the_amount_is_a_variable_and_a_field() {
    for (row, more) in [
        ("argument", json!({"amount": 1450})),
        ("variable", json!({"variables": {"amount": 1450}})),
        (
            "variable as text",
            json!({"variables": {"amount": "1450.00"}}),
        ),
        (
            "both alike",
            json!({"amount": 1450, "variables": {"amount": "1450"}}),
        ),
    ] {
        let mut whole = json!({"shipment_id": 900_131});
        super::merge(&mut whole, more);
        let (data, body) = sent(5, whole).await;
        assert_eq!(
            (&data, &body["amount"]),
            (&json!({"amount": 1450}), &json!(1450)),
            "{row}"
        );
    }
    let world = World::start().await;
    let differ = draft(
        5,
        json!({"shipment_id": 900_131, "amount": 1, "variables": {"amount": 2}}),
    );
    world
        .fails(
            CREATE,
            differ,
            Arguments,
            &["differs from the variable of that name"],
        )
        .await;
    world.wrote_nothing();
}

#[tokio::test]
async fn variables_with_a_field_of_their_own_travel_in_it() {
    let (data, body) = sent(
        41,
        json!({"carrier_id": 2, "variables": {"warehouse_package_id": 77, "weight": 1.5}}),
    )
    .await;
    assert_eq!(data, json!({"weight": 1.5}));
    assert_eq!(
        (&body["carrier_id"], &body["warehouse_package_id"]),
        (&json!(2), &json!("77"))
    );

    let world = World::start().await;
    world.put_type(
        41,
        "own_fields",
        json!({"inputs": [{"name": "carrier_id", "required": true}], "mcp_context": {}}),
    );
    world
        .fails(
            CREATE,
            draft(41, json!({})),
            Arguments,
            &["`variables.carrier_id` is missing"],
        )
        .await;
    world
        .fails(
            CREATE,
            draft(41, json!({"carrier_id": "dhl"})),
            Arguments,
            &["`carrier_id` must be the id of a carrier"],
        )
        .await;
}

#[tokio::test]
async fn a_key_given_both_ways_with_different_values_is_refused() {
    let world = World::start().await;
    let differ = draft(
        9,
        json!({"payment_method_id": 3, "variables": {"payment_method_id": 4}}),
    );
    let says = ["`payment_method_id` differs from `variables.payment_method_id`: give it once"];
    world.fails(CREATE, differ, Arguments, &says).await;
    world.wrote_nothing();
}

#[tokio::test]
async fn an_undeclared_name_is_refused_with_the_nearest_one() {
    let world = World::start().await;
    for (name, says) in [
        ("payment_metod_id", "did you mean `payment_method_id`?"),
        ("tracking_numer", "did you mean `tracking_number`?"),
        ("dryrun", "did you mean `dry_run`?"),
        (
            "folio",
            "is neither an argument nor a variable of `payment_pending`; values that the type does not list go into `variables`",
        ),
    ] {
        let mut wrong = draft(9, json!({"variables": {"payment_method_id": 3}}));
        wrong[name] = json!(1);
        world
            .fails(CREATE, wrong, Arguments, &[&format!("`{name}`"), says])
            .await;
    }
    world.wrote_nothing();
}

#[tokio::test]
async fn an_argument_among_the_variables_is_refused() {
    let world = World::start().await;
    for name in ["tracking_number", "shipment_id", "credit_id", "company_id"] {
        let variables = json!({"payment_method_id": 3, name: 1});
        let wrong = draft(9, json!({"variables": variables}));
        let says = format!("give it as `{name}` beside `variables`");
        world.fails(CREATE, wrong, Arguments, &[&says]).await;
    }
    world.wrote_nothing();
}

#[tokio::test]
async fn numbers_are_numbers_and_a_misspelt_need_is_named() {
    let world = World::start().await;
    let sound = json!({"credit_id": 3301, "variables": {"amount": "2500.50"}, "dry_run": true});
    world.works(CREATE, draft(24, sound)).await;
    for (variables, says) in [
        (
            json!({"amount": "lots"}),
            "`variables.amount` must be an amount",
        ),
        (
            json!({"amount": -5}),
            "`variables.amount` must be an amount",
        ),
        (json!({"amount": 5, " Amount": 9}), "must be spelt `amount`"),
        (json!({"amont": 5}), "did you mean `amount`?"),
    ] {
        let wrong = draft(24, json!({"credit_id": 3301, "variables": variables}));
        world.fails(CREATE, wrong, Arguments, &[says]).await;
    }
    world.wrote_nothing();
}
