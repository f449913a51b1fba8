//! `tickiti_call` and `tickiti_read`: any endpoint by family and action.

use api_core::{Effect, Encoding, Operation, Repeat, Reversal, Spec};
use serde_json::{Map, Value, json};
use tickiti_client::api;

use super::{GENERAL, Tickiti, issue, list_endpoints::find_mistake, operations, schema_of};
use crate::{
    arguments::{self, Mistake, Unknown},
    context::Context,
    endpoint_tool::{any_object, as_object, mistakes_of},
    error::ToolError,
    rehearsal::DRY_RUN,
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

/// It may be any write, so it counts as the worst of them while nothing tells which.
const WORST: Effect = Effect::Write(Repeat::Never);

/// Calls an endpoint.
#[derive(Debug)]
pub(super) struct TickitiCall;

/// Calls an endpoint that changes nothing. It is a tool of its own so that a client can let it run unasked.
#[derive(Debug)]
pub(super) struct TickitiRead;

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

/// Whether tickets are to be deleted: the one endpoint that can touch any number at once, and that tells which.
fn is_deletion(arguments: &JsonObject) -> bool {
    operation(arguments).is_some_and(|operation| operation.spec.name == "tickets.delete")
}

/// The arguments that name an endpoint and carry its fields.
fn properties(description: &'static str) -> [(&'static str, Value); 3] {
    [
        (
            "family",
            json!({"type": "string", "description": "Family of the endpoint, for example `settings`."}),
        ),
        (
            "action",
            json!({"type": "string", "description": description}),
        ),
        (
            "payload",
            json!({"type": "object", "additionalProperties": true, "description": "Fields of the request, path parameters among them."}),
        ),
    ]
}

/// The endpoint that is named, or all of which `which` is true.
fn endpoints(arguments: Option<&JsonObject>, which: fn(&Spec) -> bool) -> Vec<&'static Spec> {
    let specs = |operations: &mut dyn Iterator<Item = &'static Operation>| {
        let specs = operations.map(|operation| operation.spec);
        specs.filter(|spec| which(spec)).collect()
    };
    match arguments {
        Some(arguments) => specs(&mut operation(arguments).into_iter()),
        None => specs(&mut api::ALL.iter()),
    }
}

/// The endpoint that is named, or what is wrong with its naming.
fn named(arguments: &JsonObject) -> Result<&'static Operation, Vec<Mistake>> {
    let said = |name: &str| arguments.get(name).and_then(Value::as_str);
    let Some(operation) = operation(arguments) else {
        let family = said("family").unwrap_or_default();
        return Err(find_mistake(family, said("action")).into_iter().collect());
    };
    if operation.spec.encoding == Encoding::Multipart {
        return Err(vec![Mistake::new(
            "action",
            "takes a file upload, which this tool cannot send",
        )]);
    }
    Ok(operation)
}

/// Sends what is named.
async fn send(context: &Context, arguments: &JsonObject) -> Result<JsonObject, ToolError> {
    let operation = operation(arguments)
        .ok_or_else(|| ToolError::internal("a call came this far without an endpoint"))?;
    let mut fields = payload(arguments);
    let mistakes = payload_mistakes(operation, &mut fields);
    if !mistakes.is_empty() {
        return Err(ToolError::arguments("the call", &mistakes));
    }
    if operation.spec.answers_secret {
        return issue::issue(context, operation, fields).await;
    }
    let tickiti = context.backend::<Tickiti>()?;
    tickiti
        .answer(context, operation, fields)
        .await
        .map(as_object)
}

impl Tool for TickitiCall {
    fn name(&self) -> &'static str {
        "tickiti_call"
    }

    fn spec(&self) -> ToolSpec {
        let properties = properties(
            "Action of the family, for example `perspectives.create`; `(root)` for `faqs`.",
        );
        let mut spec = ToolSpec::read(self.name(), "Call any endpoint", GENERAL)
            .describe(
                "Calls any Tickiti endpoint by family and action; for reads take tickiti_read. list_endpoints tells the \
                 actions, their fields (`schema: true`), and what cannot be undone.",
            )
            .input(schema::open_object(&properties, &["family", "action"]))
            .output(any_object())
            .open_world();
        spec.effect = WORST;
        spec.reversal = Some(Reversal::Irreversible);
        spec
    }

    fn effect(&self, arguments: &JsonObject) -> Effect {
        if is_deletion(arguments) && payload(arguments).get(DRY_RUN) == Some(&json!(true)) {
            return Effect::Read;
        }
        operation(arguments).map_or(WORST, |operation| operation.spec.effect)
    }

    fn endpoints(&self, arguments: Option<&JsonObject>) -> Vec<&'static Spec> {
        match arguments {
            Some(arguments) => endpoints(Some(arguments), |_| true),
            // For reads alone there is the other tool.
            None => endpoints(None, |spec| spec.effect.is_write()),
        }
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        let operation = match named(arguments) {
            Ok(operation) => operation,
            Err(mistakes) => return mistakes,
        };
        payload_mistakes(operation, &mut payload(arguments))
    }

    fn is_bulk(&self, arguments: &JsonObject) -> bool {
        is_deletion(arguments) && operations::is_bulk(&payload(arguments))
    }

    async fn touches(
        &self,
        context: &Context,
        arguments: &JsonObject,
    ) -> Result<Option<Value>, ToolError> {
        match is_deletion(arguments) {
            true => operations::touches(context, &payload(arguments))
                .await
                .map(Some),
            false => Ok(None),
        }
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        send(context, &arguments).await
    }
}

impl Tool for TickitiRead {
    fn name(&self) -> &'static str {
        "tickiti_read"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec::read(self.name(), "Read from any endpoint", GENERAL)
            .describe(
                "Calls any Tickiti endpoint that changes nothing (`effect: read` in list_endpoints), by family and action. \
                 Fields: list_endpoints with `schema: true`. For the others there is tickiti_call.",
            )
            .input(schema::open_object(
                &properties("Action of the family, for example `perspectives.index`; `(root)` for `faqs`."),
                &["family", "action"],
            ))
            .output(any_object())
    }

    fn endpoints(&self, arguments: Option<&JsonObject>) -> Vec<&'static Spec> {
        endpoints(arguments, |spec| !spec.effect.is_write())
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        match named(arguments) {
            Ok(operation) if operation.spec.effect.is_write() => vec![Mistake::new(
                "action",
                "changes things, and this tool only reads; tickiti_call takes it",
            )],
            Ok(operation) => payload_mistakes(operation, &mut payload(arguments)),
            Err(mistakes) => mistakes,
        }
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        // A promise to clients that is kept here too.
        if endpoints(Some(&arguments), |spec| spec.effect.is_write()).is_empty() {
            send(context, &arguments).await
        } else {
            Err(ToolError::internal("a read was asked to change something"))
        }
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
