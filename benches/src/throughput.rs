//! Many calls at once over stdio and over HTTP, beside many direct calls at once.

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

const STDIO: Budget = Budget::AtLeast(0.6);
const HTTP: Budget = Budget::AtLeast(0.5);

struct Measured<'a> {
    name: String,
    lane: Lane<'a>,
    budget: Option<Budget>,
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
        for (name, budget) in [(&bench.ours.name, STDIO), (&bench.over_http().name, HTTP)] {
            let missing = Figure::missing(&relative, name, Unit::Times, why.to_string());
            report.push(missing.budget(budget));
        }
    }
}

fn all(bench: &Bench, case: &Case, what: &str, relative: &str, report: &mut Report) -> Outcome<()> {
    let new = |name: &str, lane, budget| Measured {
        name: name.to_owned(),
        lane,
        budget,
        failure: None,
        rates: Vec::new(),
        took: Vec::new(),
        own: 0.0,
        sandbox: 0.0,
    };
    let over_http = bench.over_http();
    let mut lanes = vec![
        new(
            "direct call",
            Lane::direct(&bench.direct, case, Depth::Value, Place::Anywhere),
            None,
        ),
        new(
            &bench.ours.name,
            Lane::server(&bench.ours, case)?,
            Some(STDIO),
        ),
        new(&over_http.name, Lane::http(&over_http, case)?, Some(HTTP)),
    ];
    for other in &bench.others {
        match Lane::server(other, case) {
            Ok(lane) => lanes.push(new(&other.name, lane, None)),
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
    for (index, measured) in lanes.into_iter().enumerate() {
        let (name, budget) = (measured.name.clone(), measured.budget);
        if let Some(why) = measured.failure {
            if index == 0 {
                return Err(why.into());
            }
            if let Some(budget) = budget {
                let missing = Figure::missing(relative, &name, Unit::Times, why.clone());
                ratios.push(missing.budget(budget));
            }
            report.push(Figure::missing(what, &name, Unit::PerSecond, why));
            continue;
        }
        if index > 0 {
            let over = measured.rates.iter().zip(&base);
            let over = over.map(|(rate, base)| rate / base).collect();
            let over = Summary::of(over).ok_or("no round was measured")?;
            let figure = ratio(relative, &name, &over);
            ratios.push(match budget {
                Some(budget) => figure.budget(budget),
                None => figure,
            });
        }
        report.push(rate(what, measured)?);
    }
    for figure in ratios {
        report.push(figure);
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
