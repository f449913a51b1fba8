//! Callers: foreign pages and names, keys, and those who ask too much.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sandbox::tickiti::{Fault, FaultKind};

use super::target::{Client, PING, Target, closing, request, ticket};
use crate::{http::KEY, support::Folder};

#[tokio::test]
async fn foreign_pages_and_names() {
    let mut target = Target::start(&[]).await;
    let own = closing(PING);
    for (place, other) in [
        ("host: localhost", "host: evil.example"),
        ("host: localhost", "host: localhost.evil.example"),
        ("host: localhost", "host: localhost@evil.example"),
        ("host: localhost", "host: localhost\r\nhost: evil.example"),
        ("host: localhost", "host: evil.example\r\nhost: localhost"),
        ("host: localhost", "host: "),
        ("host: localhost\r\n", ""),
        (
            "host: localhost",
            "host: localhost\r\norigin: https://evil.example",
        ),
        ("host: localhost", "host: localhost\r\norigin: null"),
        (
            "host: localhost",
            "host: localhost\r\norigin: http://localhost.evil.example",
        ),
        (
            "host: localhost",
            "host: localhost\r\norigin: http://localhost\r\norigin: http://evil.example",
        ),
        (" /mcp ", " http://evil.example/mcp "),
    ] {
        let foreign = own.replacen(place, other, 1);
        assert_ne!(foreign, own);
        let answer = target.http.raw(foreign.as_bytes()).await;
        assert_eq!(answer.status, 403, "{other}: {answer:?}");
        assert!(!answer.head.contains("access-control"), "{answer:?}");
    }
    target.after("foreign pages and names").await;
}

#[tokio::test]
async fn wrong_keys_all_take_the_same_time() {
    let mut target = Target::start(&[]).await;
    let mut client = Client::new(target.http.port).await;
    let near = format!("{}!", &KEY[..KEY.len() - 1]);
    let far = "!".repeat(KEY.len());
    let keys = [near.as_str(), far.as_str()];
    let mut took = [Vec::new(), Vec::new()];
    for _ in 0..400 {
        for (key, took) in keys.iter().zip(&mut took) {
            let wrong = request(PING).replace(KEY, key);
            let began = Instant::now();
            let (status, answer) = client.send(&wrong).await;
            took.push(began.elapsed());
            assert!([401, 429].contains(&status), "{answer}");
        }
    }
    let [near, far] = took.map(|mut took| {
        took.sort();
        took[took.len() / 2]
    });
    tell(&format!(
        "a key wrong in its last place {near:?}, in its first {far:?}"
    ));
    let ratio = near.as_secs_f64() / far.as_secs_f64();
    assert!((0.67..1.5).contains(&ratio), "{ratio}");
    target.after("800 wrong keys").await;
}

#[expect(
    clippy::print_stdout,
    reason = "the figures are what a person runs it for"
)]
fn tell(text: &str) {
    println!("{text}");
}

#[tokio::test]
async fn more_under_way_than_the_bound_are_refused_at_once() {
    const SLOW: Duration = Duration::from_millis(600);
    let mut target = Target::start(&[("TICKETING_MCP_PROFILE_IN_FLIGHT", "4")]).await;
    target
        .double
        .add_fault(Fault::on("tickets.show", FaultKind::Delay { ms: 600 }).times(4));
    let port = target.http.port;
    let calls = (0..12).map(|_| async move {
        let mut client = Client::new(port).await;
        let began = Instant::now();
        let (status, answer) = client.ask(KEY, "tools/call", ticket()).await;
        (status, answer, began.elapsed())
    });
    let answers = join_all(calls).await;
    let mut slowest_refusal = Duration::ZERO;
    for (status, answer, took) in &answers {
        if *status == 503 {
            assert!(
                answer.to_ascii_lowercase().contains("retry-after: 1"),
                "{answer}"
            );
            slowest_refusal = slowest_refusal.max(*took);
        } else {
            assert!(answer.contains("709383"), "{answer}");
        }
    }
    let done = answers.iter().filter(|(status, ..)| *status == 200).count();
    assert_eq!(done, 4);
    assert!(slowest_refusal < SLOW / 2, "{slowest_refusal:?}");
    tell(&format!(
        "8 of 12 refused, the last after {slowest_refusal:?}"
    ));
    target.after("more under way than the bound").await;
}

#[tokio::test]
async fn more_often_than_the_rate_is_refused() {
    let folder = Folder::new();
    let path = format!("{}/profiles.toml", folder.path());
    let other = "another-key-of-another-person";
    let hash: String = mcp_server::http::hash(other)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let profile = format!(
        "[[profiles]]\nname = \"slow\"\nkey = \"sha256:{hash}\"\nrequests_per_minute = 30\n"
    );
    std::fs::write(&path, profile).unwrap();
    let mut target = Target::start_with(&["--config", &path], &[]).await;
    let mut client = Client::new(target.http.port).await;
    let mut statuses = Vec::new();
    for _ in 0..40 {
        let (status, answer) = client.ask(other, "ping", serde_json::json!({})).await;
        if status == 429 {
            assert!(
                answer.to_ascii_lowercase().contains("retry-after: "),
                "{answer}"
            );
        }
        statuses.push(status);
    }
    let taken = statuses.iter().filter(|status| **status == 200).count();
    assert!((5..=6).contains(&taken), "{statuses:?}");
    target.after("more often than the rate").await;
}
