//! `demo`: a session that a person can read. A real client talks to this program over stdio; Tickiti is the sandbox.

use std::{
    io,
    process::{ExitCode, Stdio},
    time::{Duration, Instant},
};

use clap::Args;
use mcp_tools::JsonObject;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use super::{
    FAILED,
    double::{Doubles, Ports},
    fail,
};
use crate::{
    config::{ModuleName, variable},
    transport::{Answer, Client, ClientError},
};

mod screen;

use screen::{Fields, Screen, plain, table};

const CUSTOMER: &str = "marcus@trailblazers-club.example";
const STAFF: &str = "eva@shop.example";
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
    let doubles = Doubles::start(&[ModuleName::Tickiti].into(), Ports::default())
        .await
        .map_err(DemoError::Sandbox)?;
    let mut screen = Screen::new();
    screen.paragraph(&format!(
        "A session with ticketing-mcp {}. An MCP client starts the server as a program of its own and talks to it over \
         stdin and stdout, as an assistant does; the Tickiti behind it is simulated and keeps nothing.",
        env!("CARGO_PKG_VERSION")
    ));
    let mut server = Server::start(&doubles, "sandbox-admin").await?;
    tools(&mut screen, &server).await?;
    let number = open(&mut screen, &server).await?;
    answer(&mut screen, &server, &number).await?;
    find(&mut screen, &server).await?;
    report(&mut screen, &server).await?;
    mistakes(&mut screen, &server).await?;
    server.end().await?;

    server = Server::start(&doubles, "sandbox-reader").await?;
    forbidden(&mut screen, &server).await?;
    server.end().await?;
    screen.gap();
    screen.paragraph(
        "Next: `ticketing-mcp serve --sandbox` serves the same sandbox to your own assistant; with TICKITI_API_BASE \
         and TICKITI_API_TOKEN set, `ticketing-mcp` serves your Tickiti.",
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
    let names = |tools: Vec<&crate::transport::Offered>| -> Vec<String> {
        tools.into_iter().map(|tool| tool.name.clone()).collect()
    };
    screen.words("reading", &names(reading));
    screen.words("writing", &names(writing));
    screen.answer_lines(&[format!("{} tools", tools.len())], took);
    Ok(())
}

async fn open(screen: &mut Screen, server: &Server) -> Result<String, DemoError> {
    screen.step("A customer writes: the carbon plate of his shoe has cracked");
    let (result, took) = server
        .call(screen, "create_ticket", &json!({
            "originator_email_address": CUSTOMER,
            "queue_name": "Sales",
            "subject": "Carbon plate cracked after 60 km",
            "content": "<p>The plate of my left shoe cracked on the third run. Can I have a replacement?</p>",
            "priority": "High",
        }))
        .await?;
    screen.answer(&chosen(&result, &["ticket_number", "queue"]), took);
    let number = result.get("ticket_number").map(plain);
    number.ok_or(DemoError::Missing("ticket_number"))
}

async fn answer(screen: &mut Screen, server: &Server, number: &str) -> Result<(), DemoError> {
    screen.step("The assistant answers him");
    let (result, took) = server
        .call(screen, "respond_to_ticket", &json!({
            "ticket_number": number,
            "from_email": STAFF,
            "content": "<p>Sorry about that, Marcus. A new pair leaves today; keep the old one for the courier.</p>",
            "status": "on-hold",
            "on_hold_until": "2026-12-01",
        }))
        .await?;
    screen.answer(&chosen(&result, &["ticket_id", "response_id"]), took);
    Ok(())
}

async fn find(screen: &mut Screen, server: &Server) -> Result<(), DemoError> {
    screen.step("The assistant looks for it, as anybody in the team would");
    let (result, took) = server
        .call(
            screen,
            "query_tickets",
            &json!({
                "search_object": {"criteria": [{"mode": "raised", "tokens": [CUSTOMER]}]},
                "row_limit": 3,
            }),
        )
        .await?;
    let columns = ["number", "subject", "queue_name", "status"];
    let rows: Vec<Vec<String>> = result
        .get("tickets")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|row| {
            columns
                .iter()
                .map(|name| row.get(*name).map(plain).unwrap_or_default())
                .collect()
        })
        .collect();
    screen.answer_lines(&table(&columns, &rows), took);
    Ok(())
}

async fn report(screen: &mut Screen, server: &Server) -> Result<(), DemoError> {
    screen.step("How busy was May?");
    let (result, took) = server
        .call(
            screen,
            "run_report",
            &json!({
                "report": "volumes",
                "date_from": "2026-05-01",
                "date_to": "2026-05-31",
                "group_by": "week",
            }),
        )
        .await?;
    let columns = ["created", "closed", "responses"];
    let line = |label: String, row: &Value| -> Vec<String> {
        let counts = columns
            .iter()
            .map(|name| row.get(*name).map(plain).unwrap_or_default());
        std::iter::once(label).chain(counts).collect()
    };
    let weeks = result
        .get("rows")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let mut rows: Vec<Vec<String>> = weeks
        .map(|week| line(week.get("period").map(plain).unwrap_or_default(), week))
        .collect();
    if let Some(totals) = result.get("totals") {
        rows.push(line("May".to_owned(), totals));
    }
    screen.answer_lines(
        &table(&["week", "created", "closed", "responses"], &rows),
        took,
    );
    Ok(())
}

async fn mistakes(screen: &mut Screen, server: &Server) -> Result<(), DemoError> {
    screen.step("A call with mistakes is refused, all of them at once, before anything is sent");
    let arguments = json!({
        "originator_email_address": "marcus",
        "queue": "Sales",
        "subject": "Laces",
        "content": "<p>Too short.</p>",
        "priority": "Urgnt",
    });
    server.refused(screen, "create_ticket", &arguments).await
}

async fn forbidden(screen: &mut Screen, server: &Server) -> Result<(), DemoError> {
    screen.step("A token that may only read tries to write");
    let arguments = json!({
        "originator_email_address": CUSTOMER,
        "subject": "One more pair",
        "content": "<p>The same again, please.</p>",
    });
    server.refused(screen, "create_ticket", &arguments).await
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
    async fn start(doubles: &Doubles, token: &str) -> Result<Self, DemoError> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").env(variable::TRANSPORT, "stdio");
        let others = ModuleName::ALL.iter().flat_map(|module| module.variables());
        for name in others.chain(&[variable::INSTANCE_NAME, variable::MODULES]) {
            command.env_remove(name);
        }
        let mut process = command
            .envs(doubles.settings(token))
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
        screen.call(tool);
        screen.arguments(arguments);
        let arguments = arguments.as_object().cloned().unwrap_or_default();
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
