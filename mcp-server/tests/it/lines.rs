//! Lines that are no request, or come in an odd way: each that asks for something is answered.

use serde_json::{Value, json};

use crate::support::{Raw, double, value};

const CALL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create_ticket","arguments":{"originator_email_address":"a@b.example","subject":"half \ud83d","content":"c"}}}"#;

async fn idle() -> Raw {
    Raw::initialized("http://127.0.0.1:9", &[]).await
}

/// The first message after a line, which must be the answer to it.
async fn answer(raw: &mut Raw, line: &[u8]) -> Value {
    raw.bytes(line).await;
    raw.bytes(b"\n").await;
    raw.receive().await.expect("an answer")
}

fn fault(answer: &Value) -> (Value, i64) {
    assert!(answer.get("id").is_some(), "{answer}");
    let code = answer["error"]["code"].as_i64();
    (
        answer["id"].clone(),
        code.unwrap_or_else(|| panic!("{answer}")),
    )
}

#[tokio::test]
async fn every_line_that_asks_is_answered() {
    let mut raw = idle().await;
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{}"#,
        r#"{"a":"#.repeat(1000)
    );
    for (line, id, code) in [
        (&b"hello"[..], json!(null), -32700),
        (br#"{"jsonrpc":"2.0","id":1,"meth"#, json!(1), -32700),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":\"b\",\"method\":\"\xff\xfe\"}",
            json!("b"),
            -32700,
        ),
        (deep.as_bytes(), json!(8), -32700),
        (
            br#"[{"jsonrpc":"2.0","id":2,"method":"ping"}]"#,
            json!(null),
            -32600,
        ),
        (b"42", json!(null), -32600),
        (br#"{"id":3,"method":"ping"}"#, json!(3), -32600),
        (br#"{"jsonrpc":"2.0","id":4}"#, json!(4), -32600),
        (
            br#"{"jsonrpc":"2.0","id":5,"method":"ping","params":{"_meta":5}}"#,
            json!(5),
            -32600,
        ),
        (
            br#"{"jsonrpc":"2.0","id":6,"method":"tools/list","params":["x"]}"#,
            json!(6),
            -32600,
        ),
        (
            br#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
            json!(1.5),
            -32600,
        ),
        (
            br#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#,
            json!(null),
            -32600,
        ),
    ] {
        let answer = answer(&mut raw, line).await;
        let text = String::from_utf8_lossy(line);
        assert_eq!(fault(&answer), (id, code), "{text} {answer}");
    }
    raw.request("last", "ping", json!({})).await;
    raw.end_input();
    let (status, rest, _) = raw.ended().await;
    assert_eq!((status.code(), rest.len()), (Some(0), 0));
}

#[tokio::test]
async fn half_a_character_does_not_lose_the_call() {
    let double = double().await;
    let mut raw = Raw::initialized(&double.base_url(), &[]).await;
    let opened = answer(&mut raw, CALL.as_bytes()).await;
    assert_eq!(opened["id"], 1);
    let number = value(&opened)["ticket_number"].clone();
    let shown = raw
        .call(2, "get_ticket", json!({"ticket_number": number}))
        .await;
    assert_eq!(
        value(&shown)["ticket"]["subject"],
        json!({"untrusted_from_customer": "half \u{fffd}"})
    );
}

#[tokio::test]
async fn a_line_beyond_the_limit_is_answered_and_skipped() {
    let mut raw = idle().await;
    let mut line = br#"{"jsonrpc":"2.0","method":"ping","params":{"x":""#.to_vec();
    line.resize(17 * 1024 * 1024, b'x');
    line.extend_from_slice(br#""},"id":"end"}"#);
    let told = answer(&mut raw, &line).await;
    assert_eq!(fault(&told), (json!("end"), -32600), "{told}");
    raw.request(1, "ping", json!({})).await;
}

#[tokio::test]
async fn the_last_line_needs_no_end() {
    let mut raw = idle().await;
    raw.bytes(br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)
        .await;
    raw.end_input();
    let (status, rest, _) = raw.ended().await;
    assert_eq!(status.code(), Some(0));
    assert_eq!(rest, [json!({"jsonrpc": "2.0", "id": 1, "result": {}})]);
}

#[tokio::test]
async fn what_comes_before_the_opening_is_ignored() {
    let variables = [
        ("TICKITI_API_BASE", "http://127.0.0.1:9"),
        ("TICKITI_API_TOKEN", "t"),
    ];
    let mut raw = Raw::start(&[], &variables);
    for line in [
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m"}}"#,
    ] {
        raw.line(line).await;
    }
    raw.request(1, "ping", json!({})).await;
    raw.line(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
        .await;
    let answer = raw.initialize().await;
    assert_eq!(answer["result"]["serverInfo"]["name"], "ticketing-mcp");
    raw.end_input();
    let (status, _, stderr) = raw.ended().await;
    assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));
}
