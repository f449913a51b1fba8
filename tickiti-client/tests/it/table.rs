//! The list of endpoints against the facts file: what a request type says of itself must be so.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;
use tickiti_client::{Effect, Operation, Repeat, api};

const FACTS: &str = include_str!("../../../sandbox/data/tickiti-endpoints.json");

#[derive(Debug, Deserialize)]
struct Fact {
    name: String,
    family: String,
    action: String,
    method: String,
    path: String,
    params: Vec<String>,
    abilities: Vec<String>,
    role: Option<String>,
    sysadmin: bool,
    plans: Vec<String>,
    effect: String,
    multipart: bool,
    since: String,
    request: Option<Vec<Field>>,
}

#[derive(Debug, Deserialize)]
struct Field {
    field: String,
    r#type: String,
    required: bool,
    min: Option<u64>,
    max: Option<u64>,
}

fn facts() -> Vec<Fact> {
    serde_json::from_str(FACTS).unwrap()
}

fn operation(fact: &Fact) -> &'static Operation {
    api::named(&fact.name).unwrap_or_else(|| panic!("{} is missing from ALL", fact.name))
}

#[test]
fn all_is_the_whole_api_in_name_order() {
    let names: Vec<_> = api::ALL
        .iter()
        .map(|operation| operation.spec.name)
        .collect();
    let mut expected: Vec<_> = facts().into_iter().map(|fact| fact.name).collect();
    expected.sort();
    assert_eq!(names, expected);
    assert_eq!(names.len(), 155);
    assert_eq!(api::families().len(), 13);
}

#[test]
fn every_spec_states_the_facts() {
    for fact in facts() {
        let operation = operation(&fact);
        let spec = operation.spec;
        let found = api::find(&fact.family, &fact.action).expect(&fact.name);
        assert_eq!(found.spec.name, fact.name);
        let effect = match spec.effect {
            Effect::Read => "read",
            Effect::Write(Repeat::Keyed) => "keyed",
            Effect::Write(Repeat::Natural) => "natural",
            Effect::Write(Repeat::Never) => "never",
        };
        let access = &spec.access;
        let names = |list: &[_]| list.to_vec();
        let said = (
            (spec.method.as_str(), spec.path, effect),
            names(
                &access
                    .abilities
                    .iter()
                    .map(|name| name.as_str())
                    .collect::<Vec<_>>(),
            ),
            access.role.map(|role| role.as_str()),
            access.sysadmin,
            names(
                &access
                    .plans
                    .iter()
                    .map(|name| name.as_str())
                    .collect::<Vec<_>>(),
            ),
            spec.encoding == tickiti_client::Encoding::Multipart,
            spec.since,
        );
        let expected = (
            (
                fact.method.as_str(),
                fact.path.as_str(),
                fact.effect.as_str(),
            ),
            fact.abilities
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>(),
            fact.role.as_deref(),
            fact.sysadmin,
            fact.plans.iter().map(String::as_str).collect::<Vec<_>>(),
            fact.multipart,
            Some(fact.since.as_str()).filter(|since| *since != "2026-06"),
        );
        assert_eq!(said, expected, "{}", fact.name);
        assert_eq!(
            spec.reversal.is_some(),
            spec.effect.is_write(),
            "{}",
            fact.name
        );
    }
}

/// What a schema says of one field.
#[derive(Debug, PartialEq)]
struct Said<'a> {
    required: bool,
    schema: &'a Value,
}

/// Fields of a schema by path, in the notation of the facts: `data.subject`, `replace[].find`.
fn fields<'a>(schema: &'a Value, prefix: &str, into: &mut BTreeMap<String, Said<'a>>) {
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    let required: BTreeSet<_> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (name, schema) in properties {
        let path = format!("{prefix}{name}");
        fields(schema, &format!("{path}."), into);
        fields(&schema["items"], &format!("{path}[]."), into);
        let required = required.contains(name.as_str());
        into.insert(path, Said { required, schema });
    }
}

#[test]
fn every_schema_has_the_fields_of_the_facts_and_no_others() {
    let mut wrong = Vec::new();
    for fact in facts() {
        let schema = Value::from(operation(&fact).schema());
        let mut said = BTreeMap::new();
        fields(&schema, "", &mut said);
        for param in &fact.params {
            assert!(
                said.remove(param).is_some_and(|said| said.required),
                "{} {param}",
                fact.name
            );
        }
        let Some(request) = &fact.request else {
            assert!(
                schema["additionalProperties"] == true,
                "{} must be open",
                fact.name
            );
            continue;
        };
        for field in request.iter().filter(|field| field.r#type != "file") {
            let name = format!("{} {}", fact.name, field.field);
            match said.remove(&field.field) {
                None => wrong.push(format!("{name} is missing")),
                Some(said) if said.required != field.required => {
                    wrong.push(format!("{name}: required must be {}", field.required));
                }
                Some(said) => {
                    wrong.extend(mistakes(field, &said).map(|text| format!("{name} {text}")))
                }
            }
        }
        // The facts end at some objects whose fields stand elsewhere in them.
        let ends = |parent: &str| !request.iter().any(|field| field.field.starts_with(parent));
        said.retain(|field, _| !field.rfind('.').is_some_and(|at| ends(&field[..=at])));
        wrong.extend(
            said.keys()
                .map(|field| format!("{} has no field {field}", fact.name)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a field's schema gets wrong: type, bounds, missing description, a reference.
fn mistakes(field: &Field, said: &Said<'_>) -> impl Iterator<Item = String> {
    let schema = said.schema;
    let mut wrong = Vec::new();
    if !schema["description"].is_string() {
        wrong.push("has no description".to_owned());
    }
    if schema.to_string().contains("$ref") {
        wrong.push("has a reference".to_owned());
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let wanted = match field.r#type.as_str() {
        "string" | "email" | "html" | "date" | "datetime" | "string|null" => "string",
        "id" | "integer" | "string|integer" => "integer",
        "boolean" => "boolean",
        "number" => "number",
        "object" => "object",
        list if list.ends_with("[]") => "array",
        _ => "",
    };
    let named = schema["enum"].is_array() || schema["oneOf"].is_array();
    if !wanted.is_empty() && !types.contains(&wanted) && !named {
        wrong.push(format!("is {types:?}, not {wanted}"));
    }
    let bounds = |low: &str, high: &str| (schema[low].as_u64(), schema[high].as_u64());
    let (min, max) = match wanted {
        "string" => bounds("minLength", "maxLength"),
        "array" => bounds("minItems", "maxItems"),
        _ => bounds("minimum", "maximum"),
    };
    if field.max.is_some() && max != field.max {
        wrong.push(format!("ends at {max:?}, not {:?}", field.max));
    }
    if field.min.is_some_and(|least| least > 0) && min != field.min {
        wrong.push(format!("begins at {min:?}, not {:?}", field.min));
    }
    wrong.into_iter()
}
