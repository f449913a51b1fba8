mod changes;
mod reading;

use serde_json::{Value, json};

use super::*;
use crate::api::{catalog::TicketType, shipments::Shipment, tickets::Create};

fn rules(rules: Value) -> TypeRules {
    TypeRules::from(&TicketType::new(5.into(), "damaged", rules))
}

/// Rules with a context, and more of them.
fn usable(more: Value) -> Value {
    let mut rules = json!({"mcp_context": {"use_case": "always"}});
    merge(&mut rules, more);
    rules
}

fn merge(into: &mut Value, more: Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (key, value) in more {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, more) => *into = more,
    }
}

fn draft(more: Value) -> Create {
    let mut fields = json!({"company_id": 4410, "type": 5, "comments": "roto"});
    merge(&mut fields, more);
    serde_json::from_value(fields).unwrap()
}

fn shipment(more: Value) -> Shipment {
    let mut fields = json!({"id": 900_123, "tracking_number": "TST1", "status_id": 3});
    merge(&mut fields, more);
    serde_json::from_value(fields).unwrap()
}

fn names() -> StatusNames {
    [(2, "Shipped"), (3, "Delivered"), (11, "Returned")]
        .map(|(id, name)| (id, name.to_owned()))
        .into_iter()
        .collect()
}

fn broken(found: &[Violation]) -> Vec<(Rule, &str)> {
    found.iter().map(|v| (v.rule, v.field.as_str())).collect()
}

/// Section by section: what a type's rules say, what the draft has, which rules it breaks.
#[test]
fn every_rule_at_creation() {
    let guide = (Rule::Reference, "tracking_number, shipment_id");
    let credit = (Rule::Credit, "credit_id");
    for (row, own, has, expected) in [
        (
            "1 no context",
            json!({}),
            json!({}),
            vec![(Rule::Excluded, "type")],
        ),
        (
            "1 null rules",
            json!(null),
            json!({}),
            vec![(Rule::Excluded, "type")],
        ),
        (
            "1 broken rules",
            json!("{reference"),
            json!({}),
            vec![(Rule::Excluded, "type")],
        ),
        (
            "1 blocked, and nothing more",
            usable(json!({"reference": "guide", "mcp_context": {"is_blocked": true}})),
            json!({}),
            vec![(Rule::Excluded, "type")],
        ),
        (
            "1 blocked as 1",
            usable(json!({"mcp_context": {"is_blocked": 1}})),
            json!({}),
            vec![(Rule::Excluded, "type")],
        ),
        (
            "1 blocked as no flag",
            usable(json!({"mcp_context": {"is_blocked": "sí"}})),
            json!({}),
            vec![(Rule::Excluded, "type")],
        ),
        (
            "1 available as text",
            json!(usable(json!({})).to_string()),
            json!({}),
            vec![],
        ),
        (
            "2 guide",
            usable(json!({"reference": "guide"})),
            json!({}),
            vec![guide],
        ),
        (
            "2 guide in quotes",
            usable(json!({"reference": "\"guide\""})),
            json!({}),
            vec![guide],
        ),
        (
            "2 guide by number",
            usable(json!({"reference": "guide"})),
            json!({"tracking_number": "TST1"}),
            vec![],
        ),
        (
            "2 guide by id",
            usable(json!({"reference": "guide"})),
            json!({"shipment_id": 1}),
            vec![],
        ),
        (
            "2 requires_guide",
            usable(json!({"mcp_context": {"requires_guide": true}})),
            json!({}),
            vec![guide],
        ),
        (
            "2 credit",
            usable(json!({"reference": "credit"})),
            json!({}),
            vec![credit],
        ),
        (
            "2 credit given",
            usable(json!({"reference": "credit"})),
            json!({"credit_id": 8}),
            vec![],
        ),
        (
            "2 requires_credit_id",
            usable(json!({"mcp_context": {"requires_credit_id": true}})),
            json!({}),
            vec![credit],
        ),
        (
            "2 other references pass",
            usable(json!({"reference": "legal-credit"})),
            json!({}),
            vec![],
        ),
        (
            "3 required",
            usable(json!({"inputs": [{"name": "bank", "required": true}]})),
            json!({}),
            vec![(Rule::Variable, "variables.bank")],
        ),
        (
            "3 null",
            usable(json!({"inputs": [{"name": "bank", "required": true}]})),
            json!({"data": {"bank": null}}),
            vec![(Rule::Variable, "variables.bank")],
        ),
        (
            "3 empty",
            usable(json!({"inputs": [{"name": "bank", "required": true}]})),
            json!({"data": {"bank": ""}}),
            vec![(Rule::Variable, "variables.bank")],
        ),
        (
            "3 zero is given",
            usable(json!({"inputs": [{"name": "bank", "required": true}]})),
            json!({"data": {"bank": 0}}),
            vec![],
        ),
        (
            "3 amount as field",
            usable(json!({"inputs": [{"name": "amount", "required": true}]})),
            json!({"amount": 5}),
            vec![],
        ),
        (
            "3 regex is not enforced",
            usable(json!({"inputs": [{"name": "clabe", "required": true, "regex": "^\\d{18}$"}]})),
            json!({"data": {"clabe": "1"}}),
            vec![],
        ),
        (
            "3 unusable names",
            usable(
                json!({"inputs": [{"name": "undefined", "required": true}, {"required": true}, {"name": "", "required": true}]}),
            ),
            json!({}),
            vec![],
        ),
        (
            "3 from the context",
            usable(
                json!({"inputs": [{"name": "bank", "required": true}], "mcp_context": {"required_variables": [{"name": "days", "type": "number"}]}}),
            ),
            json!({}),
            vec![(Rule::Variable, "variables.days")],
        ),
        (
            "4 nothing to look up",
            usable(json!({"conditions": {"avaliable_status": [3]}})),
            json!({}),
            vec![guide],
        ),
        (
            "4 not looked up",
            usable(json!({"conditions": {"avaliable_status": [3]}})),
            json!({"shipment_id": 1}),
            vec![(Rule::Shipment, "tracking_number, shipment_id")],
        ),
        (
            "4 no restriction",
            usable(json!({"conditions": {"avaliable_status": []}})),
            json!({}),
            vec![],
        ),
        (
            "4 unreadable",
            usable(json!({"conditions": {"avaliable_status": ["three"]}})),
            json!({}),
            vec![(Rule::Unreadable, "type")],
        ),
        (
            "5 unreadable",
            usable(json!({"conditions": {"validations": [{"field": "x"}]}})),
            json!({}),
            vec![(Rule::Unreadable, "type")],
        ),
        (
            "6 files are not demanded",
            usable(json!({"files": [{"name": "Foto"}]})),
            json!({}),
            vec![],
        ),
        (
            "form",
            usable(json!({})),
            json!({"comments": " "}),
            vec![(Rule::Form, "comments")],
        ),
        (
            "all at once",
            usable(
                json!({"reference": "guide", "inputs": [{"name": "bank", "required": true}], "mcp_context": {"requires_credit_id": true}}),
            ),
            json!({"comments": ""}),
            vec![
                (Rule::Form, "comments"),
                guide,
                credit,
                (Rule::Variable, "variables.bank"),
            ],
        ),
    ] {
        let found = rules(own).check(&draft(has), &Known::default());
        assert_eq!(broken(&found), expected, "{row}: {found:?}");
        assert!(
            found
                .iter()
                .all(|v| !v.allowed.is_empty() && !v.mend.is_empty()),
            "{row}"
        );
    }
}

#[test]
fn every_rule_about_the_shipment() {
    let overweight = || {
        usable(
            json!({"reference": "guide", "conditions": {"avaliable_status": [3, "11", 17],
            "validations": [{"type": "default", "field": "overcharge_applied", "operator": "==", "value": "1"}]}}),
        )
    };
    let with = |operator: &str, kind: &str| {
        usable(json!({"conditions": {"validations": [
            {"type": kind, "field": "overcharge_applied", "operator": operator, "value": "1"}]}}))
    };
    let status = (Rule::ShipmentStatus, "shipment.status_id");
    let field = (Rule::Validation, "shipment.overcharge_applied");
    for (row, own, is, expected) in [
        (
            "fits",
            overweight(),
            json!({"overcharge_applied": 1}),
            vec![],
        ),
        (
            "status as text",
            overweight(),
            json!({"status_id": "11", "overcharge_applied": "1"}),
            vec![],
        ),
        (
            "4 wrong status",
            overweight(),
            json!({"status_id": 2, "overcharge_applied": true}),
            vec![status],
        ),
        (
            "4 no status",
            overweight(),
            json!({"status_id": null, "overcharge_applied": 1}),
            vec![status],
        ),
        (
            "5 wrong value",
            overweight(),
            json!({"overcharge_applied": 0}),
            vec![field],
        ),
        (
            "5 missing field fails",
            overweight(),
            json!({}),
            vec![field],
        ),
        (
            "4 and 5",
            overweight(),
            json!({"status_id": 99}),
            vec![status, field],
        ),
        (
            "5 unknown operator",
            with("=~", "default"),
            json!({"overcharge_applied": 1}),
            vec![field],
        ),
        (
            "5 unknown kind",
            with("==", "remote"),
            json!({"overcharge_applied": 1}),
            vec![field],
        ),
        (
            "other id",
            usable(json!({})),
            json!({"id": 7}),
            vec![(Rule::Shipment, "shipment_id")],
        ),
        (
            "other number",
            usable(json!({})),
            json!({"tracking_number": "TST2"}),
            vec![(Rule::Shipment, "tracking_number")],
        ),
    ] {
        let draft = draft(json!({"shipment_id": 900_123, "tracking_number": "TST1"}));
        let shipment = shipment(is);
        let found = rules(own).check(
            &draft,
            &Known {
                shipment: Some(&shipment),
                status_names: Some(&names()),
            },
        );
        assert_eq!(broken(&found), expected, "{row}: {found:?}");
    }
    let shipment = shipment(json!({"status_id": 2, "overcharge_applied": 1}));
    let draft = draft(json!({"shipment_id": 900_123}));
    let found = rules(overweight()).check(
        &draft,
        &Known {
            shipment: Some(&shipment),
            status_names: Some(&names()),
        },
    );
    let text = found[0].to_string();
    assert!(
        text.starts_with("`shipment.status_id` is Shipped; allowed: Delivered, Returned, ID 17; "),
        "{text}"
    );
    assert!(rules(overweight()).needs_shipment() && !rules(usable(json!({}))).needs_shipment());
}

#[test]
fn keys_of_the_rules() {
    let read = rules(json!({
        "reference": "warehouse-package",
        "inputs": [
            {"name": "method", "type": "source", "el": "select", "required": 1, "label": "Método"},
            {"name": "list", "type": "values"}, {"name": "mail", "type": "email"},
            {"name": "days", "type": "number", "required": true}, {"name": "plain"}],
        "files": [{"name": "Foto", "path": "x/", "type": "OVERWEIGHT", "description": "evidence"}, 4],
        "comment_template": "", "error": "not.allowed",
        "mcp_context": {"agent_notes": "obey", "amount_limit_mxn": "5000.00", "use_case": "u"}}));
    let told = |variables: Vec<Variable>| -> Vec<(String, String)> {
        variables.into_iter().map(|v| (v.name, v.kind)).collect()
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        told(read.required_variables()),
        [pair("method", "string (select)"), pair("days", "number")]
    );
    assert_eq!(
        told(read.optional_variables()),
        [
            pair("list", "string (select)"),
            pair("mail", "string (email)"),
            pair("plain", "string")
        ]
    );
    assert_eq!(
        (read.reference.clone(), read.files.len()),
        (Reference::WarehousePackage, 1)
    );
    assert_eq!(
        (read.comment_template.len(), read.error.as_deref()),
        (0, Some("not.allowed"))
    );
    assert_eq!(read.amount_limit(), AmountLimit::Mxn(5000.0));
    assert_eq!(read.available().unwrap().agent_notes, ["obey"]);
    let notes = rules(usable(
        json!({"mcp_context": {"agent_notes": ["a", "", "b"], "required_variables": ["x"]}}),
    ));
    assert_eq!(notes.available().unwrap().agent_notes, ["a", "b"]);
    assert_eq!(told(notes.required_variables()), [pair("x", "string")]);
    for (text, problem) in [
        ("{", true),
        ("[]", true),
        ("", false),
        ("null", false),
        ("\"{}\"", false),
    ] {
        assert_eq!(rules(json!(text)).broken.is_some(), problem, "{text}");
    }
    assert!(matches!(
        rules(json!("{")).amount_limit(),
        AmountLimit::Unreadable(_)
    ));
}

#[test]
fn the_catalogue_finds_and_offers_alternatives() {
    let kind = |id: u64, name: &str, rules| TicketType::new(id.into(), name, rules);
    let mut inactive = kind(10, "pobox", usable(json!({})));
    inactive.active = Some(false);
    let mut late = kind(8, "delay", usable(json!({"reference": "guide"})));
    late.description = Some("Delayed Package".into());
    let catalog = Catalog::new([
        kind(
            5,
            "damaged",
            usable(json!({"reference": "guide", "mcp_context": {"requires_credit_id": true}})),
        ),
        late,
        kind(
            9,
            "payment",
            usable(json!({"inputs": [{"name": "method", "required": true}]})),
        ),
        inactive,
        kind(
            4,
            "lost_delay",
            usable(json!({"mcp_context": {"is_blocked": true}})),
        ),
        kind(22, "rating", json!(null)),
    ]);
    let ids =
        |types: Vec<&TypeRules>| -> Vec<u64> { types.into_iter().map(|t| t.id.get()).collect() };
    assert_eq!(ids(catalog.available().collect()), [5, 8, 9]);
    let excluded: Vec<_> = [4, 10, 22, 5].map(|id| catalog.excluded(id.into())).into();
    let expected = [
        Some(Excluded::Blocked),
        Some(Excluded::Inactive),
        Some(Excluded::Internal),
        None,
    ];
    assert_eq!(excluded, expected);
    for (text, id) in [
        ("DELAY", Some(8)),
        ("delayed p", Some(8)),
        ("always", Some(5)),
        ("lost", None),
        (" ", None),
    ] {
        assert_eq!(catalog.find(text).map(|t| t.id.get()), id, "{text}");
    }

    let verdict = catalog.check(
        &draft(json!({"tracking_number": "TST1"})),
        &Known::default(),
    );
    assert_eq!(broken(&verdict.violations), [(Rule::Credit, "credit_id")]);
    let offered: Vec<u64> = verdict.alternatives.iter().map(|a| a.id.get()).collect();
    assert_eq!((offered, verdict.is_denied()), (vec![8], false));
    let verdict = catalog.check(&draft(json!({"type": 4})), &Known::default());
    assert!(verdict.is_denied() && !verdict.is_allowed());
    let verdict = catalog.check(&draft(json!({"type": 77})), &Known::default());
    assert_eq!(broken(&verdict.violations), [(Rule::UnknownType, "type")]);
}

#[test]
fn violations_read_as_sentences() {
    let own = rules(usable(json!({"reference": "guide"})));
    let found = own.check(&draft(json!({"comments": ""})), &Known::default());
    let texts: Vec<String> = found.iter().map(Violation::to_string).collect();
    assert!(
        texts[0].starts_with("`comments` is empty: give a text"),
        "{texts:?}"
    );
    assert_eq!(
        texts[1],
        "`tracking_number, shipment_id` is missing; allowed: the tracking number or the id of the shipment; \
         ask for the tracking number and give it"
    );
    let json = serde_json::to_value(&found[1]).unwrap();
    assert_eq!(
        (&json["rule"], &json["found"]),
        (&json!("reference"), &json!(null))
    );
}

#[test]
fn the_schema_says_what_the_draft_needs() {
    let own = rules(usable(
        json!({"reference": "guide", "mcp_context": {"requires_credit_id": true}, "inputs": [
        {"name": "amount", "required": true, "type": "number"},
        {"name": "method", "required": true, "type": "source", "label": "Método"},
        {"name": "mail", "type": "email", "regexMessage": "no es correo"}]}),
    ));
    let schema = own.input_schema();
    assert_eq!(
        schema["required"],
        json!([
            "company_id",
            "type",
            "comments",
            "credit_id",
            "amount",
            "variables"
        ])
    );
    assert_eq!(schema["properties"]["type"], json!({"const": 5}));
    assert_eq!(
        schema["properties"]["variables"],
        json!({"type": "object", "required": ["method"], "properties": {
            "method": {"type": ["string", "integer", "array"], "minLength": 1, "title": "Método"},
            "mail": {"type": "string", "format": "email", "description": "no es correo"}}})
    );
    assert_eq!(schema["anyOf"].as_array().unwrap().len(), 2);
    let bare = rules(usable(json!({}))).input_schema();
    assert_eq!(bare["required"], json!(["company_id", "type", "comments"]));
    assert!(bare.get("anyOf").is_none());
}
