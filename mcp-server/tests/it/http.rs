//! MCP over HTTP with the built program: who is let in, what is refused, and that it goes on after whatever came.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::Child,
    time::timeout,
};

use crate::support::program;

pub(crate) const KEY: &str = "correct-horse-battery-staple";
const PATIENCE: Duration = Duration::from_secs(20);

/// The program as an HTTP server on a port of its own.
pub(crate) struct Http {
    child: Child,
    pub(crate) port: u16,
    log: Arc<Mutex<Vec<u8>>>,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Http {
    pub(crate) async fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut all = vec![
            "serve",
            "--transport",
            "http",
            "--port",
            "0",
            "--log",
            "info",
        ];
        all.extend_from_slice(arguments);
        let mut child = program(&all, variables).spawn().unwrap();
        // The port that was taken is told in the log.
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let port = timeout(PATIENCE, async {
            let mut told = String::new();
            let mut byte = [0];
            loop {
                assert_eq!(errors.read(&mut byte).await.unwrap(), 1, "it ended: {told}");
                told.push(char::from(byte[0]));
                if byte[0] == b'\n'
                    && let Some((_, rest)) = told.rsplit_once("address=127.0.0.1:")
                {
                    return rest.trim().parse().unwrap();
                }
            }
        })
        .await
        .expect("it listens");
        let log = Arc::<Mutex<Vec<u8>>>::default();
        let written = Arc::clone(&log);
        tokio::spawn(async move {
            let mut bytes = [0; 4_096];
            while let Ok(length @ 1..) = errors.read(&mut bytes).await {
                written.lock().unwrap().extend_from_slice(&bytes[..length]);
            }
        });
        Self { child, port, log }
    }

    /// What it wrote to its log since it listens.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&self.log.lock().unwrap()).into_owned()
    }

    /// The sandbox's Tickiti and Envia, for holders of [`KEY`].
    pub(crate) async fn sandbox() -> Self {
        Self::start(&["--sandbox"], &[("MCP_API_KEY", KEY)]).await
    }

    /// Sends bytes on a connection of their own and reads until its end.
    pub(crate) async fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        // A refusal may come, and the connection end, before everything is sent.
        let _ = stream.write_all(request).await;
        let mut bytes = Vec::new();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes))
            .await
            .expect("it answers");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        Answer {
            status: status.unwrap_or_default(),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    /// Posts a body with headers of one's own.
    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut head = format!(
            "POST {path} HTTP/1.1\r\nconnection: close\r\ncontent-type: application/json\r\naccept: application/json, \
             text/event-stream\r\ncontent-length: {}\r\n",
            body.len()
        );
        if headers.iter().all(|(name, _)| *name != "host") {
            head.push_str("host: localhost\r\n");
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        self.raw(format!("{head}\r\n{body}").as_bytes()).await
    }

    /// A request of the protocol's older era, which needs no opening over HTTP.
    pub(crate) async fn ask(&self, path: &str, method: &str, params: Value) -> Answer {
        let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
        self.post(path, &[("x-api-key", KEY)], &body.to_string())
            .await
    }

    pub(crate) async fn tools(&self, path: &str) -> Vec<String> {
        let answer = self.ask(path, "tools/list", json!({})).await.json();
        let tools = answer["result"]["tools"].as_array().unwrap();
        tools
            .iter()
            .map(|tool| tool["name"].as_str().unwrap().to_owned())
            .collect()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    #[cfg(unix)]
    pub(crate) async fn terminate(mut self) -> std::process::ExitStatus {
        let id = self.child.id().unwrap().to_string();
        std::process::Command::new("kill").arg(id).status().unwrap();
        timeout(PATIENCE, self.child.wait())
            .await
            .expect("it ends")
            .unwrap()
    }
}

#[tokio::test]
async fn all_modules_together_and_each_alone() {
    let http = Http::sandbox().await;
    let all = http.tools("/mcp").await;
    assert!(all.iter().any(|name| name == "envia_get_ticket"), "{all:?}");
    assert!(
        all.iter().any(|name| name == "tickiti_get_ticket"),
        "{all:?}"
    );
    for module in ["envia", "tickiti"] {
        let own = http.tools(&format!("/mcp/{module}")).await;
        assert!(own.iter().any(|name| name == "get_ticket"), "{own:?}");
        let prefix = format!("{module}_get_");
        assert!(own.iter().all(|name| !name.starts_with(&prefix)), "{own:?}");
    }
    let call = json!({"name": "get_ticket", "arguments": {"ticket_id": 58201}});
    let answer = http.ask("/mcp/envia", "tools/call", call).await;
    assert_eq!(answer.json()["result"]["structuredContent"]["id"], 58201);
    assert!(
        answer.head.contains("content-type: application/json"),
        "{answer:?}"
    );
    assert_eq!(http.ask("/mcp/other", "ping", json!({})).await.status, 404);
}

#[tokio::test]
async fn a_key_in_either_header_or_no_answer() {
    let http = Http::sandbox().await;
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    let bearer = format!("bEaReR {KEY}");
    for headers in [
        vec![("X-Api-Key", KEY)],
        vec![("authorization", bearer.as_str())],
    ] {
        assert_eq!(
            http.post("/mcp", &headers, ping).await.status,
            200,
            "{headers:?}"
        );
    }
    for headers in [
        vec![],
        vec![("x-api-key", "wrong")],
        vec![("x-api-key", "")],
        vec![("authorization", KEY)],
        vec![("authorization", "Basic Zm9v")],
    ] {
        let answer = http.post("/mcp", &headers, ping).await;
        assert_eq!(answer.status, 401, "{headers:?}");
        assert!(
            answer.head.contains("www-authenticate: bearer"),
            "{answer:?}"
        );
        let told = answer.json()["error"]["message"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(told.contains("X-API-Key"), "{told}");
    }
}

#[tokio::test]
async fn many_wrong_keys_wait_and_good_ones_do_not() {
    let http = Http::sandbox().await;
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    let mut statuses = Vec::new();
    for turn in 0..30 {
        let wrong = format!("wrong-{turn}");
        statuses.push(
            http.post("/mcp", &[("x-api-key", &wrong)], ping)
                .await
                .status,
        );
    }
    assert_eq!(statuses.first(), Some(&401));
    assert_eq!(statuses.last(), Some(&429));
    assert_eq!(
        http.post("/mcp", &[("x-api-key", KEY)], ping).await.status,
        200
    );
}

#[tokio::test]
async fn places_and_methods() {
    let http = Http::sandbox().await;
    for (method, path, expected) in [
        ("GET", "/healthz", 200),
        ("GET", "/mcp", 405),
        ("DELETE", "/mcp", 405),
        ("PUT", "/mcp/envia", 405),
        ("GET", "/.well-known/oauth-protected-resource", 404),
        ("GET", "/.well-known/oauth-authorization-server/mcp", 404),
        ("POST", "/register", 404),
        ("GET", "/mcpx", 404),
        ("GET", "/mcp/../healthz", 405),
    ] {
        let request =
            format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        let answer = http.raw(request.as_bytes()).await;
        assert_eq!(answer.status, expected, "{method} {path}: {answer:?}");
        assert_eq!(
            answer.head.contains("allow: post"),
            expected == 405,
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn foreign_names_and_pages_are_refused() {
    let http = Http::sandbox().await;
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    for (headers, expected) in [
        (vec![("host", "127.0.0.1:3100")], 200),
        (vec![("host", "evil.example")], 403),
        (vec![("origin", "http://localhost:5173")], 200),
        (vec![("origin", "http://evil.example")], 403),
        (vec![("origin", "null")], 403),
    ] {
        let mut headers = headers;
        headers.push(("x-api-key", KEY));
        assert_eq!(
            http.post("/mcp", &headers, ping).await.status,
            expected,
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn bodies_that_are_no_request() {
    let http = Http::sandbox().await;
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{}{}}}"#,
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    for (body, status, code) in [
        ("", 400, -32_700),
        ("{", 400, -32_700),
        ("\"text\"", 400, -32_600),
        (
            r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
            400,
            -32_600,
        ),
        ("{}", 400, -32_600),
        (r#"{"jsonrpc":"2.0","id":1}"#, 400, -32_600),
        (deep.as_str(), 400, -32_600),
    ] {
        let answer = http.post("/mcp", &[("x-api-key", KEY)], body).await;
        let start: String = body.chars().take(40).collect();
        assert_eq!(answer.status, status, "{start}: {answer:?}");
        assert_eq!(answer.json()["error"]["code"], code, "{start}");
    }
    let wrong_type = "POST /mcp HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-api-key: KEY\r\naccept: application/json, \
                      text/event-stream\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\n{}";
    let answer = http.raw(wrong_type.replace("KEY", KEY).as_bytes()).await;
    assert_eq!(answer.status, 415, "{answer:?}");
    let large = format!("{{\"x\":\"{}\"}}", "x".repeat(17 * 1024 * 1024));
    assert_eq!(
        http.post("/mcp", &[("x-api-key", KEY)], &large)
            .await
            .status,
        413
    );
    assert!(http.tools("/mcp/envia").await.len() > 4);
}

#[tokio::test]
async fn without_a_key_only_on_loopback() {
    let http = Http::start(&["--sandbox", "--no-auth"], &[]).await;
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    assert_eq!(http.post("/mcp", &[], ping).await.status, 200);
    let output = crate::support::output(
        &[
            "serve",
            "--sandbox",
            "--transport",
            "http",
            "--no-auth",
            "--bind",
            "0.0.0.0",
        ],
        &[],
    )
    .await;
    assert_eq!(output.status.code(), Some(1));
    let told = crate::support::text(&output.stderr);
    assert!(
        told.contains("--no-auth is for this machine alone"),
        "{told}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_wish_to_stop_ends_it() {
    let http = Http::sandbox().await;
    http.tools("/mcp").await;
    assert_eq!(http.terminate().await.code(), Some(0));
}
