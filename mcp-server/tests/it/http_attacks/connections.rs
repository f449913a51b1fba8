//! Connections: idle, too many, unread, and left behind.

use std::time::{Duration, Instant};

use sandbox::tickiti::{Fault, FaultKind, Outcome};
use serde_json::json;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
    time::sleep,
};

use super::target::{Client, PING, TIME, Target, connect, request, rest, ticket};
use crate::http::KEY;

#[tokio::test]
async fn idle_ones_are_closed() {
    let mut target = Target::start(&[]).await;
    let port = target.http.port;
    // One that never said anything, and one that had an answer.
    let mut silent = connect(port).await;
    let (answer, took) = rest(&mut silent).await;
    assert!(took < TIME * 2, "{took:?}: {answer}");
    let mut client = Client::new(port).await;
    client.ping().await;
    let began = Instant::now();
    assert!(client.answer().await.is_none());
    let took = began.elapsed();
    assert!(took > TIME / 2 && took < TIME * 2, "{took:?}");
    target.after("idle connections").await;
}

#[tokio::test]
async fn a_thousand_at_rest() {
    let mut target = Target::start(&[("TICKETING_MCP_HEAD_TIME_MS", "10000")]).await;
    for round in 0..2 {
        let mut clients = Vec::new();
        for _ in 0..1_000 {
            let mut client = Client::new(target.http.port).await;
            client.ping().await;
            clients.push(client);
        }
        target.during("1,000 connections at rest").await;
        target.expect_memory_each(1_000);
        drop(clients);
        target.after_round(round, "1,000 connections at rest").await;
    }
}

#[tokio::test]
async fn more_than_the_limit_keep_nobody_out() {
    let mut target = Target::start(&[
        ("TICKETING_MCP_CONNECTIONS", "20"),
        ("TICKETING_MCP_HEAD_TIME_MS", "10000"),
    ])
    .await;
    let port = target.http.port;
    let mut silent: Vec<TcpStream> = Vec::new();
    for _ in 0..100 {
        let mut stream = connect(port).await;
        stream.write_all(b"POST /mcp HT").await.unwrap();
        silent.push(stream);
    }
    target
        .during("100 silent connections where 20 may be")
        .await;
    let (_, took) = rest(&mut silent[0]).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    drop(silent);
    target.after("100 silent connections where 20 may be").await;
}

#[tokio::test]
async fn answers_that_nobody_takes() {
    let mut target = Target::start(&[]).await;
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}});
    // The list of tools fills every buffer on the way many times over.
    let many = request(&body.to_string()).repeat(200);
    let mut streams = Vec::new();
    for _ in 0..20 {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let address = format!("127.0.0.1:{}", target.http.port).parse().unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        let bytes = many.clone();
        streams.push(tokio::spawn(async move {
            // The server stops to read when its answers are not taken, and then gives the connection up.
            let began = Instant::now();
            let _ = stream.write_all(bytes.as_bytes()).await;
            let _ = stream.writable().await;
            while stream.write_all(b"\r\n").await.is_ok() && began.elapsed() < TIME * 5 {
                sleep(Duration::from_millis(50)).await;
            }
            began.elapsed()
        }));
    }
    sleep(TIME / 2).await;
    target.during("20 clients that take no answer").await;
    for stream in streams {
        let took = stream.await.unwrap();
        assert!(took < TIME * 4, "{took:?}");
    }
    target.after("20 clients that take no answer").await;
}

#[tokio::test]
async fn a_client_that_goes_away_takes_its_call_along() {
    let mut target = Target::start(&[]).await;
    target.double.clear_log();
    target
        .double
        .add_fault(Fault::on("tickets.show", FaultKind::StallHeaders).times(20));
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": ticket()});
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = connect(target.http.port).await;
        stream
            .write_all(request(&body.to_string()).as_bytes())
            .await
            .unwrap();
        streams.push(stream);
    }
    let until = |count: usize, outcome: Outcome| {
        let double = &target.double;
        async move {
            let began = Instant::now();
            let all = || {
                double
                    .log()
                    .iter()
                    .filter(|entry| entry.outcome == outcome)
                    .count()
            };
            while all() < count {
                assert!(
                    began.elapsed() < Duration::from_secs(5),
                    "{} of {count}",
                    all()
                );
                sleep(Duration::from_millis(10)).await;
            }
            began.elapsed()
        }
    };
    until(20, Outcome::Running).await;
    drop(streams);
    let took = until(20, Outcome::Aborted).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    target.after("20 clients that go away").await;
}

#[tokio::test]
async fn calls_that_never_end_are_ended() {
    let mut target = Target::start(&[("TICKITI_API_TIMEOUT_MS", "700")]).await;
    target
        .double
        .add_fault(Fault::on("tickets.show", FaultKind::StallHeaders).times(30));
    let port = target.http.port;
    let calls: Vec<_> = (0..30)
        .map(|_| {
            tokio::spawn(async move {
                let mut client = Client::new(port).await;
                client.ask(KEY, "tools/call", ticket()).await
            })
        })
        .collect();
    sleep(Duration::from_millis(200)).await;
    target.during("30 calls that never end").await;
    for call in calls {
        let (status, answer) = call.await.unwrap();
        assert_eq!(status, 200, "{answer}");
        assert!(answer.contains("\"isError\":true"), "{answer}");
    }
    target.double.clear_faults();
    target.after("30 calls that never end").await;
}

#[tokio::test]
async fn many_at_once_on_one_connection_are_answered_in_order() {
    let mut target = Target::start(&[]).await;
    let mut client = Client::new(target.http.port).await;
    let numbered = |id: usize| request(&PING.replace("\"id\":1", &format!("\"id\":{id}")));
    let all: String = (0..200).map(numbered).collect();
    let (_, first) = client.send(&all).await;
    assert!(
        first.contains("\"id\":0,") || first.contains("\"id\":0}"),
        "{first}"
    );
    for id in 1..200 {
        let (status, answer) = client.answer().await.unwrap();
        assert_eq!(status, 200);
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["id"], id);
    }
    target.after("200 requests at once on one connection").await;
}
