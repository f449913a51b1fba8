//! What is counted, and how it is told to Prometheus.
//!
//! The text format is written by hand: it is a page of lines, while the usual library adds 73 KB to the program, and cannot
//! show a profile its own numbers alone.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use self::{
    histogram::Histogram,
    text::{Kind, Page},
};

mod histogram;
mod text;

/// What the page is, for whoever reads it.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Numbers since the process began. Cheap to clone; clones count together.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    started: SystemTime,
    /// Never held while anything is waited for.
    calls: Mutex<BTreeMap<Called, Calls>>,
    requests: Mutex<BTreeMap<(&'static str, u16), u64>>,
    wrong_keys: AtomicU64,
}

/// What was called, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Called {
    /// The module, or `unknown`.
    pub module: &'static str,
    /// The tool without the prefix of its module, `unknown` for what is none, or the method of other requests.
    pub tool: &'static str,
    /// The profile.
    pub profile: Arc<str>,
}

/// How a call ended.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    /// `success`, or the kind of failure.
    pub outcome: &'static str,
    /// Time from its arrival to its answer.
    pub took: Duration,
    /// Requests to back ends, repetitions included.
    pub attempts: u32,
}

#[derive(Debug, Default)]
struct Calls {
    outcomes: BTreeMap<&'static str, u64>,
    took: Histogram,
    attempts: u64,
}

/// What is looked at when the numbers are asked for.
#[derive(Debug, Clone, Default)]
pub struct Now {
    /// Requests over HTTP under way.
    pub in_flight: usize,
    /// The queues of records.
    pub journals: Vec<JournalState>,
}

/// One queue of records.
#[derive(Debug, Clone)]
pub struct JournalState {
    /// Whose calls it keeps.
    pub profile: Arc<str>,
    /// The module whose calls it keeps.
    pub module: &'static str,
    /// Records that wait to be delivered.
    pub waiting: usize,
    /// Records that were dropped since it was opened.
    pub dropped: u64,
}

impl Default for Metrics {
    fn default() -> Self {
        Self(Arc::new(Inner {
            started: SystemTime::now(),
            calls: Mutex::default(),
            requests: Mutex::default(),
            wrong_keys: AtomicU64::new(0),
        }))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Metrics {
    /// Counts a call that ended.
    pub fn call(&self, called: Called, ended: Ended) {
        let mut all = locked(&self.0.calls);
        let calls = all.entry(called).or_default();
        *calls.outcomes.entry(ended.outcome).or_default() += 1;
        calls.took.add(ended.took);
        calls.attempts += u64::from(ended.attempts);
    }

    /// Counts an answer over HTTP, by its place and status.
    pub fn request(&self, place: &'static str, status: u16) {
        *locked(&self.0.requests).entry((place, status)).or_default() += 1;
    }

    /// Counts a wrong key.
    pub fn wrong_key(&self) {
        self.0.wrong_keys.fetch_add(1, Ordering::Relaxed);
    }

    /// All numbers as text; with a profile, of calls and records its own alone.
    #[must_use]
    pub fn page(&self, profile: Option<&str>, now: &Now) -> String {
        let shown = |of: &str| profile.is_none_or(|profile| profile == of);
        let mut page = Page::default();
        self.process(&mut page);
        self.calls(&mut page, &shown);
        self.http(&mut page, now.in_flight);
        page.family(
            "ticketing_mcp_journal_records_waiting",
            Kind::Gauge,
            "Records of calls that this process has yet to deliver.",
        );
        let journals = || now.journals.iter().filter(|of| shown(&of.profile));
        for of in journals() {
            page.sample(
                &[("profile", &of.profile), ("module", of.module)],
                of.waiting,
            );
        }
        page.family(
            "ticketing_mcp_journal_records_dropped_total",
            Kind::Counter,
            "Records of calls that found the queue full and were dropped.",
        );
        for of in journals() {
            page.sample(
                &[("profile", &of.profile), ("module", of.module)],
                of.dropped,
            );
        }
        page.finish()
    }

    fn process(&self, page: &mut Page) {
        let name = "ticketing_mcp_build_info";
        page.family(name, Kind::Gauge, "Version of the program.");
        page.sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
        let started = self.0.started.duration_since(UNIX_EPOCH);
        page.family(
            "process_start_time_seconds",
            Kind::Gauge,
            "When the process began, in seconds since 1970.",
        );
        page.sample(&[], started.unwrap_or_default().as_secs_f64());
    }

    fn calls(&self, page: &mut Page, shown: &dyn Fn(&str) -> bool) {
        let all = locked(&self.0.calls);
        let calls = || all.iter().filter(|(called, _)| shown(&called.profile));
        page.family(
            "ticketing_mcp_calls_total",
            Kind::Counter,
            "Calls that ended, by outcome: success, or the kind of failure.",
        );
        for (called, calls) in calls() {
            for (outcome, count) in &calls.outcomes {
                let [profile, module, tool] = called.labels();
                page.sample(&[profile, module, tool, ("outcome", outcome)], count);
            }
        }
        page.family(
            "ticketing_mcp_upstream_attempts_total",
            Kind::Counter,
            "Requests that calls made to back ends, repetitions included.",
        );
        for (called, calls) in calls() {
            page.sample(&called.labels(), calls.attempts);
        }
        let mut took: BTreeMap<(&str, &str), Histogram> = BTreeMap::new();
        for (called, calls) in calls() {
            let tool = took.entry((called.module, called.tool)).or_default();
            tool.add_all(&calls.took);
        }
        drop(all);
        page.family(
            "ticketing_mcp_call_duration_seconds",
            Kind::Histogram,
            "Time from the arrival of a call to its answer.",
        );
        for ((module, tool), took) in &took {
            took.tell(page, &[("module", module), ("tool", tool)]);
        }
    }

    fn http(&self, page: &mut Page, in_flight: usize) {
        page.family(
            "ticketing_mcp_http_requests_total",
            Kind::Counter,
            "Answers over HTTP, by place and status.",
        );
        for ((place, status), count) in locked(&self.0.requests).iter() {
            page.sample(&[("place", place), ("status", &status.to_string())], count);
        }
        page.family(
            "ticketing_mcp_http_requests_in_flight",
            Kind::Gauge,
            "Requests of the protocol over HTTP that are under way.",
        );
        page.sample(&[], in_flight);
        page.family(
            "ticketing_mcp_wrong_keys_total",
            Kind::Counter,
            "Requests over HTTP with a key that nobody has.",
        );
        page.sample(&[], self.0.wrong_keys.load(Ordering::Relaxed));
    }
}

impl Called {
    fn labels(&self) -> [(&'static str, &str); 3] {
        [
            ("profile", &self.profile),
            ("module", self.module),
            ("tool", self.tool),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(profile: &str, tool: &'static str) -> Called {
        Called {
            module: "tickiti",
            tool,
            profile: profile.into(),
        }
    }

    fn ended(outcome: &'static str, milliseconds: u64) -> Ended {
        Ended {
            outcome,
            took: Duration::from_millis(milliseconds),
            attempts: 2,
        }
    }

    #[test]
    fn numbers_add_up_and_a_profile_sees_its_own() {
        let metrics = Metrics::default();
        metrics.call(called("ana", "get"), ended("success", 3));
        metrics.call(called("ana", "get"), ended("upstream", 400));
        metrics.call(called("bot \"b\"", "get"), ended("success", 90_000));
        metrics.request("mcp", 200);
        metrics.wrong_key();
        let now = Now {
            in_flight: 3,
            journals: vec![JournalState {
                profile: "ana".into(),
                module: "envia",
                waiting: 4,
                dropped: 5,
            }],
        };
        let all = metrics.page(None, &now);
        for line in [
            r#"ticketing_mcp_calls_total{profile="ana",module="tickiti",tool="get",outcome="success"} 1"#,
            r#"ticketing_mcp_calls_total{profile="ana",module="tickiti",tool="get",outcome="upstream"} 1"#,
            r#"ticketing_mcp_calls_total{profile="bot \"b\"",module="tickiti",tool="get",outcome="success"} 1"#,
            r#"ticketing_mcp_upstream_attempts_total{profile="ana",module="tickiti",tool="get"} 4"#,
            r#"ticketing_mcp_call_duration_seconds_bucket{module="tickiti",tool="get",le="0.005"} 1"#,
            r#"ticketing_mcp_call_duration_seconds_bucket{module="tickiti",tool="get",le="0.5"} 2"#,
            r#"ticketing_mcp_call_duration_seconds_bucket{module="tickiti",tool="get",le="+Inf"} 3"#,
            r#"ticketing_mcp_call_duration_seconds_sum{module="tickiti",tool="get"} 90.403"#,
            r#"ticketing_mcp_call_duration_seconds_count{module="tickiti",tool="get"} 3"#,
            r#"ticketing_mcp_http_requests_total{place="mcp",status="200"} 1"#,
            "ticketing_mcp_http_requests_in_flight 3",
            "ticketing_mcp_wrong_keys_total 1",
            r#"ticketing_mcp_journal_records_waiting{profile="ana",module="envia"} 4"#,
            r#"ticketing_mcp_journal_records_dropped_total{profile="ana",module="envia"} 5"#,
            "# TYPE ticketing_mcp_call_duration_seconds histogram",
        ] {
            assert!(all.lines().any(|told| told == line), "{line}\n{all}");
        }
        let own = metrics.page(Some("ana"), &now);
        assert!(!own.contains("bot"), "{own}");
        assert!(own.contains("duration_seconds_count{module=\"tickiti\",tool=\"get\"} 2"));
        let other = metrics.page(Some("nobody"), &now);
        assert!(!other.contains("ana"), "{other}");
    }
}
