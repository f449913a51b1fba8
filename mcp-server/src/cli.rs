//! The commands, one file each.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Mistakes, Variables, environment, variable};

mod call;
mod demo;
mod double;
mod sandbox;
mod serve;
mod signals;
mod tools;

/// The tool failed, or the command could not do its work.
const FAILED: u8 = 1;
/// The command was used wrongly.
const MISUSED: u8 = 2;

/// Tickiti for assistants that speak the Model Context Protocol.
#[derive(Debug, Parser)]
#[command(
    name = "ticketing-mcp",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Settings come from the environment: TICKITI_API_BASE and TICKITI_API_TOKEN (or TICKITI_INSTANCES).\n\
                  Without a Tickiti of your own: `ticketing-mcp demo`, or `ticketing-mcp serve --sandbox`."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Serve,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve MCP on stdin and stdout (the default).
    Serve(serve::Serve),
    /// Run the simulated Tickiti alone, with demo data, until it is stopped.
    Sandbox(sandbox::Sandbox),
    /// Show every tool: what it does to Tickiti, what permission it needs, what it costs in tokens.
    Tools(tools::Tools),
    /// Call one tool and print its result.
    Call(call::Call),
    /// Show a session against the sandbox, as an assistant would lead it.
    Demo(demo::Demo),
}

/// Flags of the commands that need a Tickiti.
#[derive(Debug, Args)]
struct Target {
    /// Start the sandbox in this process and use it in place of a real Tickiti.
    #[arg(long)]
    sandbox: bool,
    /// Token of the sandbox to use: sandbox-admin, sandbox-agent or sandbox-reader.
    #[arg(
        long,
        value_name = "NAME",
        requires = "sandbox",
        default_value = "sandbox-admin"
    )]
    sandbox_token: String,
    /// Log from this level on: off, error, warn, info, debug or trace. On stderr.
    #[arg(long, value_name = "LEVEL")]
    log: Option<String>,
}

impl Cli {
    /// Runs the chosen command.
    pub async fn run(self) -> ExitCode {
        let command = self.command.unwrap_or(Command::Serve(self.serve));
        match command {
            Command::Serve(serve) => serve.run().await,
            Command::Sandbox(sandbox) => sandbox.run().await,
            Command::Tools(tools) => tools.run(),
            Command::Call(call) => call.run().await,
            Command::Demo(demo) => demo.run().await,
        }
    }
}

/// What a [`Target`] leads to.
struct Prepared {
    config: Config,
    /// Keeps the sandbox alive.
    _double: Option<double::Double>,
}

impl Target {
    /// Flags over environment to a configuration; starts the log and, when asked for, the sandbox.
    async fn prepare(&self, mut variables: Variables) -> Result<Prepared, Mistakes> {
        if let Some(level) = &self.log {
            variables.insert(variable::LOG.to_owned(), level.clone());
        }
        let level = variables.get(variable::LOG).map(|level| level.trim());
        crate::logging::start(level.filter(|level| !level.is_empty()));
        let (config, double) = if self.sandbox {
            let double = double::start(0).await.map_err(Mistakes::from)?;
            let token = self.sandbox_token.as_str();
            let config = Config::with_install(&variables, "sandbox", &double.base_url(), token)?;
            (config, Some(double))
        } else {
            (
                Config::read(&variables, &|path| std::fs::read_to_string(path))?,
                None,
            )
        };
        for warning in &config.warnings {
            say(warning);
        }
        Ok(Prepared {
            config,
            _double: double,
        })
    }
}

/// Writes to stdout, for commands that do not serve. A reader that left early, such as `head`, is no fault.
fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Tells the user something, on stderr.
pub fn say(text: &str) {
    crate::logging::line(&format!("ticketing-mcp: {text}"));
}

/// Tells why a command ends, and gives its exit code.
fn fail(reason: impl std::fmt::Display, code: u8) -> ExitCode {
    say(&reason.to_string());
    ExitCode::from(code)
}
