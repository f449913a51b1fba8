//! Many calls at once over HTTP for a while: whether every one is answered, and whether memory stays as it is.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt::Write,
    future::Future,
    time::{Duration, Instant},
};

use futures_util::future;
use tokio::{
    runtime::Builder,
    time::{self, timeout},
};

use crate::{
    Outcome,
    bench::Bench,
    http::{Connection, HttpServer},
    lane::Lane,
    proc::Memory,
    process::Subject,
    report::{Budget, Figure, Report, Unit},
    stats::{Summary, micros},
    tools::Case,
    wire::{self, Line},
};

/// Calls that are unanswered at any time, each on a connection of its own.
pub(crate) const IN_FLIGHT: usize = 256;
/// How long one call may take before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause before a connection that broke is opened anew.
const AGAIN: Duration = Duration::from_millis(100);
/// How often memory is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// What memory may grow by from the second quarter of the run to the last: this share, or this many megabytes.
const GROWTH: (f64, f64) = (0.1, 2.0);

/// What came of the calls.
#[derive(Debug, Default)]
struct Tally {
    sent: u64,
    /// Right answers: microseconds of each.
    took: Vec<f64>,
    /// Calls without an answer, by the reason.
    lost: BTreeMap<String, u64>,
    /// Answers that are not the right one, by what they are.
    unexpected: BTreeMap<String, u64>,
}

/// A call that is sent again and again.
#[derive(Debug)]
struct Call {
    line: Line,
    /// Length of a right answer.
    expected: usize,
}

/// Runs the load for a time. Everything in it has a budget.
pub(crate) fn measure(bench: &Bench, cases: &[Case], lasts: Duration, report: &mut Report) {
    let name = bench.over_http().name;
    let what = format!("{IN_FLIGHT} calls in flight for {} s", lasts.as_secs());
    match run(bench, cases, lasts) {
        Ok((tally, memory, took)) => tell(&what, &name, &tally, &memory, took, report),
        Err(why) => {
            let missing = Figure::missing(what, &name, Unit::Count, why.to_string());
            report.push(missing.budget(Budget::AtMost(0.0)));
        }
    }
}

/// The server with room for all calls: its bounds are meant to refuse what is beyond them.
fn subject(bench: &Bench) -> Subject {
    let mut subject = bench.over_http();
    for bound in ["TICKETING_MCP_IN_FLIGHT", "TICKETING_MCP_PROFILE_IN_FLIGHT"] {
        subject.environment.push((bound, IN_FLIGHT.to_string()));
    }
    subject
}

fn run(bench: &Bench, cases: &[Case], lasts: Duration) -> Outcome<(Tally, Vec<Memory>, Duration)> {
    let subject = subject(bench);
    let mut calls = Vec::new();
    for case in cases {
        // The first answer is looked at whole.
        let lane = Lane::http(&subject, case)?;
        calls.push(Call {
            line: case.line(),
            expected: lane.length(),
        });
    }
    let server = HttpServer::open(&subject)?;
    let tally = RefCell::new(Tally::default());
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let began = Instant::now();
    let memory = runtime.block_on(async {
        let callers =
            (0..IN_FLIGHT).map(|caller| call(&server, &calls, caller, began + lasts, &tally));
        sampling(server.pid(), future::join_all(callers)).await
    });
    Ok((tally.into_inner(), memory, began.elapsed()))
}

/// One caller: the next call as soon as the last one is answered, until the time is over.
async fn call(
    server: &HttpServer,
    calls: &[Call],
    caller: usize,
    until: Instant,
    tally: &RefCell<Tally>,
) {
    let mut connection = None;
    let mut request = Vec::new();
    for call in calls.iter().cycle().skip(caller % calls.len().max(1)) {
        let began = Instant::now();
        if began >= until {
            return;
        }
        // Every call has an id of its own, so that no answer can be taken for another's.
        let id = {
            let mut tally = tally.borrow_mut();
            tally.sent += 1;
            tally.sent
        };
        server.write_request(&call.line, id, &mut request);
        let answered = timeout(
            PATIENCE,
            once(server.address(), connection.take(), &request),
        )
        .await;
        match answered {
            Ok(Ok(answered)) => {
                let mut tally = tally.borrow_mut();
                match judge(&answered, id, call.expected) {
                    None => tally.took.push(micros(began.elapsed())),
                    Some(kind) => *tally.unexpected.entry(kind).or_default() += 1,
                }
                connection = Some(answered);
            }
            failed => {
                let reason = match failed {
                    Ok(Err(error)) => error.to_string(),
                    _ => format!("no answer within {} s", PATIENCE.as_secs()),
                };
                *tally.borrow_mut().lost.entry(reason).or_default() += 1;
                time::sleep(AGAIN).await;
            }
        }
    }
}

/// The connection with its answer, a new one unless there is one.
async fn once(
    address: &str,
    connection: Option<Connection>,
    request: &[u8],
) -> Outcome<Connection> {
    let mut connection = match connection {
        Some(connection) => connection,
        None => Connection::open(address).await?,
    };
    connection.once(request).await?;
    Ok(connection)
}

/// What an answer is, if it is not the right one.
fn judge(answered: &Connection, id: u64, expected: usize) -> Option<String> {
    let (status, body) = (answered.status(), answered.body());
    if status != Some(200) {
        return Some(
            status.map_or_else(|| "no HTTP".to_owned(), |status| format!("status {status}")),
        );
    }
    if wire::id(body) != Some(id) {
        return Some("the answer to another call".to_owned());
    }
    (body.len() * 2 < expected).then(|| "another answer than before".to_owned())
}

/// Looks at the memory of a process now and then until something ends. One that ended has none, which the calls tell better.
async fn sampling(pid: u32, work: impl Future) -> Vec<Memory> {
    let mut samples = Vec::new();
    let mut looks = time::interval(LOOK);
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            biased;
            _ = &mut work => return samples,
            _ = looks.tick() => samples.extend(Memory::of(pid).ok()),
        }
    }
}

fn tell(
    what: &str,
    name: &str,
    tally: &Tally,
    memory: &[Memory],
    took: Duration,
    report: &mut Report,
) {
    let count = |counts: &BTreeMap<String, u64>| counts.values().sum::<u64>() as f64;
    let (lost, unexpected) = (count(&tally.lost), count(&tally.unexpected));
    let answered = tally.took.len() as f64;
    let figure = |what: String, unit, value| Figure::new(what, name, unit, value);
    report.push(
        figure(format!("{what}, answered"), Unit::Count, answered)
            .budget(Budget::AtLeast(tally.sent.max(1) as f64))
            .note(format!("{} were sent", tally.sent))
            .more("sent", tally.sent as f64),
    );
    for (word, value, kinds) in [
        ("lost", lost, &tally.lost),
        ("unexpected", unexpected, &tally.unexpected),
    ] {
        let told = figure(format!("{what}, {word}"), Unit::Count, value);
        report.push(told.budget(Budget::AtMost(0.0)).note(kinds_text(kinds)));
    }
    if let Some(summary) = Summary::of(tally.took.clone()) {
        let rate = answered / took.as_secs_f64();
        report.push(
            figure(format!("{what}, throughput"), Unit::PerSecond, rate)
                .note(format!(
                    "median {:.1} ms, p99 {:.1} ms, longest {:.1} ms a call",
                    summary.median / 1e3,
                    summary.p99 / 1e3,
                    summary.most / 1e3
                ))
                .more("median", summary.median)
                .more("p99", summary.p99)
                .more("most", summary.most),
        );
    }
    report.push(growth(
        &format!("{what}, growth of resident memory"),
        name,
        memory,
    ));
}

fn kinds_text(kinds: &BTreeMap<String, u64>) -> String {
    let mut text = String::new();
    for (kind, count) in kinds {
        let comma = if text.is_empty() { "" } else { ", " };
        // Writing into a string cannot fail.
        let _ = write!(text, "{comma}{count} × {kind}");
    }
    text
}

/// From the mean of the second quarter to the mean of the last; the first one is for warming up.
fn growth(what: &str, name: &str, memory: &[Memory]) -> Figure {
    let resident: Vec<f64> = memory
        .iter()
        .map(|memory| memory.resident as f64 / 1e6)
        .collect();
    let quarter = resident.len() / 4;
    let second = mean(resident.get(quarter..quarter * 2).unwrap_or_default());
    let last = mean(resident.get(resident.len() - quarter..).unwrap_or_default());
    let (Some(second), Some(last)) = (second, last) else {
        let why = format!("{} samples of memory are too few", resident.len());
        return Figure::missing(what, name, Unit::Megabytes, why).budget(Budget::AtMost(GROWTH.1));
    };
    let (share, least) = GROWTH;
    let most = resident.iter().copied().fold(0.0, f64::max);
    Figure::new(what, name, Unit::Megabytes, last - second)
        .budget(Budget::AtMost((second * share).max(least)))
        .note(format!(
            "mean of the second quarter {second:.2}, of the last {last:.2}, most {most:.2} MB; {} samples",
            resident.len()
        ))
        .more("second_quarter", second)
        .more("last_quarter", last)
        .more("most", most)
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Verdict;

    fn memory(megabytes: f64) -> Memory {
        let resident = (megabytes * 1e6) as u64;
        Memory {
            resident,
            peak: resident,
            proportional: resident,
            private: resident,
        }
    }

    fn verdict(megabytes: impl Fn(u32) -> f64) -> Verdict {
        let samples: Vec<Memory> = (0..120).map(|second| memory(megabytes(second))).collect();
        growth("growth", "x", &samples).verdict()
    }

    #[test]
    fn memory_that_settles_is_flat_and_memory_that_goes_on_is_not() {
        assert_eq!(verdict(|_| 20.0), Verdict::Met);
        assert_eq!(
            verdict(|second| if second < 25 { 5.0 } else { 20.0 }),
            Verdict::Met
        );
        assert_eq!(
            verdict(|second| 20.0 + f64::from(second) * 0.05),
            Verdict::Missed
        );
        assert_eq!(
            verdict(|second| 100.0 + f64::from(second) * 0.05),
            Verdict::Met
        );
        assert_eq!(
            growth("growth", "x", &[memory(1.0); 3]).verdict(),
            Verdict::Unknown
        );
    }

    #[test]
    fn one_call_that_is_missing_fails_the_run() {
        let told = |tally: &Tally| {
            let mut report = Report::default();
            let second = Duration::from_secs(1);
            tell("load", "x", tally, &[memory(10.0); 8], second, &mut report);
            report.is_met()
        };
        let mut tally = Tally {
            sent: 3,
            took: vec![1.0; 3],
            ..Tally::default()
        };
        assert!(told(&tally));
        tally.unexpected.insert("status 503".to_owned(), 1);
        assert!(!told(&tally));
        tally.unexpected.clear();
        tally.lost.insert("the connection was closed".to_owned(), 1);
        assert!(!told(&tally));
        tally.lost.clear();
        tally.sent = 4;
        assert!(!told(&tally));
        assert!(!told(&Tally::default()), "nothing was sent");
    }
}
