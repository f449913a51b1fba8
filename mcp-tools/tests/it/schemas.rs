//! Schemas of tools and endpoints: the checks understand every word of them, and agree with a schema library.

use mcp_tools::{
    Registry,
    arguments::{self, KEYWORDS, Unknown},
    envia, tickiti,
};
use serde_json::{Value, json};
use tickiti_client::api;

use crate::harness::{instances, object};

/// Both modules in one server.
fn both() -> Registry {
    let instances = instances(&["a", "b"], "http://127.0.0.1:9", "sandbox-admin");
    Registry::new(vec![tickiti::module(&instances), envia::module()]).unwrap()
}

/// Every schema that arguments are checked against, by name.
fn all() -> Vec<(String, Value)> {
    let both = both();
    let tools = both.iter().map(|tool| {
        (
            tool.name().to_owned(),
            Value::Object(tool.spec().input.clone()),
        )
    });
    let endpoints = api::ALL.iter().map(|operation| {
        let schema = mcp_tools::schema::tidy(operation.schema().into());
        (operation.spec.name.to_owned(), Value::Object(schema))
    });
    tools.chain(endpoints).collect()
}

fn each_schema(name: &str, schema: &Value, visit: &mut dyn FnMut(&str, &Value)) {
    visit(name, schema);
    let Value::Object(map) = schema else { return };
    for key in ["items", "additionalProperties"] {
        if let Some(inner @ Value::Object(_)) = map.get(key) {
            each_schema(&format!("{name}/{key}"), inner, visit);
        }
    }
    if let Some(Value::Object(properties)) = map.get("properties") {
        for (property, inner) in properties {
            each_schema(&format!("{name}.{property}"), inner, visit);
        }
    }
    if let Some(Value::Array(branches)) = map.get("anyOf") {
        for inner in branches {
            each_schema(&format!("{name}/anyOf"), inner, visit);
        }
    }
}

#[test]
fn the_checks_understand_every_keyword() {
    for (name, schema) in all() {
        each_schema(&name, &schema, &mut |place, schema| {
            let Value::Object(map) = schema else { return };
            for keyword in map.keys() {
                assert!(KEYWORDS.contains(&keyword.as_str()), "{place}: `{keyword}`");
            }
            if let Some(pattern) = map.get("pattern") {
                assert!(
                    arguments::knows_pattern(pattern.as_str().unwrap()),
                    "{place}: {pattern}"
                );
            }
            if let Some(format) = map.get("format") {
                assert!(
                    arguments::knows_format(format.as_str().unwrap()),
                    "{place}: {format}"
                );
            }
        });
    }
}

#[test]
fn inputs_are_flat_closed_and_described() {
    for tool in both().iter() {
        let input = &tool.spec().input;
        let name = tool.name();
        assert_eq!(input["type"], "object", "{name}");
        // Variables of a ticket type are taken beside the other arguments, as they are documented.
        let open = name == "envia_create_ticket";
        assert_eq!(input["additionalProperties"], open, "{name}");
        for combinator in ["oneOf", "anyOf", "allOf", "$ref", "$defs"] {
            assert!(!input.contains_key(combinator), "{name}: {combinator}");
        }
        let properties = object(input["properties"].clone());
        let several = tool.module() == "tickiti";
        assert_eq!(properties.contains_key("instance"), several, "{name}");
        for (property, schema) in properties {
            assert!(
                schema["description"].is_string(),
                "{name}.{property} is not described"
            );
        }
        assert_eq!(tool.spec().output["type"], "object", "{name}");
        assert!(!tool.spec().description.is_empty(), "{name}");
        assert!(
            tool.spec().description.is_ascii() || !tool.spec().description.contains('\n'),
            "{name}"
        );
    }
}

/// Values that probe a property: right and wrong forms.
fn probes(schema: &Value) -> Vec<Value> {
    let mut probes = vec![
        json!("text"),
        json!(""),
        json!(7),
        json!(-1),
        json!(1.5),
        json!(true),
        json!([]),
        json!(["x"]),
        json!([{}]),
        json!({}),
        json!("12"),
        json!("a@b.example"),
        json!("2026-05-01"),
        json!("x".repeat(300)),
        json!(vec![1; 1200]),
    ];
    if let Some(Value::Array(words)) = schema.get("enum") {
        probes.extend(words.iter().cloned());
    }
    probes
}

#[test]
fn the_checks_agree_with_a_schema_library() {
    for (name, schema) in all() {
        let properties = schema.get("properties").and_then(Value::as_object);
        for (property, inner) in properties.into_iter().flatten() {
            let alone = json!({"type": "object", "properties": {property: inner}});
            let judge = jsonschema::draft202012::options()
                .should_validate_formats(false)
                .build(&alone)
                .unwrap();
            for probe in probes(inner) {
                let mut given = object(json!({property: probe}));
                let ours = arguments::check(&alone, &mut given, Unknown::Keep).is_empty();
                // What was put right must satisfy the library; what it refuses as given may have been put right.
                let theirs = judge.is_valid(&Value::Object(given.clone()));
                // A library does not look at formats, and takes 30 February for a day.
                let stricter = inner.to_string().contains("\"format\"")
                    || inner.to_string().contains("\"pattern\"");
                assert!(
                    ours == theirs || (stricter && theirs),
                    "{name}.{property} with {probe}: ours {ours}, library {theirs}, as {given:?}, by {inner}"
                );
            }
        }
    }
}
