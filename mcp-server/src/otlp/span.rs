//! The span of a call, and those of its requests to back ends. Names follow OpenTelemetry's conventions for the Model Context
//! Protocol and for HTTP clients; what these do not have begins with `ticketing_mcp.`. Arguments, addresses below a host, and
//! what tools answer are not in them.

use std::{
    borrow::Cow,
    time::{Instant, SystemTime},
};

use api_core::{Attempt, Attempts, Method, Trace};
use mcp_tools::Context;
use opentelemetry::{
    InstrumentationScope, KeyValue, SpanId, TraceFlags, TraceId,
    trace::{SpanContext, SpanKind, Status, TraceState},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::{Call, export};

/// A call that is recorded.
#[derive(Debug)]
pub(crate) struct Span {
    /// What it is part of: a span of the caller, or nothing.
    before: Trace,
    own: Trace,
    began: SystemTime,
    started: Instant,
}

impl Span {
    /// Begins a span within the caller's trace, or a trace where there is none, and makes the context part of it. A trace that
    /// its caller does not record is passed on as it is.
    pub(crate) fn begin(context: &mut Context) -> Option<Self> {
        if !export::is_on() {
            return None;
        }
        let before = context.trace.clone().unwrap_or_else(Trace::begin);
        if !before.is_sampled() {
            return None;
        }
        let own = before.child();
        context.trace = Some(own.clone());
        context.attempts = Attempts::kept();
        Some(Self {
            before,
            own,
            began: SystemTime::now(),
            started: Instant::now(),
        })
    }

    /// Hands the span over, and those of its requests.
    pub(crate) fn end(self, call: &Call<'_>) {
        export::send(|scope| {
            let attempts = call.attempts.take();
            let requests = attempts.iter().map(|attempt| self.request(attempt, scope));
            let mut spans: Vec<SpanData> = requests.collect();
            spans.push(self.data(call, scope));
            spans
        });
    }

    fn data(&self, call: &Call<'_>, scope: &InstrumentationScope) -> SpanData {
        let is_tool = call.method == "tools/call";
        let mut attributes = vec![
            KeyValue::new("mcp.method.name", call.method),
            KeyValue::new("ticketing_mcp.profile", call.profile.to_owned()),
            KeyValue::new("ticketing_mcp.outcome", call.outcome),
            KeyValue::new("ticketing_mcp.request_id", call.request_id.to_owned()),
            KeyValue::new("ticketing_mcp.attempts", i64::from(call.attempts.count())),
        ];
        let mut name = Cow::Borrowed(call.method);
        if is_tool {
            attributes.push(KeyValue::new("gen_ai.operation.name", "execute_tool"));
        }
        if let Some((module, target)) = call.target {
            attributes.push(KeyValue::new("ticketing_mcp.module", module));
            let key = if is_tool {
                name = format!("{name} {target}").into();
                "gen_ai.tool.name"
            } else {
                "mcp.resource.uri"
            };
            attributes.push(KeyValue::new(key, target.to_owned()));
        }
        let failed = match call.outcome {
            "success" => None,
            "cancelled" => Some("cancelled"),
            _ if is_tool => Some("tool_error"),
            kind => Some(kind),
        };
        SpanData {
            span_kind: SpanKind::Server,
            name,
            // Where a trace begins here, nothing came before.
            parent_span_is_remote: self.before.parent() != 0,
            ..span(
                (&self.own, &self.before),
                (self.began, self.began + self.started.elapsed()),
                attributes,
                failed,
                scope,
            )
        }
    }

    fn request(&self, attempt: &Attempt, scope: &InstrumentationScope) -> SpanData {
        let method = match attempt.spec.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
        };
        let mut attributes = vec![
            KeyValue::new("http.request.method", method),
            KeyValue::new("url.template", attempt.spec.path),
            KeyValue::new("server.address", attempt.host.clone()),
            KeyValue::new("ticketing_mcp.endpoint", attempt.spec.name),
        ];
        if let Some(port) = attempt.port {
            attributes.push(KeyValue::new("server.port", i64::from(port)));
        }
        if let Some(status) = attempt.status {
            let status = KeyValue::new("http.response.status_code", i64::from(status));
            attributes.push(status);
        }
        if attempt.number > 1 {
            let resent = i64::from(attempt.number - 1);
            attributes.push(KeyValue::new("http.request.resend_count", resent));
        }
        SpanData {
            span_kind: SpanKind::Client,
            name: format!("{method} {}", attempt.spec.path).into(),
            ..span(
                (&attempt.trace, &self.own),
                (attempt.began, attempt.began + attempt.took),
                attributes,
                attempt.failed,
                scope,
            )
        }
    }
}

/// What all spans have.
fn span(
    (own, parent): (&Trace, &Trace),
    (start_time, end_time): (SystemTime, SystemTime),
    mut attributes: Vec<KeyValue>,
    failed: Option<&'static str>,
    scope: &InstrumentationScope,
) -> SpanData {
    if let Some(failed) = failed {
        attributes.push(KeyValue::new("error.type", failed));
    }
    let state = own.state().and_then(|state| state.parse().ok());
    SpanData {
        span_context: SpanContext::new(
            TraceId::from_hex(own.id()).unwrap_or(TraceId::INVALID),
            SpanId::from_bytes(own.parent().to_be_bytes()),
            TraceFlags::SAMPLED,
            false,
            state.unwrap_or_else(TraceState::default),
        ),
        parent_span_id: SpanId::from_bytes(parent.parent().to_be_bytes()),
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: Cow::Borrowed(""),
        start_time,
        end_time,
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: failed.map_or(Status::Unset, |_| Status::error("")),
        instrumentation_scope: scope.clone(),
    }
}
