//! One tool call at a time, over its two floors.

use crate::{
    Outcome,
    bench::Bench,
    lane::Lane,
    plan::Plan,
    report::{Budget, Figure, Report, Unit},
    stats::{Summary, median},
    tools::Case,
};

const BUDGET: Budget = Budget::AtMost(1.3);

/// Measures a case: direct call, hop, the server, the bare library server and the others, batch by batch in turn, so
/// that whatever else the machine does meets all of them alike.
pub(crate) fn measure(bench: &Bench, case: &Case, report: &mut Report) {
    let what = format!("one call of {}", case.tool);
    let subject = bench.ours.name.as_str();
    if let Err(why) = field(bench, case).and_then(|field| rounds(&bench.plan, field, &what, report))
    {
        report.push(
            Figure::missing(
                format!("{what}, of direct + hop"),
                subject,
                Unit::Times,
                why.to_string(),
            )
            .budget(BUDGET),
        );
    }
}

struct Measured<'a> {
    name: String,
    lane: Lane<'a>,
    /// Why it could not go on.
    failure: Option<String>,
    all: Vec<f64>,
    medians: Vec<f64>,
}

impl<'a> Measured<'a> {
    fn new(name: &str, lane: Lane<'a>) -> Self {
        Self {
            name: name.to_owned(),
            lane,
            failure: None,
            all: Vec::new(),
            medians: Vec::new(),
        }
    }

    fn batch(&mut self, calls: usize) {
        if self.failure.is_some() {
            return;
        }
        match self.lane.sequence(calls) {
            Ok(took) => {
                self.all.extend_from_slice(&took);
                self.medians.extend(median(took));
            }
            Err(error) => self.failure = Some(error.to_string()),
        }
    }
}

/// The lanes of a case, and why others cannot take part.
struct Field<'a> {
    /// Direct call, hop and the server first; what is for information follows.
    lanes: Vec<Measured<'a>>,
    absent: Vec<(String, String)>,
}

fn field<'a>(bench: &'a Bench, case: &Case) -> Outcome<Field<'a>> {
    let ours = Lane::server(&bench.ours, case)?;
    let length = ours.length();
    let (hop, bare) = (bench.bare_hop(length), bench.bare_rmcp(length));
    let mut lanes = vec![
        Measured::new("direct HTTP call", Lane::direct(&bench.direct, case)),
        Measured::new(&hop.name, Lane::floor(&hop, case)?),
        Measured::new(&bench.ours.name, ours),
        Measured::new(&bare.name, Lane::floor(&bare, case)?),
    ];
    let mut absent = Vec::new();
    for other in &bench.others {
        match Lane::server(other, case) {
            Ok(lane) => lanes.push(Measured::new(&other.name, lane)),
            Err(why) => absent.push((other.name.clone(), why.to_string())),
        }
    }
    Ok(Field { lanes, absent })
}

fn rounds(
    plan: &Plan,
    Field { mut lanes, absent }: Field<'_>,
    what: &str,
    report: &mut Report,
) -> Outcome<()> {
    for measured in &mut lanes {
        measured.lane.sequence(plan.warm_up)?;
    }
    for round in 0..plan.rounds {
        // Each begins a round once in a while, so none always follows the same other.
        let shift = round % lanes.len().max(1);
        let (later, sooner) = lanes.split_at_mut(shift);
        for measured in sooner.iter_mut().chain(later) {
            measured.batch(plan.batch);
        }
    }
    tell(&lanes, what, report)?;
    for (name, why) in absent {
        report.push(Figure::missing(what, &name, Unit::Microseconds, why));
    }
    Ok(())
}

fn tell(lanes: &[Measured<'_>], what: &str, report: &mut Report) -> Outcome<()> {
    for measured in lanes {
        if let Some(why) = &measured.failure {
            report.push(Figure::missing(
                what,
                &measured.name,
                Unit::Microseconds,
                why.clone(),
            ));
        } else if let Some(summary) = Summary::of(measured.all.clone()) {
            let figure = Figure::new(what, &measured.name, Unit::Microseconds, summary.median)
                .note(format!(
                    "median of {}, p99 {:.1} µs{}",
                    summary.count,
                    summary.p99,
                    length(&measured.lane)
                ))
                .more("p99", summary.p99)
                .more("least", summary.least)
                .more("bytes", measured.lane.length() as f64);
            report.push(figure);
        }
    }
    let [direct, hop, servers @ ..] = lanes else {
        return Err("the floors are missing".into());
    };
    if let Some(why) = [direct, hop]
        .into_iter()
        .chain(servers.first())
        .find_map(|lane| lane.failure.clone())
    {
        return Err(why.into());
    }
    let floors: Vec<f64> = direct
        .medians
        .iter()
        .zip(&hop.medians)
        .map(|(direct, hop)| direct + hop)
        .collect();
    for (index, measured) in servers.iter().enumerate() {
        // The bare library server makes no call, so it has no such ratio.
        let is_floor = index == 1;
        let ratios: Vec<f64> = measured
            .medians
            .iter()
            .zip(&floors)
            .map(|(own, floor)| own / floor)
            .collect();
        if let (Some(summary), false, None) = (Summary::of(ratios), is_floor, &measured.failure) {
            let figure = ratio(
                &format!("{what}, of direct + hop"),
                &measured.name,
                &summary,
            );
            report.push(if index == 0 {
                figure.budget(BUDGET)
            } else {
                figure
            });
        }
    }
    Ok(())
}

/// A figure that is a ratio of every round.
pub(crate) fn ratio(what: &str, subject: &str, summary: &Summary) -> Figure {
    let note = format!(
        "median of {} rounds, which lie from {:.2} to {:.2}",
        summary.count, summary.least, summary.most
    );
    Figure::new(what, subject, Unit::Times, summary.median)
        .note(note)
        .more("least", summary.least)
        .more("most", summary.most)
        .more("rounds", summary.count as f64)
}

fn length(lane: &Lane<'_>) -> String {
    match lane.length() {
        0 => String::new(),
        bytes => format!(", {bytes} B an answer"),
    }
}
