//! `call`: one tool call from the shell, on the same way as a client's.

use std::{future::pending, process::ExitCode};

use clap::Args;
use mcp_tools::{ErrorKind, JsonObject, ToolError};

use super::{FAILED, FAREWELL, MISUSED, Target, environment, fail, print, with_secrets};

/// Flags of `call`.
#[derive(Debug, Args)]
pub(super) struct Call {
    /// Name of the tool.
    tool: String,
    /// Arguments as a JSON object.
    #[arg(value_name = "JSON", default_value = "{}")]
    arguments: String,
    #[command(flatten)]
    target: Target,
}

impl Call {
    pub(super) async fn run(self) -> ExitCode {
        let arguments: JsonObject = match serde_json::from_str(&self.arguments) {
            Ok(arguments) => arguments,
            Err(error) => {
                return fail(
                    format!("the arguments are not a JSON object: {error}"),
                    MISUSED,
                );
            }
        };
        let prepared = match self.target.prepare(environment()).await {
            Ok(prepared) => prepared,
            Err(mistakes) => return fail(mistakes, FAILED),
        };
        let config = match prepared.config() {
            Ok(config) => config,
            Err(mistakes) => return fail(mistakes, FAILED),
        };
        let server = match crate::build(&config).await {
            Ok(server) => with_secrets(server, &config),
            Err(error) => return fail(error, FAILED),
        };
        let outcome = server.call(&self.tool, arguments, pending()).await;
        let code = shown(outcome);
        server.finish(FAREWELL).await;
        code
    }
}

/// Prints a result or says why there is none.
fn shown(outcome: Result<JsonObject, ToolError>) -> ExitCode {
    match outcome {
        Ok(result) => match serde_json::to_string_pretty(&result) {
            Ok(text) => {
                print(&format!("{text}\n"));
                ExitCode::SUCCESS
            }
            Err(error) => fail(error, FAILED),
        },
        Err(error) if error.kind() == ErrorKind::UnknownTool => fail(error, MISUSED),
        Err(error) => fail(error, FAILED),
    }
}
