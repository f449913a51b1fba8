//! The client's end of a pair of pipes, as `demo` uses it: one request at a time, in the protocol's current revision.
//!
//! Larger programs take a client library; this one keeps the other half of the protocol library out of the binary.

use std::fmt;

use mcp_tools::JsonObject;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    sync::Mutex,
};

/// The revision that is spoken.
const REVISION: &str = "2026-07-28";

/// A client of any MCP server at the other end of a pair of pipes.
pub struct Client {
    pipes: Mutex<Pipes>,
}

struct Pipes {
    read: BufReader<Box<dyn AsyncRead + Send + Unpin>>,
    write: Box<dyn AsyncWrite + Send + Unpin>,
    /// Id of the last request.
    last: u64,
}

/// A tool as a client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offered {
    /// Name to call it by.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Whether the server says that it changes nothing.
    pub read_only: bool,
}

/// What a server answered to a call.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// The structured result.
    Done(Value),
    /// The text that a model would read.
    Refused(String),
}

/// Why the client has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The conversation could not be opened.
    #[error("the server does not speak the revision {REVISION} of the protocol; it speaks {0}")]
    Revision(String),
    /// The server went away, or nothing can be written to it.
    #[error("the server is gone: {0}")]
    Gone(String),
    /// What came is no message of the protocol.
    #[error("the server sent something that is no message of the protocol")]
    NoMessage,
    /// A request was answered with an error of the protocol.
    #[error("{message} ({code})")]
    Refused {
        /// Code of JSON-RPC.
        code: i64,
        /// What the server says.
        message: String,
    },
    /// What was read is no JSON document.
    #[error("the resource is no JSON document")]
    NotJson,
}

impl From<std::io::Error> for ClientError {
    fn from(error: std::io::Error) -> Self {
        Self::Gone(error.to_string())
    }
}

impl Client {
    /// Opens the conversation in the protocol's current revision.
    ///
    /// # Errors
    ///
    /// When the other end is not an MCP server of that revision, or goes away.
    pub async fn connect<R, W>(read: R, write: W) -> Result<Self, ClientError>
    where
        R: AsyncRead + Send + Unpin + 'static,
        W: AsyncWrite + Send + Unpin + 'static,
    {
        let client = Self {
            pipes: Mutex::new(Pipes {
                read: BufReader::new(Box::new(read)),
                write: Box::new(write),
                last: 0,
            }),
        };
        let server = client.request("server/discover", json!({})).await?;
        let spoken = server.get("supportedVersions").cloned().unwrap_or_default();
        let speaks = |one: &Value| one.as_str() == Some(REVISION);
        match spoken.as_array().is_some_and(|all| all.iter().any(speaks)) {
            true => Ok(client),
            false => Err(ClientError::Revision(spoken.to_string())),
        }
    }

    /// All tools, page by page.
    ///
    /// # Errors
    ///
    /// When the server does not answer.
    pub async fn tools(&self) -> Result<Vec<Offered>, ClientError> {
        let mut offered = Vec::new();
        let mut params = json!({});
        loop {
            let page = self.request("tools/list", params).await?;
            let tools = page.get("tools").and_then(Value::as_array);
            offered.extend(tools.into_iter().flatten().map(Offered::of));
            match page.get("nextCursor") {
                Some(cursor) => params = json!({"cursor": cursor}),
                None => return Ok(offered),
            }
        }
    }

    /// Calls a tool.
    ///
    /// # Errors
    ///
    /// When the server does not answer, or does not know the tool.
    pub async fn call(
        &self,
        tool: impl Into<String>,
        arguments: JsonObject,
    ) -> Result<Answer, ClientError> {
        let params = json!({"name": tool.into(), "arguments": arguments});
        let mut result = self.request("tools/call", params).await?;
        let failed = result.get("isError") == Some(&json!(true));
        if let Some(value) = result.get_mut("structuredContent").map(Value::take)
            && !failed
        {
            return Ok(Answer::Done(value));
        }
        let blocks = result.get("content").and_then(Value::as_array);
        let texts = blocks
            .into_iter()
            .flatten()
            .filter_map(|block| block.get("text")?.as_str());
        Ok(Answer::Refused(texts.collect::<Vec<_>>().join("\n")))
    }

    /// Reads a resource that is one JSON document.
    ///
    /// # Errors
    ///
    /// When the server does not answer, does not know the resource, or it is something else.
    pub async fn read(&self, uri: impl Into<String>) -> Result<Value, ClientError> {
        let result = self
            .request("resources/read", json!({"uri": uri.into()}))
            .await?;
        let text = result.pointer("/contents/0/text").and_then(Value::as_str);
        let document = text.and_then(|text| serde_json::from_str(text).ok());
        document.ok_or(ClientError::NotJson)
    }

    /// Ends the conversation; the server sees the end of its input.
    pub async fn close(self) {
        let mut pipes = self.pipes.into_inner();
        // The connection is gone either way.
        let _ = pipes.write.shutdown().await;
    }

    /// Sends a request and waits for its answer.
    async fn request(&self, method: &str, mut params: Value) -> Result<Value, ClientError> {
        if let Some(params) = params.as_object_mut() {
            params.insert("_meta".to_owned(), about_this_client());
        }
        let mut pipes = self.pipes.lock().await;
        pipes.last += 1;
        let id = pipes.last;
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        pipes
            .write
            .write_all(format!("{request}\n").as_bytes())
            .await?;
        pipes.write.flush().await?;
        loop {
            let mut line = String::new();
            if pipes.read.read_line(&mut line).await? == 0 {
                return Err(ClientError::Gone("it closed the connection".to_owned()));
            }
            let mut message: Value =
                serde_json::from_str(&line).map_err(|_| ClientError::NoMessage)?;
            // Notices ask for no answer, and are not what is waited for.
            if message.get("id") != Some(&json!(id)) {
                continue;
            }
            if let Some(result) = message.get_mut("result") {
                return Ok(result.take());
            }
            let code = message.pointer("/error/code").and_then(Value::as_i64);
            let text = message.pointer("/error/message").and_then(Value::as_str);
            return Err(match (code, text) {
                (Some(code), Some(text)) => ClientError::Refused {
                    code,
                    message: text.to_owned(),
                },
                _ => ClientError::NoMessage,
            });
        }
    }
}

/// What every request says of its sender.
fn about_this_client() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": REVISION,
        "io.modelcontextprotocol/clientInfo": {"name": "ticketing-mcp", "version": env!("CARGO_PKG_VERSION")},
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

impl Offered {
    fn of(tool: &Value) -> Self {
        let text = |name: &str| tool.get(name).and_then(Value::as_str).unwrap_or_default();
        Self {
            name: text("name").to_owned(),
            title: text("title").to_owned(),
            read_only: tool.pointer("/annotations/readOnlyHint") == Some(&json!(true)),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
