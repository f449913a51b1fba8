//! `tickiti_call`: any endpoint by family and action.

use api_core::{Effect, Encoding, Operation, Repeat, Reversal};
use serde_json::{Map, Value, json};
use tickiti_client::api;

use super::{GENERAL, Tickiti, list_endpoints::find_mistake, schema_of};
use crate::{
    arguments::{self, Mistake, Unknown},
    context::Context,
    endpoint_tool::{any_object, as_object, mistakes_of},
    error::ToolError,
    registry::IDEMPOTENCY_KEY,
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

/// It may be any write, so it counts as the worst of them while nothing tells which.
const WORST: Effect = Effect::Write(Repeat::Never);

/// Calls an endpoint.
#[derive(Debug)]
pub(super) struct TickitiCall;

fn operation(arguments: &JsonObject) -> Option<&'static Operation> {
    let said = |name: &str| arguments.get(name).and_then(Value::as_str);
    api::find(said("family")?, said("action")?)
}

fn payload(arguments: &JsonObject) -> JsonObject {
    match arguments.get("payload") {
        Some(Value::Object(payload)) => payload.clone(),
        _ => Map::new(),
    }
}

/// The payload against what is known of the endpoint; fields that are not known pass.
fn payload_mistakes(operation: &Operation, payload: &mut JsonObject) -> Vec<Mistake> {
    let schema = schema_of(operation);
    let mistakes = arguments::check(&schema, payload, Unknown::Keep);
    let mistakes = if mistakes.is_empty() {
        mistakes_of(operation, payload)
    } else {
        mistakes
    };
    let inside = |mistake: Mistake| {
        let path = match mistake.path.as_str() {
            "" => "payload".to_owned(),
            path => format!("payload.{path}"),
        };
        Mistake { path, ..mistake }
    };
    mistakes.into_iter().map(inside).collect()
}

impl Tool for TickitiCall {
    fn spec(&self) -> ToolSpec {
        let mut spec = ToolSpec::read("tickiti_call", "Call any endpoint", GENERAL)
            .describe(
                "Calls any Tickiti endpoint by family and action, for everything that has no tool of its own. Find \
                 the action with list_endpoints, and its fields with `schema: true` there. Some endpoints delete or \
                 send things for good: look at `reversal` first.",
            )
            .input(schema::open_object(
                &[
                    (
                        "family",
                        json!({"type": "string", "description": "Family of the endpoint, for example `settings`."}),
                    ),
                    (
                        "action",
                        json!({"type": "string", "description": "Action of the family, for example `perspectives.create`; `(root)` for `faqs`."}),
                    ),
                    (
                        "payload",
                        json!({"type": "object", "additionalProperties": true, "description": "Fields of the request, path parameters among them."}),
                    ),
                    (
                        IDEMPOTENCY_KEY,
                        json!({"type": "string", "minLength": 1, "maxLength": 255, "description": "Your own name for a write, on endpoints that take a key."}),
                    ),
                ],
                &["family", "action"],
            ))
            .output(any_object())
            .open_world();
        spec.effect = WORST;
        spec.reversal = Some(Reversal::Irreversible);
        spec
    }

    fn effect(&self, arguments: &JsonObject) -> Effect {
        operation(arguments).map_or(WORST, |operation| operation.spec.effect)
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        let said = |name: &str| arguments.get(name).and_then(Value::as_str);
        let Some(operation) = operation(arguments) else {
            let family = said("family").unwrap_or_default();
            return find_mistake(family, said("action")).into_iter().collect();
        };
        if operation.spec.encoding == Encoding::Multipart {
            return vec![Mistake::new(
                "action",
                "takes a file upload, which this tool cannot send",
            )];
        }
        let mut mistakes = payload_mistakes(operation, &mut payload(arguments));
        if arguments.contains_key(IDEMPOTENCY_KEY) && !operation.spec.effect.is_keyed() {
            mistakes.push(Mistake::new(
                IDEMPOTENCY_KEY,
                "is not honoured by this endpoint; leave it out",
            ));
        }
        mistakes
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let operation = operation(&arguments)
            .ok_or_else(|| ToolError::internal("tickiti_call was called without an endpoint"))?;
        let mut fields = payload(&arguments);
        let mistakes = payload_mistakes(operation, &mut fields);
        if !mistakes.is_empty() {
            return Err(ToolError::arguments("tickiti_call", &mistakes));
        }
        let mut context = context.clone();
        let key = arguments.get(IDEMPOTENCY_KEY).and_then(Value::as_str);
        context.idempotency_key = key.map(str::to_owned);
        let answer = context
            .backend::<Tickiti>()?
            .send(&context, operation, fields)
            .await?;
        Ok(as_object(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_effect_is_that_of_the_endpoint_that_is_named() {
        for (arguments, effect) in [
            (json!({"family": "tickets", "action": "show"}), Effect::Read),
            (
                json!({"family": "tickets", "action": "create"}),
                Effect::Write(Repeat::Keyed),
            ),
            (
                json!({"family": "tickets", "action": "link"}),
                Effect::Write(Repeat::Natural),
            ),
            (json!({"family": "tickets", "action": "shwo"}), WORST),
            (json!({"family": 7}), WORST),
            (json!({}), WORST),
        ] {
            let Value::Object(arguments) = arguments else {
                unreachable!()
            };
            assert_eq!(TickitiCall.effect(&arguments), effect, "{arguments:?}");
        }
    }
}
