//! The commands, one file each.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{Args, Parser, Subcommand};
use mcp_tools::Secrets;

use self::{
    double::{Doubles, Ports},
    scratch::Scratch,
};
use crate::{
    Server,
    config::{Config, Mistakes, ModuleName, Variables, environment, variable, working_folder},
};

mod call;
mod demo;
mod double;
mod health;
mod keys;
mod reload;
mod sandbox;
mod scratch;
mod serve;
mod signals;
mod tools;

/// The tool failed, or the command could not do its work.
const FAILED: u8 = 1;
/// The command was used wrongly.
const MISUSED: u8 = 2;
/// How long records of calls may take to be delivered at the end.
const FAREWELL: Duration = Duration::from_secs(5);

/// The same server for whoever started it: secrets that answers hold go into the state folder.
fn with_secrets(server: Server, config: &Config) -> Server {
    match &config.state {
        Some(folder) => server.with_secrets(Secrets::new(&folder.join("secrets"))),
        None => server,
    }
}

/// Tickets of Tickiti and Envia for assistants that speak the Model Context Protocol.
#[derive(Debug, Parser)]
#[command(
    name = "ticketing-mcp",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Settings come from the environment: TICKITI_API_BASE and TICKITI_API_TOKEN (or TICKITI_INSTANCES) for \
                  Tickiti, BACKEND_URL and BACKEND_BOT_AI_TOKEN for Envia. With Envia the\n\
                  transport is HTTP, which wants MCP_API_KEY, unless MCP_TRANSPORT=stdio.\n\
                  Without an account of your own: `ticketing-mcp demo`, or `ticketing-mcp serve --sandbox`."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Serve,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve MCP on stdin and stdout, or over HTTP (the default command).
    Serve(serve::Serve),
    /// Run the simulated Tickiti and Envia alone, with demo data, until they are stopped.
    Sandbox(sandbox::Sandbox),
    /// Show every tool: what it changes, what permission it needs, what it costs in tokens.
    Tools(tools::Tools),
    /// Call one tool and print its result.
    Call(call::Call),
    /// Make keys for the profiles of an HTTP server.
    Keys(keys::Keys),
    /// Ask a running HTTP server whether it lives, or is ready.
    Health(health::Health),
    /// Show a session against the sandbox, as an assistant would lead it.
    Demo(demo::Demo),
}

/// Flags of the commands that need a back end.
#[derive(Debug, Args)]
struct Target {
    /// Start simulated back ends in this process and use them in place of real ones.
    #[arg(long)]
    sandbox: bool,
    /// Token of the simulated Tickiti to use: sandbox-admin, sandbox-agent or sandbox-reader.
    #[arg(
        long,
        value_name = "NAME",
        requires = "sandbox",
        default_value = "sandbox-admin"
    )]
    sandbox_token: String,
    #[command(flatten)]
    modules: Modules,
    /// Folder for records of writes, and of calls that wait to be delivered; by default where this system keeps such things for its user.
    #[arg(long, value_name = "DIR", conflicts_with = "sandbox")]
    state: Option<String>,
    /// Where writes are kept on record: sqlite (a file in that folder, the default), memory, or redis://HOST:PORT.
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
    /// Folder whose files may be read and written; may be given several times. On stdio the working folder by default, or `none`.
    #[arg(long, value_name = "DIR")]
    files: Vec<PathBuf>,
    /// Log from this level on: off, error, warn, info, debug or trace. On stderr.
    #[arg(long, value_name = "LEVEL")]
    log: Option<String>,
    /// Form of the log's lines: text or json.
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
}

/// The flags that narrow what is served.
#[derive(Debug, Args)]
struct Modules {
    /// Use these modules alone: tickiti, envia, or both with a comma between them.
    #[arg(long, value_name = "NAMES")]
    modules: Option<String>,
    /// Serve reads alone, and refuse calls that change something.
    #[arg(long)]
    read_only: bool,
    /// Serve these groups of tools alone, such as tickets,mail, or all; default tickets,lookups,reports,general.
    #[arg(long, value_name = "NAMES")]
    toolsets: Option<String>,
    /// Serve these tools alone.
    #[arg(long, value_name = "NAMES")]
    allow: Option<String>,
    /// Do not serve these tools.
    #[arg(long, value_name = "NAMES")]
    deny: Option<String>,
    /// Ask the user before calls that cannot be undone (irreversible, the default), before all that change something
    /// (writes), or never.
    #[arg(long, value_name = "WHAT")]
    confirm: Option<String>,
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
            Command::Keys(keys) => keys.run(),
            Command::Health(health) => health.run(),
            Command::Demo(demo) => demo.run().await,
        }
    }
}

/// Settings, and what must live as long as they are used.
struct Prepared {
    variables: Variables,
    /// Keeps the simulations and their folder.
    _sandbox: Option<(Doubles, Scratch)>,
}

impl Prepared {
    /// What the tools are used on.
    fn config(&self) -> Result<Config, Mistakes> {
        let mut config = Config::read(&self.variables, &|path| std::fs::read_to_string(path))?;
        self.at_home(&mut config);
        Ok(config)
    }

    /// Whoever starts the process works in its folder: its files are allowed, unless something is said of files.
    fn at_home(&self, config: &mut Config) {
        let usual = || working_folder(&self.variables).into_iter().collect();
        config.files.get_or_insert_with(usual);
    }
}

impl Modules {
    /// Puts the flags over the variables.
    fn put_over(&self, variables: &mut Variables) {
        let read_only = self.read_only.then(|| "1".to_owned());
        for (name, flag) in [
            (variable::MODULES, &self.modules),
            (variable::READ_ONLY, &read_only),
            (variable::TOOLSETS, &self.toolsets),
            (variable::ALLOW, &self.allow),
            (variable::DENY, &self.deny),
            (variable::CONFIRM, &self.confirm),
        ] {
            if let Some(value) = flag {
                variables.insert(name.to_owned(), value.clone());
            }
        }
    }
}

impl Target {
    /// Flags over environment; starts the log and, when asked for, the sandbox.
    async fn prepare(&self, mut variables: Variables) -> Result<Prepared, Mistakes> {
        self.modules.put_over(&mut variables);
        for (name, flag) in [
            (variable::LOG, &self.log),
            (variable::LOG_FORMAT, &self.log_format),
            (variable::STATE, &self.state),
            (variable::STORE, &self.store),
        ] {
            if let Some(value) = flag {
                variables.insert(name.to_owned(), value.clone());
            }
        }
        if !self.files.is_empty() {
            let joined = std::env::join_paths(&self.files)
                .map_err(|error| format!("--files cannot be used: {error}"))?;
            let joined = joined.to_string_lossy().into_owned();
            variables.insert(variable::FILES.to_owned(), joined);
        }
        if self.store.is_some() {
            variables.remove(variable::STORE_FILE);
        }
        let format = set(&variables, variable::LOG_FORMAT);
        crate::logging::start(set(&variables, variable::LOG), format);
        let sandbox = if self.sandbox {
            let (doubles, folder) = self.start_sandbox(&mut variables).await?;
            let state = folder.path().to_string_lossy().into_owned();
            variables.insert(variable::STATE.to_owned(), state);
            Some((doubles, folder))
        } else {
            None
        };
        Ok(Prepared {
            variables,
            _sandbox: sandbox,
        })
    }

    /// The simulations of the modules that are named, or of all.
    async fn start_sandbox(&self, variables: &mut Variables) -> Result<(Doubles, Scratch), String> {
        let named = set(variables, variable::MODULES).map(ModuleName::named);
        let modules = named.unwrap_or_else(|| ModuleName::ALL.into());
        let doubles = Doubles::start(&modules, Ports::default()).await?;
        for unused in doubles.replace(variables, &self.sandbox_token) {
            say(&unused);
        }
        let folder = Scratch::new()
            .map_err(|error| format!("the sandbox cannot have a temporary folder: {error}"))?;
        Ok((doubles, folder))
    }
}

/// A variable that is set to something.
fn set<'a>(variables: &'a Variables, name: &str) -> Option<&'a str> {
    let value = variables.get(name)?.trim();
    (!value.is_empty()).then_some(value)
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
