//! The records of calls: one for each way a call can end, none lost whenever the program is killed, none waited for.

use std::{
    collections::BTreeSet,
    future::{Future, pending, ready},
    pin::Pin,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use mcp_server::{Server, audit::Journal};
use mcp_tools::{
    Backends, Context, ErrorKind, JsonObject, Module, Registry, Resource, ResourceSpec, Tool,
    ToolError, ToolSpec,
    audit::{NotRecorded, Outcome, Record, Recorder, Redaction},
};
use sandbox::envia::{Envia, Fault, FaultKind};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::support::{Folder, Raw};

mod killed;

const LOG: &str = "activity_log.create";
const LONG: Duration = Duration::from_secs(5);
const SECRET: &str = "sandbox-bot-token";

/// A tool that does what its argument says.
struct Acts;

impl Tool for Acts {
    fn spec(&self) -> ToolSpec {
        let input = json!({
            "type": "object",
            "properties": {"act": {"type": "string"}, "file": {"type": "string"}},
            "required": ["act"],
        });
        ToolSpec::read("envia_acts", "Acts", "test").input(input.as_object().unwrap().clone())
    }

    async fn call(&self, _: &Context, arguments: JsonObject) -> Result<JsonObject, ToolError> {
        match arguments["act"].as_str().unwrap() {
            "fail" => {
                let text = format!("the back end refused {SECRET}: {}", "x".repeat(5_000));
                Err(ToolError::new(ErrorKind::Refused, text))
            }
            "deny" => Err(ToolError::new(ErrorKind::Denied, "the type is blocked")),
            "panic" => panic!("on purpose"),
            "hang" => pending().await,
            _ => Ok(JsonObject::new()),
        }
    }
}

struct Elsewhere;

impl Tool for Elsewhere {
    fn spec(&self) -> ToolSpec {
        ToolSpec::read("elsewhere", "Elsewhere", "test")
    }

    async fn call(&self, _: &Context, _: JsonObject) -> Result<JsonObject, ToolError> {
        Ok(JsonObject::new())
    }
}

struct Readable;

impl Resource for Readable {
    fn spec(&self) -> ResourceSpec {
        ResourceSpec::new("test://readable", "readable", "Readable", "To read.")
    }

    async fn read(&self, _: &Context) -> Result<Value, ToolError> {
        Ok(json!({}))
    }
}

/// Takes every record.
#[derive(Debug, Default)]
struct Takes(Mutex<Vec<Record>>);

impl Recorder for Takes {
    // What the attribute on the trait makes of an `async fn`.
    fn record<'a, 'b, 'c>(
        &'a self,
        record: &'b Record,
    ) -> Pin<Box<dyn Future<Output = Result<(), NotRecorded>> + Send + 'c>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        self.0.lock().unwrap().push(record.clone());
        Box::pin(ready(Ok(())))
    }
}

struct Observed {
    folder: Folder,
    taken: Arc<Takes>,
    server: Server,
}

impl Observed {
    fn new() -> Self {
        let (folder, taken) = (Folder::new(), Arc::<Takes>::default());
        let journal = Journal::open(folder.path().as_ref(), Arc::clone(&taken) as _).unwrap();
        let modules = vec![
            Module::new("envia").tool(Acts).resource(Readable),
            Module::new("other").tool(Elsewhere),
        ];
        let registry = Registry::new(modules).unwrap();
        let server = Server::new(registry, Backends::new(), Duration::from_millis(50));
        let redaction = Redaction::new(vec![SECRET.into()]);
        Self {
            folder,
            taken,
            server: server.with_journal("envia", journal, redaction),
        }
    }

    async fn call(&self, act: &str) -> Result<JsonObject, ToolError> {
        let arguments = json!({"act": act, "file": "A".repeat(1_000)});
        let arguments = arguments.as_object().unwrap().clone();
        self.server.call("envia_acts", arguments, pending()).await
    }

    /// The records, in order.
    async fn end(self) -> Vec<Record> {
        self.server.finish(LONG).await;
        assert_eq!(self.folder.entries(), Vec::<String>::new());
        self.taken.0.lock().unwrap().clone()
    }
}

fn said(record: &Record) -> (Outcome, Option<&str>) {
    (record.outcome, record.message.as_deref())
}

#[tokio::test]
async fn every_way_a_call_can_end_makes_one_record() {
    let observed = Observed::new();
    for act in ["succeed", "fail", "deny", "panic", "hang"] {
        let _ = observed.call(act).await;
    }
    let wrong = json!({"act": 5, "password": "hunter2", "why": "x"});
    let wrong = wrong.as_object().unwrap().clone();
    let refused = observed.server.call("envia_acts", wrong, pending()).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Arguments);
    let hang = || json!({"act": "hang"}).as_object().unwrap().clone();
    let given_up = observed
        .server
        .call("envia_acts", hang(), sleep(Duration::from_millis(5)));
    assert!(given_up.await.is_err());
    let dropped = observed.server.call("envia_acts", hang(), pending());
    assert!(timeout(Duration::from_millis(5), dropped).await.is_err());
    // Arguments that are no object never come to the tool.
    let no_object = ToolError::new(ErrorKind::Arguments, "`arguments` must be a JSON object");
    assert!(observed.server.refuse("envia_acts", no_object).is_err());

    let records = observed.end().await;
    assert_eq!(records.len(), 9, "{records:#?}");
    for record in &records {
        assert_eq!(record.tool, "envia_acts");
        assert_eq!(record.request_id.len(), 32);
    }
    let ids: BTreeSet<&str> = records.iter().map(|record| &*record.request_id).collect();
    assert_eq!(ids.len(), 9);

    assert_eq!(said(&records[0]), (Outcome::Success, None));
    assert_eq!(
        Value::Object(records[0].arguments.clone()),
        json!({"act": "succeed", "file": "[base64, 1000 characters]"})
    );
    let (outcome, message) = said(&records[1]);
    assert_eq!(outcome, Outcome::Error);
    let message = message.unwrap();
    assert!(
        message.starts_with("the back end refused [secret]: xxx"),
        "{message}"
    );
    assert!(message.chars().count() < 1_100);
    assert_eq!(
        said(&records[2]),
        (Outcome::Denied, Some("the type is blocked"))
    );
    for (record, expected) in [
        (3, "failed inside this server"),
        (4, "did not finish within 0.05 s"),
        (5, "mistakes in the arguments"),
        (6, "the call was cancelled"),
        (7, "the call was cancelled"),
        (8, "must be a JSON object"),
    ] {
        let (outcome, message) = said(&records[record]);
        assert_eq!(outcome, Outcome::Error, "{expected}");
        assert!(message.unwrap().contains(expected), "{message:?}");
    }
    assert!((50..500).contains(&records[4].duration_ms));
    assert_eq!(records[5].arguments["password"], "[secret]");
    assert_eq!(records[5].arguments["act"], 5);
}

#[tokio::test]
async fn nothing_else_makes_a_record() {
    let observed = Observed::new();
    let server = &observed.server;
    let none = JsonObject::new;
    assert!(
        server
            .call("other_elsewhere", none(), pending())
            .await
            .is_ok()
    );
    assert!(server.call("nowhere", none(), pending()).await.is_err());
    assert!(server.read("test://readable", pending()).await.is_ok());
    assert!(server.read("test://nothing", pending()).await.is_err());
    assert_eq!(observed.end().await, []);
}

#[tokio::test]
async fn a_server_without_journals_ends_at_once() {
    let registry = Registry::new(vec![Module::new("envia").tool(Acts)]).unwrap();
    let server = Server::new(registry, Backends::new(), LONG);
    assert!(
        server
            .call("envia_acts", JsonObject::new(), pending())
            .await
            .is_err()
    );
    server.finish(LONG).await;
}

/// Variables of a program that serves Envia alone.
fn variables<'a>(base: &'a str, state: &'a str, patience_ms: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("BACKEND_URL", base),
        ("BACKEND_BOT_AI_TOKEN", "sandbox-bot"),
        ("BACKEND_TIMEOUT_MS", patience_ms),
        ("MCP_TRANSPORT", "stdio"),
        ("TICKETING_MCP_STATE", state),
    ]
}

/// The tracking numbers of the rows of the log, in their order.
fn logged(double: &Envia) -> Vec<String> {
    let number = |row: &Value| {
        row["input_params"]["tracking_number"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    double.activity_log().iter().map(number).collect()
}

#[tokio::test]
async fn an_activity_log_that_hangs_delays_no_answer() {
    let double = Envia::builder().start().await.unwrap();
    double.add_fault(Fault::on(LOG, FaultKind::StallHeaders));
    let (base, state) = (double.base_url(), Folder::new());
    let variables = variables(&base, state.path(), "30000");
    let mut raw = Raw::start(&[], &variables);
    raw.initialize().await;
    let mut slowest = Duration::ZERO;
    for id in 0..30 {
        let sent = Instant::now();
        let arguments = json!({"tracking_number": format!("HANG{id}")});
        let answer = raw.call(id, "list_tickets", arguments).await;
        assert_ne!(answer["result"]["isError"], true, "{answer}");
        slowest = slowest.max(sent.elapsed());
        sleep(Duration::from_millis(5)).await;
    }
    let asked = double
        .log()
        .iter()
        .filter(|entry| entry.endpoint.as_deref() == Some(LOG))
        .count();
    assert_eq!(asked, 1, "the log was asked, and hangs");
    raw.end_input();
    let ended = Instant::now();
    let (status, _, stderr) = raw.ended().await;
    let ended = ended.elapsed();
    println!("slowest of 30 answers: {slowest:?}; the end took {ended:?}");
    assert_eq!(status.code(), Some(0));
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    assert!(ended < Duration::from_secs(8), "{ended:?}");
    assert!(stderr.contains("waiting=30"), "{stderr}");

    double.clear_faults();
    let mut raw = Raw::start(&[], &variables);
    raw.initialize().await;
    raw.end_input();
    assert_eq!(raw.ended().await.0.code(), Some(0));
    let expected: Vec<String> = (0..30).map(|id| format!("HANG{id}")).collect();
    assert_eq!(logged(&double), expected);
}
