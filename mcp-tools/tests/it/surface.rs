//! All tools: their names and arguments, their hints, what each sends and answers, and what it refuses.

use mcp_tools::{ErrorKind, JsonObject};
use sandbox::tickiti::Tickiti as Sandbox;
use serde_json::{Value, json};

use crate::harness::{World, registry};

mod administration;
mod axial;
mod documented;
mod hints;
mod instances;
mod lookups;
mod mail;
mod names;
mod operations;
mod settings;
mod templates;

/// A world whose double keeps what it was sent.
async fn world() -> World {
    let sandbox = Sandbox::builder().whole_log().start().await.unwrap();
    World {
        registry: registry(&["default"], &sandbox.base_url()),
        sandbox,
    }
}

impl World {
    /// The answer of a call that must succeed; it fits its schema.
    async fn answers(&self, tool: &str, arguments: Value) -> Value {
        let answer = match self.call(tool, arguments.clone()).await {
            Ok(answer) => Value::Object(answer),
            Err(error) => panic!("{tool} {arguments}: {error}"),
        };
        let schema = Value::Object(self.registry.get(tool).unwrap().spec().output.clone());
        let judge = jsonschema::draft202012::new(&schema).unwrap();
        let problems: Vec<String> = judge.iter_errors(&answer).map(|e| e.to_string()).collect();
        assert!(problems.is_empty(), "{tool}: {problems:?} in {answer}");
        answer
    }

    /// The same; the last request went to this path with this body, under a key where the endpoint honours one.
    async fn sends(&self, tool: &str, arguments: Value, path: &str, body: Value) -> Value {
        self.sandbox.clear_log();
        let answer = self.answers(tool, arguments).await;
        let log = self.sandbox.log();
        let last = log.last().unwrap_or_else(|| panic!("{tool} sent nothing"));
        assert_eq!(last.path, format!("/api/v1/{path}"), "{tool}");
        assert_eq!(last.body.as_ref(), Some(&body), "{tool}");
        assert!(last.executed, "{tool}");
        let keyed = self.registry.get(tool).unwrap().spec().effect.is_keyed();
        assert_eq!(last.idempotency_key.is_some(), keyed, "{tool}");
        answer
    }

    /// The refusal of a caller whose token lacks something: it is named, and nothing was done.
    async fn lacks(&self, token: &str, tool: &str, arguments: Value, missing: &str) {
        let endpoints = self
            .registry
            .get(tool)
            .unwrap()
            .endpoints(Some(&JsonObject::new()));
        let done = |world: &Self| -> u64 {
            let each = endpoints
                .iter()
                .map(|spec| world.sandbox.executions(spec.name));
            each.sum()
        };
        let before = done(self);
        let outcome = self.call_as(token, tool, arguments.clone()).await;
        let error = outcome.expect_err(tool);
        assert!(
            error.text().contains(missing),
            "{tool} {arguments}: {error}"
        );
        assert_eq!(done(self), before, "{tool}");
    }

    /// The refusal of wrong arguments: each part is told, and nothing was sent.
    async fn refuses(&self, tool: &str, arguments: Value, parts: &[&str]) {
        self.sandbox.clear_log();
        let outcome = self.call(tool, arguments.clone()).await;
        let error = outcome.expect_err(tool);
        assert_eq!(
            error.kind(),
            ErrorKind::Arguments,
            "{tool} {arguments}: {error}"
        );
        for part in parts {
            assert!(
                error.text().contains(part),
                "{tool} {arguments}: `{part}` in {error}"
            );
        }
        assert_eq!(self.sandbox.log().len(), 0, "{tool} {arguments} was sent");
    }

    /// A ticket with one message of staff; its number and the id of the message.
    async fn opened(&self, subject: &str) -> (String, u64) {
        let opened = self
            .answers(
                "create_ticket",
                json!({
                    "originator_email_address": "marcus@trailblazers-club.example",
                    "subject": subject, "content": "<p>It cracked.</p>", "queue_name": "Sales",
                }),
            )
            .await;
        let number = opened["ticket_number"]
            .to_string()
            .trim_matches('"')
            .to_owned();
        let token = self.answers("get_token_info", json!({})).await;
        let owner = token["owner"]["email"]
            .as_str()
            .unwrap_or("admin@sole-trader.example")
            .to_owned();
        let said = self
            .answers(
                "respond_to_ticket",
                json!({"ticket_number": number, "from_email": owner, "content": "<p>We look into it.</p>"}),
            )
            .await;
        (number, said["response_id"].as_u64().unwrap())
    }
}
