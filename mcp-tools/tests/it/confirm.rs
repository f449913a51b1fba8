//! Asking before what cannot be taken back, and showing what would be sent.

use std::{sync::Arc, time::Duration};

use mcp_tools::{
    Backends, Confirm, Confirmations, Context, ErrorKind, Ledger, ToolError, store::Memory,
    tickiti::Tickiti,
};
use serde_json::{Value, json};

use crate::harness::{World, instances, object};

/// A world whose callers are asked.
struct Asking {
    world: World,
    store: Arc<Memory>,
    about: Confirm,
}

impl Asking {
    async fn about(about: Confirm) -> Self {
        Self {
            world: World::start().await,
            store: Arc::new(Memory::new()),
            about,
        }
    }

    async fn call_of(
        &self,
        caller: &str,
        tool: &str,
        arguments: Value,
    ) -> Result<Value, ToolError> {
        let base = self.world.sandbox.base_url();
        let tickiti = Tickiti::new(instances(&["default"], &base, "sandbox-admin"));
        let mut context = Context::new("test", Backends::new().with(tickiti));
        let store: Arc<Memory> = Arc::clone(&self.store);
        context.ledger = Some(Ledger::new(store.clone(), caller));
        context.confirmations = Some(Confirmations::new(self.about, store, caller));
        let answer = self
            .world
            .registry
            .call(tool, context, object(arguments))
            .await;
        answer.map(Value::Object)
    }

    async fn call(&self, tool: &str, arguments: Value) -> Result<Value, ToolError> {
        self.call_of("me", tool, arguments).await
    }

    /// A call that is asked about; answers the text and the token.
    #[track_caller]
    fn asked(outcome: Result<Value, ToolError>) -> (String, String) {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unconfirmed, "{error}");
        let asked = error.question().unwrap();
        assert!(error.text().contains(&asked.token), "{error}");
        assert!(!asked.question.contains(&asked.token));
        (error.text().to_owned(), asked.token.clone())
    }

    fn done(&self, endpoint: &str) -> u64 {
        self.world.sandbox.executions(endpoint)
    }
}

fn endpoint(family: &str, action: &str, payload: Value) -> Value {
    json!({"family": family, "action": action, "payload": payload})
}

fn with(mut arguments: Value, name: &str, value: impl Into<Value>) -> Value {
    arguments[name] = value.into();
    arguments
}

fn ticket(subject: &str) -> Value {
    json!({
        "originator_email_address": "marcus@trailblazers-club.example",
        "subject": subject,
        "content": "<p>It cracked.</p>",
        "queue_name": "Sales",
    })
}

fn merge(numbers: &Value) -> Value {
    let fields = json!({"ticket_number": numbers[0], "other_ticket_number": numbers[1]});
    endpoint("tickets", "merge", fields)
}

async fn two_tickets(asking: &Asking) -> Value {
    let mut numbers = Vec::new();
    for subject in ["One", "Two"] {
        let opened = asking.world.call("create_ticket", ticket(subject));
        numbers.push(opened.await.unwrap()["ticket_number"].clone());
    }
    json!(numbers)
}

#[tokio::test]
async fn what_cannot_be_undone_is_asked_about_and_done_once() {
    let asking = Asking::about(Confirm::Irreversible).await;
    let numbers = two_tickets(&asking).await;
    let arguments = merge(&numbers);
    let (text, token) = Asking::asked(asking.call("tickiti_call", arguments.clone()).await);
    assert!(text.contains("cannot be undone"), "{text}");
    assert!(text.contains("tickets/merge"), "{text}");
    assert_eq!(asking.done("tickets.merge"), 0);
    let confirmed = with(arguments.clone(), "confirm", token.as_str());
    asking
        .call("tickiti_call", confirmed.clone())
        .await
        .unwrap();
    assert_eq!(asking.done("tickets.merge"), 1);
    // Spent.
    let (text, fresh) = Asking::asked(asking.call("tickiti_call", confirmed).await);
    assert!(text.contains("not good for this call"), "{text}");
    assert_ne!(fresh, token);
    assert_eq!(asking.done("tickets.merge"), 1);
}

#[tokio::test]
async fn a_token_is_for_one_caller_one_tool_and_one_set_of_arguments() {
    let asking = Asking::about(Confirm::Irreversible).await;
    let remove = |id: u64| endpoint("administration", "teams.delete", json!({"id": id}));
    let (_, token) = Asking::asked(asking.call("tickiti_call", remove(1)).await);
    let carried = with(remove(1), "confirm", token.as_str());
    Asking::asked(asking.call_of("you", "tickiti_call", carried.clone()).await);
    Asking::asked(
        asking
            .call("tickiti_call", with(remove(2), "confirm", token.as_str()))
            .await,
    );
    for forged in [
        "",
        "x",
        &token.to_uppercase(),
        &token[1..],
        &format!("{token} "),
    ] {
        Asking::asked(
            asking
                .call("tickiti_call", with(remove(1), "confirm", forged))
                .await,
        );
    }
    assert_eq!(asking.done("administration.teams.delete"), 0);
    // None of these spent it.
    let outcome = asking.call("tickiti_call", carried).await;
    assert!(
        !matches!(&outcome, Err(error) if error.kind() == ErrorKind::Unconfirmed),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn two_at_once_spend_a_token_once() {
    let asking = Asking::about(Confirm::Irreversible).await;
    let remove = endpoint("settings", "hashtags.delete", json!({"tag": "none"}));
    let (_, token) = Asking::asked(asking.call("tickiti_call", remove.clone()).await);
    let confirmed = with(remove, "confirm", token);
    let calls = (0..8).map(|_| asking.call("tickiti_call", confirmed.clone()));
    let outcomes = futures_util::future::join_all(calls).await;
    let asked = |outcome: &&Result<Value, ToolError>| matches!(outcome, Err(error) if error.kind() == ErrorKind::Unconfirmed);
    assert_eq!(outcomes.iter().filter(asked).count(), 7);
}

#[tokio::test]
async fn deleting_many_tickets_is_counted_first() {
    let asking = Asking::about(Confirm::Irreversible).await;
    let numbers = two_tickets(&asking).await;
    let remove = endpoint("tickets", "delete", json!({"ticket_numbers": numbers}));
    let (text, token) = Asking::asked(asking.call("tickiti_call", remove.clone()).await);
    assert!(text.contains("many things at once"), "{text}");
    for number in numbers.as_array().unwrap() {
        assert!(
            text.matches(number.as_str().unwrap()).count() >= 2,
            "counted by reading: {text}"
        );
    }
    asking
        .call("tickiti_call", with(remove, "confirm", token))
        .await
        .unwrap();
    // One ticket can be restored, and is not asked about; nor is a look at what would go.
    let one = json!({"ticket_numbers": [numbers[0]]});
    asking
        .call(
            "tickiti_call",
            endpoint("tickets", "restore", json!({"ticket_number": numbers[0]})),
        )
        .await
        .unwrap();
    let look = json!({"originator_email": "marcus@trailblazers-club.example", "dry_run": true});
    asking
        .call("tickiti_call", endpoint("tickets", "delete", look))
        .await
        .unwrap();
    asking
        .call("tickiti_call", endpoint("tickets", "delete", one))
        .await
        .unwrap();
}

#[tokio::test]
async fn every_write_is_asked_about_when_told_so_and_none_when_told_so() {
    let create = ticket("One");
    let asking = Asking::about(Confirm::Writes).await;
    let (text, token) = Asking::asked(asking.call("create_ticket", create.clone()).await);
    assert!(text.contains("asks before every change"), "{text}");
    assert!(
        text.contains("tickets") && text.contains("marcus@trailblazers-club.example"),
        "{text}"
    );
    assert_eq!(asking.done("tickets.create"), 0);
    let confirmed = with(create, "confirm", token);
    asking.call("create_ticket", confirmed).await.unwrap();
    assert_eq!(asking.done("tickets.create"), 1);
    asking.call("list_queues", json!({})).await.unwrap();

    let never = Asking::about(Confirm::Never).await;
    let remove = endpoint("settings", "hashtags.delete", json!({"tag": "none"}));
    let outcome = never.call("tickiti_call", remove).await;
    assert!(
        !matches!(&outcome, Err(error) if error.kind() == ErrorKind::Unconfirmed),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn every_write_shows_what_it_would_send() {
    let asking = Asking::about(Confirm::Irreversible).await;
    let numbers = two_tickets(&asking).await;
    let create = with(ticket("One"), "dry_run", true);
    asking.world.sandbox.clear_log();
    let shown = asking.call("create_ticket", create.clone()).await.unwrap();
    assert_eq!(shown["dry_run"], true);
    assert_eq!(shown["would_send"]["method"], "POST");
    assert_eq!(shown["would_send"]["path"], "tickets");
    assert_eq!(shown["would_send"]["body"]["data"]["subject"], "One");
    assert!(!shown.to_string().contains("sandbox-admin"), "{shown}");
    let schema = Value::Object(
        asking
            .world
            .registry
            .get("create_ticket")
            .unwrap()
            .spec()
            .output
            .clone(),
    );
    assert!(jsonschema::is_valid(&schema, &shown), "{shown}");
    // What cannot be undone can be looked at without a question.
    let merge = with(merge(&numbers), "dry_run", true);
    let shown = asking.call("tickiti_call", merge).await.unwrap();
    assert_eq!(shown["would_send"]["path"], "tickets/merge");
    let log = asking.world.sandbox.log();
    let wrote: Vec<_> = log
        .iter()
        .filter(|entry| entry.executed && entry.endpoint.as_deref() != Some("token.show"))
        .collect();
    assert!(wrote.is_empty(), "{wrote:?}");
    // A look is not on record: the real call is made.
    let real = asking
        .call("create_ticket", with(create, "dry_run", false))
        .await
        .unwrap();
    assert_eq!(real.get("replayed"), None);
    assert_eq!(asking.done("tickets.create"), 1);
}

/// The token would be good for ten minutes; a store forgets values when their life is over.
#[tokio::test]
async fn a_token_does_not_outlive_its_store() {
    let asking = Asking::about(Confirm::Irreversible).await;
    let remove = endpoint("settings", "hashtags.delete", json!({"tag": "none"}));
    let (_, token) = Asking::asked(asking.call("tickiti_call", remove.clone()).await);
    let other = Asking {
        store: Arc::new(Memory::new()),
        ..Asking::about(Confirm::Irreversible).await
    };
    tokio::time::sleep(Duration::from_millis(1)).await;
    Asking::asked(
        other
            .call("tickiti_call", with(remove, "confirm", token))
            .await,
    );
}
