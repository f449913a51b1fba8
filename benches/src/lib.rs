#![doc = include_str!("../README.md")]

mod arguments;
mod bare_hop;
mod bare_rmcp;
mod bench;
mod call;
mod direct;
mod http;
mod lane;
mod ledger;
mod load;
mod memory;
mod place;
mod plan;
mod proc;
mod process;
pub mod proof;
mod report;
mod sandbox;
mod size;
mod start;
mod stats;
mod throughput;
mod tools;
mod wire;

use std::{
    collections::BTreeMap, io::Write, path::PathBuf, process::ExitCode, thread, time::Duration,
};

use clap::Parser;
use serde_json::{Value, json};

use crate::{arguments::Arguments, bench::Bench, report::Report, tools::Case};

/// What can fail here ends in a sentence for a person.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Measures what the command line asks for.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match (arguments.bare_hop, arguments.bare_rmcp) {
        (Some(length), _) => bare_hop::run(length).map(|()| true).map_err(Into::into),
        (None, Some(length)) => bare_rmcp::run(length).map(|()| true),
        (None, None) => run(&arguments),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nobody is left to be told when this fails.
            let _ = writeln!(std::io::stderr(), "benches: {error}");
            ExitCode::from(2)
        }
    }
}

/// Measures everything; whether the run counts as a success.
fn run(arguments: &Arguments) -> Outcome<bool> {
    let binary = binary(arguments)?;
    process::start_watchdog();
    let bench = Bench::new(arguments, binary)?;
    let cases = tools::cases()?;
    let facts = facts(arguments);
    let mut report = Report::default();
    match arguments.load {
        true => {
            tell(&format!("{} calls in flight", load::IN_FLIGHT))?;
            let lasts = Duration::from_secs(arguments.load_seconds);
            load::measure(&bench, &cases, lasts, &mut report);
        }
        false => measure(arguments, &bench, &cases, &mut report)?,
    }
    write!(std::io::stdout(), "{}", report.table())?;
    if let Some(file) = &arguments.json {
        let text = serde_json::to_string_pretty(&report.json(&facts))?;
        std::fs::write(file, text + "\n")
            .map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(arguments.report_only || report.is_met())
}

/// Measures everything but the load.
fn measure(
    arguments: &Arguments,
    bench: &Bench,
    cases: &[Case],
    report: &mut Report,
) -> Outcome<()> {
    tell("start")?;
    start::measure(&bench.plan, &bench.all(), report);
    for case in cases {
        tell(&format!("one call of {}", case.tool))?;
        call::measure(bench, case, report);
    }
    for case in cases {
        tell(&format!("throughput of {}", case.tool))?;
        throughput::measure(bench, case, report);
    }
    tell("memory")?;
    memory::measure(&bench.servers(), cases, report);
    tell("ledger")?;
    ledger::measure(report)?;
    tell("size")?;
    size::measure(&bench.servers(), report);
    if arguments.build {
        tell("a clean build")?;
        size::clean_build(report);
    }
    Ok(())
}

/// The binary that is named, or the one that lies beside this program, brought up to date.
fn binary(arguments: &Arguments) -> Outcome<PathBuf> {
    let binary = match &arguments.binary {
        Some(binary) => binary.clone(),
        None if cfg!(debug_assertions) => {
            return Err(
                "budgets hold for release builds; use cargo run --release -p benches".into(),
            );
        }
        None => {
            tell("the release binary")?;
            size::build(None)?;
            std::env::current_exe()?.with_file_name("ticketing-mcp")
        }
    };
    binary
        .canonicalize()
        .map_err(|error| format!("{}: {error}", binary.display()).into())
}

/// How the figures came about.
fn facts(arguments: &Arguments) -> BTreeMap<&'static str, Value> {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    BTreeMap::from([
        ("version", json!(env!("CARGO_PKG_VERSION"))),
        ("quick", json!(arguments.quick)),
        (
            "load_seconds",
            json!(arguments.load.then_some(arguments.load_seconds)),
        ),
        ("cores", json!(cores)),
        ("fixed_places", json!(place::is_possible())),
        ("load_before", json!(proc::load())),
        ("system", json!(std::env::consts::OS)),
        ("processor", json!(std::env::consts::ARCH)),
    ])
}

/// Progress, for who waits.
fn tell(what: &str) -> Outcome<()> {
    Ok(writeln!(std::io::stderr(), "measuring {what} …")?)
}
