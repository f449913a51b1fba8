//! What the server logs, always on stderr: stdout belongs to the protocol.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    io::{self, IsTerminal},
    sync::atomic::{AtomicBool, Ordering},
};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use self::{
    json::Form,
    sink::{Sink, Stderr},
};

mod json;
mod sink;

/// The levels that can be chosen, quietest first.
pub const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// The forms of a line that can be chosen: for people, or for programs.
pub const FORMATS: [&str; 2] = ["text", "json"];

/// Whether lines are JSON.
static JSON: AtomicBool = AtomicBool::new(false);

/// Crates whose log follows the chosen level; all others speak from `warn` on.
const OURS: [&str; 6] = [
    "mcp_server",
    "mcp_tools",
    "tickiti_client",
    "envia_client",
    "api_core",
    "sandbox",
];

/// Whether a word names a level.
#[must_use]
pub fn knows(level: &str) -> bool {
    LEVELS.contains(&level)
}

/// Starts logging, once per process.
///
/// Without a level it is `info` where a person watches and `warn` elsewhere. Lines are dropped, and counted, while nobody
/// reads them: a full pipe does not stop the server. Panics are told in the same way. Lines are text, unless the format is
/// `json`.
pub fn start(level: Option<&str>, format: Option<&str>) {
    let json = format == Some("json");
    JSON.store(json, Ordering::Relaxed);
    let watched = io::stderr().is_terminal();
    let level = level
        .and_then(|word| word.parse().ok())
        .unwrap_or(if watched {
            LevelFilter::INFO
        } else {
            LevelFilter::WARN
        });
    let others = level.min(LevelFilter::WARN);
    let targets = Targets::new()
        .with_default(others)
        // The library warns about every answer that is an error, which is the client's business.
        .with_target("rmcp", level.min(LevelFilter::ERROR))
        .with_targets(OURS.map(|name| (name, level)));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(|| Stderr)
        .with_ansi(watched && !json)
        .map_event_format(|text| if json { Form::Json } else { Form::Text(text) });
    // A second start, as in tests that share a process, changes nothing.
    let _ = tracing_subscriber::registry()
        .with(targets)
        .with(lines)
        .try_init();
    std::panic::set_hook(Box::new(|panic| {
        let trace = Backtrace::capture();
        if trace.status() == BacktraceStatus::Captured {
            line(&format!("{panic}\n{trace}"));
        } else {
            line(&panic.to_string());
        }
    }));
}

/// Writes a line to stderr without ever waiting for its reader.
pub(crate) fn line(text: &str) {
    let line = match JSON.load(Ordering::Relaxed) {
        true => format!("{}\n", json::line(text)),
        false => format!("{text}\n"),
    };
    Sink::stderr().line(line.as_bytes());
}

/// Waits a moment until everything that was logged is written; for the end of the process.
pub fn flush() {
    Sink::stderr().flush();
}
