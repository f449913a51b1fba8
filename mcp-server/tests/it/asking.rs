//! The three ways of asking before what cannot be undone: a question on the open pipe, a question as the call's result, and
//! a token for clients that cannot ask.

use serde_json::{Value, json};

use crate::support::{Raw, double, refusal, value};

const MERGED: &str = "tickets.merge";

fn merge() -> Value {
    let payload = json!({"ticket_number": "709383", "other_ticket_number": "709384"});
    json!({"name": "tickiti_call", "arguments": {"family": "tickets", "action": "merge", "payload": payload}})
}

fn capabilities(asks: bool) -> Value {
    if asks {
        json!({"elicitation": {}})
    } else {
        json!({})
    }
}

/// A server after the handshake of the older era.
async fn legacy(base: &str, asks: bool) -> Raw {
    let variables = [
        ("TICKITI_API_BASE", base),
        ("TICKITI_API_TOKEN", "sandbox-admin"),
        ("TICKETING_MCP_STORE", "memory"),
    ];
    let mut raw = Raw::start(&[], &variables);
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": capabilities(asks), "clientInfo": {"name": "test", "version": "1"}});
    raw.request("init", "initialize", params).await;
    raw.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))
        .await;
    raw
}

fn modern_meta(asks: bool) -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": capabilities(asks),
    })
}

#[tokio::test]
async fn on_the_open_pipe_the_user_is_asked_while_the_call_waits() {
    for (answer, merged) in [
        (json!({"action": "accept", "content": {}}), 1),
        (json!({"action": "decline"}), 0),
        (json!({"action": "cancel"}), 0),
    ] {
        let double = double().await;
        let mut raw = legacy(&double.base_url(), true).await;
        raw.post("call", "tools/call", merge()).await;
        let question = raw.receive().await.unwrap();
        assert_eq!(question["method"], "elicitation/create", "{question}");
        let message = question["params"]["message"].as_str().unwrap();
        assert!(
            message.contains("cannot be undone") && message.contains("tickets/merge"),
            "{message}"
        );
        assert_eq!(double.executions(MERGED), 0);
        raw.send(&json!({"jsonrpc": "2.0", "id": question["id"], "result": answer}))
            .await;
        let outcome = raw.receive().await.unwrap();
        assert_eq!(outcome["id"], "call");
        assert_eq!(double.executions(MERGED), merged, "{outcome}");
        if merged == 0 {
            assert!(refusal(&outcome).contains("did not agree"), "{outcome}");
        } else {
            value(&outcome);
        }
    }
}

#[tokio::test]
async fn in_the_newer_era_the_question_is_the_calls_result() {
    let double = double().await;
    let base = double.base_url();
    for (answer, merged) in [
        (json!({"action": "decline"}), 0),
        (json!({"action": "accept", "content": {}}), 1),
    ] {
        let variables = [
            ("TICKITI_API_BASE", base.as_str()),
            ("TICKITI_API_TOKEN", "sandbox-admin"),
            ("TICKETING_MCP_STORE", "memory"),
        ];
        let mut raw = Raw::start(&["serve", "--transport", "stdio"], &variables);
        let mut params = merge();
        params["_meta"] = modern_meta(true);
        let asked = raw.request("one", "tools/call", params.clone()).await;
        let asked = &asked["result"];
        assert_eq!(asked["resultType"], "input_required", "{asked}");
        assert_eq!(
            asked["inputRequests"]["confirm"]["method"],
            "elicitation/create"
        );
        let state = asked["requestState"].as_str().unwrap();
        assert_eq!(double.executions(MERGED), 0);
        params["requestState"] = json!(state);
        params["inputResponses"] = json!({"confirm": answer});
        let outcome = raw.request("two", "tools/call", params.clone()).await;
        assert_eq!(double.executions(MERGED), merged, "{outcome}");
        // An altered state is worth nothing, nor one that was used: the question is asked again.
        let used = if merged == 1 {
            state.to_owned()
        } else {
            format!("{state}0")
        };
        params["requestState"] = json!(used);
        params["inputResponses"] = json!({"confirm": {"action": "accept", "content": {}}});
        let again = raw.request("three", "tools/call", params).await;
        assert_eq!(again["result"]["resultType"], "input_required", "{again}");
        assert_eq!(double.executions(MERGED), merged);
    }
}

#[tokio::test]
async fn a_client_that_cannot_ask_gets_a_token() {
    for modern in [false, true] {
        let double = double().await;
        let base = double.base_url();
        let mut raw = match modern {
            false => legacy(&base, false).await,
            true => Raw::modern_with(&base, &[("TICKETING_MCP_STORE", "memory")]),
        };
        let asked = raw.request("one", "tools/call", merge()).await;
        let text = refusal(&asked);
        assert_eq!(double.executions(MERGED), 0);
        let (_, token) = text.split_once("`confirm`: \"").unwrap();
        let (token, _) = token.split_once('"').unwrap();
        let mut confirmed = merge();
        confirmed["arguments"]["confirm"] = json!(token);
        let done = raw.request("two", "tools/call", confirmed).await;
        value(&done);
        assert_eq!(double.executions(MERGED), 1);
    }
}

#[tokio::test]
async fn the_setting_says_what_is_asked_about() {
    for (setting, asked) in [("never", false), ("irreversible", true), ("writes", true)] {
        let double = double().await;
        let more = [
            ("TICKETING_MCP_CONFIRM", setting),
            ("TICKETING_MCP_STORE", "memory"),
        ];
        let mut raw = Raw::initialized(&double.base_url(), &more).await;
        raw.request("one", "tools/call", merge()).await;
        assert_eq!(double.executions(MERGED) == 0, asked, "{setting}");
    }
    let wrong = [
        ("TICKITI_API_BASE", "http://127.0.0.1:1"),
        ("TICKITI_API_TOKEN", "x"),
        ("TICKETING_MCP_CONFIRM", "always"),
    ];
    let output = crate::support::output(&["tools"], &wrong).await;
    let told = crate::support::text(&output.stderr);
    assert!(told.contains("never, irreversible or writes"), "{told}");
}
