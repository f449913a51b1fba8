//! How the program ends, and what becomes of calls that run meanwhile.

use std::time::{Duration, Instant};

use sandbox::tickiti::{Fault, FaultKind, Outcome};
use serde_json::json;

use crate::support::{Raw, asked, double, refusal, value};

fn show() -> serde_json::Value {
    json!({"name": "get_ticket", "arguments": {"ticket_number": "709383"}})
}

#[tokio::test]
async fn running_calls_are_answered_after_the_end_of_input() {
    let double = double().await;
    double.add_fault(Fault::on("tickets.show", FaultKind::Delay { ms: 400 }));
    for mut raw in [
        Raw::initialized(&double.base_url(), &[]).await,
        Raw::modern(double.base_url().as_str()),
    ] {
        for id in 1..=3 {
            raw.post(id, "tools/call", show()).await;
        }
        raw.end_input();
        let (status, rest, _) = raw.ended().await;
        assert_eq!(status.code(), Some(0));
        assert_eq!(rest.len(), 3, "{rest:?}");
        assert!(
            rest.iter()
                .all(|answer| value(answer)["ticket"].is_object())
        );
    }
}

#[tokio::test]
async fn calls_outlive_the_grace_of_the_protocol_library() {
    let double = double().await;
    double.add_fault(Fault::on("tickets.show", FaultKind::StallHeaders));
    let more = [("TICKITI_API_TIMEOUT_MS", "6500")];
    let mut raw = Raw::initialized(&double.base_url(), &more).await;
    raw.post(1, "tools/call", show()).await;
    raw.end_input();
    let started = Instant::now();
    let (status, rest, _) = raw.ended().await;
    assert_eq!(status.code(), Some(0));
    assert!(started.elapsed() > Duration::from_secs(6));
    assert!(refusal(&rest[0]).contains("tickets.show") || !refusal(&rest[0]).is_empty());
}

#[tokio::test]
async fn a_signal_ends_it_after_running_calls() {
    let double = double().await;
    double.add_fault(Fault::on("tickets.show", FaultKind::Delay { ms: 400 }));
    let mut raw = Raw::initialized(&double.base_url(), &[]).await;
    raw.post(1, "tools/call", show()).await;
    double_has_request(&double).await;
    raw.terminate().await;
    let (status, rest, _) = raw.ended().await;
    assert_eq!(status.code(), Some(0));
    assert_eq!(rest.len(), 1, "{rest:?}");
    assert!(value(&rest[0])["ticket"].is_object());
}

#[tokio::test]
async fn a_signal_ends_an_idle_server_at_once() {
    let double = double().await;
    let raw = Raw::initialized(&double.base_url(), &[]).await;
    let started = Instant::now();
    raw.terminate().await;
    let (status, rest, _) = raw.ended().await;
    assert_eq!((status.code(), rest.len()), (Some(0), 0));
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_second_signal_does_not_wait() {
    let double = double().await;
    double.add_fault(Fault::on("tickets.show", FaultKind::StallHeaders));
    let mut raw = Raw::initialized(&double.base_url(), &[]).await;
    raw.post(1, "tools/call", show()).await;
    double_has_request(&double).await;
    raw.terminate().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    raw.terminate().await;
    let (status, rest, _) = raw.ended().await;
    assert_eq!(status.code(), Some(130));
    // There may be time to say that the call was given up.
    assert!(
        rest.iter()
            .all(|answer| refusal(answer).contains("cancelled")),
        "{rest:?}"
    );
}

/// More answers than a pipe holds, none of which is read.
async fn unread(raw: &mut Raw) {
    for id in 0..40 {
        raw.post(id, "tools/list", json!({})).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
}

const SHORT: [(&str, &str); 2] = [
    ("TICKITI_API_TIMEOUT_MS", "300"),
    ("TICKETING_MCP_CALL_TIMEOUT_MS", "500"),
];

#[tokio::test]
async fn the_end_of_input_ends_it_although_nobody_reads() {
    for mut raw in [
        Raw::initialized("http://127.0.0.1:9", &SHORT).await,
        Raw::modern_with("http://127.0.0.1:9", &SHORT),
    ] {
        unread(&mut raw).await;
        raw.end_input();
        let started = Instant::now();
        assert_eq!(raw.ended_unread().await.code(), Some(0));
        assert!(started.elapsed() < Duration::from_secs(6));
    }
}

#[tokio::test]
async fn a_signal_ends_it_soon_although_nobody_reads() {
    let mut raw = Raw::initialized("http://127.0.0.1:9", &[]).await;
    unread(&mut raw).await;
    raw.terminate().await;
    let started = Instant::now();
    assert_eq!(raw.ended_unread().await.code(), Some(0));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn an_id_that_is_still_in_use_is_refused() {
    let double = double().await;
    double.add_fault(Fault::on("tickets.show", FaultKind::Delay { ms: 400 }));
    let mut raw = Raw::initialized(&double.base_url(), &[]).await;
    raw.post(1, "tools/call", show()).await;
    raw.post(1, "tools/call", show()).await;
    let refused = raw.receive().await.unwrap();
    assert_eq!(refused["id"], 1);
    assert_eq!(refused["error"]["code"], -32600, "{refused}");
    raw.end_input();
    let started = Instant::now();
    let (status, rest, _) = raw.ended().await;
    assert_eq!((status.code(), rest.len()), (Some(0), 1));
    assert!(value(&rest[0])["ticket"].is_object());
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(asked(&double).len(), 1);
}

#[tokio::test]
async fn an_end_before_the_first_message_is_no_fault() {
    let double = double().await;
    let base = double.base_url();
    let variables = [
        ("TICKITI_API_BASE", base.as_str()),
        ("TICKITI_API_TOKEN", "t"),
    ];
    let mut raw = Raw::start(&[], &variables);
    raw.end_input();
    let (status, rest, stderr) = raw.ended().await;
    assert_eq!(
        (status.code(), rest.len(), stderr.as_str()),
        (Some(0), 0, "")
    );
}

#[tokio::test]
async fn a_cancelled_call_stops_its_request() {
    let double = double().await;
    double.add_fault(Fault::on("tickets.show", FaultKind::StallHeaders));
    for mut raw in [
        Raw::initialized(&double.base_url(), &[]).await,
        Raw::modern(double.base_url().as_str()),
    ] {
        double.clear_log();
        raw.post(9, "tools/call", show()).await;
        double_has_request(&double).await;
        raw.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 9}})).await;
        let deadline = Instant::now() + Duration::from_secs(5);
        while asked(&double)[0].outcome != Outcome::Aborted {
            assert!(Instant::now() < deadline, "{:?}", double.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // The server goes on, and does not wait for the cancelled call at its end.
        let list = raw.call(10, "list_queues", json!({})).await;
        value(&list);
        raw.end_input();
        let started = Instant::now();
        let (status, rest, _) = raw.ended().await;
        assert_eq!((status.code(), rest.len()), (Some(0), 0));
        assert!(started.elapsed() < Duration::from_secs(2));
    }
}

#[tokio::test]
async fn a_log_that_nobody_reads_stops_nothing() {
    let more = [("TICKETING_MCP_LOG", "trace")];
    let mut raw = Raw::initialized("http://127.0.0.1:9", &more).await;
    // A pipe holds far less than these lines take.
    for id in 0..3000 {
        raw.post(id, "ping", json!({"_meta": {"note": "x".repeat(100)}}))
            .await;
        raw.line("no message").await;
    }
    raw.request("last", "ping", json!({})).await;
    raw.end_input();
    let started = Instant::now();
    let status = raw.ended_unread().await;
    assert_eq!(status.code(), Some(0));
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_back_end_that_is_away_does_not_stop_the_start() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let mut raw = Raw::initialized(&base, &[("TICKITI_API_TIMEOUT_MS", "2000")]).await;
    let list = raw.request(1, "tools/list", json!({})).await;
    assert!(!list["result"]["tools"].as_array().unwrap().is_empty());
    let answer = raw.call(2, "list_queues", json!({})).await;
    let text = refusal(&answer);
    assert!(
        text.contains("127.0.0.1") || text.contains("reach"),
        "{text}"
    );
}

#[tokio::test]
async fn a_request_carries_the_id_that_the_log_names() {
    let double = double().await;
    let more = [("TICKETING_MCP_LOG", "info")];
    let mut raw = Raw::initialized(&double.base_url(), &more).await;
    raw.call(1, "get_ticket", json!({"ticket_number": "709383"}))
        .await;
    raw.end_input();
    let (_, _, stderr) = raw.ended().await;
    let line = stderr
        .lines()
        .find(|line| line.contains("get_ticket"))
        .expect("a line for the call");
    let id = asked(&double)[0].request_id.clone().unwrap();
    assert!(line.contains(&id), "{line}");
    assert!(
        line.contains("outcome=\"success\"") && line.contains("duration_ms="),
        "{line}"
    );
    assert!(
        !stderr.contains("709383"),
        "arguments are not logged: {stderr}"
    );
    assert!(!stderr.contains("sandbox-admin"), "{stderr}");
}

async fn double_has_request(double: &sandbox::tickiti::Tickiti) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while asked(double).is_empty() {
        assert!(Instant::now() < deadline, "no request arrived");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Some clients hand over sockets, on which reading blocks a thread.
#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_it_also_when_stdin_is_a_socket() {
    use std::{
        io::Write,
        os::{fd::OwnedFd, unix::net::UnixStream},
    };
    use tokio::io::{AsyncBufReadExt, BufReader};

    let (mut near, far) = UnixStream::pair().unwrap();
    let variables = [
        ("TICKITI_API_BASE", "http://127.0.0.1:9"),
        ("TICKITI_API_TOKEN", "t"),
    ];
    let mut child = crate::support::program(&[], &variables)
        .stdin(OwnedFd::from(far))
        .spawn()
        .unwrap();
    let initialize = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}});
    writeln!(near, "{initialize}").unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let answer = lines.next_line().await.unwrap().unwrap();
    assert!(answer.contains("ticketing-mcp"), "{answer}");
    let id = child.id().unwrap().to_string();
    let kill = tokio::process::Command::new("kill").arg(id).status();
    assert!(kill.await.unwrap().success());
    let ended = tokio::time::timeout(Duration::from_secs(5), child.wait());
    assert_eq!(ended.await.expect("it ends").unwrap().code(), Some(0));
}
