//! A process that is killed in the middle of a write, started again, and given the same call again: one effect.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sandbox::{
    envia::Envia,
    tickiti::{Fault, FaultKind, LogEntry, Tickiti},
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::support::{Folder, Raw, double, refusal, value};

const CREATE: &str = "create_ticket";
/// How long a request is held at the back end, so that the process dies while it is there.
const HELD_MS: u64 = 300;

/// Where the request is when its process is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    BeforeTheEffect,
    AfterTheEffect,
    /// The back end does it although nobody waits.
    WithALateOne,
}

impl Moment {
    fn fault(self) -> Fault {
        let held = FaultKind::Delay { ms: HELD_MS };
        let fault = match self {
            Self::BeforeTheEffect => Fault::on("tickets.create", held),
            Self::AfterTheEffect => Fault::on("tickets.create", held).after_effect(),
            Self::WithALateOne => {
                Fault::on("tickets.create", FaultKind::LateEffect { ms: HELD_MS })
            }
        };
        fault.times(1)
    }
}

fn ticket(subject: &str, name: Option<&str>) -> Value {
    let mut arguments = json!({
        "originator_email_address": "marcus@trailblazers-club.example",
        "subject": subject,
        "content": "<p>Where is it?</p>",
    });
    if let Some(name) = name {
        arguments["idempotency_key"] = json!(name);
    }
    arguments
}

async fn server(double: &Tickiti, state: &Folder) -> Raw {
    let more = [("TICKETING_MCP_STATE", state.path())];
    Raw::initialized(&double.base_url(), &more).await
}

/// Sends a call, and kills the process when the request has reached the back end.
async fn killed_at_it(mut raw: Raw, log: impl Fn() -> Vec<LogEntry>, arguments: &Value) {
    let call = json!({
        "jsonrpc": "2.0",
        "id": 7,
        "method": "tools/call",
        "params": {"name": CREATE, "arguments": arguments},
    });
    raw.send(&call).await;
    let until = Instant::now() + Duration::from_secs(10);
    let arrived = || {
        let log = log();
        let mut endpoints = log.iter().map(|entry| entry.endpoint.as_deref());
        endpoints.any(|endpoint| endpoint == Some("tickets.create"))
    };
    while !arrived() {
        assert!(Instant::now() < until, "no request came");
        sleep(Duration::from_millis(2)).await;
    }
    sleep(Duration::from_millis(HELD_MS / 6)).await;
    raw.kill().await;
}

#[tokio::test]
async fn a_write_whose_process_is_killed_happens_once() {
    let moments = [
        Moment::BeforeTheEffect,
        Moment::AfterTheEffect,
        Moment::WithALateOne,
    ];
    let named = [None, Some("parcel-1")];
    let cases = moments
        .into_iter()
        .flat_map(|moment| named.map(|name| (moment, name)));
    // At once: each of them waits until the silence of the dead is noticed.
    let cases = cases.map(|(moment, name)| async move {
        let double = double().await;
        let before = double.ticket_count();
        let state = Folder::new();
        let arguments = ticket("Lost parcel", name);
        double.add_fault(moment.fault());
        let raw = server(&double, &state).await;
        killed_at_it(raw, || double.log(), &arguments).await;
        let mut raw = server(&double, &state).await;
        let answer = raw.call(9, CREATE, arguments.clone()).await;
        let number = value(&answer)["ticket_number"].clone();
        assert!(number.is_string(), "{moment:?} {name:?}: {answer}");
        let again = raw.call(9, CREATE, arguments).await;
        assert_eq!(value(&again)["replayed"], true, "{moment:?} {name:?}");
        assert_eq!(value(&again)["ticket_number"], number);
        sleep(Duration::from_millis(HELD_MS)).await;
        assert_eq!(double.ticket_count(), before + 1, "{moment:?} {name:?}");
    });
    futures_util::future::join_all(cases).await;
}

/// No key protects it; what became of it is read from the list.
#[tokio::test]
async fn a_ticket_of_envia_whose_process_is_killed_is_opened_once() {
    let cases = [Moment::BeforeTheEffect, Moment::AfterTheEffect];
    let cases = cases.map(|moment| async move {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let clock = i64::try_from(now.as_secs()).unwrap();
        let envia = Envia::builder().clock(clock).start().await.unwrap();
        let before = envia.ticket_count();
        let state = Folder::new();
        let base = envia.base_url();
        let server = async || {
            let mut raw = Raw::start(
                &["serve", "--transport", "stdio"],
                &[
                    ("BACKEND_URL", &base),
                    ("BACKEND_BOT_AI_TOKEN", "sandbox-bot"),
                    ("TICKETING_MCP_STATE", state.path()),
                    ("TICKETING_MCP_SETTLE_MS", "500"),
                ],
            );
            raw.initialize().await;
            raw
        };
        let arguments = json!({
            "company_id": 4410,
            "type": 9,
            "comments": "Pago no reflejado",
            "credit_id": 81,
            "variables": {"payment_method_id": 3},
        });
        envia.add_fault(moment.fault());
        killed_at_it(server().await, || envia.log(), &arguments).await;
        let mut raw = server().await;
        let answer = raw.call(9, CREATE, arguments).await;
        let answer = value(&answer);
        let found = answer.get("found_applied").is_some();
        assert_eq!(found, matches!(moment, Moment::AfterTheEffect), "{answer}");
        let id = answer["ticket_id"].as_u64().unwrap();
        assert_eq!(envia.ticket(id).unwrap()["comments"], "Pago no reflejado");
        assert_eq!(envia.ticket_count(), before + 1, "{moment:?}");
    });
    futures_util::future::join_all(cases).await;
}

/// No key protects it, and nothing can be read back: it is never made twice, and a person is asked.
#[tokio::test]
async fn a_write_that_nobody_can_look_for_is_not_made_again() {
    let double = double().await;
    let state = Folder::new();
    let arguments = json!({
        "family": "settings",
        "action": "stock_responses.create",
        "payload": {"identifier": "Late parcel", "category": "Shipping"},
    });
    let endpoint = "settings.stock_responses.create";
    double.add_fault(Fault::on(endpoint, FaultKind::DropAfterEffect).times(1));
    let mut raw = server(&double, &state).await;
    let lost = raw.call(9, "tickiti_call", arguments.clone()).await;
    assert!(refusal(&lost).contains("exactly the same arguments"));
    raw.kill().await;
    let mut raw = server(&double, &state).await;
    for _ in 0..2 {
        let answer = raw.call(9, "tickiti_call", arguments.clone()).await;
        assert!(refusal(&answer).contains("may have succeeded"), "{answer}");
    }
    assert_eq!(double.executions(endpoint), 1);
}
