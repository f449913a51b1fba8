//! `update_template` and `update_stock_response`: what is there is read first, and only what differs is sent.
//!
//! Installs before October 2026 reset `content`, `subject` and `is_enabled` when a change leaves them out. There, and there
//! alone, the values just read go along.

use api_core::{Effect, Operation, Spec};
use serde_json::{Map, Value, json};
use tickiti_client::api::token;

use super::{Tickiti, answers, outside};
use crate::{
    arguments::Mistake,
    context::Context,
    endpoint_tool::mistakes_of,
    error::{ErrorKind, ToolError},
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

/// The argument that names the state that the caller has read.
const IF_VERSION: &str = "if_version";
/// What older installs reset.
const RESET: [&str; 3] = ["content", "subject", "is_enabled"];

/// Every install since October 2026 has it, and no older one; every token may call it.
const SINCE_OCTOBER: Operation = Operation::of::<token::Show>();

/// Changes a text that the install keeps.
#[derive(Debug)]
pub(super) struct Revise {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) toolset: &'static str,
    pub(super) description: &'static str,
    pub(super) show: Operation,
    pub(super) update: Operation,
    /// Schema of what can change.
    pub(super) fields: fn() -> JsonObject,
    pub(super) hidden: &'static [&'static str],
    /// The tool that reads it.
    pub(super) reader: &'static str,
}

/// The request's fields: everything inside `template`.
fn nested(fields: JsonObject) -> JsonObject {
    JsonObject::from_iter([("template".to_owned(), Value::Object(fields))])
}

fn without_version(arguments: &JsonObject) -> JsonObject {
    let mut fields = arguments.clone();
    fields.remove(IF_VERSION);
    fields
}

impl Revise {
    /// The state as it is now.
    async fn read(&self, context: &Context, id: &Value) -> Result<JsonObject, ToolError> {
        let fields = JsonObject::from_iter([("template_id".to_owned(), id.clone())]);
        let tickiti = context.backend::<Tickiti>()?;
        let mut payload = tickiti.send(context, &self.show, fields).await?;
        match payload.get_mut("template").map(Value::take) {
            Some(Value::Object(template)) => Ok(template),
            _ => Err(ToolError::new(
                ErrorKind::Upstream,
                format!(
                    "nothing was changed: the install answered {} in a form that is not known here, so what is there cannot \
                     be told",
                    self.show.spec.name
                ),
            )),
        }
    }

    fn changed_meanwhile(&self, version: &str) -> ToolError {
        ToolError::new(
            ErrorKind::Conflict,
            format!(
                "nothing was changed: somebody changed it since you read it. Read it again with {}, and call with its \
                 version, now `{version}`, if the change still makes sense",
                self.reader
            ),
        )
    }

    /// What an older install must be told besides, so that it does not reset it.
    fn kept(&self, now: &JsonObject, changes: &mut JsonObject) -> Result<(), ToolError> {
        for name in RESET {
            if changes.contains_key(name) {
                continue;
            }
            let value = match name {
                "is_enabled" => outside::flag(now, name).map(Value::Bool),
                _ => now.get(name).filter(|value| value.is_string()).cloned(),
            };
            let Some(value) = value else {
                return Err(ToolError::new(
                    ErrorKind::Upstream,
                    format!(
                        "nothing was changed: this install is older than October 2026 and resets `{name}` when it is left \
                         out, and it does not tell what it is; give `{name}` as well"
                    ),
                ));
            };
            changes.insert(name.to_owned(), value);
        }
        Ok(())
    }
}

impl Tool for Revise {
    fn name(&self) -> &'static str {
        self.name
    }

    fn spec(&self) -> ToolSpec {
        let mut input = (self.fields)();
        schema::remove_properties(&mut input, self.hidden);
        schema::add_properties(
            &mut input,
            Map::from_iter([(
                IF_VERSION.to_owned(),
                json!({"type": "string", "description": format!("`version` of your {}; refused when it changed since.", self.reader)}),
            )]),
        );
        ToolSpec::of_endpoint(self.name, self.title, self.toolset, self.update.spec)
            .describe(self.description)
            .input(input)
            .output(schema::open_object(
                &[(
                    "changed",
                    json!({"type": "array", "items": {"type": "string"}, "description": "Fields that are different now."}),
                )],
                &["changed"],
            ))
    }

    fn effect(&self, _: &JsonObject) -> Effect {
        self.update.spec.effect
    }

    fn endpoints(&self, _: Option<&JsonObject>) -> Vec<&'static Spec> {
        vec![self.update.spec]
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        let fields = without_version(arguments);
        if fields.keys().all(|name| name == "id") {
            let problem = "is all that is given: name at least one field to change";
            return vec![Mistake::new("id", problem)];
        }
        let mistakes = mistakes_of(&self.update, &nested(fields)).into_iter();
        mistakes
            .map(|mistake| {
                let path = mistake.path.strip_prefix("template.").map(str::to_owned);
                Mistake {
                    path: path.unwrap_or(mistake.path),
                    ..mistake
                }
            })
            .collect()
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let mut changes = without_version(&arguments);
        let id = changes.remove("id").unwrap_or_default();
        let now = self.read(context, &id).await?;
        let version = answers::version(&now);
        if let Some(expected) = arguments.get(IF_VERSION)
            && *expected != json!(version)
        {
            return Err(self.changed_meanwhile(&version));
        }
        changes.retain(|name, value| !is_same(now.get(name), value));
        let changed: Vec<String> = changes.keys().cloned().collect();
        let mut answer = JsonObject::new();
        answer.insert("changed".to_owned(), json!(changed));
        if changed.is_empty() {
            let note = "nothing was sent: it is like that already";
            answer.insert("note".to_owned(), json!(note));
            return Ok(answer);
        }
        let tickiti = context.backend::<Tickiti>()?;
        let newest = tickiti.attempt(context, &SINCE_OCTOBER, JsonObject::new());
        if newest.await?.is_none() {
            self.kept(&now, &mut changes)?;
        }
        changes.insert("id".to_owned(), id);
        tickiti.send(context, &self.update, nested(changes)).await?;
        Ok(answer)
    }
}

/// Whether a value is there already; flags may be kept as numbers.
fn is_same(now: Option<&Value>, wanted: &Value) -> bool {
    match (now, wanted) {
        (Some(now), wanted) if now == wanted => true,
        (Some(now), Value::Bool(wanted)) => {
            let held = JsonObject::from_iter([("flag".to_owned(), now.clone())]);
            outside::flag(&held, "flag") == Some(*wanted)
        }
        _ => false,
    }
}
