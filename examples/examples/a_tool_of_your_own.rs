//! Adds a tool to the ones of Tickiti: how long customers wait in a queue, from two calls of the typed client.

use mcp_tools::{
    Backends, Context, ErrorKind, JsonObject, Registry, Tool, ToolError, ToolSpec, schema,
    tickiti::{self, Tickiti},
};
use sandbox::tickiti::Tickiti as Sandbox;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use tickiti_client::{Client, Instances, api::tickets};

/// Counts what waits in a queue.
struct CountWaiting;

/// What the tool takes; the comments are what a model reads.
#[derive(Deserialize, JsonSchema)]
struct Input {
    /// Name of the queue, for example `Sales`.
    queue: String,
}

impl Tool for CountWaiting {
    fn spec(&self) -> ToolSpec {
        let count = json!({"type": "integer", "description": "Open tickets in the queue."});
        ToolSpec::read("count_waiting", "Count waiting tickets", "tickets")
            .describe(
                "Counts the open tickets of a queue. For the tickets themselves use query_tickets.",
            )
            .input(schema::of::<Input>())
            .output(schema::open_object(&[("open", count)], &["open"]))
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let input: Input = serde_json::from_value(Value::Object(arguments))
            .map_err(|error| ToolError::internal(error.to_string()))?;
        let client = context.backend::<Tickiti>()?.client(context)?;
        let mut query = tickets::Query::new()
            .with(tickets::Mode::Queue, [input.queue])
            .with(tickets::Mode::Status, ["open"]);
        query.row_limit = Some(5000);
        let found = client
            .send(&query)
            .await
            .map_err(|error| ToolError::new(ErrorKind::Upstream, error.to_string()))?;
        Ok(JsonObject::from_iter([(
            "open".to_owned(),
            json!(found.rows.len()),
        )]))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let install = Sandbox::builder().start().await?;
    let client = Client::builder(install.base_url(), "sandbox-reader").build()?;
    let instances = Instances::new(vec![client])?;
    let module = tickiti::module(&instances).tool(CountWaiting);
    let registry = Registry::new(vec![module])?;
    let backends = Backends::new().with(Tickiti::new(instances));

    for queue in ["Sales", "Inbox"] {
        let arguments = JsonObject::from_iter([("queue".to_owned(), json!(queue))]);
        let answer = registry
            .call(
                "count_waiting",
                Context::new("example", backends.clone()),
                arguments,
            )
            .await?;
        println!("{queue}: {}", Value::Object(answer));
    }
    Ok(())
}
