//! From the start of a process to its first answer.

use std::time::Instant;

use crate::{
    Outcome,
    plan::Plan,
    process::{Server, Subject},
    report::{Budget, Figure, Report, Unit},
    stats::Summary,
};

const WHAT: &str = "start to the answer of initialize";
const BUDGET: Budget = Budget::AtMost(10.0);

/// Starts all subjects in turn, again and again.
pub(crate) fn measure(plan: &Plan, subjects: &[Subject], report: &mut Report) {
    let mut samples = vec![Ok(Vec::new()); subjects.len()];
    for _ in 0..plan.starts {
        for (subject, samples) in subjects.iter().zip(&mut samples) {
            if let Ok(took) = samples {
                match once(subject) {
                    Ok(milliseconds) => took.push(milliseconds),
                    Err(error) => *samples = Err(error.to_string()),
                }
            }
        }
    }
    for (index, (subject, samples)) in subjects.iter().zip(samples).enumerate() {
        let figure = match samples.map(Summary::of) {
            Ok(Some(summary)) => {
                let note = format!(
                    "median of {} starts, p99 {:.2} ms",
                    summary.count, summary.p99
                );
                Figure::new(WHAT, &subject.name, Unit::Milliseconds, summary.median)
                    .note(note)
                    .more("least", summary.least)
                    .more("p99", summary.p99)
                    .more("most", summary.most)
            }
            Ok(None) => continue,
            Err(why) => Figure::missing(WHAT, &subject.name, Unit::Milliseconds, why),
        };
        report.push(if index == 0 {
            figure.budget(BUDGET)
        } else {
            figure
        });
    }
}

/// Milliseconds of one start.
fn once(subject: &Subject) -> Outcome<f64> {
    let began = Instant::now();
    let mut server = Server::spawn(subject)?;
    server.initialize()?;
    Ok(began.elapsed().as_secs_f64() * 1e3)
}
