//! The collector, reached over our own transport.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use api_core::{
    Settings, Transport, Url,
    transport::{self, Failure, Request},
};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt as _;
use http::{HeaderValue, header};
use opentelemetry_http::{HttpClient, HttpError};
use tokio::runtime::{Builder, Runtime};

use super::Variables;

/// Time for one batch unless the environment says otherwise.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most that is read of an answer, in bytes.
const LONGEST_ANSWER: usize = 64 * 1024;
/// The one form that is spoken.
const PROTOCOL: &str = "http/protobuf";

/// Carries batches for the thread that collects them. It has a runtime of its own there, so that neither waits for calls nor
/// calls for it.
pub(super) struct Collector {
    transport: Arc<dyn Transport>,
    patience: Duration,
    runtime: OnceLock<Runtime>,
    /// Whether the last batch was lost: that is told once, not for every batch.
    failing: AtomicBool,
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}

impl Collector {
    /// The one at an address, with the time and the certificates that the environment names.
    pub(super) fn new(endpoint: &str, variables: &Variables) -> Result<Self, String> {
        let address: Url = endpoint
            .parse()
            .map_err(|error| format!("the collector's address is none: {error}"))?;
        if !matches!(address.scheme(), "http" | "https") {
            return Err("the collector's address must begin with http:// or https://".to_owned());
        }
        let named = |end: &str| {
            let names = ["OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"];
            let mut values = names
                .map(|name| variables.get(&format!("{name}{end}")))
                .into_iter();
            values.find_map(|value| value.filter(|value| !value.trim().is_empty()))
        };
        if let Some(protocol) = named("PROTOCOL").filter(|name| name.trim() != PROTOCOL) {
            return Err(format!(
                "the protocol {protocol} is not spoken, only {PROTOCOL} is"
            ));
        }
        let mut settings = Settings::default();
        if let Some(file) = named("CERTIFICATE") {
            settings = settings.with_extra_ca(file.trim());
        }
        let patience = named("TIMEOUT").and_then(|text| text.trim().parse().ok());
        Ok(Self {
            transport: transport::to(&address, settings),
            patience: patience.map_or(PATIENCE, Duration::from_millis),
            runtime: OnceLock::new(),
            failing: AtomicBool::new(false),
        })
    }

    /// Sends a batch and waits for the answer, on the thread of the caller.
    fn deliver(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, String> {
        let runtime = match self.runtime.get() {
            Some(runtime) => runtime,
            None => {
                let runtime = Builder::new_current_thread().enable_all().build();
                let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
                self.runtime.get_or_init(|| runtime)
            }
        };
        let answer = async { tokio::time::timeout(self.patience, self.exchange(request)).await };
        let answer = runtime.block_on(answer);
        answer.map_err(|_| "no answer in time".to_owned())?
    }

    async fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, String> {
        let (head, body) = request.into_parts();
        let url = head.uri.to_string();
        let url: Url = url.parse().map_err(|error| format!("{url}: {error}"))?;
        let mut headers = head.headers;
        // Between two batches nobody would notice that a connection has ended.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        let request = Request::post(url, headers, body);
        let mut reply = self.transport.send(request).await.map_err(reason)?;
        let mut answer = BytesMut::new();
        while let Some(piece) = reply.body.try_next().await.map_err(reason)? {
            if answer.len() + piece.len() > LONGEST_ANSWER {
                return Err("its answer has no end".to_owned());
            }
            answer.extend_from_slice(&piece);
        }
        let mut response = http::Response::new(answer.freeze());
        *response.headers_mut() = reply.headers;
        *response.status_mut() = http::StatusCode::from_u16(reply.status)
            .map_err(|_| format!("the status {} is none", reply.status))?;
        Ok(response)
    }

    fn tell(&self, problem: Option<&str>) {
        let before = self.failing.swap(problem.is_some(), Ordering::Relaxed);
        match problem {
            Some(problem) if !before => {
                tracing::warn!(problem, "traces do not reach the collector; calls go on");
            }
            None if before => tracing::warn!("traces reach the collector again"),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, HttpError> {
        let answer = self.deliver(request);
        let problem = match &answer {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("it answers {}", answer.status().as_u16())),
            Err(problem) => Some(problem.clone()),
        };
        self.tell(problem.as_deref());
        Ok(answer?)
    }
}

fn reason(failure: Failure) -> String {
    match failure {
        Failure::Setup(text) | Failure::Connect(text) | Failure::Interrupted(text) => text,
        Failure::ConnectTimeout => "no connection in time".to_owned(),
        _ => "no connection".to_owned(),
    }
}
