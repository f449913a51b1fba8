//! One tool call at a time, over its two floors.

use crate::{
    Outcome,
    bench::Bench,
    direct::Depth,
    lane::Lane,
    place::{self, Place},
    plan::Plan,
    process::Subject,
    report::{Budget, Figure, Report, Unit},
    stats::{Summary, median},
    tools::Case,
};

const BUDGET: Budget = Budget::AtMost(1.3);

/// Measures a case: direct call, hop, the server, the bare library server and the others, batch by batch in turn, so
/// that whatever else the machine does meets all of them alike.
pub(crate) fn measure(bench: &Bench, case: &Case, report: &mut Report) {
    let places = Places::fix(bench);
    let what = format!("one call of {}", case.tool);
    let subject = bench.ours.name.as_str();
    if let Err(why) =
        field(bench, case, &places).and_then(|field| rounds(&bench.plan, field, &what, report))
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

/// What a lane is in the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The call of the client, answer and all: a floor.
    Direct,
    /// The same up to the answer's bytes.
    Undecoded,
    /// The way over stdio: a floor.
    Hop,
    /// The server that has the budget.
    Ours,
    /// For information.
    Aside,
    /// A server of the command line.
    Other,
}

struct Measured<'a> {
    name: String,
    role: Role,
    lane: Lane<'a>,
    /// Why it could not go on.
    failure: Option<String>,
    all: Vec<f64>,
    /// Round by round.
    medians: Vec<f64>,
}

impl<'a> Measured<'a> {
    fn new(name: &str, role: Role, lane: Lane<'a>) -> Self {
        Self {
            name: name.to_owned(),
            role,
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

/// Where the processes of a comparison run; the sandbox is let go at the end.
struct Places {
    sandbox: u32,
    fixed: bool,
}

impl Places {
    fn fix(bench: &Bench) -> Self {
        let sandbox = bench.sandbox.pid();
        let fixed = place::is_possible()
            && place::process(sandbox, Place::First).is_ok()
            && place::this_thread(Place::First).is_ok();
        Self { sandbox, fixed }
    }

    /// A server, apart from the load and from the sandbox.
    fn server(&self, subject: &Subject) -> Subject {
        subject.at(self.callee())
    }

    fn callee(&self) -> Place {
        if self.fixed {
            Place::Second
        } else {
            Place::Anywhere
        }
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        if self.fixed {
            // The worst that can follow is a figure that looks bad.
            let _ = place::process(self.sandbox, Place::Anywhere);
            let _ = place::this_thread(Place::Anywhere);
        }
    }
}

/// The lanes of a case, and why others cannot take part.
struct Field<'a> {
    lanes: Vec<Measured<'a>>,
    absent: Vec<(String, String)>,
}

fn field<'a>(bench: &'a Bench, case: &Case, places: &Places) -> Outcome<Field<'a>> {
    let ours = Lane::server(&places.server(&bench.ours), case)?;
    let length = ours.length();
    let (hop, bare) = (
        places.server(&bench.bare_hop(length)),
        places.server(&bench.bare_rmcp(length)),
    );
    let direct = |depth| Lane::direct(&bench.direct, case, depth, places.callee());
    let mut lanes = vec![
        Measured::new("direct call", Role::Direct, direct(Depth::Value)),
        Measured::new("direct, undecoded", Role::Undecoded, direct(Depth::Bytes)),
        Measured::new(&hop.name, Role::Hop, Lane::floor(&hop, case)?),
        Measured::new(&bare.name, Role::Aside, Lane::floor(&bare, case)?),
        Measured::new(&bench.ours.name, Role::Ours, ours),
    ];
    let over_http = places.server(&bench.over_http());
    lanes.push(Measured::new(
        &over_http.name,
        Role::Aside,
        Lane::http(&over_http, case)?,
    ));
    let mut absent = Vec::new();
    for other in &bench.others {
        match Lane::server(&places.server(other), case) {
            Ok(lane) => lanes.push(Measured::new(&other.name, Role::Other, lane)),
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
        report.push(time(measured, what));
    }
    let hop = medians(lanes, Role::Hop)?;
    let sum = |direct: &[f64]| {
        direct
            .iter()
            .zip(hop)
            .map(|(a, b)| a + b)
            .collect::<Vec<_>>()
    };
    let floor = sum(medians(lanes, Role::Direct)?);
    let lower = sum(medians(lanes, Role::Undecoded)?);
    medians(lanes, Role::Ours)?;
    let servers = |measured: &&Measured<'_>| matches!(measured.role, Role::Ours | Role::Other);
    for measured in lanes.iter().filter(servers) {
        let name = format!("{what}, of direct + hop");
        if let Some(figure) = over(measured, &floor, &name) {
            let judged = measured.role == Role::Ours;
            report.push(if judged {
                figure.budget(BUDGET)
            } else {
                figure
            });
        }
    }
    for measured in lanes.iter().filter(servers) {
        let name = format!("{what}, of undecoded + hop");
        if let Some(figure) = over(measured, &lower, &name) {
            report.push(figure);
        }
    }
    Ok(())
}

/// The rounds of a lane that must be there.
fn medians<'a>(lanes: &'a [Measured<'_>], role: Role) -> Outcome<&'a [f64]> {
    let lane = lanes.iter().find(|measured| measured.role == role);
    let lane = lane.ok_or("a floor is missing")?;
    match &lane.failure {
        Some(why) => Err(why.clone().into()),
        None => Ok(&lane.medians),
    }
}

fn time(measured: &Measured<'_>, what: &str) -> Figure {
    let missing = |why| Figure::missing(what, &measured.name, Unit::Microseconds, why);
    if let Some(why) = &measured.failure {
        return missing(why.clone());
    }
    let Some(summary) = Summary::of(measured.all.clone()) else {
        return missing("it was not called".to_owned());
    };
    let length = length(&measured.lane);
    Figure::new(what, &measured.name, Unit::Microseconds, summary.median)
        .note(format!(
            "median of {}, p99 {:.1} µs{length}",
            summary.count, summary.p99
        ))
        .more("p99", summary.p99)
        .more("least", summary.least)
        .more("bytes", measured.lane.length() as f64)
}

/// A lane over a floor, round by round.
fn over(measured: &Measured<'_>, floor: &[f64], what: &str) -> Option<Figure> {
    if measured.failure.is_some() {
        return None;
    }
    let ratios = measured
        .medians
        .iter()
        .zip(floor)
        .map(|(own, floor)| own / floor);
    let summary = Summary::of(ratios.collect())?;
    Some(ratio(what, &measured.name, &summary))
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
