//! What the tests share: the built program, a Tickiti double in this process, and a line-by-line view of the protocol.

use std::{
    process::{ExitStatus, Output, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_ticketing-mcp");
const PATIENCE: Duration = Duration::from_secs(20);

/// The program with these arguments and nothing of our own environment.
pub(crate) fn program(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs it to its end without input.
pub(crate) async fn output(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let running = program(arguments, variables).stdin(Stdio::null()).output();
    timeout(PATIENCE, running).await.expect("it ends").unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The program with its messages as JSON, one by one.
pub(crate) struct Raw {
    child: Child,
    input: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    modern: bool,
}

impl Raw {
    pub(crate) fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut child = program(arguments, variables).spawn().unwrap();
        let input = child.stdin.take();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            child,
            input,
            lines,
            modern: false,
        }
    }

    /// A server of the double behind `base`, after the handshake of the older era.
    pub(crate) async fn initialized(base: &str, more: &[(&str, &str)]) -> Self {
        let mut variables = vec![
            ("TICKITI_API_BASE", base),
            ("TICKITI_API_TOKEN", "sandbox-admin"),
        ];
        variables.extend_from_slice(more);
        let mut raw = Self::start(&[], &variables);
        raw.initialize().await;
        raw
    }

    /// The same in the newer era, where nothing opens the conversation.
    pub(crate) fn modern(base: &str) -> Self {
        Self::modern_with(base, &[])
    }

    pub(crate) fn modern_with(base: &str, more: &[(&str, &str)]) -> Self {
        let mut variables = vec![
            ("TICKITI_API_BASE", base),
            ("TICKITI_API_TOKEN", "sandbox-admin"),
        ];
        variables.extend_from_slice(more);
        let mut raw = Self::start(&["serve", "--transport", "stdio"], &variables);
        raw.modern = true;
        raw
    }

    pub(crate) async fn initialize(&mut self) -> Value {
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}});
        let answer = self.request("init", "initialize", params).await;
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))
            .await;
        answer
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        self.line(&message.to_string()).await;
    }

    pub(crate) async fn line(&mut self, text: &str) {
        self.bytes(format!("{text}\n").as_bytes()).await;
    }

    pub(crate) async fn bytes(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("the input is open");
        input.write_all(bytes).await.unwrap();
        input.flush().await.unwrap();
    }

    /// Sends a request and does not wait.
    pub(crate) async fn post(&mut self, id: impl Into<Value>, method: &str, mut params: Value) {
        if self.modern {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            });
        }
        let id = id.into();
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
            .await;
    }

    pub(crate) async fn call(
        &mut self,
        id: impl Into<Value>,
        tool: &str,
        arguments: Value,
    ) -> Value {
        self.request(
            id,
            "tools/call",
            json!({"name": tool, "arguments": arguments}),
        )
        .await
    }

    /// Sends a request and gives the answer with its id.
    pub(crate) async fn request(
        &mut self,
        id: impl Into<Value>,
        method: &str,
        params: Value,
    ) -> Value {
        let id = id.into();
        self.post(id.clone(), method, params).await;
        loop {
            let message = self.receive().await.expect("an answer before the end");
            if message["id"] == id {
                return message;
            }
        }
    }

    /// The next message; every line on stdout must be one.
    pub(crate) async fn receive(&mut self) -> Option<Value> {
        let line = timeout(PATIENCE, self.lines.next_line())
            .await
            .expect("a message in time");
        let message: Value =
            serde_json::from_str(&line.unwrap()?).expect("nothing but JSON on stdout");
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
        Some(message)
    }

    pub(crate) fn end_input(&mut self) {
        self.input = None;
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Ends it at once (SIGKILL).
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Sends SIGTERM.
    pub(crate) async fn terminate(&self) {
        let status = Command::new("kill")
            .arg(self.id().to_string())
            .status()
            .await
            .unwrap();
        assert!(status.success());
    }

    /// Waits for the end without reading anything.
    pub(crate) async fn ended_unread(mut self) -> ExitStatus {
        timeout(PATIENCE, self.child.wait())
            .await
            .expect("it ends")
            .unwrap()
    }

    /// Waits for the end: exit status, the messages that were not read, and stderr.
    pub(crate) async fn ended(mut self) -> (ExitStatus, Vec<Value>, String) {
        let mut rest = Vec::new();
        while let Some(message) = self.receive().await {
            rest.push(message);
        }
        let mut stderr = String::new();
        let mut pipe = self.child.stderr.take().unwrap();
        timeout(PATIENCE, pipe.read_to_string(&mut stderr))
            .await
            .expect("stderr ends")
            .unwrap();
        let status = timeout(PATIENCE, self.child.wait())
            .await
            .expect("it ends")
            .unwrap();
        (status, rest, stderr)
    }
}

/// The text of a refused call.
pub(crate) fn refusal(answer: &Value) -> &str {
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    answer["result"]["content"][0]["text"].as_str().unwrap()
}

/// The structured value of a successful call.
pub(crate) fn value(answer: &Value) -> &Value {
    assert_ne!(answer["result"]["isError"], true, "{answer}");
    &answer["result"]["structuredContent"]
}

/// A Tickiti double on a free port.
pub(crate) async fn double() -> sandbox::tickiti::Tickiti {
    sandbox::tickiti::Tickiti::builder()
        .port(0)
        .start()
        .await
        .unwrap()
}

/// What calls asked of a double; what the token may do is asked by the server itself.
pub(crate) fn asked(double: &sandbox::tickiti::Tickiti) -> Vec<sandbox::tickiti::LogEntry> {
    let mut log = double.log();
    log.retain(|entry| entry.endpoint.as_deref() != Some("token.show"));
    log
}

/// A fresh folder, removed when this is dropped.
pub(crate) struct Folder(String);

impl Folder {
    pub(crate) fn new() -> Self {
        let name = format!("ticketing-mcp-test-{}", uuid::Uuid::new_v4().simple());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path.to_str().unwrap().to_owned())
    }

    pub(crate) fn path(&self) -> &str {
        &self.0
    }

    /// Names of what is in it.
    pub(crate) fn entries(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        entries
            .map(|entry| name(entry).into_string().unwrap())
            .collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
