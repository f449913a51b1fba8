//! JSON Schemas in the plain form that models and clients take well.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

use crate::tool::JsonObject;

/// The schema of a type: everything inline, no dialect line, no formats that only Rust knows.
#[must_use]
pub fn of<T: JsonSchema>() -> JsonObject {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.meta_schema = None;
        settings.inline_subschemas = true;
    });
    tidy(settings.into_generator().into_root_schema_for::<T>().into())
}

/// Takes out what schemars adds and clients stumble over.
#[must_use]
pub fn tidy(mut schema: Value) -> JsonObject {
    walk(&mut schema);
    match schema {
        Value::Object(mut schema) => {
            schema.remove("$schema");
            // The tool's own name and description say it better.
            schema.remove("title");
            schema.remove("description");
            schema
        }
        _ => JsonObject::new(),
    }
}

/// An object whose listed keys are described; others may be there as well.
#[must_use]
pub fn open_object(properties: &[(&str, Value)], required: &[&str]) -> JsonObject {
    let properties: JsonObject = properties
        .iter()
        .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
        .collect();
    let mut schema = JsonObject::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

/// Adds properties, or replaces those of the same name.
pub fn add_properties(schema: &mut JsonObject, more: JsonObject) {
    let slot = schema.entry("properties").or_insert_with(|| json!({}));
    if let Value::Object(properties) = slot {
        properties.extend(more);
    }
}

/// Takes properties out, and out of `required`.
pub fn remove_properties(schema: &mut JsonObject, names: &[&str]) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.retain(|name, _| !names.contains(&name.as_str()));
    }
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|name| !name.as_str().is_some_and(|name| names.contains(&name)));
    }
}

/// Says whether arguments that the schema does not name are taken.
pub fn bound(schema: &mut JsonObject, open: bool) {
    schema.entry("type").or_insert_with(|| json!("object"));
    schema.entry("properties").or_insert_with(|| json!({}));
    schema.insert("additionalProperties".to_owned(), json!(open));
}

/// A schema of arguments as a model reads it: without bounds that it need not know before it calls. Whatever breaks one is
/// told by the checks, which have them all.
#[must_use]
pub fn slim(mut schema: JsonObject) -> JsonObject {
    // Whether the arguments themselves are closed is said.
    for (name, part) in &mut schema {
        if name == "properties" {
            slim_part(part);
        }
    }
    schema
}

fn slim_part(value: &mut Value) {
    const DIGITS: &str = "^[0-9]+$";
    match value {
        Value::Object(map) => {
            map.retain(|name, bound| match name.as_str() {
                "pattern" => bound != DIGITS,
                "minLength" | "maxLength" | "maxItems" => !bound.is_u64(),
                "additionalProperties" => !bound.is_boolean(),
                _ => true,
            });
            map.values_mut().for_each(slim_part);
        }
        Value::Array(items) => items.iter_mut().for_each(slim_part),
        _ => {}
    }
}

fn walk(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let known_to_rust_alone = |format: &str| {
                format.starts_with("uint")
                    || format.starts_with("int")
                    || format == "double"
                    || format == "float"
            };
            if map
                .get("format")
                .and_then(Value::as_str)
                .is_some_and(known_to_rust_alone)
            {
                map.remove("format");
            }
            // Lines of a doc comment are wrapped for the editor, not for the reader of the schema.
            if let Some(Value::String(text)) = map.get_mut("description") {
                *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            }
            drop_default_null(map);
            // What a list holds is said by the list.
            if map.contains_key("description")
                && let Some(Value::Object(items)) = map.get_mut("items")
            {
                items.remove("description");
            }
            map.values_mut().for_each(walk);
        }
        Value::Array(items) => items.iter_mut().for_each(walk),
        _ => {}
    }
}

/// An optional field says so by not being required; `null` beside its type only costs tokens and trips some clients.
fn drop_default_null(map: &mut JsonObject) {
    if map.get("default").is_some_and(Value::is_null) {
        map.remove("default");
    }
    let required: Vec<String> = map
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    let Some(Value::Object(properties)) = map.get_mut("properties") else {
        return;
    };
    for (name, property) in properties.iter_mut() {
        let keeps_null = property.get("x-nullable").is_some();
        if let Value::Object(property) = property {
            property.remove("x-nullable");
            if !required.contains(name) && !keeps_null {
                without_null(property);
            }
        }
    }
}

fn without_null(property: &mut JsonObject) {
    if let Some(Value::Array(types)) = property.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            property.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(words)) = property.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    if let Some(Value::Array(branches)) = property.get_mut("anyOf") {
        branches.retain(|branch| branch.get("type") != Some(&Value::from("null")));
        if let [Value::Object(only)] = branches.as_slice() {
            let only = only.clone();
            property.remove("anyOf");
            for (key, value) in only {
                property.entry(key).or_insert(value);
            }
        }
    }
}
