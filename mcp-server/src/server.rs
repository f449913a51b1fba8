//! One tool call or one read of a resource, whoever asked for it: under a panic guard and a deadline, stopped when the caller gives up, logged, and kept in the journal of its module.

use std::{
    collections::BTreeMap,
    future::Future,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{FutureExt, future::join_all};
use mcp_tools::{
    Backends, Context, ErrorKind, JsonObject, Registry, ToolError,
    audit::{Outcome, Record, Redaction},
};
use serde_json::Value;

use crate::audit::Journal;

/// What the record of a call says that was given up.
const CANCELLED: &str = "the call was cancelled";

/// Tools and resources, the back ends they call, and how long a call may take. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Server {
    inner: Arc<Inner>,
    /// By the name of the module.
    journals: Arc<BTreeMap<&'static str, Kept>>,
}

/// Where the records of a module go, and what they leave out.
#[derive(Debug, Clone)]
struct Kept {
    journal: Journal,
    redaction: Redaction,
}

#[derive(Debug)]
struct Inner {
    registry: Registry,
    backends: Backends,
    call_timeout: Duration,
}

impl Server {
    /// A server of these tools.
    #[must_use]
    pub fn new(registry: Registry, backends: Backends, call_timeout: Duration) -> Self {
        Self {
            inner: Arc::new(Inner {
                registry,
                backends,
                call_timeout,
            }),
            journals: Arc::default(),
        }
    }

    /// The same with a journal: each call of the module's tools makes one record in it. Reads of resources make none.
    #[must_use]
    pub fn with_journal(
        mut self,
        module: &'static str,
        journal: Journal,
        redaction: Redaction,
    ) -> Self {
        let kept = Kept { journal, redaction };
        Arc::make_mut(&mut self.journals).insert(module, kept);
        self
    }

    /// Delivers what the journals still hold, as far as that is possible within a time; the rest is told in the log and
    /// waits for the next start. For the end of the process, after the last call.
    pub async fn finish(&self, limit: Duration) {
        let flushed = self.journals.iter().map(|(module, kept)| async move {
            let waiting = kept.journal.flush(limit).await;
            if waiting > 0 {
                tracing::warn!(
                    module,
                    waiting,
                    "records could not be delivered; they wait on disk for the next start"
                );
            }
        });
        join_all(flushed).await;
    }

    /// The tools that are served.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// Longest time for one call.
    #[must_use]
    pub fn call_timeout(&self) -> Duration {
        self.inner.call_timeout
    }

    /// Calls a tool. Whatever it does, there is an answer: a panic and a passed deadline are errors like others, and
    /// when `cancelled` finishes first, the call is dropped and its request to the back end with it.
    ///
    /// # Errors
    ///
    /// What the tool answers, or why it could not.
    pub async fn call(
        &self,
        name: &str,
        arguments: JsonObject,
        cancelled: impl Future<Output = ()>,
    ) -> Result<JsonObject, ToolError> {
        let started = Instant::now();
        let (request_id, context) = self.context();
        let entry = self.entry(name, &request_id, &arguments, started);
        let call = AssertUnwindSafe(self.inner.registry.call(name, context, arguments));
        let guarded = tokio::time::timeout(self.inner.call_timeout, call.catch_unwind());
        let (outcome, result) = tokio::select! {
            biased;
            () = cancelled => ("cancelled", Err(ToolError::internal(CANCELLED))),
            done = guarded => match done {
                Ok(Ok(result)) => (word(&result), result),
                Ok(Err(_)) => ("panic", Err(self.broken(name))),
                Err(_) => ("deadline", Err(self.late(name))),
            },
        };
        if let Some(entry) = entry {
            entry.end(&result);
        }
        let duration_ms = milliseconds(started);
        if outcome == "panic" {
            tracing::error!(tool = name, outcome, duration_ms, request_id, "tool call");
        } else {
            tracing::info!(tool = name, outcome, duration_ms, request_id, "tool call");
        }
        result
    }

    /// Reads a resource, as carefully as a tool is called.
    ///
    /// # Errors
    ///
    /// When there is no such resource, or it could not be read.
    pub async fn read(
        &self,
        uri: &str,
        cancelled: impl Future<Output = ()>,
    ) -> Result<Value, ToolError> {
        let started = Instant::now();
        let (request_id, context) = self.context();
        let read = AssertUnwindSafe(self.inner.registry.read(uri, &context));
        let guarded = tokio::time::timeout(self.inner.call_timeout, read.catch_unwind());
        let result = tokio::select! {
            biased;
            () = cancelled => Err(ToolError::internal("the request was cancelled")),
            done = guarded => match done {
                Ok(Ok(Some(result))) => result,
                Ok(Ok(None)) => Err(ToolError::new(ErrorKind::NotFound, format!("there is no resource `{uri}`"))),
                Ok(Err(_)) => Err(ToolError::internal(format!(
                    "{uri} failed inside this server and the fault was logged"
                ))),
                Err(_) => Err(ToolError::new(
                    ErrorKind::Upstream,
                    format!("{uri} could not be read in time; try again later"),
                )),
            },
        };
        let duration_ms = milliseconds(started);
        let outcome = word(&result);
        tracing::info!(uri, outcome, duration_ms, request_id, "resource read");
        result
    }

    /// What a call will leave in the journal of its module, if that has one.
    fn entry(
        &self,
        name: &str,
        request_id: &str,
        arguments: &JsonObject,
        started: Instant,
    ) -> Option<Entry<'_>> {
        if self.journals.is_empty() {
            return None;
        }
        let tool = self.inner.registry.get(name)?;
        let kept = self.journals.get(tool.module())?;
        let arguments = kept.redaction.arguments(arguments);
        let mut record = Record::new(request_id, tool.own_name(), arguments, Outcome::Error);
        record.message = Some(CANCELLED.to_owned());
        Some(Entry {
            kept,
            record,
            started,
        })
    }

    fn context(&self) -> (String, Context) {
        let request_id = uuid::Uuid::new_v4().simple().to_string();
        let context = Context::new(request_id.clone(), self.inner.backends.clone());
        (request_id, context)
    }

    fn broken(&self, name: &str) -> ToolError {
        let error = ToolError::internal(format!(
            "{name} failed inside this server and the fault was logged; the same call would fail again"
        ));
        self.with_doubt(name, error)
    }

    fn late(&self, name: &str) -> ToolError {
        let seconds = self.inner.call_timeout.as_secs_f32();
        let error = ToolError::new(
            ErrorKind::Upstream,
            format!(
                "{name} did not finish within {seconds} s and was stopped; ask for less at once"
            ),
        );
        self.with_doubt(name, error)
    }

    /// A write that was cut off may have arrived.
    fn with_doubt(&self, name: &str, error: ToolError) -> ToolError {
        let tool = self.inner.registry.get(name);
        if tool.is_some_and(|tool| tool.spec().effect.is_write()) {
            ToolError::new(ErrorKind::Unknown, error.text())
                .with_advice("it may have changed something: look before you repeat it")
        } else {
            error
        }
    }
}

/// The record of a call that runs. It is pushed when this is dropped, and says until then that the call was cancelled: a
/// call whose future is dropped ends in no other way.
struct Entry<'a> {
    kept: &'a Kept,
    record: Record,
    started: Instant,
}

impl Entry<'_> {
    fn end<T>(mut self, result: &Result<T, ToolError>) {
        self.record.outcome = Outcome::of(result);
        self.record.message = match result {
            Ok(_) => None,
            Err(error) => Some(self.kept.redaction.text(error.text())),
        };
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.record.duration_ms = milliseconds(self.started);
        self.kept.journal.push(&self.record);
    }
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn word<T>(result: &Result<T, ToolError>) -> &'static str {
    match result {
        Ok(_) => "success",
        Err(error) => error.kind().as_str(),
    }
}
