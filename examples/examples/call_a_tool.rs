//! Calls an assistant's tools in process: the same checks and answers as over the protocol, without a server.

use mcp_tools::{
    Backends, Context, Registry,
    tickiti::{self, Tickiti},
};
use sandbox::tickiti::Tickiti as Sandbox;
use serde_json::{Value, json};
use tickiti_client::{Client, Instances};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let install = Sandbox::builder().start().await?;
    let client = Client::builder(install.base_url(), "sandbox-agent").build()?;
    let instances = Instances::new(vec![client])?;
    let registry = Registry::new(vec![tickiti::module(&instances)])?;
    let backends = Backends::new().with(Tickiti::new(instances));

    for (tool, arguments) in [
        (
            "query_tickets",
            json!({"row_limit": 2, "search_object": {"criteria": [{"mode": "queue", "tokens": ["Sales"]}]}}),
        ),
        (
            "get_ticket",
            json!({"ticket_numbr": 709383, "fields": ["text"]}),
        ),
        (
            "tickiti_call",
            json!({"family": "reports", "action": "meta"}),
        ),
    ] {
        let Value::Object(arguments) = arguments else {
            continue;
        };
        let context = Context::new("example", backends.clone());
        println!("> {tool} {}", Value::Object(arguments.clone()));
        match registry.call(tool, context, arguments).await {
            Ok(answer) => println!("{}\n", Value::Object(answer)),
            Err(error) => println!("refused: {error}\n"),
        }
    }
    Ok(())
}
