//! Faults, as a client on the other end of the socket sees them, and what the log says of them.

use std::time::{Duration, Instant};

use sandbox::tickiti::{Fault, FaultKind, LogEntry, Outcome};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::helper::{Api, answer, start};

/// Sends one request by hand and reads until the end of the connection or for so long.
async fn raw(api: &Api, path: &str, patience: Duration) -> (String, bool) {
    let mut stream = TcpStream::connect(api.tickiti.addr()).await.unwrap();
    let body = r#"{"ticket_number":"709383","from_email":"eva@shop.example","content":"x"}"#;
    let request = format!(
        "POST /api/v1/{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sandbox-admin\r\nidempotency-key: k\r\n\
         content-type: application/json\r\nuser-agent: raw/1\r\nx-request-id: r-1\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    let closed = tokio::time::timeout(patience, stream.read_to_end(&mut received))
        .await
        .is_ok();
    (String::from_utf8_lossy(&received).into_owned(), closed)
}

/// The only entry of the log once it has an end.
async fn last(api: &Api) -> LogEntry {
    for _ in 0..100 {
        let entry = api.tickiti.log().pop().unwrap();
        if entry.outcome != Outcome::Running {
            return entry;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the request never ended");
}

const SHORT: Duration = Duration::from_millis(150);
const LONG: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_request_is_logged_with_its_marks() {
    let api = start().await;
    raw(&api, "tickets/respond", SHORT).await;
    let entry = last(&api).await;
    assert_eq!(
        (entry.sequence, entry.status, entry.outcome),
        (1, Some(200), Outcome::Answered)
    );
    assert_eq!(
        (entry.method.as_str(), entry.path.as_str()),
        ("POST", "/api/v1/tickets/respond")
    );
    assert_eq!(entry.endpoint.as_deref(), Some("tickets.respond"));
    assert_eq!(entry.idempotency_key.as_deref(), Some("k"));
    assert_eq!(
        (entry.user_agent.as_deref(), entry.request_id.as_deref()),
        (Some("raw/1"), Some("r-1"))
    );
    assert_eq!(
        (entry.body_bytes, entry.body_sha256.len(), entry.executed),
        (72, 64, true)
    );
    assert_eq!(entry.at, api.tickiti.clock());
    api.tickiti.clear_log();
    assert!(api.tickiti.log().is_empty() && api.tickiti.executions("tickets.respond") == 0);
}

#[tokio::test]
async fn connections_are_dropped_before_or_after_the_effect() {
    for (kind, outcome, executed) in [
        (
            FaultKind::DropBeforeEffect,
            Outcome::DroppedBeforeEffect,
            false,
        ),
        (
            FaultKind::DropAfterEffect,
            Outcome::DroppedAfterEffect,
            true,
        ),
    ] {
        let api = start().await;
        api.tickiti.add_fault(Fault::on("tickets.respond", kind));
        assert_eq!(
            raw(&api, "tickets/respond", LONG).await,
            (String::new(), true)
        );
        let entry = last(&api).await;
        assert_eq!(
            (entry.outcome, entry.executed, entry.status),
            (outcome, executed, None)
        );
    }
}

#[tokio::test]
async fn stalls_hold_the_connection_until_the_client_leaves() {
    for (kind, executed, headers) in [
        (FaultKind::StallHeaders, false, false),
        (FaultKind::StallBody, true, true),
    ] {
        let api = start().await;
        api.tickiti.add_fault(Fault::on("tickets.respond", kind));
        let (received, closed) = raw(&api, "tickets/respond", SHORT).await;
        assert!(!closed);
        assert_eq!(received.starts_with("HTTP/1.1 200"), headers, "{received}");
        assert!(!received.ends_with('}'));
        let entry = last(&api).await;
        assert_eq!(
            (entry.outcome, entry.executed),
            (Outcome::Aborted, executed)
        );
    }
}

#[tokio::test]
async fn a_client_that_leaves_during_a_delay_is_an_abort_without_effect() {
    let api = start().await;
    api.tickiti.add_fault(Fault::on(
        "tickets.respond",
        FaultKind::Delay { ms: 60_000 },
    ));
    raw(&api, "tickets/respond", SHORT).await;
    let entry = last(&api).await;
    assert_eq!(
        (entry.outcome, entry.executed, entry.status),
        (Outcome::Aborted, false, None)
    );
    api.tickiti.clear_faults();
    api.tickiti
        .add_fault(Fault::on("tickets.respond", FaultKind::Delay { ms: 60_000 }).after_effect());
    raw(&api, "tickets/respond", SHORT).await;
    let entry = last(&api).await;
    assert_eq!((entry.outcome, entry.executed), (Outcome::Aborted, true));
}

#[tokio::test]
async fn a_truncated_body_is_shorter_than_announced() {
    let api = start().await;
    api.tickiti
        .add_fault(Fault::on("tickets.respond", FaultKind::TruncatedBody));
    let (received, closed) = raw(&api, "tickets/respond", LONG).await;
    let (head, body) = received.split_once("\r\n\r\n").unwrap();
    let announced = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    assert!(
        closed && !body.is_empty() && body.len() < announced.parse().unwrap(),
        "{received}"
    );
    assert_eq!(last(&api).await.outcome, Outcome::DroppedAfterEffect);
}

/// What a fault makes of `tickets.query`: status, content type and body.
async fn falsified(kind: FaultKind) -> (Api, u16, String, Vec<u8>) {
    let api = start().await;
    api.tickiti.add_fault(Fault::on("*", kind).times(1));
    let response = api
        .request("POST", "tickets/query")
        .json(&json!({"row_limit": 1}))
        .send()
        .await
        .unwrap();
    let status = response.status().as_u16();
    let content_type = response.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    let body = response.bytes().await.unwrap().to_vec();
    (api, status, content_type, body)
}

#[tokio::test]
async fn answers_are_falsified() {
    let json_type = "application/json";
    let (_, status, kind, body) = falsified(FaultKind::Garbage).await;
    assert_eq!((status, kind.as_str()), (200, json_type));
    assert!(serde_json::from_slice::<Value>(&body).is_err());
    let (_, status, kind, body) = falsified(FaultKind::Html { status: 502 }).await;
    assert_eq!((status, kind.as_str()), (502, "text/html; charset=utf-8"));
    assert!(body.starts_with(b"<html>"));
    let (api, status, _, body) = falsified(FaultKind::Oversized { bytes: 3_000_000 }).await;
    assert_eq!((status, body.len() > 3_000_000), (200, true));
    assert!(serde_json::from_slice::<Value>(&body).is_ok());
    assert_eq!(api.tickiti.log()[0].outcome, Outcome::Answered);
    let value = "text/html".to_owned();
    let (api, status, kind, body) = falsified(FaultKind::ContentType { value }).await;
    assert_eq!((status, kind.as_str()), (200, "text/html"));
    assert!(serde_json::from_slice::<Value>(&body).unwrap().is_array());
    assert_eq!(api.tickiti.executions("tickets.query"), 1);
    for key in ["my_error", "amf_error", "error"] {
        let (_, status, _, body) = falsified(FaultKind::LogicalError {
            key: key.to_owned(),
        })
        .await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert!(status == 200 && body[key].is_string());
    }
    let (_, _, _, body) = falsified(FaultKind::LogicalError {
        key: "ok".to_owned(),
    })
    .await;
    assert_eq!(body, br#"{"ok":false}"#);
}

#[tokio::test]
async fn statuses_and_redirects_come_with_their_headers() {
    let api = start().await;
    let throttle = FaultKind::Status {
        status: 429,
        body: r#"{"message":"Too Many Attempts."}"#.to_owned(),
        content_type: "application/json".to_owned(),
        retry_after: Some("7".to_owned()),
    };
    api.tickiti
        .add_fault(Fault::on("token.show", throttle).times(1));
    let response = api.request("POST", "token").send().await.unwrap();
    assert_eq!(
        (
            response.status().as_u16(),
            &response.headers()["retry-after"]
        ),
        (429, &"7".parse().unwrap())
    );
    let location = "https://elsewhere.example/".to_owned();
    api.tickiti.add_fault(
        Fault::on(
            "token.show",
            FaultKind::Redirect {
                location: location.clone(),
            },
        )
        .times(1),
    );
    let response = api.request("POST", "token").send().await.unwrap();
    assert_eq!(
        (
            response.status().as_u16(),
            response.headers()["location"].to_str().unwrap()
        ),
        (302, &*location)
    );
    assert_eq!(
        api.post("token", json!({})).await.status,
        200,
        "both are spent"
    );
    assert_eq!(api.tickiti.executions("token.show"), 1);
}

#[tokio::test]
async fn faults_skip_count_and_add_up() {
    let api = start().await;
    api.tickiti.add_fault(
        Fault::on("token.show", FaultKind::Html { status: 503 })
            .skip(1)
            .times(2),
    );
    api.tickiti
        .add_fault(Fault::on("token.show", FaultKind::Delay { ms: 80 }).times(2));
    let mut statuses = Vec::new();
    let began = Instant::now();
    for _ in 0..4 {
        statuses.push(api.post("token", json!({})).await.status);
    }
    assert_eq!(statuses, [200, 503, 503, 200]);
    assert!(began.elapsed() >= Duration::from_millis(160));
}

#[tokio::test]
async fn an_answer_can_fail_after_the_work() {
    let api = start().await;
    api.tickiti.add_fault(
        Fault::on("tickets.respond", FaultKind::Html { status: 504 })
            .after_effect()
            .times(1),
    );
    let (received, _) = raw(&api, "tickets/respond", SHORT).await;
    assert!(received.starts_with("HTTP/1.1 504"));
    assert_eq!(api.tickiti.executions("tickets.respond"), 1);
    let (received, _) = raw(&api, "tickets/respond", SHORT).await;
    assert!(received.starts_with("HTTP/1.1 200"), "the stored answer");
    assert_eq!(
        (
            api.tickiti.executions("tickets.respond"),
            api.tickiti.replays("tickets.respond")
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn other_processes_plant_faults_over_http() {
    let api = start().await;
    let http = crate::helper::http();
    let url = |action: &str| format!("{}/__sandbox/{action}", api.tickiti.base_url());
    let faults = json!([{"endpoint": "token.show", "kind": "html", "status": 500, "times": 1}]);
    answer(http.post(url("faults")).json(&faults)).await.ok();
    assert_eq!(api.post("token", json!({})).await.status, 500);
    answer(
        http.post(url("faults"))
            .json(&json!({"endpoint": "*", "kind": "garbage"})),
    )
    .await
    .ok();
    answer(http.delete(url("faults"))).await.ok();
    assert_eq!(api.post("token", json!({})).await.status, 200);
    let wrong = answer(
        http.post(url("faults"))
            .json(&json!({"endpoint": "*", "kind": "magic"})),
    )
    .await;
    assert_eq!(wrong.status, 422);
    let log = answer(http.get(url("log"))).await.ok();
    assert_eq!(
        (&log["entries"][0]["status"], &log["entries"][1]["outcome"]),
        (&json!(500), &json!("answered"))
    );
    assert_eq!(log["counts"]["token.show"]["executions"], 1);
    answer(http.delete(url("log"))).await.ok();
    assert!(api.tickiti.log().is_empty());
    let moved = answer(
        http.post(url("clock"))
            .json(&json!({"advance_seconds": 60})),
    )
    .await
    .ok();
    assert_eq!(moved["epoch"], api.tickiti.clock());
    answer(http.post(url("switches")).json(&json!({"install": "june"})))
        .await
        .ok();
    assert_eq!(api.post("token", json!({})).await.status, 404);
}

#[tokio::test]
async fn dropping_the_double_closes_its_connections() {
    let api = start().await;
    let mut stream = TcpStream::connect(api.tickiti.addr()).await.unwrap();
    stream
        .write_all(b"POST /api/v1/token HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.unwrap();
    drop(api);
    let mut rest = Vec::new();
    let read = tokio::time::timeout(LONG, stream.read_to_end(&mut rest)).await;
    assert!(read.is_ok(), "the connection stayed open");
}

#[tokio::test]
async fn a_late_effect_comes_although_the_client_is_gone() {
    let api = start().await;
    let late = FaultKind::LateEffect { ms: 80 };
    api.tickiti
        .add_fault(Fault::on("tickets.respond", late).times(1));
    let (text, closed) = raw(&api, "tickets/respond", LONG).await;
    assert!(closed && text.is_empty(), "{text}");
    assert_eq!(api.tickiti.executions("tickets.respond"), 0);
    let entry = last(&api).await;
    assert_eq!(entry.outcome, Outcome::DroppedAfterEffect);
    assert!(entry.executed);
    // The same under its key is recognised.
    raw(&api, "tickets/respond", SHORT).await;
    assert_eq!(api.tickiti.executions("tickets.respond"), 1);
    assert_eq!(api.tickiti.replays("tickets.respond"), 1);
}

#[tokio::test]
async fn faults_are_chosen_for_each_request_by_what_it_says() {
    let api = start().await;
    api.tickiti.choose_faults(|arrival| {
        let text = String::from_utf8_lossy(arrival.body);
        match (arrival.endpoint, text.contains("709383")) {
            (Some("tickets.respond"), true) => {
                vec![Fault::on("*", FaultKind::DropBeforeEffect)]
            }
            _ => Vec::new(),
        }
    });
    let (text, closed) = raw(&api, "tickets/respond", LONG).await;
    assert!(closed && text.is_empty(), "{text}");
    assert_eq!(last(&api).await.outcome, Outcome::DroppedBeforeEffect);
    raw(&api, "tickets/show", SHORT).await;
    assert_eq!(last(&api).await.outcome, Outcome::Answered);
}
