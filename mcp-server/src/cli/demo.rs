//! `demo`: a session that a person can read. A client talks to this program over stdio; the back ends are simulated.

use std::{
    io,
    process::{ExitCode, Stdio},
    time::{Duration, Instant},
};

use clap::Args;
use mcp_tools::JsonObject;
use serde_json::Value;
use tokio::process::{Child, Command};

use super::{
    FAILED,
    double::{Doubles, Ports},
    fail,
    scratch::Scratch,
};
use crate::{
    client::{Answer, Client, ClientError},
    config::{ModuleName, variable},
};

mod envia;
mod screen;
mod tickiti;

use screen::{Fields, Screen, plain};

/// How long the server may take to end after the client has left.
const FAREWELL: Duration = Duration::from_secs(5);

/// Flags of `demo`: none.
#[derive(Debug, Args)]
pub(super) struct Demo {}

/// Why the session could not be shown.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error("{0}")]
    Sandbox(String),
    #[error("the server could not be started: {0}")]
    Spawn(#[from] io::Error),
    #[error("the session broke off: {0}")]
    Client(#[from] ClientError),
    #[error("{tool} was expected to work, but answered: {text}")]
    Refused { tool: &'static str, text: String },
    #[error("{tool} was expected to refuse, but answered")]
    NotRefused { tool: &'static str },
    #[error("the answer has no `{0}`")]
    Missing(&'static str),
}

impl Demo {
    pub(super) async fn run(self) -> ExitCode {
        match session().await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(error, FAILED),
        }
    }
}

async fn session() -> Result<(), DemoError> {
    let doubles = Doubles::start(&ModuleName::ALL.into(), Ports::default())
        .await
        .map_err(DemoError::Sandbox)?;
    let state = Scratch::new()?;
    let mut screen = Screen::new();
    screen.paragraph(&format!(
        "A session with ticketing-mcp {}. An MCP client starts the server as a program of its own and talks to it over \
         stdin and stdout, as an assistant does. Behind it are two back ends, the helpdesk Tickiti and the back office of \
         the shipping platform Envia; both are simulated and keep nothing.",
        env!("CARGO_PKG_VERSION")
    ));
    let server = Server::start(&doubles, &state, "sandbox-admin").await?;
    tools(&mut screen, &server).await?;
    let number = tickiti::open(&mut screen, &server).await?;
    tickiti::answer(&mut screen, &server, &number).await?;
    tickiti::find(&mut screen, &server).await?;
    tickiti::report(&mut screen, &server).await?;
    tickiti::mistakes(&mut screen, &server).await?;

    let reader = Server::start(&doubles, &state, "sandbox-reader").await?;
    tickiti::forbidden(&mut screen, &reader).await?;
    reader.end().await?;

    envia::types(&mut screen, &server).await?;
    envia::requirements(&mut screen, &server).await?;
    envia::look(&mut screen, &server).await?;
    let id = envia::open(&mut screen, &server).await?;
    envia::refusals(&mut screen, &server).await?;
    envia::claim(&mut screen, &server, &id).await?;
    envia::statuses(&mut screen, &server).await?;
    server.end().await?;
    envia::activity(&mut screen, &doubles.activity_log());
    screen.gap();
    screen.paragraph(
        "Next: `ticketing-mcp serve --sandbox` serves the same back ends to your own assistant. With TICKITI_API_BASE and \
         TICKITI_API_TOKEN set, `ticketing-mcp` serves your Tickiti; with BACKEND_URL, BACKEND_BOT_AI_TOKEN \
         and MCP_TRANSPORT=stdio, your Envia.",
    );
    Ok(())
}

async fn tools(screen: &mut Screen, server: &Server) -> Result<(), DemoError> {
    screen.step("The assistant asks what it can do");
    let started = Instant::now();
    let tools = server.client.tools().await?;
    let took = started.elapsed();
    let (reading, writing): (Vec<_>, Vec<_>) = tools.iter().partition(|tool| tool.read_only);
    screen.call("tools/list");
    let names = |tools: Vec<&crate::client::Offered>| -> Vec<String> {
        tools.into_iter().map(|tool| tool.name.clone()).collect()
    };
    screen.words("reading", &names(reading));
    screen.words("writing", &names(writing));
    screen.answer_lines(&[format!("{} tools", tools.len())], took);
    Ok(())
}

/// The named members of a result, those that are there.
fn chosen(result: &JsonObject, names: &[&str]) -> Fields {
    let found = names
        .iter()
        .filter_map(|name| Some((*name, result.get(*name)?)));
    found
        .map(|(name, value)| (name.to_owned(), plain(value)))
        .collect()
}

/// This program as a server of its own, and a client of it.
struct Server {
    process: Child,
    client: Client,
}

impl Server {
    async fn start(doubles: &Doubles, state: &Scratch, token: &str) -> Result<Self, DemoError> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").env(variable::TRANSPORT, "stdio");
        let others = ModuleName::ALL.iter().flat_map(|module| module.variables());
        for name in others.chain(&[variable::INSTANCE_NAME, variable::MODULES]) {
            command.env_remove(name);
        }
        if std::env::var_os(variable::LOG).is_none() {
            // The demo data has a ticket type whose rules are broken on purpose, which is a warning.
            command.env(variable::LOG, "error");
        }
        let mut process = command
            .envs(doubles.settings(token))
            .env(variable::STATE, state.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let pipes = process.stdout.take().zip(process.stdin.take());
        let (read, write) = pipes.ok_or_else(|| io::Error::other("it has no pipes"))?;
        let client = Client::connect(read, write).await?;
        Ok(Self { process, client })
    }

    async fn ask(
        &self,
        screen: &Screen,
        tool: &'static str,
        arguments: &Value,
    ) -> Result<(Answer, Duration), DemoError> {
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        screen.call(tool);
        screen.arguments(&arguments);
        let started = Instant::now();
        let answer = self.client.call(tool, arguments).await?;
        Ok((answer, started.elapsed()))
    }

    /// A call that must succeed.
    async fn call(
        &self,
        screen: &Screen,
        tool: &'static str,
        arguments: &Value,
    ) -> Result<(JsonObject, Duration), DemoError> {
        match self.ask(screen, tool, arguments).await? {
            (Answer::Done(Value::Object(result)), took) => Ok((result, took)),
            (Answer::Done(other), _) => Err(DemoError::Refused {
                tool,
                text: other.to_string(),
            }),
            (Answer::Refused(text), _) => Err(DemoError::Refused { tool, text }),
        }
    }

    /// A call that must be refused.
    async fn refused(
        &self,
        screen: &Screen,
        tool: &'static str,
        arguments: &Value,
    ) -> Result<(), DemoError> {
        match self.ask(screen, tool, arguments).await? {
            (Answer::Refused(text), took) => {
                screen.refusal(&text, took);
                Ok(())
            }
            (Answer::Done(_), _) => Err(DemoError::NotRefused { tool }),
        }
    }

    /// Leaves, and waits until the server has ended by itself.
    async fn end(mut self) -> Result<(), DemoError> {
        self.client.close().await;
        // A server that stays is ended with `kill_on_drop`.
        let _ = tokio::time::timeout(FAREWELL, self.process.wait()).await;
        Ok(())
    }
}
