//! The way of finished spans: into a bounded queue, and from there in batches by a thread of their own. A call never waits.

use std::{sync::OnceLock, time::Duration};

use opentelemetry::{InstrumentationScope, Key, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchConfig, BatchSpanProcessor, SpanData, SpanProcessor as _},
};

use super::{Variables, collector::Collector, wanted};

/// How long spans may take to be delivered at the end.
const FAREWELL: Duration = Duration::from_secs(3);
/// The name of the service where the environment gives none.
const SERVICE: &str = "ticketing-mcp";

/// One for the process: spans go the same way, whoever made the call.
static EXPORT: OnceLock<Export> = OnceLock::new();

#[derive(Debug)]
struct Export {
    spans: BatchSpanProcessor,
    scope: InstrumentationScope,
}

/// Begins to record calls when the environment names a collector. What is wrong is told, and nothing is recorded then.
pub(crate) fn start(variables: &Variables) {
    let Some(endpoint) = wanted(variables) else {
        return;
    };
    match export(endpoint, variables) {
        // A second start, as in tests that share a process, changes nothing.
        Ok(export) => drop(EXPORT.set(export)),
        Err(problem) => tracing::warn!(problem, "no traces are sent"),
    }
}

fn export(endpoint: &str, variables: &Variables) -> Result<Export, String> {
    let collector = Collector::new(endpoint, variables)?;
    // It reads the rest of the environment's variables by itself: headers, and the path below the endpoint.
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(collector);
    let exporter = exporter.build().map_err(|error| error.to_string())?;
    let mut spans = BatchSpanProcessor::new(exporter, BatchConfig::default());
    spans.set_resource(&resource());
    let scope = InstrumentationScope::builder(SERVICE).with_version(env!("CARGO_PKG_VERSION"));
    Ok(Export {
        spans,
        scope: scope.build(),
    })
}

/// What the spans come from.
fn resource() -> Resource {
    let told = Resource::builder().build();
    let name = told.get(&Key::from_static_str("service.name"));
    let named = name.is_some_and(|name| !name.as_str().starts_with("unknown_service"));
    let mut builder = Resource::builder_empty().with_attributes([
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        KeyValue::new("service.instance.id", uuid::Uuid::new_v4().to_string()),
    ]);
    for (key, value) in &told {
        builder = builder.with_attribute(KeyValue::new(key.clone(), value.clone()));
    }
    if !named {
        builder = builder.with_service_name(SERVICE);
    }
    builder.build()
}

/// Whether calls are recorded.
pub(super) fn is_on() -> bool {
    EXPORT.get().is_some()
}

/// Hands spans over; what the queue cannot take is lost.
pub(super) fn send(spans: impl FnOnce(&InstrumentationScope) -> Vec<SpanData>) {
    if let Some(export) = EXPORT.get() {
        for span in spans(&export.scope) {
            export.spans.on_end(span);
        }
    }
}

/// Delivers what has been recorded, within a time. For the end of the process, after the last call; it blocks.
pub(crate) fn finish() {
    let Some(export) = EXPORT.get() else {
        return;
    };
    if let Err(error) = export.spans.shutdown_with_timeout(FAREWELL) {
        tracing::warn!(%error, "the last traces could not be delivered");
    }
}
