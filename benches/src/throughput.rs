//! Many calls at once over stdio, beside many direct calls at once.

use crate::{
    Outcome,
    bench::Bench,
    call::ratio,
    direct::Depth,
    lane::Lane,
    place::Place,
    plan::IN_FLIGHT,
    proc::processor_seconds,
    report::{Budget, Figure, Report, Unit},
    stats::{Summary, median},
    tools::Case,
};

const BUDGET: Budget = Budget::AtLeast(0.6);

struct Measured<'a> {
    name: String,
    lane: Lane<'a>,
    failure: Option<String>,
    /// Calls a second, round by round.
    rates: Vec<f64>,
    /// Microseconds of each call.
    took: Vec<f64>,
    /// Processor seconds of the process itself and of the sandbox.
    own: f64,
    sandbox: f64,
}

/// Measures a case round by round: direct calls, then each server.
pub(crate) fn measure(bench: &Bench, case: &Case, report: &mut Report) {
    let what = format!("throughput of {} at {IN_FLIGHT} in flight", case.tool);
    let relative = format!("{what}, of the direct call");
    if let Err(why) = all(bench, case, &what, &relative, report) {
        let ours = &bench.ours.name;
        report.push(Figure::missing(relative, ours, Unit::Times, why.to_string()).budget(BUDGET));
    }
}

fn all(bench: &Bench, case: &Case, what: &str, relative: &str, report: &mut Report) -> Outcome<()> {
    let new = |name: &str, lane| Measured {
        name: name.to_owned(),
        lane,
        failure: None,
        rates: Vec::new(),
        took: Vec::new(),
        own: 0.0,
        sandbox: 0.0,
    };
    let mut lanes = vec![
        new(
            "direct call",
            Lane::direct(&bench.direct, case, Depth::Value, Place::Anywhere),
        ),
        new(&bench.ours.name, Lane::server(&bench.ours, case)?),
    ];
    for other in &bench.others {
        match Lane::server(other, case) {
            Ok(lane) => lanes.push(new(&other.name, lane)),
            Err(why) => report.push(Figure::missing(
                what,
                &other.name,
                Unit::PerSecond,
                why.to_string(),
            )),
        }
    }
    for measured in &mut lanes {
        measured
            .lane
            .flood(bench.plan.warm_up.max(IN_FLIGHT * 4), IN_FLIGHT)?;
    }
    for round in 0..bench.plan.flood_rounds {
        let shift = round % lanes.len().max(1);
        let (later, sooner) = lanes.split_at_mut(shift);
        for measured in sooner.iter_mut().chain(later) {
            if measured.failure.is_none() {
                measured.failure = measured.round(bench).err().map(|error| error.to_string());
            }
        }
    }
    tell(lanes, what, relative, report)
}

impl Measured<'_> {
    fn round(&mut self, bench: &Bench) -> Outcome<()> {
        let calls = bench.plan.flood;
        let pid = self.lane.pid().unwrap_or_else(std::process::id);
        let processor = |pid| processor_seconds(pid).unwrap_or(0.0);
        let before = (processor(pid), processor(bench.sandbox.pid()));
        let began = std::time::Instant::now();
        let took = self.lane.flood(calls, IN_FLIGHT)?;
        self.rates
            .push(calls as f64 / began.elapsed().as_secs_f64());
        self.own += processor(pid) - before.0;
        self.sandbox += processor(bench.sandbox.pid()) - before.1;
        self.took.extend(took);
        Ok(())
    }
}

fn tell(lanes: Vec<Measured<'_>>, what: &str, relative: &str, report: &mut Report) -> Outcome<()> {
    let base = lanes
        .first()
        .map(|direct| direct.rates.clone())
        .unwrap_or_default();
    let mut ratios = Vec::new();
    let mut failure = None;
    for (index, measured) in lanes.into_iter().enumerate() {
        let name = measured.name.clone();
        if let Some(why) = measured.failure {
            if index <= 1 {
                failure = Some(why.clone());
            }
            report.push(Figure::missing(what, &name, Unit::PerSecond, why));
            continue;
        }
        if index > 0 {
            let relative = measured
                .rates
                .iter()
                .zip(&base)
                .map(|(rate, base)| rate / base)
                .collect();
            ratios.extend(Summary::of(relative).map(|summary| (index, name, summary)));
        }
        report.push(rate(what, measured)?);
    }
    if let Some(why) = failure {
        return Err(why.into());
    }
    for (index, name, summary) in ratios {
        let figure = ratio(relative, &name, &summary);
        report.push(if index == 1 {
            figure.budget(BUDGET)
        } else {
            figure
        });
    }
    Ok(())
}

fn rate(what: &str, measured: Measured<'_>) -> Outcome<Figure> {
    let calls = measured.took.len() as f64;
    let rate = median(measured.rates).ok_or("no round was measured")?;
    let took = Summary::of(measured.took).ok_or("no call was measured")?;
    let (own, sandbox) = (measured.own / calls * 1e6, measured.sandbox / calls * 1e6);
    let note = format!(
        "median {:.0} µs, p99 {:.0} µs a call; processor {own:.1} µs, sandbox {sandbox:.1} µs",
        took.median, took.p99
    );
    Ok(Figure::new(what, &measured.name, Unit::PerSecond, rate)
        .note(note)
        .more("median", took.median)
        .more("p99", took.p99)
        .more("processor", own)
        .more("processor_sandbox", sandbox))
}
