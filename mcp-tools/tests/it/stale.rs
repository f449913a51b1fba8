//! Writes on a ticket that are made only while nobody outside wrote.

use std::sync::Arc;

use mcp_tools::{
    Backends, Context, ErrorKind, JsonObject, Ledger, ToolError, store::Memory, tickiti::Tickiti,
};
use sandbox::tickiti::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::harness::{World, instances, object};

const NUMBER: &str = "709383";
const CUSTOMER: &str = "marcus@trailblazers-club.example";
const EVA: &str = "eva@shop.example";

struct Desk {
    world: World,
    ledger: Ledger,
}

impl Desk {
    async fn start() -> Self {
        Self {
            world: World::start().await,
            ledger: Ledger::new(Arc::new(Memory::new()), "me"),
        }
    }

    async fn call(&self, tool: &str, arguments: Value) -> Result<JsonObject, ToolError> {
        let base = self.world.sandbox.base_url();
        let installs = instances(&["default"], &base, "sandbox-admin");
        let mut context = Context::new("test", Backends::new().with(Tickiti::new(installs)));
        context.ledger = Some(self.ledger.clone());
        self.world
            .registry
            .call(tool, context, object(arguments))
            .await
    }

    /// The newest response, as a reader is told it.
    async fn last(&self) -> Value {
        let shown = self
            .call("get_ticket", json!({"ticket_number": NUMBER}))
            .await
            .unwrap();
        assert_eq!(shown.keys().next().unwrap(), "last_response_id", "it leads");
        shown["last_response_id"].clone()
    }

    /// Somebody else writes, past this server.
    async fn writes(&self, from: &str, text: &str) -> Value {
        let payload = json!({"ticket_number": NUMBER, "from_email": from, "content": format!("<p>{text}</p>")});
        let written = self
            .world
            .endpoint("tickets.respond", payload)
            .await
            .unwrap();
        written["response_id"].clone()
    }

    fn posted(&self) -> u64 {
        let sandbox = &self.world.sandbox;
        sandbox.executions("tickets.respond") + sandbox.executions("tickets.close")
    }

    /// Refused because of what is new; nothing was sent. Answers what the refusal says.
    async fn stale(&self, tool: &str, arguments: Value) -> (String, Value) {
        let before = self.posted();
        let error = self.call(tool, arguments).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
        assert_eq!(self.posted(), before, "it was sent");
        let (text, news) = error
            .text()
            .split_once('\n')
            .unwrap_or((error.text(), "null"));
        (text.to_owned(), serde_json::from_str(news).unwrap())
    }

    /// The bodies of the thread, oldest first.
    async fn texts(&self) -> Vec<String> {
        let rows = json!({"ticket_number": [NUMBER], "fields": ["plain_text"]});
        let page = self
            .world
            .endpoint("tickets.responses_query", rows)
            .await
            .unwrap();
        let rows = page["responses"].as_array().unwrap().iter();
        let text = |row: &Value| match &row["plain_text"] {
            Value::String(text) => text.clone(),
            marked => mcp_tools::provenance::unmarked(marked).unwrap().1,
        };
        rows.map(text).collect()
    }
}

fn reply(last: &Value) -> Value {
    json!({
        "ticket_number": NUMBER, "from_email": EVA, "content": "<p>They ship tomorrow.</p>", "if_last_response_id": last,
    })
}

#[tokio::test]
async fn what_the_customer_wrote_meanwhile_comes_back_and_nothing_is_sent() {
    let desk = Desk::start().await;
    let last = desk.last().await;
    let new = desk
        .writes(CUSTOMER, "Please \"wait\": <b>wrong</b> sizes!")
        .await;
    for (tool, arguments) in [
        ("respond_to_ticket", reply(&last)),
        (
            "close_ticket",
            json!({"ticket_number": NUMBER, "if_last_response_id": last}),
        ),
    ] {
        desk.world.sandbox.clear_log();
        let (text, news) = desk.stale(tool, arguments).await;
        assert!(
            text.starts_with("nothing was sent: 1 response by others than staff"),
            "{text}"
        );
        assert!(
            text.contains(&format!("`if_last_response_id` {new}")),
            "{text}"
        );
        let message = &news["new_messages"][0];
        assert_eq!(news["new_messages"].as_array().unwrap().len(), 1);
        assert_eq!(news["last_response_id"], new.to_string());
        assert_eq!(message["response_id"], new.to_string());
        assert_eq!(message["by"], CUSTOMER);
        assert!(
            message["at"].as_str().unwrap().ends_with("+00:00"),
            "{message}"
        );
        assert_eq!(
            message["text"],
            json!({"untrusted_from_customer": "Please \"wait\": wrong sizes!"})
        );
        let log = desk.world.sandbox.log();
        let asked: Vec<&str> = log
            .iter()
            .filter_map(|entry| entry.endpoint.as_deref())
            .collect();
        assert_eq!(asked, ["tickets.responses"], "one request");
    }
    let answer = desk.call("respond_to_ticket", reply(&new)).await.unwrap();
    assert_eq!(answer["last_response_id"], new.to_string());
    assert_eq!(desk.texts().await.last().unwrap(), "They ship tomorrow.");
}

#[tokio::test]
async fn what_the_staff_wrote_is_no_reason() {
    let desk = Desk::start().await;
    let last = desk.last().await;
    desk.writes(EVA, "I take this one").await;
    let answer = desk.call("respond_to_ticket", reply(&last)).await.unwrap();
    let made = &answer["response_id"];
    assert_ne!(&answer["last_response_id"], made);
    // What is written between the look and the write is found by the next: its id is larger than the one that is told.
    let known = answer["last_response_id"].clone();
    let mut next = reply(&known);
    next["content"] = json!("<p>Anything else?</p>");
    desk.call("respond_to_ticket", next.clone()).await.unwrap();
    desk.writes(CUSTOMER, "Yes").await;
    next["content"] = json!("<p>Then good bye</p>");
    desk.stale("respond_to_ticket", next).await;
}

#[tokio::test]
async fn a_time_serves_as_well_as_an_id() {
    let desk = Desk::start().await;
    let shown = desk
        .call("get_ticket", json!({"ticket_number": NUMBER}))
        .await
        .unwrap();
    let since = shown["ticket"]["updated_at"].clone();
    let close =
        json!({"ticket_number": NUMBER, "content": "<p>Done</p>", "if_unchanged_since": since});
    desk.world.sandbox.advance_clock(60);
    let before = desk.world.sandbox.clock();
    desk.writes(CUSTOMER, "One moment").await;
    assert!(before > 0);
    let (_, news) = desk.stale("close_ticket", close.clone()).await;
    let mut close = close;
    close["if_unchanged_since"] = news["new_messages"][0]["at"].clone();
    let answer = desk.call("close_ticket", close).await.unwrap();
    assert_eq!(answer["reopened"], false);
    let shown = desk
        .call("get_ticket", json!({"ticket_number": NUMBER}))
        .await
        .unwrap();
    assert_eq!(shown["ticket"]["status"], "closed");
}

#[tokio::test]
async fn without_a_condition_nothing_is_read() {
    let desk = Desk::start().await;
    desk.world.sandbox.clear_log();
    let arguments = json!({"ticket_number": NUMBER, "from_email": EVA, "content": "<p>Hi</p>"});
    let answer = desk.call("respond_to_ticket", arguments).await.unwrap();
    assert_eq!(answer["last_response_id"], answer["response_id"]);
    assert_eq!(desk.world.sandbox.log().len(), 1);
}

#[tokio::test]
async fn a_repeat_is_not_refused_because_of_its_own_lost_answer() {
    // As staff; and in the customer's name, where the own words look like news.
    for from in [EVA, CUSTOMER] {
        let desk = Desk::start().await;
        let mut call = reply(&desk.last().await);
        call["from_email"] = json!(from);
        let lost = Fault::on("tickets.respond", FaultKind::DropAfterEffect);
        desk.world.sandbox.add_fault(lost);
        let error = desk
            .call("respond_to_ticket", call.clone())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
        desk.world.sandbox.clear_faults();
        // The customer's thanks came after what was lost; they do not speak against it.
        desk.writes("marcus@trailblazers-club.example", "Thanks!")
            .await;
        let count = desk.posted();
        let answer = desk.call("respond_to_ticket", call.clone()).await.unwrap();
        assert!(answer["response_id"].is_u64(), "{answer:?}");
        assert_eq!(desk.posted(), count, "{from}: once");
        let replayed = desk.call("respond_to_ticket", call).await.unwrap();
        assert_eq!(replayed["replayed"], true);
        let texts = desk.texts().await;
        assert_eq!(
            texts
                .iter()
                .filter(|text| *text == "They ship tomorrow.")
                .count(),
            1
        );
    }
}

#[tokio::test]
async fn the_same_words_once_more_are_no_repeat() {
    let desk = Desk::start().await;
    let mut call = reply(&desk.last().await);
    call["idempotency_key"] = json!("one");
    desk.call("respond_to_ticket", call.clone()).await.unwrap();
    desk.writes(CUSTOMER, "Which ones?").await;
    // On purpose, and in ignorance of the question.
    call["idempotency_key"] = json!("two");
    let (_, news) = desk.stale("respond_to_ticket", call).await;
    assert_eq!(
        news["new_messages"][0]["text"],
        json!({"untrusted_from_customer": "Which ones?"})
    );
}

#[tokio::test]
async fn what_never_arrived_is_judged_anew() {
    let desk = Desk::start().await;
    let call = reply(&desk.last().await);
    let lost = Fault::on("tickets.respond", FaultKind::DropBeforeEffect);
    desk.world.sandbox.add_fault(lost);
    let error = desk
        .call("respond_to_ticket", call.clone())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
    desk.world.sandbox.clear_faults();
    let new = desk.writes(CUSTOMER, "Cancel it").await;
    for _ in 0..2 {
        desk.stale("respond_to_ticket", call.clone()).await;
    }
    desk.call("respond_to_ticket", reply(&new)).await.unwrap();
    let texts = desk.texts().await;
    assert_eq!(
        texts
            .iter()
            .filter(|text| *text == "They ship tomorrow.")
            .count(),
        1
    );
}

#[tokio::test]
async fn a_rehearsal_tells_it_too() {
    let desk = Desk::start().await;
    let last = desk.last().await;
    let mut call = reply(&last);
    call["dry_run"] = json!(true);
    let shown = desk.call("respond_to_ticket", call.clone()).await.unwrap();
    assert!(
        shown["would_send"]["body"]
            .get("if_last_response_id")
            .is_none(),
        "{shown:?}"
    );
    desk.writes(CUSTOMER, "Stop").await;
    desk.stale("respond_to_ticket", call).await;
}

#[tokio::test]
async fn conditions_that_cannot_be_judged_are_refused() {
    let desk = Desk::start().await;
    let (text, _) = desk
        .stale("respond_to_ticket", reply(&json!("999999")))
        .await;
    assert!(
        text.contains("response 999999 (`if_last_response_id`) is not on this ticket"),
        "{text}"
    );
    let mut call = reply(&desk.last().await);
    call["if_unchanged_since"] = json!("yesterday");
    let error = desk
        .call("respond_to_ticket", call.clone())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Arguments);
    assert!(
        error.text().contains("`if_unchanged_since` must be a time"),
        "{error}"
    );
    call["if_unchanged_since"] = json!("2026-05-01");
    let odd = FaultKind::Status {
        status: 200,
        body: json!({"ok": true, "data": {"thread": "later"}}).to_string(),
        content_type: "application/json".to_owned(),
        retry_after: None,
    };
    desk.world
        .sandbox
        .add_fault(Fault::on("tickets.responses", odd));
    let error = desk.call("respond_to_ticket", call).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Upstream, "{error}");
    assert_eq!(desk.posted(), 0);
}

#[tokio::test]
async fn every_reader_tells_the_id() {
    let desk = Desk::start().await;
    let last = desk.last().await;
    let one = json!({"ticket_number": [NUMBER], "metadata_only": true});
    for (tool, arguments) in [
        ("list_responses", json!({"ticket_number": NUMBER})),
        ("query_responses", one),
    ] {
        let answer = desk.call(tool, arguments).await.unwrap();
        assert_eq!(answer["last_response_id"], last, "{tool}");
        assert_eq!(answer.keys().next().unwrap(), "last_response_id");
    }
    let several = desk
        .call("query_responses", json!({"limit": 50}))
        .await
        .unwrap();
    assert!(
        !several.contains_key("last_response_id"),
        "of which ticket?"
    );
}
