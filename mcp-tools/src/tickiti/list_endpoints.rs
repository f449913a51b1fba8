//! `list_endpoints`: what the API offers, from the facts that the requests are built from.

use api_core::{Effect, Operation, Repeat, Reversal, Spec, path};
use serde_json::{Value, json};
use tickiti_client::api;

use super::GENERAL;
use crate::{
    arguments::{Mistake, nearest},
    context::Context,
    error::ToolError,
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

/// Describes endpoints.
#[derive(Debug)]
pub(super) struct ListEndpoints;

impl Tool for ListEndpoints {
    fn spec(&self) -> ToolSpec {
        ToolSpec::read("list_endpoints", "List endpoints", GENERAL)
            .describe(
                "Lists the endpoints that tickiti_call can run: method, path, abilities, role, plan, read or write, \
                 whether it can be undone, whether it takes an idempotency key. Give a family to shorten the list, a \
                 family and an action with `schema: true` for the fields of one endpoint. Calls nothing.",
            )
            .input(schema::open_object(
                &[
                    (
                        "family",
                        json!({"type": "string", "description": "One of the thirteen families, for example `settings`."}),
                    ),
                    (
                        "action",
                        json!({"type": "string", "description": "One action of the family, for example `perspectives.create`."}),
                    ),
                    (
                        "schema",
                        json!({"type": "boolean", "description": "Also give the JSON Schema of the payload. Use it with a family and an action: schemas are long."}),
                    ),
                ],
                &[],
            ))
            .output(schema::open_object(
                &[
                    ("count", json!({"type": "integer"})),
                    (
                        "endpoints",
                        json!({"type": "array", "items": {"type": "object"}}),
                    ),
                ],
                &["count", "endpoints"],
            ))
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        let said = |name: &str| arguments.get(name).and_then(Value::as_str);
        let action = said("action");
        match (said("family"), action) {
            (None, Some(_)) => vec![Mistake::new("action", "needs a `family` beside it")],
            (None, None) if arguments.get("schema") == Some(&Value::Bool(true)) => {
                vec![Mistake::new(
                    "schema",
                    "needs a `family` beside it, better also an `action`: all schemas together are too long to read",
                )]
            }
            (None, None) => Vec::new(),
            (Some(family), action) => find_mistake(family, action).into_iter().collect(),
        }
    }

    async fn call(&self, _: &Context, arguments: JsonObject) -> Result<JsonObject, ToolError> {
        let said = |name: &str| arguments.get(name).and_then(Value::as_str);
        let (family, action) = (said("family"), said("action"));
        let with_schema = arguments.get("schema") == Some(&Value::Bool(true));
        let endpoints: Vec<Value> = api::ALL
            .iter()
            .filter(|operation| family.is_none_or(|family| operation.spec.family() == family))
            .filter(|operation| action.is_none_or(|action| operation.spec.action() == action))
            .map(|operation| Value::Object(row(operation, with_schema)))
            .collect();
        let mut result = JsonObject::new();
        result.insert("count".to_owned(), json!(endpoints.len()));
        result.insert("endpoints".to_owned(), Value::Array(endpoints));
        Ok(result)
    }
}

/// What is wrong with a family or action that does not exist, with the nearest that do.
pub(super) fn find_mistake(family: &str, action: Option<&str>) -> Option<Mistake> {
    if !api::families().into_iter().any(|known| known == family) {
        let names: Vec<String> = api::families()
            .into_iter()
            .map(|name| format!("`{name}`"))
            .collect();
        let hint = nearest(family, api::families())
            .map_or_else(String::new, |near| format!(", did you mean `{near}`?"));
        return Some(Mistake::new(
            "family",
            format!("is no family{hint}; known: {}", names.join(", ")),
        ));
    }
    let action = action?;
    let actions = || {
        api::ALL
            .iter()
            .filter(|operation| operation.spec.family() == family)
            .map(|operation| operation.spec.action())
    };
    if actions().any(|known| known == action) {
        return None;
    }
    let hint = nearest(action, actions())
        .map_or_else(String::new, |near| format!(", did you mean `{near}`?"));
    let names: Vec<String> = actions().map(|name| format!("`{name}`")).collect();
    Some(Mistake::new(
        "action",
        format!(
            "is no action of `{family}`{hint}; known: {}",
            names.join(", ")
        ),
    ))
}

/// One endpoint's facts; what is the default or does not apply is left out.
fn row(operation: &Operation, with_schema: bool) -> JsonObject {
    let spec = operation.spec;
    let mut row = JsonObject::new();
    let mut put = |key: &str, value: Value| {
        row.insert(key.to_owned(), value);
    };
    put("family", json!(spec.family()));
    put("action", json!(spec.action()));
    put("method", json!(spec.method.as_str()));
    put("path", json!(spec.path));
    put(
        "effect",
        json!(if spec.effect.is_write() {
            "write"
        } else {
            "read"
        }),
    );
    put("abilities", json!(names(spec)));
    if let Some(role) = spec.access.role {
        put("role", json!(role.as_str()));
    }
    if spec.access.sysadmin {
        put("sysadmin", json!(true));
    }
    let plans: Vec<&str> = spec.access.plans.iter().map(|plan| plan.as_str()).collect();
    if !plans.is_empty() {
        put("plans", json!(plans));
    }
    if let Effect::Write(repeat) = spec.effect {
        put("repeat", json!(repeat_words(repeat)));
    }
    if let Some(reversal) = spec.reversal {
        put("reversal", json!(reversal_words(reversal)));
    }
    if spec.effect.is_keyed() {
        put("idempotency_key", json!(true));
    }
    let parameters: Vec<&str> = path::parameters(spec.path).collect();
    if !parameters.is_empty() {
        put("params", json!(parameters));
    }
    if spec.encoding == api_core::Encoding::Multipart {
        put("multipart", json!(true));
    }
    if let Some(release) = spec.since {
        put("since", json!(release));
    }
    if with_schema {
        let mut payload = schema::tidy(operation.schema().into());
        payload.entry("properties").or_insert_with(|| json!({}));
        put("payload", Value::Object(payload));
    }
    row
}

fn names(spec: &Spec) -> Vec<&'static str> {
    let abilities = spec.access.abilities.iter();
    abilities.map(|ability| ability.as_str()).collect()
}

const fn repeat_words(repeat: Repeat) -> &'static str {
    match repeat {
        Repeat::Keyed => "safe with the same idempotency_key",
        Repeat::Natural => "safe: leaves the same state",
        Repeat::Never => "acts again",
    }
}

fn reversal_words(reversal: Reversal) -> String {
    match reversal {
        Reversal::Reversible(by) => format!("reversible by {by}"),
        Reversal::Compensable => "compensable".to_owned(),
        Reversal::Irreversible => "irreversible".to_owned(),
    }
}
