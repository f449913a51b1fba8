//! The tools and resources of Envia against its double, each rule of the documents by its name.

use std::{sync::Arc, time::Duration};

use envia_client::{Client, RetryPolicy, Settings};
use mcp_tools::{
    Backends, Context, ErrorKind, JsonObject, Registry, ToolError,
    envia::{self, Envia},
};
use sandbox::envia::{Builder, Envia as Sandbox, Fault, FaultKind, LogEntry};
use serde_json::{Value, json};

use crate::harness::object;

mod activity_log;
mod catalogue;
mod create;
mod create_files;
mod create_outcomes;
mod create_rules;
mod create_shipments;
mod create_variables;
mod denied;
mod failures;
mod get_ticket;
mod list_tickets;
#[cfg(unix)]
mod local_files;
mod once;
mod outside;
mod resources;
mod stale;
mod unknowns;
mod update;
mod update_limits;
mod update_outcomes;

/// The demo token; it must never be read by a caller.
const TOKEN: &str = "sandbox-bot";
/// A PNG's first bytes, enough for a file.
const PNG: &str = "iVBORw0KGgo=";

/// A double, the tools over it, and short ways to call them.
pub(crate) struct World {
    sandbox: Arc<Sandbox>,
    registry: Registry,
    backends: Backends,
}

impl World {
    async fn start() -> Self {
        Self::with(Sandbox::builder()).await
    }

    async fn with(builder: Builder) -> Self {
        let sandbox = builder.start().await.unwrap();
        let backend = Envia::new(client(&sandbox.base_url()));
        Self::over(sandbox, backend)
    }

    fn over(sandbox: Sandbox, backend: Envia) -> Self {
        Self {
            sandbox: Arc::new(sandbox),
            registry: Registry::new(vec![envia::module()]).unwrap(),
            backends: Backends::new().with(backend),
        }
    }

    /// Another server over the same double, which has fetched nothing yet.
    fn over_same(other: &Self) -> Self {
        Self {
            sandbox: Arc::clone(&other.sandbox),
            registry: Registry::new(vec![envia::module()]).unwrap(),
            backends: Backends::new().with(Envia::new(client(&other.sandbox.base_url()))),
        }
    }

    /// With one fault, until it is cleared.
    async fn failing(endpoint: &str, kind: FaultKind) -> Self {
        Self::with(Sandbox::builder().fault(Fault::on(endpoint, kind))).await
    }

    fn context(&self) -> Context {
        Context::new("test", self.backends.clone())
    }

    async fn call(&self, tool: &str, arguments: Value) -> Result<JsonObject, ToolError> {
        self.registry
            .call(tool, self.context(), object(arguments))
            .await
    }

    /// Calls a tool that must succeed, and holds the answer against the tool's own schema.
    async fn works(&self, tool: &str, arguments: Value) -> Value {
        let answer = match self.call(tool, arguments.clone()).await {
            Ok(answer) => Value::Object(answer),
            Err(error) => panic!("{tool} {arguments}: {error}"),
        };
        let schema = Value::Object(self.registry.get(tool).unwrap().spec().output.clone());
        let judge = jsonschema::draft202012::new(&schema).unwrap();
        let problems: Vec<String> = judge.iter_errors(&answer).map(|e| e.to_string()).collect();
        assert!(problems.is_empty(), "{tool}: {problems:?} in {answer}");
        let kept_aside = answer.get("unforeseen");
        assert_eq!(kept_aside, None, "{tool}: of another form than promised");
        answer
    }

    /// Calls a tool that must fail in a class, with these parts in the text and never the token; answers the text.
    async fn fails(&self, tool: &str, arguments: Value, kind: ErrorKind, says: &[&str]) -> String {
        let error = match self.call(tool, arguments.clone()).await {
            Ok(answer) => panic!("{tool} {arguments} succeeded: {}", Value::Object(answer)),
            Err(error) => error,
        };
        let text = error.text();
        assert_eq!(error.kind(), kind, "{tool} {arguments}: {text}");
        for part in says {
            assert!(
                text.contains(part),
                "{tool} {arguments}: `{part}` is missing in: {text}"
            );
        }
        assert!(!text.contains(TOKEN), "the token is in: {text}");
        text.to_owned()
    }

    /// The requests that arrived, such as `GET /companies/tickets/58201`, in their order.
    fn asked(&self) -> Vec<String> {
        let line = |entry: LogEntry| format!("{} {}", entry.method, entry.path);
        self.sandbox.log().into_iter().map(line).collect()
    }

    /// The names of the endpoints that were asked, in their order.
    fn endpoints(&self) -> Vec<String> {
        let name = |entry: LogEntry| entry.endpoint.unwrap_or_default();
        self.sandbox.log().into_iter().map(name).collect()
    }

    /// How often an endpoint was asked.
    fn count(&self, endpoint: &str) -> usize {
        let all = self.endpoints();
        all.iter().filter(|name| *name == endpoint).count()
    }

    /// The body of the one request to an endpoint.
    #[track_caller]
    fn body(&self, endpoint: &str) -> Value {
        let log = self.sandbox.log();
        let mut sent = log
            .iter()
            .filter(|entry| entry.endpoint.as_deref() == Some(endpoint));
        let (Some(entry), None) = (sent.next(), sent.next()) else {
            panic!("{endpoint} was not asked once: {:?}", self.asked());
        };
        entry.body.clone().unwrap()
    }

    /// Nothing but reads arrived.
    #[track_caller]
    fn wrote_nothing(&self) {
        let asked = self.asked();
        let writes = asked.iter().filter(|line| !line.starts_with("GET "));
        assert_eq!(writes.count(), 0, "{asked:?}");
    }

    /// Adds a ticket type that agents may use, with these rules.
    fn put_type(&self, id: u64, name: &str, rules: Value) {
        let row =
            json!({"name": name, "description": name, "rules": rules, "type": null, "active": 1});
        self.sandbox.put_ticket_type(id, object(row));
    }

    /// Adds a shipment of company 4410, delivered where the fields do not say otherwise.
    fn put_shipment(&self, id: u64, number: &str, more: Value) {
        let mut row =
            json!({"company_id": 4410, "tracking_number": number, "status_id": 3, "name": "dhl"});
        merge(&mut row, more);
        self.sandbox.put_shipment(id, object(row));
    }
}

/// A client that waits no time between its attempts.
fn client(base: &str) -> Client {
    client_within(base, Duration::from_secs(5))
}

fn client_within(base: &str, deadline: Duration) -> Client {
    let wait = Duration::from_millis(1);
    let retry = RetryPolicy::default()
        .with_attempts(4)
        .with_waits(wait, wait);
    let settings = Settings::default()
        .with_retry(retry)
        .with_deadline(deadline);
    let client = Client::builder(base, TOKEN).settings(settings).build();
    client.unwrap()
}

/// The first object with the members of the second.
fn merge(object: &mut Value, more: Value) {
    let Value::Object(more) = more else {
        panic!("not an object: {more}")
    };
    object.as_object_mut().unwrap().extend(more);
}

/// Arguments of `create_ticket` for company 4410, with these more.
fn draft(type_id: u64, more: Value) -> Value {
    let mut draft = json!({"company_id": 4410, "type": type_id, "comments": "Caja golpeada"});
    merge(&mut draft, more);
    draft
}

/// A file argument.
fn file(name: &str) -> Value {
    json!({"name": name, "content_base64": PNG, "content_type": "image/png"})
}

/// An answer in place of the endpoint's.
fn answers(status: u16, body: &Value) -> FaultKind {
    FaultKind::Status {
        status,
        body: body.to_string(),
        content_type: "application/json".to_owned(),
        retry_after: None,
    }
}

/// A refusal in the back office's form.
fn boom(status: u16, error: &str, message: &str) -> FaultKind {
    answers(
        status,
        &json!({"statusCode": status, "error": error, "message": message}),
    )
}
