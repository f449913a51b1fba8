//! The form of the log's lines: text, or JSON objects for programs that collect them.

use std::fmt;

use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Writer},
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// What a line looks like.
#[derive(Debug)]
pub(super) enum Form {
    /// For people, as the library writes it.
    Text(Format),
    /// One object for each event: `time`, `level`, `target`, `message`, and the event's own fields beside them.
    Json,
}

impl<S, N> FormatEvent<S, N> for Form
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        if let Self::Text(text) = self {
            return text.format_event(context, writer, event);
        }
        let about = event.metadata();
        let mut fields = begun(about.level().as_str(), about.target());
        event.record(&mut Fields(&mut fields));
        writeln!(writer, "{}", Value::Object(fields))
    }
}

/// A line that is no event.
pub(super) fn line(text: &str) -> String {
    let mut fields = begun("INFO", env!("CARGO_CRATE_NAME"));
    fields.insert("message".to_owned(), text.into());
    Value::Object(fields).to_string()
}

fn begun(level: &str, target: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut time = String::new();
    if SystemTime.format_time(&mut Writer::new(&mut time)).is_ok() {
        fields.insert("time".to_owned(), time.into());
    }
    fields.insert("level".to_owned(), level.into());
    fields.insert("target".to_owned(), target.into());
    fields
}

struct Fields<'a>(&'a mut Map<String, Value>);

impl Fields<'_> {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }
}
