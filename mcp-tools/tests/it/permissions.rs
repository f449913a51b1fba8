//! What a token may do decides what is listed, and what is refused before anything is sent.

use std::time::{Duration, Instant};

use mcp_tools::{
    Backends, Context, ErrorKind, Registry, ToolError,
    tickiti::{self, Tickiti},
};
use sandbox::tickiti::{Fault, FaultKind, Install, Tickiti as Sandbox, TokenSetup};
use serde_json::{Value, json};
use tickiti_client::{Client, Instances};

use crate::harness::object;

/// One caller with tokens by instance, on a registry of their own.
struct Caller {
    sandbox: Sandbox,
    registry: Registry,
    backends: Backends,
}

impl Caller {
    fn new(sandbox: Sandbox, tokens: &[(&str, &str)]) -> Self {
        let client = |(instance, token): &(&str, &str)| {
            let builder = Client::builder(sandbox.base_url(), *token);
            builder.instance(*instance).build().unwrap()
        };
        let instances = Instances::new(tokens.iter().map(client).collect()).unwrap();
        let registry = Registry::new(vec![tickiti::module(&instances)]).unwrap();
        let tickiti = Tickiti::new(instances);
        Self {
            backends: Backends::new()
                .with_gate("tickiti", tickiti.gate())
                .with(tickiti),
            registry,
            sandbox,
        }
    }

    async fn with(token: &str) -> Self {
        let sandbox = Sandbox::builder().start().await.unwrap();
        Self::new(sandbox, &[("default", token)])
    }

    async fn listed(&self) -> Vec<&str> {
        self.backends.ready().await;
        let tools = self.registry.iter();
        let open = tools.filter(|tool| tool.is_open(&self.backends));
        open.map(|tool| tool.name()).collect()
    }

    async fn call(&self, tool: &str, arguments: Value) -> Result<Value, ToolError> {
        let context = Context::new("test", self.backends.clone());
        let answer = self.registry.call(tool, context, object(arguments)).await;
        answer.map(Value::Object)
    }

    /// The text of a refusal, before which nothing but the question about the token left.
    async fn refused(&self, tool: &str, arguments: Value) -> String {
        let error = self.call(tool, arguments).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
        assert!(error.text().contains("nothing was sent"), "{error}");
        assert_eq!(self.sent(), Vec::<String>::new(), "{error}");
        error.text().to_owned()
    }

    /// The endpoints that were called, questions about the token aside.
    fn sent(&self) -> Vec<String> {
        let log = self.sandbox.log().into_iter();
        let endpoints = log.map(|entry| entry.endpoint.unwrap_or(entry.path));
        endpoints.filter(|name| name != "token.show").collect()
    }

    fn questions(&self) -> usize {
        self.sandbox.log().len() - self.sent().len()
    }
}

fn ticket() -> Value {
    json!({"originator_email_address": "a@b.example", "subject": "s", "content": "c"})
}

#[tokio::test]
async fn a_token_that_only_reads_sees_no_tool_that_writes() {
    let caller = Caller::with("sandbox-reader").await;
    let listed = caller.listed().await;
    for tool in caller.registry.iter() {
        let shown = listed.contains(&tool.name());
        assert_eq!(shown, !tool.spec().effect.is_write(), "{}", tool.name());
    }
    let text = caller.refused("create_ticket", ticket()).await;
    assert_eq!(
        text,
        "create_ticket was refused and nothing was sent: tickets.create is not open to this token. What is missing: the \
         token needs the ability `tickets:write`. Repeating will not help: ask the user for a token that may do this."
    );
    let close =
        json!({"family": "tickets", "action": "close", "payload": {"ticket_number": "709383"}});
    let text = caller.refused("tickiti_call", close).await;
    assert!(text.contains("`tickets:write`"), "{text}");
    // Reads by the general tool stay, whichever is used.
    let staff = json!({"family": "tickets", "action": "staff"});
    caller.call("tickiti_call", staff).await.unwrap();
}

#[tokio::test]
async fn tools_of_families_that_the_token_lacks_are_absent() {
    let caller = Caller::with("sandbox-agent").await;
    let listed = caller.listed().await;
    for (tool, shown) in [
        ("create_ticket", true),
        ("list_perspectives", true),
        ("list_queues", true),
        ("tickiti_call", true),
        ("tickiti_read", true),
        ("get_token_info", true),
        ("list_endpoints", true),
        ("list_workflow", false),
        ("run_report", false),
    ] {
        assert_eq!(listed.contains(&tool), shown, "{tool}: {listed:?}");
    }
    let report = json!({"report": "volumes", "date_from": "2026-05-01", "date_to": "2026-05-31"});
    let text = caller.refused("run_report", report).await;
    assert!(text.contains("the ability `reports:read`"), "{text}");
    assert!(text.contains("the role `admin`"), "{text}");
    let text = caller
        .refused("list_workflow", json!({"kind": "escalations"}))
        .await;
    assert!(text.contains("`workflow:read`"), "{text}");
}

#[tokio::test]
async fn roles_flags_and_plans_are_named_too() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    sandbox.add_token(TokenSetup::new("all-but-roles").abilities(["*"]));
    sandbox.set_plan("has_reports", false);
    let caller = Caller::new(sandbox, &[("default", "all-but-roles")]);
    let report = json!({"report": "volumes", "date_from": "2026-05-01", "date_to": "2026-05-31"});
    let text = caller.refused("run_report", report).await;
    assert!(text.contains("the role `admin`"), "{text}");
    assert!(text.contains("the feature `has_reports`"), "{text}");
    assert!(!text.contains("ability"), "{text}");
}

#[tokio::test]
async fn older_installs_and_failures_hide_nothing() {
    let old = Caller::with("sandbox-reader").await;
    old.sandbox
        .change_switches(|switches| switches.install = Install::June);
    assert_eq!(old.listed().await.len(), old.registry.iter().count());

    let failing = Caller::with("sandbox-reader").await;
    failing
        .sandbox
        .add_fault(Fault::on("token.show", FaultKind::Html { status: 500 }));
    assert_eq!(
        failing.listed().await.len(),
        failing.registry.iter().count()
    );
    // The back end refuses by itself then.
    let error = failing.call("create_ticket", ticket()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
    assert!(failing.sent().contains(&"tickets.create".to_owned()));
}

#[tokio::test]
async fn nobody_waits_long_for_an_install_that_is_silent() {
    let caller = Caller::with("sandbox-reader").await;
    caller
        .sandbox
        .add_fault(Fault::on("token.show", FaultKind::StallHeaders));
    let started = Instant::now();
    assert_eq!(caller.listed().await.len(), caller.registry.iter().count());
    assert!(started.elapsed() < Duration::from_secs(3));
    // Whoever comes later does not wait for the same question again.
    let started = Instant::now();
    for _ in 0..5 {
        caller.call("list_queues", json!({})).await.unwrap();
    }
    assert!(started.elapsed() < Duration::from_millis(900));
    assert_eq!(caller.questions(), 1);
}

#[tokio::test]
async fn the_question_is_asked_once_for_all_who_wait() {
    let caller = Caller::with("sandbox-admin").await;
    let many = (0..32).map(|_| caller.call("list_queues", json!({})));
    for answer in futures_util::future::join_all(many).await {
        answer.unwrap();
    }
    caller.listed().await;
    assert_eq!(caller.questions(), 1);
    assert_eq!(caller.sent().len(), 32);
}

#[tokio::test]
async fn with_several_installs_one_token_is_enough_for_the_list() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let tokens = [("home", "sandbox-reader"), ("shop", "sandbox-agent")];
    let caller = Caller::new(sandbox, &tokens);
    let listed = caller.listed().await;
    assert!(listed.contains(&"create_ticket"), "{listed:?}");
    assert!(listed.contains(&"run_report"), "{listed:?}");

    let text = caller.refused("create_ticket", ticket()).await;
    assert!(text.contains("on instance `home`"), "{text}");
    let report = json!({"report": "meta", "instance": "shop"});
    let text = caller.refused("run_report", report).await;
    assert!(text.contains("on instance `shop`"), "{text}");
    let mut there = ticket();
    there["instance"] = json!("shop");
    caller.call("create_ticket", there).await.unwrap();
}
