//! Creation, the rules that a draft alone can keep: availability, reference, inputs and files.

use mcp_tools::ErrorKind::{Arguments, Denied};
use serde_json::{Value, json};

use super::{World, draft, merge};

const CREATE: &str = "create_ticket";
const NEW: u64 = 41;

/// Rules of a type that agents may use, with these more.
pub(super) fn usable(more: Value) -> Value {
    let mut rules = json!({"mcp_context": {"is_blocked": false, "use_case": "a test"}});
    merge(&mut rules, more);
    rules
}

/// Tries a draft without opening it: `None` for one that would be sent, else what is refused.
pub(super) async fn refusal(world: &World, mut draft: Value) -> Option<String> {
    draft["dry_run"] = json!(true);
    match world.call(CREATE, draft).await {
        Ok(_) => None,
        Err(error) => {
            assert_eq!(error.kind(), Arguments, "{error}");
            Some(error.text().to_owned())
        }
    }
}

#[tokio::test]
async fn rule_1_availability() {
    let world = World::start().await;
    let off = json!({"name": "off", "active": 0, "rules": usable(json!({}))});
    world
        .sandbox
        .put_ticket_type(NEW, crate::harness::object(off));
    world.put_type(
        42,
        "shut",
        json!({"mcp_context": {"is_blocked": true, "use_case": "secret"}}),
    );
    world.put_type(
        43,
        "no_flag",
        json!({"mcp_context": {"use_case": "missing booleans are false"}}),
    );
    for (row, id, kind) in [
        ("unknown", 99, Arguments),
        ("without context", 2, Denied),
        ("blocked and inactive", 10, Denied),
        ("blocked", 42, Denied),
        ("rules that cannot be read", 13, Denied),
        ("rules that are null", 22, Denied),
        ("inactive in the demo data", 17, Denied),
        ("inactive with a context", NEW, Denied),
    ] {
        // Everything else is wrong as well; nothing of it is looked at.
        let wrong = draft(
            id,
            json!({"shipment_id": 1, "tracking_number": "X", "nonsense": 1, "files": [
            {"name": "a", "content_base64": "?", "content_type": "image/png"}]}),
        );
        let text = world
            .fails(CREATE, wrong, kind, &["1 rule is broken", &id.to_string()])
            .await;
        assert!(
            !text.contains("nonsense") && !text.contains("base64"),
            "{row}: {text}"
        );
        assert!(!text.contains("secret"), "{row}: {text}");
    }
    assert_eq!(world.asked(), ["GET /catalog/ticket-types"]);
    assert_eq!(refusal(&world, draft(43, json!({}))).await, None);
}

#[tokio::test]
async fn rule_2_reference() {
    let world = World::start().await;
    for (id, rules) in [
        (
            41,
            json!({"reference": "guide", "mcp_context": {"requires_guide": false}}),
        ),
        (
            42,
            json!({"reference": "", "mcp_context": {"requires_guide": true}}),
        ),
        (43, json!({"reference": "credit", "mcp_context": {}})),
        (44, json!({"mcp_context": {"requires_credit_id": true}})),
        (
            45,
            json!({"reference": "warehouse-package", "mcp_context": {}}),
        ),
        (46, json!({"reference": "legal", "mcp_context": {}})),
        (47, json!({"reference": "legal-credit", "mcp_context": {}})),
        (48, json!({"reference": null, "mcp_context": {}})),
    ] {
        world.put_type(id, &format!("reference_{id}"), rules);
    }
    for (row, id, more, missing) in [
        (
            "guide",
            41,
            json!({}),
            Some("`tracking_number, shipment_id` is missing"),
        ),
        (
            "guide with a tracking number",
            41,
            json!({"tracking_number": "TST0001112223"}),
            None,
        ),
        (
            "guide with a shipment",
            41,
            json!({"shipment_id": 900_123}),
            None,
        ),
        (
            "requires_guide",
            42,
            json!({}),
            Some("`tracking_number, shipment_id` is missing"),
        ),
        (
            "requires_guide with a tracking number",
            42,
            json!({"tracking_number": "TST0001112223"}),
            None,
        ),
        (
            "a blank tracking number",
            42,
            json!({"tracking_number": "  "}),
            Some("`tracking_number` is empty"),
        ),
        (
            "credit",
            43,
            json!({"tracking_number": "TST0001112223"}),
            Some("`credit_id` is missing"),
        ),
        ("credit with one", 43, json!({"credit_id": 3301}), None),
        (
            "requires_credit_id",
            44,
            json!({}),
            Some("`credit_id` is missing"),
        ),
        (
            "requires_credit_id with one",
            44,
            json!({"credit_id": 3301}),
            None,
        ),
        ("warehouse-package is not enforced", 45, json!({}), None),
        ("legal is not enforced", 46, json!({}), None),
        ("legal-credit is not enforced", 47, json!({}), None),
        ("none", 48, json!({}), None),
    ] {
        let found = refusal(&world, draft(id, more)).await;
        match missing {
            None => assert_eq!(found, None, "{row}"),
            Some(part) => assert!(
                found.as_ref().is_some_and(|text| text.contains(part)),
                "{row}: {found:?}"
            ),
        }
    }
    world.wrote_nothing();
}

#[tokio::test]
async fn rule_3_required_inputs() {
    let world = World::start().await;
    world.put_type(
        NEW,
        "own_list",
        json!({"inputs": [{"name": "from_inputs", "required": true}],
            "mcp_context": {"required_variables": [{"name": "from_context", "type": "string"}]}}),
    );
    world.put_type(
        42,
        "amount",
        usable(json!({"inputs": [
            {"name": "amount", "type": "number", "required": true},
            {"name": "undefined", "required": true}, {"name": "", "required": true}, {"required": true}]})),
    );
    for (row, id, more, missing) in [
        ("absent", 9, json!({}), Some("variables.payment_method_id")),
        (
            "null",
            9,
            json!({"variables": {"payment_method_id": null}}),
            Some("variables.payment_method_id"),
        ),
        (
            "empty",
            9,
            json!({"variables": {"payment_method_id": ""}}),
            Some("variables.payment_method_id"),
        ),
        (
            "zero is a value",
            9,
            json!({"variables": {"payment_method_id": 0}}),
            None,
        ),
        (
            "false is a value",
            9,
            json!({"variables": {"payment_method_id": false}}),
            None,
        ),
        (
            "an optional one alone",
            9,
            json!({"variables": {"bank_account": "0044"}}),
            Some("variables.payment_method_id"),
        ),
        (
            "beside the arguments",
            9,
            json!({"payment_method_id": 3}),
            None,
        ),
        ("amount as an argument", 42, json!({"amount": 5}), None),
        ("amount of zero", 42, json!({"amount": 0}), None),
        (
            "amount as a variable",
            42,
            json!({"variables": {"amount": 5}}),
            None,
        ),
        (
            "no amount; inputs without a usable name are ignored",
            42,
            json!({}),
            Some("variables.amount"),
        ),
        (
            "the context's own list",
            NEW,
            json!({"variables": {"from_inputs": "x"}}),
            Some("variables.from_context"),
        ),
        (
            "the context's own list, given",
            NEW,
            json!({"variables": {"from_context": "x"}}),
            None,
        ),
        (
            "a pattern is not enforced",
            14,
            json!({"shipment_id": 900_128, "variables": {
            "new_address": "Calle 12", "contact_email": "no address"}}),
            None,
        ),
    ] {
        let found = refusal(&world, draft(id, more)).await;
        match missing {
            None => assert_eq!(found, None, "{row}"),
            Some(part) => {
                let text = found.unwrap_or_default();
                let told = text.matches("is missing").count();
                assert_eq!(told, 1, "{row}: {text}");
                assert!(text.contains(part), "{row}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn rule_6_files_are_wanted_and_not_demanded() {
    let world = World::start().await;
    let detail = world.works("get_ticket_types", json!({"type_id": 3})).await;
    assert_eq!(detail["required_files"][0]["name"], "Sobrepeso desconocido");
    let without = draft(3, json!({"tracking_number": "TST0001112231"}));
    let opened = world.works(CREATE, without).await;
    assert_eq!(opened["files"], json!([]));
}
