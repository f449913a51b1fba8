//! `list_instances`: the installs that this server reaches.

use serde_json::{Value, json};

use super::{GENERAL, Tickiti, answers};
use crate::{
    context::Context,
    error::ToolError,
    tool::{JsonObject, Tool, ToolSpec},
};

/// Tells the installs.
#[derive(Debug)]
pub(super) struct ListInstances;

impl Tool for ListInstances {
    fn name(&self) -> &'static str {
        "list_instances"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec::read(self.name(), "List instances", GENERAL)
            .describe("Lists the Tickiti installs that this server reaches: name, address, which is the default.")
            .output(answers::list_of("instances"))
    }

    async fn call(&self, context: &Context, _: JsonObject) -> Result<JsonObject, ToolError> {
        let instances = context.backend::<Tickiti>()?.instances();
        let rows: Vec<Value> = instances
            .iter()
            .map(|client| {
                let is_default = client.name() == instances.default_name();
                json!({"name": client.name(), "base": client.base().as_str(), "default": is_default})
            })
            .collect();
        let mut answer = JsonObject::new();
        answer.insert("instances".to_owned(), Value::Array(rows));
        Ok(answer)
    }
}
