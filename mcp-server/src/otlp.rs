//! Traces of calls for a collector, by OpenTelemetry's protocol over HTTP, in programs that are built with the feature `otlp`.

use api_core::Attempts;

use crate::config::Variables;

#[cfg(feature = "otlp")]
mod collector;
#[cfg(feature = "otlp")]
mod export;
#[cfg(feature = "otlp")]
mod span;

#[cfg(feature = "otlp")]
pub(crate) use self::{
    export::{finish, start},
    span::Span,
};
#[cfg(not(feature = "otlp"))]
pub(crate) use absent::{Span, finish, start};

/// Where a collector is: of traces, or of everything.
const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
];

/// A call that ends.
#[cfg_attr(
    not(feature = "otlp"),
    expect(dead_code, reason = "only spans are made of it")
)]
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// The protocol's name of what was asked.
    pub(crate) method: &'static str,
    /// Module and name of the tool or resource, where there is one of that name: what callers make up is not told.
    pub(crate) target: Option<(&'static str, &'a str)>,
    pub(crate) profile: &'a str,
    pub(crate) outcome: &'static str,
    pub(crate) request_id: &'a str,
    pub(crate) attempts: &'a Attempts,
}

/// The collector that traces are wanted at, if they are.
fn wanted(variables: &Variables) -> Option<&str> {
    let value = |name| variables.get(name).map(|value: &String| value.trim());
    let is = |name, word: &str| value(name).is_some_and(|value| value.eq_ignore_ascii_case(word));
    if is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none") {
        return None;
    }
    let set = ENDPOINTS.into_iter().filter_map(value);
    set.into_iter().find(|value| !value.is_empty())
}

/// What is there without the feature: no more than a word that it is missing.
#[cfg(not(feature = "otlp"))]
mod absent {
    use mcp_tools::Context;

    use super::{Call, Variables, wanted};

    /// There is none.
    #[derive(Debug)]
    pub(crate) enum Span {}

    impl Span {
        pub(crate) const fn begin(_: &mut Context) -> Option<Self> {
            None
        }

        pub(crate) fn end(self, _: &Call<'_>) {
            match self {}
        }
    }

    pub(crate) fn start(variables: &Variables) {
        if wanted(variables).is_some() {
            tracing::warn!(
                "a collector of traces is set with OTEL_EXPORTER_OTLP_ENDPOINT, but this program was built without the \
                 feature `otlp`: no traces are sent"
            );
        }
    }

    pub(crate) const fn finish() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_are_wanted_where_a_collector_is_named() {
        let wanted = |variables: &[(&str, &str)]| {
            let pairs = variables.iter();
            let variables = pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            wanted(&variables.collect()).map(str::to_owned)
        };
        let [traces, all] = ENDPOINTS;
        let (one, other) = ("http://one:4318", "http://other:4318/v1/traces");
        assert_eq!(wanted(&[]), None);
        assert_eq!(wanted(&[(all, " ")]), None);
        assert_eq!(wanted(&[(all, one)]).as_deref(), Some(one));
        assert_eq!(
            wanted(&[(all, one), (traces, other)]).as_deref(),
            Some(other)
        );
        assert_eq!(wanted(&[(all, one), ("OTEL_SDK_DISABLED", "TRUE")]), None);
        assert_eq!(
            wanted(&[(all, one), ("OTEL_TRACES_EXPORTER", "none")]),
            None
        );
    }
}
