//! Resident memory, at rest and after work.

use std::{thread, time::Duration};

use crate::{
    Outcome,
    lane::look,
    plan::{IN_FLIGHT, MEMORY_CALLS},
    proc::Memory,
    process::{Server, Subject},
    report::{Budget, Figure, Report, Unit},
    tools::Case,
};

const IDLE: &str = "resident memory, idle after initialize";
const WORKED: &str = "resident memory, after 10,000 calls at 32 in flight";
const BUDGETS: [Budget; 2] = [Budget::AtMost(12.0), Budget::AtMost(20.0)];

/// How long a process rests before its memory is read.
const REST: Duration = Duration::from_millis(500);

/// Reads the memory of each subject twice. The first has budgets.
pub(crate) fn measure(subjects: &[Subject], cases: &[Case], report: &mut Report) {
    let all: Vec<_> = subjects
        .iter()
        .map(|subject| (subject, both(subject, cases)))
        .collect();
    for (moment, (what, budget)) in [IDLE, WORKED].into_iter().zip(BUDGETS).enumerate() {
        for (index, (subject, outcome)) in all.iter().enumerate() {
            let figure = match outcome.as_ref().map(|both| both.get(moment)) {
                Ok(Some(memory)) => figure(what, &subject.name, memory),
                Ok(None) => continue,
                Err(why) => Figure::missing(what, &subject.name, Unit::Megabytes, why.to_string()),
            };
            report.push(if index == 0 {
                figure.budget(budget)
            } else {
                figure
            });
        }
    }
}

fn both(subject: &Subject, cases: &[Case]) -> Outcome<[Memory; 2]> {
    let mut server = Server::open(subject)?;
    thread::sleep(REST);
    let idle = Memory::of(server.pid())?;
    for case in cases {
        let line = case.line();
        let expected = look(&mut server, case)?;
        server.flood(
            &line,
            MEMORY_CALLS / cases.len().max(1),
            IN_FLIGHT,
            expected,
        )?;
    }
    thread::sleep(REST);
    Ok([idle, Memory::of(server.pid())?])
}

fn figure(what: &str, subject: &str, memory: &Memory) -> Figure {
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let (proportional, private) = (megabytes(memory.proportional), megabytes(memory.private));
    let peak = megabytes(memory.peak);
    Figure::new(what, subject, Unit::Megabytes, megabytes(memory.resident))
        .note(format!(
            "proportional {proportional:.2}, private {private:.2}, peak {peak:.2} MB"
        ))
        .more("proportional", proportional)
        .more("private", private)
        .more("peak", peak)
}
