//! A small MCP server with a back end of one's own: a module with a tool and a resource, served whole.
//!
//! With the argument `serve` it speaks MCP on stdin and stdout; without, it is its own client and shows the conversation.

use std::{collections::BTreeMap, time::Duration};

use mcp_server::{
    Server,
    client::{Answer, Client},
    transport,
};
use mcp_tools::{
    Backends, Context, ErrorKind, JsonObject, Module, Registry, Resource, ResourceSpec, Tool,
    ToolError, ToolSpec, schema,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// The back end: parcels by depot. A real one would hold a client of some API.
struct Depots(BTreeMap<String, u32>);

/// Tells how many parcels lie in a depot.
struct CountParcels;

#[derive(Deserialize, JsonSchema)]
struct Input {
    /// Name of the depot, for example `north`.
    depot: String,
}

impl Tool for CountParcels {
    fn spec(&self) -> ToolSpec {
        let count = json!({"type": "integer", "description": "Parcels in the depot."});
        ToolSpec::read("count_parcels", "Count parcels", "parcels")
            .describe(
                "Counts the parcels in one depot. The resource parcels://depots names the depots.",
            )
            .input(schema::of::<Input>())
            .output(schema::open_object(&[("parcels", count)], &["parcels"]))
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let input: Input = serde_json::from_value(Value::Object(arguments))
            .map_err(|error| ToolError::internal(error.to_string()))?;
        let depots = &context.backend::<Depots>()?.0;
        let Some(count) = depots.get(&input.depot) else {
            let known: Vec<&str> = depots.keys().map(String::as_str).collect();
            let text = format!(
                "there is no depot `{}`; known: {}",
                input.depot,
                known.join(", ")
            );
            return Err(ToolError::new(ErrorKind::NotFound, text));
        };
        Ok(JsonObject::from_iter([(
            "parcels".to_owned(),
            json!(count),
        )]))
    }
}

/// The names of the depots.
struct DepotNames;

impl Resource for DepotNames {
    fn spec(&self) -> ResourceSpec {
        ResourceSpec::new(
            "parcels://depots",
            "depots",
            "Depots",
            "The names of the depots.",
        )
    }

    async fn read(&self, context: &Context) -> Result<Value, ToolError> {
        Ok(json!(
            context.backend::<Depots>()?.0.keys().collect::<Vec<_>>()
        ))
    }
}

fn server() -> Result<Server, Box<dyn std::error::Error>> {
    let module = Module::new("parcels")
        .instructions("Parcels lie in depots. Count them with count_parcels.")
        .tool(CountParcels)
        .resource(DepotNames);
    let depots = BTreeMap::from([("north".to_owned(), 12), ("south".to_owned(), 7)]);
    let backends = Backends::new().with(Depots(depots));
    let registry = Registry::new(vec![module])?;
    Ok(Server::new(registry, backends, Duration::from_secs(10)))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stop = CancellationToken::new();
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return Ok(transport::serve_stdio(server()?, stop).await?);
    }

    let (here, there) = tokio::io::duplex(64 * 1024);
    let (read, write) = tokio::io::split(there);
    let serving = tokio::spawn(transport::serve(server()?, read, write, stop));
    let (read, write) = tokio::io::split(here);
    let client = Client::connect(read, write).await?;
    for tool in client.tools().await? {
        println!("offered: {} ({})", tool.name, tool.title);
    }
    for depot in ["north", "nort"] {
        let arguments = JsonObject::from_iter([("depot".to_owned(), json!(depot))]);
        match client.call("count_parcels", arguments).await? {
            Answer::Done(result) => println!("{depot}: {result}"),
            Answer::Refused(text) => println!("{depot}: refused: {text}"),
            _ => {}
        }
    }
    client.close().await;
    serving.await??;
    Ok(())
}
