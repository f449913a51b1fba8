//! One call under watch: however it ends, it is told once in the log, and counted once.

use std::{sync::Arc, time::Instant};

use api_core::Trace;
use mcp_tools::Context;

use crate::{
    metrics::{Called, Ended, Metrics},
    otlp,
};

/// What a call counts as until its end is known: one whose future is dropped ends in no other way.
const CANCELLED: &str = "cancelled";
/// How much of a name that no tool has is logged, in bytes.
const NAME: usize = 64;

/// Whose calls are watched, and where they are counted.
#[derive(Debug, Clone)]
pub(super) struct Watched {
    pub(super) profile: Arc<str>,
    pub(super) metrics: Option<Metrics>,
}

/// What is under watch.
#[derive(Debug, Clone, Copy)]
pub(super) enum What<'a> {
    /// A call of a tool, with its module and its own name where there is such a tool.
    Tool(&'a str, Option<(&'static str, &'static str)>),
    /// A read of a resource, with its module where there is such a resource.
    Resource(&'a str, Option<&'static str>),
}

/// Told and counted when it is dropped.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    watched: &'a Watched,
    what: What<'a>,
    request_id: String,
    trace: Option<Trace>,
    attempts: api_core::Attempts,
    span: Option<otlp::Span>,
    pub(super) started: Instant,
    pub(super) outcome: &'static str,
}

impl<'a> Watch<'a> {
    /// Begins to watch a call. Where traces are recorded, the context becomes part of its span.
    pub(super) fn new(watched: &'a Watched, what: What<'a>, context: &mut Context) -> Self {
        let span = otlp::Span::begin(context);
        Self {
            watched,
            what,
            request_id: context.request_id.clone(),
            trace: context.trace.clone(),
            attempts: context.attempts.clone(),
            span,
            started: Instant::now(),
            outcome: CANCELLED,
        }
    }

    fn count(&self, attempts: u32) {
        let Some(metrics) = &self.watched.metrics else {
            return;
        };
        // Names that callers make up must not become labels.
        let (module, tool) = match self.what {
            What::Tool(_, tool) => tool.unwrap_or(("unknown", "unknown")),
            What::Resource(_, module) => (module.unwrap_or("unknown"), "resources/read"),
        };
        let called = Called {
            module,
            tool,
            profile: Arc::clone(&self.watched.profile),
        };
        let ended = Ended {
            outcome: self.outcome,
            took: self.started.elapsed(),
            attempts,
        };
        metrics.call(called, ended);
    }

    fn record(&mut self) {
        let Some(span) = self.span.take() else {
            return;
        };
        let (method, target) = match self.what {
            What::Tool(name, tool) => ("tools/call", tool.map(|(module, _)| (module, name))),
            What::Resource(uri, module) => ("resources/read", module.map(|module| (module, uri))),
        };
        span.end(&otlp::Call {
            method,
            target,
            profile: &self.watched.profile,
            outcome: self.outcome,
            request_id: &self.request_id,
            attempts: &self.attempts,
        });
    }

    fn tell(&self, attempts: u32) {
        let duration_ms = super::milliseconds(self.started);
        let (outcome, request_id) = (self.outcome, self.request_id.as_str());
        let profile = &*self.watched.profile;
        let trace_id = self.trace.as_ref().map(Trace::id);
        match self.what {
            What::Tool(tool, _) if outcome == "panic" => {
                tracing::error!(
                    tool,
                    profile,
                    outcome,
                    duration_ms,
                    attempts,
                    request_id,
                    trace_id,
                    "tool call"
                );
            }
            What::Tool(name, known) => {
                let tool = match known {
                    Some(_) => name,
                    None => name
                        .get(..name.floor_char_boundary(NAME))
                        .unwrap_or_default(),
                };
                tracing::info!(
                    tool,
                    profile,
                    outcome,
                    duration_ms,
                    attempts,
                    request_id,
                    trace_id,
                    "tool call"
                );
            }
            What::Resource(uri, _) => {
                tracing::info!(
                    uri,
                    profile,
                    outcome,
                    duration_ms,
                    attempts,
                    request_id,
                    trace_id,
                    "resource read"
                );
            }
        }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        let attempts = self.attempts.count();
        self.count(attempts);
        self.tell(attempts);
        self.record();
    }
}
