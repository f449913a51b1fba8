//! The protocol's ways in and out: the server's end of a pair of pipes, and HTTP requests whose bodies were read already.

use std::{
    convert::Infallible,
    future::{Future, ready},
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{Full, combinators::BoxBody};
use mcp_tools::definition;
use rmcp::{
    RoleServer, ServerHandler, ServiceExt,
    model::{
        ClientNotification, ClientRequest, GetMeta, JsonRpcMessage, ProtocolVersion, RequestId,
    },
    service::{QuitReason, RxJsonRpcMessage, ServerInitializeError, TxJsonRpcMessage},
    transport::{
        StreamableHttpServerConfig, StreamableHttpService, Transport, stdio_pipes,
        streamable_http_server::{
            SessionManager,
            session::{local::LocalSessionManager, never::NeverSessionManager},
        },
    },
};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Notify,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use self::{
    lines::{Line, Lines},
    outbox::Outbox,
};
use crate::{handler::Handler, server::Server};

mod lines;
mod outbox;
mod text;

/// Longest line that is read, in bytes.
const LONGEST_LINE: usize = 16 * 1024 * 1024;
/// What running calls may take beyond their own deadline before the server ends without them.
const DRAIN_MARGIN: Duration = Duration::from_secs(1);
/// What a client that does not read may take beyond that, or after a stop from outside.
const CLOSING: Duration = Duration::from_secs(1);

/// Why serving ended other than by the client's or the user's wish.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The client did not open the conversation as the protocol says.
    #[error("the client's first message is neither a request nor a ping; is it an MCP client?")]
    Opening,
    /// The connection broke.
    #[error("the connection to the client broke: {0}")]
    Broken(String),
}

/// Serves on stdin and stdout until the input ends or `stop` is cancelled; running calls finish first.
///
/// # Errors
///
/// When the client does not speak the protocol, or the connection breaks.
pub async fn serve_stdio(server: Server, stop: CancellationToken) -> Result<(), ServeError> {
    let (read, write) = stdio_pipes();
    Box::pin(serve(server, read, write, stop)).await
}

/// The same on any pair of pipes.
///
/// # Errors
///
/// When the client does not speak the protocol, or the connection breaks.
pub async fn serve<R, W>(
    server: Server,
    read: R,
    write: W,
    stop: CancellationToken,
) -> Result<(), ServeError>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let pipes = Pipes {
        lines: Lines::new(read, LONGEST_LINE),
        outbox: Outbox::new(write),
        running: Arc::default(),
        opened: false,
        stop,
        patience: server.call_timeout() + DRAIN_MARGIN,
        until: None,
    };
    let service = match Handler::new(server).serve(pipes).await {
        Ok(service) => service,
        // The client went away, or the user ended the server, before anything was asked.
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(ServerInitializeError::ExpectedInitializeRequest(_)) => {
            return Err(ServeError::Opening);
        }
        Err(error) => return Err(ServeError::Broken(error.to_string())),
    };
    match service.waiting().await {
        Ok(QuitReason::JoinError(error)) | Err(error) => Err(ServeError::Broken(error.to_string())),
        Ok(_) => Ok(()),
    }
}

/// The protocol over HTTP: requests in, answers out, and nothing kept between them. Cheap to clone.
#[derive(Clone)]
pub struct HttpEndpoint {
    service: Arc<dyn Speaks>,
}

/// The protocol library's service, whatever it serves.
trait Speaks: Send + Sync {
    fn handle(&self, request: http::Request<Full<Bytes>>) -> BoxFuture<'_, HttpAnswer>;
}

type HttpAnswer = http::Response<BoxBody<Bytes, Infallible>>;

impl<H: ServerHandler, M: SessionManager> Speaks for StreamableHttpService<H, M> {
    fn handle(&self, request: http::Request<Full<Bytes>>) -> BoxFuture<'_, HttpAnswer> {
        Box::pin(Self::handle(self, request))
    }
}

impl HttpEndpoint {
    /// Serves one server's tools and resources. Streams end when `stop` is cancelled.
    #[must_use]
    pub fn new(server: Server, stop: CancellationToken) -> Self {
        let handler = Handler::new(server);
        Self::of(move || handler.clone(), stop)
    }

    /// The same for other handlers, one for each request: the fixtures of the conformance suite are served as the
    /// server's tools are.
    #[doc(hidden)]
    #[must_use]
    pub fn of<H: ServerHandler>(
        handler: impl Fn() -> H + Send + Sync + 'static,
        stop: CancellationToken,
    ) -> Self {
        Self::speaking(handler, NeverSessionManager::default(), false, stop)
    }

    /// The same with a session for each client of the older era, and a handler for each session. The server itself
    /// never has sessions.
    #[doc(hidden)]
    #[must_use]
    pub fn with_sessions<H: ServerHandler>(
        handler: impl Fn() -> H + Send + Sync + 'static,
        stop: CancellationToken,
    ) -> Self {
        Self::speaking(handler, LocalSessionManager::default(), true, stop)
    }

    fn speaking<H: ServerHandler, M: SessionManager>(
        handler: impl Fn() -> H + Send + Sync + 'static,
        sessions: M,
        has_sessions: bool,
        stop: CancellationToken,
    ) -> Self {
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(has_sessions)
            .with_json_response(true)
            // The front has looked at host and origin, and read the body within its own limit.
            .disable_allowed_hosts()
            .with_max_request_body_bytes(usize::MAX)
            .with_cancellation_token(stop);
        let service = StreamableHttpService::new(move || Ok(handler()), Arc::new(sessions), config);
        Self {
            service: Arc::new(service),
        }
    }

    /// The answer to a request: JSON, or a stream if the handler tells something before its result.
    pub(crate) async fn handle(&self, request: http::Request<Full<Bytes>>) -> HttpAnswer {
        self.service.handle(request).await
    }
}

impl std::fmt::Debug for HttpEndpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpEndpoint").finish_non_exhaustive()
    }
}

/// A transport that answers every line that asks for something, and reports the end of its input only when every request
/// was answered.
///
/// The service loop gives running calls a few seconds after the end and then drops them; here they keep their whole
/// deadline. A stop from outside ends the input in the same way.
struct Pipes<R> {
    lines: Lines<R>,
    outbox: Outbox,
    running: Arc<Running>,
    /// Whether a request began the conversation.
    opened: bool,
    stop: CancellationToken,
    /// How long running calls are waited for.
    patience: Duration,
    /// Set when the input ended: when waiting ends too.
    until: Option<Instant>,
}

/// Requests that wait for their answer.
#[derive(Default)]
struct Running {
    ids: Mutex<Vec<RequestId>>,
    changed: Notify,
}

impl Running {
    fn ids(&self) -> MutexGuard<'_, Vec<RequestId>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request; false when its id belongs to one that still runs.
    fn begin(&self, id: &RequestId) -> bool {
        let mut ids = self.ids();
        let new = !ids.contains(id);
        if new {
            ids.push(id.clone());
        }
        new
    }

    fn end(&self, id: &RequestId) {
        let mut ids = self.ids();
        ids.retain(|running| running != id);
        if ids.is_empty() {
            self.changed.notify_waiters();
        }
    }

    async fn idle(&self) {
        loop {
            let changed = self.changed.notified();
            if self.ids().is_empty() {
                return;
            }
            changed.await;
        }
    }
}

/// The message of a line. Where there is none, the answer to give, if the line asks for one.
fn message(line: &mut [u8]) -> Result<RxJsonRpcMessage<RoleServer>, Option<Value>> {
    let line = text::trimmed(line);
    if line.is_empty() {
        return Err(None);
    }
    if let Ok(message) = serde_json::from_slice(line) {
        return Ok(message);
    }
    if text::mend_surrogates(line)
        && let Ok(message) = serde_json::from_slice(line)
    {
        return Ok(message);
    }
    Err(text::answer(line))
}

/// Whether a request begins a conversation; before one that does, requests are answered by themselves.
fn opens(request: &ClientRequest) -> bool {
    match request {
        ClientRequest::InitializeRequest(_) => true,
        ClientRequest::PingRequest(_) | ClientRequest::DiscoverRequest(_) => false,
        other => {
            let meta = other.get_meta();
            let version = meta.protocol_version();
            version.is_some_and(|version| ProtocolVersion::KNOWN_VERSIONS.contains(&version))
                && meta
                    .missing_required_keys(&ProtocolVersion::V_2026_07_28)
                    .is_empty()
        }
    }
}

impl<R: AsyncRead + Send + Unpin> Pipes<R> {
    /// Whether the service is to see a message; others are answered here, or ask for no answer.
    fn admits(&mut self, message: &RxJsonRpcMessage<RoleServer>) -> bool {
        match message {
            JsonRpcMessage::Request(request) => {
                let new = self.running.begin(&request.id);
                if new {
                    self.opened |= opens(&request.request);
                } else {
                    self.refuse(&text::id_taken(request.id.clone().into_json_value()));
                }
                new
            }
            _ if !self.opened => {
                tracing::debug!("a message that is no request came before the first one");
                false
            }
            JsonRpcMessage::Notification(notification) => {
                // A cancelled request is not answered.
                if let ClientNotification::CancelledNotification(cancelled) =
                    &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.running.end(id);
                }
                true
            }
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => true,
        }
    }

    /// Answers a line that the service does not see.
    fn refuse(&self, answer: &Value) {
        tracing::debug!(%answer, "a line is no request");
        // When nothing can be written any more, nobody waits for it.
        let _ = self.outbox.push(answer);
    }

    /// The next message; `None` at the end of the input.
    async fn read(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            let line = match self.lines.next().await {
                Ok(line) => line?,
                Err(error) => {
                    tracing::error!(%error, "the input cannot be read");
                    return None;
                }
            };
            let read = match line {
                Line::Whole(line) => message(line),
                Line::TooLong(id) => Err(Some(text::too_long(id, LONGEST_LINE))),
            };
            match read {
                Ok(message) if self.admits(&message) => return Some(message),
                Err(Some(answer)) => self.refuse(&answer),
                Ok(_) | Err(None) => {}
            }
        }
    }

    /// Waits until running calls are answered and the answers written, as long as that may take.
    async fn finish(&mut self) {
        let until = *self
            .until
            .get_or_insert_with(|| Instant::now() + self.patience);
        let _ = tokio::time::timeout_at(until, self.running.idle()).await;
        let stopped = async {
            self.stop.cancelled().await;
            tokio::time::sleep(CLOSING).await;
        };
        tokio::select! {
            () = self.outbox.written() => {}
            () = tokio::time::sleep_until(until + CLOSING) => {}
            () = stopped => {}
        }
    }
}

impl<R: AsyncRead + Send + Unpin> Transport<RoleServer> for Pipes<R> {
    type Error = io::Error;

    fn send(
        &mut self,
        mut item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let sent = self
            .outbox
            .push_with(|waiting| definition::write(&mut item, waiting));
        match &item {
            JsonRpcMessage::Response(response) => self.running.end(&response.id),
            JsonRpcMessage::Error(error) => {
                if let Some(id) = &error.id {
                    self.running.end(id);
                }
            }
            JsonRpcMessage::Request(_) | JsonRpcMessage::Notification(_) => {}
        }
        ready(sent)
    }

    // Dropped and called again by the service loop at every other event, so what it waits for is in `self`.
    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        if self.until.is_none() {
            let stop = self.stop.clone();
            let received = tokio::select! {
                biased;
                () = stop.cancelled() => None,
                message = self.read() => message,
            };
            if received.is_some() {
                return received;
            }
        }
        self.finish().await;
        None
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        // Calls that outlasted the patience may have been answered meanwhile.
        let _ = tokio::time::timeout(CLOSING, self.outbox.written()).await;
        Ok(())
    }
}
