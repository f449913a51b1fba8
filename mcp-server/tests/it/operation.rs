//! What whoever runs the server sees: readiness, numbers, one line per call, traces; and how it ends.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use sandbox::{
    envia::Envia,
    tickiti::{Fault, FaultKind, Tickiti},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    process::Child,
    time::{sleep, timeout},
};

use crate::support::{Folder, Raw, asked, double, output, program, value};

const KEY: &str = "correct-horse-battery-staple";
const PATIENCE: Duration = Duration::from_secs(20);
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// The program over HTTP, with its log.
struct Running {
    child: Child,
    port: u16,
    log: Arc<Mutex<String>>,
    state: Folder,
}

/// An answer: status, head in lower case, body.
struct Answer(u16, String, String);

impl Answer {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.2).unwrap_or_else(|error| panic!("{error}: {}", self.2))
    }
}

impl Running {
    async fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let state = Folder::new();
        let mut all = vec![
            "serve",
            "--transport",
            "http",
            "--port",
            "0",
            "--log",
            "info",
        ];
        all.extend(["--state", state.path()]);
        all.extend_from_slice(arguments);
        let mut child = program(&all, variables).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let written = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let mut log = written.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let mut running = Self {
            child,
            port: 0,
            log,
            state,
        };
        running.port = running.told_port("serving at http://127.0.0.1:").await;
        running
    }

    /// Waits for a line of the log.
    async fn told(&self, text: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let log = self.log.lock().unwrap().clone();
            if let Some(line) = log.lines().find(|line| line.contains(text)) {
                return line.to_owned();
            }
            assert!(Instant::now() < until, "no `{text}` in {log}");
            sleep(Duration::from_millis(5)).await;
        }
    }

    async fn told_port(&self, text: &str) -> u16 {
        let line = self.told(text).await;
        let (_, rest) = line.split_once(text).unwrap();
        rest.split('/').next().unwrap().parse().unwrap()
    }

    async fn get(&self, path: &str, headers: &str) -> Answer {
        get(self.port, path, headers).await
    }

    async fn call(&self, path: &str, tool: &str, arguments: Value) -> Value {
        let params = json!({"name": tool, "arguments": arguments});
        self.ask(path, params, "").await.json()
    }

    async fn ask(&self, path: &str, params: Value, headers: &str) -> Answer {
        let body = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params});
        let body = body.to_string();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-api-key: {KEY}\r\ncontent-type: \
             application/json\r\naccept: application/json, text/event-stream\r\n{headers}content-length: {}\r\n\r\n",
            body.len()
        );
        exchange(self.port, format!("{head}{body}")).await
    }

    /// The numbers that a holder of the key sees, by name and labels.
    async fn numbers(&self) -> BTreeMap<String, String> {
        let answer = self.get("/metrics", &keyed(KEY)).await;
        assert_eq!(answer.0, 200);
        numbers(&answer.2)
    }

    fn terminate(&self) {
        let id = self.child.id().unwrap().to_string();
        let status = std::process::Command::new("kill").arg(id).status();
        assert!(status.unwrap().success());
    }

    async fn ended(&mut self) -> Option<i32> {
        let ended = timeout(PATIENCE, self.child.wait()).await;
        ended.expect("it ends").unwrap().code()
    }
}

fn keyed(key: &str) -> String {
    format!("x-api-key: {key}\r\n")
}

async fn get(port: u16, path: &str, headers: &str) -> Answer {
    let head =
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n");
    exchange(port, head).await
}

async fn exchange(port: u16, request: String) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    let read = timeout(PATIENCE, stream.read_to_string(&mut text)).await;
    read.expect("it answers").unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.get(9..12).and_then(|status| status.parse().ok());
    Answer(
        status.unwrap_or_default(),
        head.to_ascii_lowercase(),
        body.to_owned(),
    )
}

fn numbers(page: &str) -> BTreeMap<String, String> {
    let samples = page.lines().filter(|line| !line.starts_with('#'));
    let pairs = samples.map(|line| line.rsplit_once(' ').unwrap());
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Both doubles, and the program in front of them.
async fn both(more: &[&str]) -> (Tickiti, Envia, Running) {
    let tickiti = double().await;
    let envia = Envia::builder().port(0).start().await.unwrap();
    let (first, second) = (tickiti.base_url(), envia.base_url());
    let variables = [
        ("TICKITI_API_BASE", first.as_str()),
        ("TICKITI_API_TOKEN", "sandbox-admin"),
        ("BACKEND_URL", second.as_str()),
        ("BACKEND_BOT_AI_TOKEN", "sandbox-bot"),
        ("MCP_API_KEY", KEY),
    ];
    let running = Running::start(more, &variables).await;
    (tickiti, envia, running)
}

#[tokio::test]
async fn ready_while_every_back_end_answers() {
    let (tickiti, envia, running) = both(&[]).await;
    let first = running.get("/readyz", "").await;
    assert_eq!((first.0, first.json()), (200, json!({"ready": true})));
    let host = |base: String| base.trim_start_matches("http://").to_owned();
    let (first, second) = (host(tickiti.base_url()), host(envia.base_url()));
    let all = running.get("/readyz", &keyed(KEY)).await;
    assert_eq!(
        all.json(),
        json!({"ready": true, "backends": [
            {"module": "tickiti", "instance": "default", "host": first, "ok": true},
            {"module": "envia", "host": second, "ok": true},
        ], "store": {"ok": true}})
    );
    // However often it is asked, and by how many at once, the back ends were asked once.
    let asking = (0..20).map(|_| running.get("/readyz", ""));
    let answers = futures_util::future::join_all(asking).await;
    assert!(answers.iter().all(|answer| answer.0 == 200));
    assert_eq!((tickiti.log().len(), envia.log().len()), (1, 1));
    assert_eq!(envia.log()[0].method, "GET");
}

#[tokio::test]
async fn a_store_that_cannot_be_used_is_told_and_reads_go_on() {
    let (_tickiti, _envia, running) = both(&[]).await;
    // It is opened with the first question.
    let file = format!("{}/shared.sqlite3", running.state.path());
    std::fs::write(
        &file,
        "this is no database, but it is longer than the head of one".repeat(99),
    )
    .unwrap();
    let told = running.get("/readyz", &keyed(KEY)).await;
    assert_eq!(told.0, 200);
    let told = told.json();
    assert_eq!(told["ready"], true);
    assert_eq!(told["store"]["ok"], false);
    let reason = told["store"]["reason"].as_str().unwrap();
    assert!(
        reason.contains(&file) && reason.contains("damaged"),
        "{reason}"
    );
    let all = running.get("/readyz", "").await;
    let reason = all.json()["reason"].as_str().unwrap().to_owned();
    assert!(
        reason.contains("the store") && !reason.contains(&file),
        "{reason}"
    );
    let read = running.call(
        "/mcp/tickiti",
        "get_ticket",
        json!({"ticket_number": "709383"}),
    );
    assert_eq!(value(&read.await)["ticket"]["number"], 709_383);
}

#[tokio::test]
async fn not_ready_when_a_back_end_is_away_and_the_reasons_are_for_those_with_a_key() {
    let (tickiti, envia, running) = both(&[]).await;
    let unwell = FaultKind::Status {
        status: 500,
        body: "internal, token 7|secret".to_owned(),
        content_type: "text/plain".to_owned(),
        retry_after: None,
    };
    tickiti.add_fault(Fault::on("*", unwell));
    let base = envia.base_url();
    drop(envia);
    let answer = running.get("/readyz", &keyed(KEY)).await;
    assert_eq!(answer.0, 503);
    let told = answer.json();
    assert_eq!(told["ready"], false);
    assert_eq!(told["backends"][0]["reason"], "it answers 500");
    let away = told["backends"][1]["reason"].as_str().unwrap();
    assert!(away.starts_with("no connection"), "{away}");
    assert!(base.ends_with(told["backends"][1]["host"].as_str().unwrap()));
    assert!(!answer.2.contains("secret") && !answer.2.contains("sandbox-"));
    for headers in [String::new(), keyed("a-key-that-nobody-has")] {
        let answer = running.get("/readyz", &headers).await;
        assert_eq!((answer.0, answer.json()), (503, json!({"ready": false})));
    }
    // Nor for web pages of others, whatever they send along.
    let foreign = format!("{}origin: http://evil.example\r\n", keyed(KEY));
    assert_eq!(
        running.get("/readyz", &foreign).await.json(),
        json!({"ready": false})
    );
    // The process itself is well.
    assert_eq!(running.get("/healthz", "").await.0, 200);
}

#[tokio::test]
async fn a_back_end_that_keeps_silent_costs_three_seconds_at_most() {
    let tickiti = double().await;
    tickiti.add_fault(Fault::on("*", FaultKind::StallHeaders));
    let base = tickiti.base_url();
    let variables = [
        ("TICKITI_API_BASE", base.as_str()),
        ("TICKITI_API_TOKEN", "sandbox-admin"),
        ("MCP_API_KEY", KEY),
    ];
    let running = Running::start(&[], &variables).await;
    let started = Instant::now();
    let (one, other) = tokio::join!(running.get("/readyz", ""), running.get("/readyz", ""));
    assert_eq!((one.0, other.0), (503, 503));
    let took = started.elapsed();
    assert!(
        took > Duration::from_millis(2_500) && took < Duration::from_secs(5),
        "{took:?}"
    );
    assert_eq!(tickiti.log().len(), 1);
}

#[tokio::test]
async fn a_refused_token_is_told_but_not_while_another_one_of_the_place_is_taken() {
    let tickiti = double().await;
    let base = tickiti.base_url();
    let folder = Folder::new();
    let file = format!("{}/config.toml", folder.path());
    let hash = |key: &str| {
        let digest = mcp_server::http::hash(key);
        digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let text = |second: &str| {
        format!(
            "tickiti_api_base = \"{base}\"\n[[profiles]]\nname = \"ana\"\nkey = \"sha256:{}\"\ntickiti_api_token = \
             \"wrong-token\"\n[[profiles]]\nname = \"bo\"\nkey = \"sha256:{}\"\ntickiti_api_token = \"{second}\"\n",
            hash(KEY),
            hash("another-key-of-another"),
        )
    };
    std::fs::write(&file, text("sandbox-admin")).unwrap();
    let running = Running::start(&["--config", &file], &[]).await;
    assert_eq!(running.get("/readyz", "").await.0, 200);
    assert_eq!(tickiti.log().len(), 2);
    // Read again, it is asked again at once.
    std::fs::write(&file, text("wrong-too")).unwrap();
    let id = running.child.id().unwrap().to_string();
    std::process::Command::new("kill")
        .args(["-HUP", &id])
        .status()
        .unwrap();
    running.told("was read again").await;
    let answer = running.get("/readyz", &keyed(KEY)).await;
    assert_eq!(answer.0, 503);
    assert_eq!(answer.json()["backends"][0]["reason"], "it answers 401");
    assert_eq!(
        answer.json()["backends"].as_array().unwrap().len(),
        1,
        "{}",
        answer.2
    );
}

#[tokio::test]
async fn told_to_stop_it_is_not_ready_and_calls_under_way_still_end() {
    let (tickiti, envia, mut running) = both(&[]).await;
    assert_eq!(running.get("/readyz", "").await.0, 200);
    tickiti.add_fault(Fault::on("tickets.queues", FaultKind::Delay { ms: 1_000 }));
    envia.add_fault(sandbox::envia::Fault::on(
        "activity_log.create",
        sandbox::envia::FaultKind::Delay { ms: 300 },
    ));
    let slow = async {
        let answer = running.call("/mcp", "tickiti_list_queues", json!({})).await;
        value(&answer);
        Instant::now()
    };
    let quick = async {
        running
            .call("/mcp/envia", "get_ticket", json!({"ticket_id": 58201}))
            .await;
        let until = Instant::now() + PATIENCE;
        while tickiti
            .log()
            .iter()
            .all(|entry| entry.endpoint.as_deref() != Some("tickets.queues"))
        {
            assert!(Instant::now() < until);
            sleep(Duration::from_millis(5)).await;
        }
        running.terminate();
        let until = Instant::now() + Duration::from_millis(800);
        loop {
            let answer = running.get("/readyz", &keyed(KEY)).await;
            if answer.0 == 503 {
                assert_eq!(answer.json()["reason"], "the server is stopping");
                break;
            }
            assert!(Instant::now() < until, "it stays ready");
        }
        // It is alive, and whoever has not taken notice yet is served.
        assert_eq!(running.get("/healthz", "").await.0, 200);
        let late = running
            .call("/mcp/envia", "get_ticket", json!({"ticket_id": 58202}))
            .await;
        value(&late);
        Instant::now()
    };
    let (answered, unready) = tokio::join!(slow, quick);
    assert!(
        unready < answered,
        "the slow call was under way all the time"
    );
    assert_eq!(running.ended().await, Some(0));
    assert_eq!(
        envia.activity_log().len(),
        2,
        "records are delivered at the end"
    );
}

#[tokio::test]
async fn numbers_are_those_of_what_was_done() {
    let (tickiti, _envia, running) = both(&[]).await;
    let busy = FaultKind::Status {
        status: 503,
        body: "{}".to_owned(),
        content_type: "application/json".to_owned(),
        retry_after: None,
    };
    tickiti.add_fault(Fault::on("tickets.queues", busy).times(1));
    for _ in 0..3 {
        running
            .call(
                "/mcp/tickiti",
                "get_ticket",
                json!({"ticket_number": "709383"}),
            )
            .await;
    }
    running
        .call("/mcp", "tickiti_get_ticket", json!({"ticket_number": "1"}))
        .await;
    running.call("/mcp", "tickiti_list_queues", json!({})).await;
    running
        .call("/mcp", "envia_get_ticket", json!({"ticket_id": 58201}))
        .await;
    running.call("/mcp", "envia_get_ticket", json!({})).await;
    running
        .call("/mcp", "no_such_tool", json!({"secret": "argument"}))
        .await;
    running.get("/mcp", "").await;
    let ping = exchange(
        running.port,
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-api-key: wrong\r\n\r\n"
            .into(),
    );
    assert_eq!(ping.await.0, 401);
    assert_eq!(running.get("/metrics", &keyed("wrong")).await.0, 401);
    assert_eq!(running.get("/metrics", "").await.0, 401);
    let told = running.numbers().await;
    let is = |name: &str, value: &str| {
        let name = format!("ticketing_mcp_{name}");
        assert_eq!(
            told.get(&name).map(String::as_str),
            Some(value),
            "{name} in {told:#?}"
        );
    };
    let call = |module: &str, tool: &str| {
        format!(r#"{{profile="default",module="{module}",tool="{tool}""#)
    };
    let outcomes = [
        ("tickiti", "get_ticket", "success", "3"),
        ("tickiti", "get_ticket", "not_found", "1"),
        ("tickiti", "list_queues", "success", "1"),
        ("envia", "get_ticket", "success", "1"),
        ("envia", "get_ticket", "arguments", "1"),
        ("unknown", "unknown", "unknown_tool", "1"),
    ];
    for (module, tool, outcome, count) in outcomes {
        is(
            &format!("calls_total{},outcome=\"{outcome}\"}}", call(module, tool)),
            count,
        );
    }
    let calls = told
        .keys()
        .filter(|name| name.starts_with("ticketing_mcp_calls_total"));
    assert_eq!(calls.count(), outcomes.len(), "and nothing else: {told:#?}");
    for (module, tool, attempts, count) in [
        ("tickiti", "get_ticket", "4", "4"),
        ("tickiti", "list_queues", "2", "1"),
        ("envia", "get_ticket", "1", "2"),
        ("unknown", "unknown", "0", "1"),
    ] {
        is(
            &format!("upstream_attempts_total{}}}", call(module, tool)),
            attempts,
        );
        let labels = format!(r#"{{module="{module}",tool="{tool}""#);
        is(&format!("call_duration_seconds_count{labels}}}"), count);
        is(
            &format!("call_duration_seconds_bucket{labels},le=\"+Inf\"}}"),
            count,
        );
    }
    is(r#"http_requests_total{place="mcp",status="200"}"#, "8");
    is(r#"http_requests_total{place="mcp",status="405"}"#, "1");
    is(r#"http_requests_total{place="mcp",status="401"}"#, "1");
    is(r#"http_requests_total{place="metrics",status="401"}"#, "2");
    is("http_requests_in_flight", "0");
    is("wrong_keys_total", "2");
    is(
        r#"journal_records_dropped_total{profile="default",module="envia"}"#,
        "0",
    );
    is(
        &format!("build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION")),
        "1",
    );
    let began: f64 = told["process_start_time_seconds"].parse().unwrap();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert!(
        (0.0..60.0).contains(&(now.as_secs_f64() - began)),
        "{began}"
    );
    let page = running.get("/metrics", &keyed(KEY)).await;
    assert!(
        page.1.contains("content-type: text/plain; version=0.0.4"),
        "{}",
        page.1
    );
    assert!(
        !page.2.contains("argument\"") && !page.2.contains("no_such_tool"),
        "{}",
        page.2
    );
}

#[tokio::test]
async fn records_that_wait_are_counted() {
    let (_tickiti, envia, running) = both(&[]).await;
    let down = sandbox::envia::FaultKind::DropBeforeEffect;
    envia.add_fault(sandbox::envia::Fault::on("activity_log.create", down));
    for _ in 0..2 {
        running
            .call("/mcp/envia", "get_ticket", json!({"ticket_id": 58201}))
            .await;
    }
    let told = running.numbers().await;
    let name = r#"ticketing_mcp_journal_records_waiting{profile="default",module="envia"}"#;
    assert_eq!(told[name], "2");
}

#[tokio::test]
async fn numbers_at_an_address_of_their_own_need_no_key() {
    let (_tickiti, _envia, running) = both(&["--metrics-bind", "127.0.0.1:0"]).await;
    running.call("/mcp/tickiti", "list_queues", json!({})).await;
    let port = running.told_port("numbers at http://127.0.0.1:").await;
    let page = get(port, "/metrics", "").await;
    assert_eq!(page.0, 200);
    let name = r#"ticketing_mcp_calls_total{profile="default",module="tickiti",tool="list_queues",outcome="success"}"#;
    assert_eq!(numbers(&page.2)[name], "1");
    assert_eq!(get(port, "/mcp", "").await.0, 404);
    assert_eq!(
        get(port, "/metrics", "origin: http://evil.example\r\n")
            .await
            .0,
        403
    );
    assert_eq!(running.get("/metrics", &keyed(KEY)).await.0, 404);
    let bad = [("MCP_API_KEY", KEY), ("TICKETING_MCP_METRICS_BIND", "9100")];
    let output = crate::support::output(&["--sandbox", "--transport", "http"], &bad).await;
    assert_eq!(output.status.code(), Some(1));
    let told = crate::support::text(&output.stderr);
    assert!(told.contains("127.0.0.1:9100"), "{told}");
}

#[tokio::test]
async fn one_line_for_each_call_and_never_an_argument() {
    let (tickiti, _envia, running) = both(&[]).await;
    running
        .call(
            "/mcp/tickiti",
            "get_ticket",
            json!({"ticket_number": "709383"}),
        )
        .await;
    let line = running.told("tool call").await;
    let id = asked(&tickiti)[0].request_id.clone().unwrap();
    for part in [
        r#"tool="get_ticket""#,
        r#"profile="default""#,
        r#"outcome="success""#,
        "duration_ms=",
        "attempts=1",
        &format!("request_id=\"{id}\""),
    ] {
        assert!(line.contains(part), "{part} in {line}");
    }
    assert!(!line.contains("trace_id"), "{line}");
    // A client that goes away leaves a line too.
    tickiti.add_fault(Fault::on("tickets.queues", FaultKind::StallHeaders));
    let call = running.call("/mcp/tickiti", "list_queues", json!({}));
    assert!(timeout(Duration::from_millis(300), call).await.is_err());
    let line = running.told("list_queues").await;
    assert!(
        line.contains(r#"outcome="cancelled""#) && line.contains("attempts=1"),
        "{line}"
    );
    let long = "x".repeat(5_000);
    running.call("/mcp/tickiti", &long, json!({})).await;
    let line = running.told("unknown_tool").await;
    assert!(line.len() < 500, "{line}");
    let log = running.log.lock().unwrap().clone();
    assert_eq!(log.matches("tool call").count(), 3, "{log}");
    for secret in ["709383", KEY, "sandbox-admin", "sandbox-bot"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[tokio::test]
async fn a_trace_goes_on_to_the_back_end() {
    let (_tickiti, envia, running) = both(&[]).await;
    let params = |meta: Value| json!({"name": "get_ticket", "arguments": {"ticket_id": 58201}, "_meta": meta});
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let header = format!("traceparent: {parent}\r\ntracestate: a=1\r\nTracestate: b=2\r\n");
    running.ask("/mcp/envia", params(json!({})), &header).await;
    running.told(&format!("trace_id=\"{TRACE}\"")).await;
    // The request itself counts before its HTTP; what is malformed counts as absent.
    let own = TRACE.replace('4', "5");
    let meta = json!({"traceparent": parent.replace(TRACE, &own)});
    running.ask("/mcp/envia", params(meta), &header).await;
    running
        .ask("/mcp/envia", params(json!({})), "traceparent: 00-1-2-3\r\n")
        .await;
    running.ask("/mcp/envia", params(json!({})), "").await;
    let log = envia.log();
    let sent: Vec<Option<&String>> = log
        .iter()
        .filter(|entry| entry.endpoint.as_deref() == Some("tickets.show"))
        .map(|entry| entry.headers.get("traceparent"))
        .collect();
    let [Some(first), Some(second), None, None] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    assert!(
        first.starts_with(&format!("00-{TRACE}-")) && first.ends_with("-01"),
        "{first}"
    );
    assert!(!first.contains("00f067aa0ba902b7"), "{first}");
    assert!(second.starts_with(&format!("00-{own}-")), "{second}");
    // What others have added goes on with the trace that it belongs to.
    let shown = log
        .iter()
        .filter(|entry| entry.endpoint.as_deref() == Some("tickets.show"));
    let states: Vec<Option<&str>> = shown
        .map(|entry| entry.headers.get("tracestate").map(String::as_str))
        .collect();
    assert_eq!(states, [Some("a=1,b=2"), None, None, None]);
}

#[tokio::test]
async fn a_trace_on_stdio_goes_on_to_the_back_end() {
    // A back end that only notes what it is sent.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let noted = tokio::spawn(async move {
        // It does not tell what the token may do, which is asked first.
        drop(listener.accept().await.unwrap());
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = vec![0; 4_096];
            let length = stream.read(&mut head).await.unwrap();
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            if !head.starts_with("POST /api/v1/token") {
                return head;
            }
        }
    });
    let more = [
        ("TICKETING_MCP_LOG", "info"),
        ("TICKITI_API_TIMEOUT_MS", "500"),
    ];
    let mut raw = Raw::initialized(&base, &more).await;
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-00");
    let params = json!({"name": "list_queues", "arguments": {}, "_meta": {"traceparent": parent}});
    raw.request(1, "tools/call", params).await;
    let head = timeout(PATIENCE, noted).await.unwrap().unwrap();
    assert!(
        head.contains(&format!("traceparent: 00-{TRACE}-")),
        "{head}"
    );
    raw.end_input();
    let (_, _, stderr) = raw.ended().await;
    assert!(
        stderr.contains(&format!("trace_id=\"{TRACE}\"")),
        "{stderr}"
    );
}

#[tokio::test]
async fn a_log_for_programs_has_an_object_on_each_line() {
    let double = double().await;
    let more = [
        ("TICKETING_MCP_LOG", "info"),
        ("TICKETING_MCP_LOG_FORMAT", "json"),
    ];
    let mut raw = Raw::initialized(&double.base_url(), &more).await;
    let arguments = json!({"ticket_number": "709383"});
    value(&raw.call(1, "get_ticket", arguments).await);
    raw.end_input();
    let (_, _, stderr) = raw.ended().await;
    let lines: Vec<Value> = stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect();
    let call = lines.iter().find(|line| line["message"] == "tool call");
    let call = call.unwrap_or_else(|| panic!("{stderr}"));
    assert_eq!(call["tool"], "get_ticket");
    assert_eq!(call["level"], "INFO");
    assert_eq!(call["profile"], "default");
    assert_eq!(call["outcome"], "success");
    assert_eq!(call["attempts"], 1);
    assert_eq!(call["request_id"], json!(asked(&double)[0].request_id));
    assert!(call["duration_ms"].is_u64() && call["time"].is_string());
    let wrong = [more[0], ("TICKETING_MCP_LOG_FORMAT", "xml")];
    let output = crate::support::output(&["serve", "--sandbox"], &wrong).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(crate::support::text(&output.stderr).contains("text, json"));
}

#[tokio::test]
async fn a_service_tells_of_its_calls_without_being_told_to() {
    let office = sandbox::envia::Envia::builder().start().await.unwrap();
    let state = crate::support::Folder::new();
    let base = office.base_url();
    let variables = [
        ("BACKEND_URL", base.as_str()),
        ("BACKEND_BOT_AI_TOKEN", "sandbox-bot"),
        ("TICKETING_MCP_STATE", state.path()),
        ("MCP_API_KEY", "a-key-for-this-test"),
        ("PORT", "0"),
    ];
    let mut child = crate::support::program(&[], &variables).spawn().unwrap();
    let mut lines = tokio::io::BufReader::new(child.stderr.take().unwrap());
    let mut told = String::new();
    let listening = tokio::time::timeout(std::time::Duration::from_secs(20), async {
        while !told.contains("listening") {
            let read = tokio::io::AsyncBufReadExt::read_line(&mut lines, &mut told).await;
            assert!(read.unwrap() > 0, "it ended: {told}");
        }
    });
    listening.await.expect("its log begins at info");
    child.kill().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_call_under_way_while_the_configuration_is_read_again_leaves_its_record() {
    use sandbox::envia::{Envia, Fault, FaultKind};

    let slow = Fault::on("tickets.show", FaultKind::Delay { ms: 700 });
    let office = Envia::builder().fault(slow).start().await.unwrap();
    let state = crate::support::Folder::new();
    let base = office.base_url();
    let variables = [
        ("BACKEND_URL", base.as_str()),
        ("BACKEND_BOT_AI_TOKEN", "sandbox-bot"),
        ("TICKETING_MCP_STATE", state.path()),
        ("MCP_API_KEY", crate::http::KEY),
    ];
    let http = crate::http::Http::start(&[], &variables).await;
    let params = serde_json::json!({"name": "get_ticket", "arguments": {"ticket_id": 58201}});
    let call = http.ask("/mcp", "tools/call", params);
    let hang_up = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let id = http.id().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-HUP", &id])
            .status();
        assert!(sent.unwrap().success());
    };
    let (answer, ()) = tokio::join!(call, hang_up);
    assert_eq!(answer.json()["result"]["structuredContent"]["id"], 58201);
    let delivered = async {
        while office.activity_log().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let delivered = tokio::time::timeout(std::time::Duration::from_secs(10), delivered);
    delivered.await.expect("its record is delivered");
    assert_eq!(office.activity_log().len(), 1);
}

#[tokio::test]
async fn the_program_itself_asks_how_a_server_is() {
    async fn ask(url: &[&str], port: &str) -> (Option<i32>, String) {
        let ended = output(&[&["health"], url].concat(), &[("PORT", port)]).await;
        let [out, err] =
            [ended.stdout, ended.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (ended.status.code(), out + &err)
    }
    let (tickiti, _envia, running) = both(&[]).await;
    let port = running.port.to_string();
    assert_eq!(ask(&[], &port).await, (Some(0), "ok\n".to_owned()));
    drop(tickiti);
    let ready = format!("http://localhost:{port}/readyz");
    let (code, told) = ask(&[&ready], "").await;
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("503") && told.contains("false"), "{told}");
    drop(running);
    let (code, told) = ask(&[], &port).await;
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("does not answer"), "{told}");
    for (url, port) in [
        (&["https://127.0.0.1/healthz"][..], ""),
        (&["/healthz"], ""),
        (&[], "http"),
    ] {
        assert_eq!(ask(url, port).await.0, Some(2), "{url:?} {port}");
    }
}
