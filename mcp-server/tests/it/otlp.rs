//! Traces of calls, as a collector receives them. `cargo test -p mcp-server --features otlp otlp`

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use sandbox::envia::{Envia, Fault, FaultKind};
use serde_json::json;
use tokio::net::TcpListener;

use self::collector::{Collector, Span, Value};
use crate::support::{Folder, Raw, refusal, value};

mod collector;
mod wire;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const STATE: &str = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";

/// The program in front of Envia's double, with a collector at this address.
async fn start(envia: &Envia, collector: &str, more: &[(&str, &str)], state: &Folder) -> Raw {
    let base = envia.base_url();
    let mut variables = vec![
        ("BACKEND_URL", base.as_str()),
        ("BACKEND_BOT_AI_TOKEN", "sandbox-bot"),
        ("MCP_TRANSPORT", "stdio"),
        ("TICKETING_MCP_LOG", "info"),
        ("TICKETING_MCP_STATE", state.path()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector),
    ];
    variables.extend_from_slice(more);
    let mut raw = Raw::start(&[], &variables);
    raw.initialize().await;
    raw
}

async fn envia() -> Envia {
    Envia::builder().port(0).start().await.unwrap()
}

fn number(span: &Span, key: &str) -> Option<i64> {
    match span.attributes.get(key) {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    }
}

fn text<'a>(span: &'a Span, key: &str) -> Option<&'a str> {
    match span.attributes.get(key) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

#[tokio::test]
async fn a_call_and_its_requests_are_spans_of_the_callers_trace() {
    let (envia, collector, state) = (envia().await, Collector::start().await, Folder::new());
    let away = FaultKind::Status {
        status: 503,
        body: "busy".to_owned(),
        content_type: "text/plain".to_owned(),
        retry_after: None,
    };
    envia.add_fault(Fault::on("tickets.show", away).times(1));
    let more = [
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-team=tickets"),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=test",
        ),
    ];
    let mut raw = start(&envia, &collector.base(), &more, &state).await;
    let trace = json!({"traceparent": format!("00-{TRACE}-{PARENT}-01"), "tracestate": STATE});
    let params = json!({"name": "get_ticket", "arguments": {"ticket_id": 58201}, "_meta": trace});
    value(&raw.request(1, "tools/call", params).await);
    raw.end_input();
    let (status, _, log) = raw.ended().await;
    assert!(status.success() && !log.contains("WARN"), "{log}");

    let received = collector.received();
    let request = received.first().unwrap();
    assert!(
        request.head.starts_with("post /v1/traces http/1.1\r\n"),
        "{}",
        request.head
    );
    assert!(
        request.head.contains("x-team: tickets\r\n"),
        "{}",
        request.head
    );
    let spans = collector.spans();
    let [first, second, call] = spans.as_slice() else {
        panic!("{spans:#?}");
    };
    assert!(
        spans
            .iter()
            .all(|span| span.trace == TRACE && span.state == STATE)
    );
    assert_eq!(
        (call.name.as_str(), call.kind),
        ("tools/call get_ticket", wire::SERVER)
    );
    assert_eq!((call.parent.as_str(), call.status), (PARENT, wire::UNSET));
    for (key, expected) in [
        ("mcp.method.name", "tools/call"),
        ("gen_ai.operation.name", "execute_tool"),
        ("gen_ai.tool.name", "get_ticket"),
        ("ticketing_mcp.module", "envia"),
        ("ticketing_mcp.profile", "default"),
        ("ticketing_mcp.outcome", "success"),
    ] {
        assert_eq!(text(call, key), Some(expected), "{key}");
    }
    assert_eq!(number(call, "ticketing_mcp.attempts"), Some(2));
    let id = text(call, "ticketing_mcp.request_id").unwrap();
    assert!(log.contains(id) && log.contains(TRACE), "{log}");
    assert_eq!(
        call.resource.get("service.name"),
        Some(&Value::Text("ticketing-mcp".to_owned()))
    );
    assert!(call.resource.contains_key("deployment.environment.name"));

    for (span, answered, status) in [(first, 503, wire::ERROR), (second, 200, wire::UNSET)] {
        assert_eq!(
            (&span.parent, span.kind, span.status),
            (&call.id, wire::CLIENT, status)
        );
        assert_eq!(number(span, "http.response.status_code"), Some(answered));
        assert_eq!(text(span, "ticketing_mcp.endpoint"), Some("tickets.show"));
        assert!(
            call.began <= span.began && span.ended <= call.ended,
            "{spans:#?}"
        );
    }
    assert_eq!(number(second, "http.request.resend_count"), Some(1));
    let log = envia.log();
    let shown = log
        .iter()
        .filter(|entry| entry.endpoint.as_deref() == Some("tickets.show"));
    let told: Vec<_> = shown.map(|entry| &entry.headers).collect();
    for (span, headers) in [first, second].into_iter().zip(&told) {
        assert_eq!(headers["traceparent"], format!("00-{TRACE}-{}-01", span.id));
        assert_eq!(headers["tracestate"], STATE);
    }
    // Of what was asked and answered there is nothing, nor of keys.
    for secret in ["58201", "sandbox-bot", "arguments"] {
        assert!(
            !received.iter().any(|request| request.holds(secret)),
            "{secret}"
        );
    }
}

#[tokio::test]
async fn a_trace_begins_here_where_the_caller_has_none() {
    let (envia, collector, state) = (envia().await, Collector::start().await, Folder::new());
    let more = [
        ("OTEL_SERVICE_NAME", "helpdesk-tools"),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
    ];
    let mut raw = start(&envia, &collector.base(), &more, &state).await;
    refusal(
        &raw.call(1, "get_ticket", json!({"ticket_id": "secret words"}))
            .await,
    );
    raw.call(2, "no_tool_of_this_name", json!({"secret": "words"}))
        .await;
    raw.request(3, "resources/read", json!({"uri": "tickets://statuses"}))
        .await;
    // What is not recorded by its caller is not recorded here, and goes on.
    let trace = json!({"traceparent": format!("00-{TRACE}-{PARENT}-00")});
    let params = json!({"name": "get_ticket", "arguments": {"ticket_id": 58201}, "_meta": trace});
    value(&raw.request(4, "tools/call", params).await);
    let log = envia.log();
    let shown = log
        .iter()
        .find(|entry| entry.endpoint.as_deref() == Some("tickets.show"));
    let told = &shown.unwrap().headers["traceparent"];
    assert!(
        told.starts_with(&format!("00-{TRACE}-")) && told.ends_with("-00"),
        "{told}"
    );
    // While it runs, without its end.
    collector.wait_for(3).await;
    raw.end_input();
    assert!(raw.ended().await.0.success());

    let spans = collector.spans();
    let told: Vec<_> = spans
        .iter()
        .map(|span| {
            (
                &*span.name,
                text(span, "ticketing_mcp.outcome"),
                text(span, "error.type"),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "tools/call get_ticket",
                Some("arguments"),
                Some("tool_error")
            ),
            ("tools/call", Some("unknown_tool"), Some("tool_error")),
            ("resources/read", Some("success"), None),
        ]
    );
    assert_eq!(
        text(&spans[2], "mcp.resource.uri"),
        Some("tickets://statuses")
    );
    let traces: BTreeSet<_> = spans.iter().map(|span| &span.trace).collect();
    assert_eq!(traces.len(), 3);
    assert!(spans.iter().all(|span| span.parent.is_empty()));
    assert_eq!(
        spans[0].resource["service.name"],
        Value::Text("helpdesk-tools".to_owned())
    );
    let received = collector.received();
    assert!(!received.iter().any(|request| request.holds("secret")));
}

#[tokio::test]
async fn a_collector_that_is_away_or_silent_costs_no_call_anything() {
    // One refuses connections, one takes them and says nothing.
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refusing = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = (format!("http://{}", silent.local_addr().unwrap()), silent);
    for base in [&refusing, &silent.0] {
        let (envia, state) = (envia().await, Folder::new());
        // After each call at once.
        let more = [
            ("OTEL_BSP_SCHEDULE_DELAY", "1"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1"),
        ];
        let mut raw = start(&envia, base, &more, &state).await;
        let started = Instant::now();
        for id in 0..50 {
            value(
                &raw.call(id, "get_ticket", json!({"ticket_id": 58201}))
                    .await,
            );
        }
        assert!(
            started.elapsed() < Duration::from_secs(3),
            "{:?}",
            started.elapsed()
        );
        let ending = Instant::now();
        raw.terminate().await;
        let (status, _, log) = raw.ended().await;
        assert!(status.success(), "{log}");
        assert!(
            ending.elapsed() < Duration::from_secs(6),
            "{:?}",
            ending.elapsed()
        );
        assert!(
            log.matches("do not reach the collector").count() <= 1,
            "{log}"
        );
        assert!(log.contains("traces"), "{log}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_settings_is_told_and_calls_go_on() {
    for (name, wrong) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ] {
        let (envia, state) = (envia().await, Folder::new());
        let mut raw = start(&envia, "http://127.0.0.1:9", &[(name, wrong)], &state).await;
        value(&raw.call(1, "get_ticket", json!({"ticket_id": 58201})).await);
        raw.end_input();
        let (status, _, log) = raw.ended().await;
        assert!(
            status.success() && log.contains("no traces are sent"),
            "{log}"
        );
    }
}
