//! What is shipped: the binary, the crates in it, the list of tools, and the time to build it all.

use std::{
    collections::BTreeSet,
    env, fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use serde_json::json;

use crate::{
    Outcome,
    process::{Server, Subject},
    report::{Budget, Figure, Report, Unit},
    wire::Line,
};

const PACKAGE: &str = "mcp-server";

/// Brings the release binary up to date.
pub(crate) fn build(target: Option<&Path>) -> Outcome<()> {
    let mut command = cargo();
    command.args(["build", "--release", "--locked", "--package", PACKAGE]);
    if let Some(target) = target {
        command.arg("--target-dir").arg(target);
    }
    let status = command.stdout(Stdio::null()).status()?;
    if status.success() {
        Ok(())
    } else {
        Err("the release build failed".into())
    }
}

/// Measures the size of the binary and of its list of tools, and counts crates.
pub(crate) fn measure(subjects: &[Subject], report: &mut Report) {
    for (index, subject) in subjects.iter().enumerate() {
        if index == 0 {
            report.push(binary(subject));
            report.push(crates(subject));
        }
        report.push(tools(subject));
    }
}

fn binary(subject: &Subject) -> Figure {
    let (what, name) = ("release binary", &subject.name);
    let figure = match fs::metadata(&subject.program) {
        Ok(file) => Figure::new(what, name, Unit::Megabytes, file.len() as f64 / 1e6),
        Err(error) => Figure::missing(what, name, Unit::Megabytes, error.to_string()),
    };
    figure.budget(Budget::AtMost(12.0))
}

fn crates(subject: &Subject) -> Figure {
    let what = "crates in the tree";
    match tree() {
        Ok(crates) => Figure::new(what, &subject.name, Unit::Count, crates.len() as f64),
        Err(error) => Figure::missing(what, &subject.name, Unit::Count, error.to_string()),
    }
}

/// Name and version of all that the binary is made of, its own package and build scripts included.
fn tree() -> Outcome<BTreeSet<String>> {
    let output = cargo()
        .args([
            "tree",
            "--locked",
            "--package",
            PACKAGE,
            "--edges",
            "normal,build",
            "--prefix",
            "none",
        ])
        .args(["--format", "{p}"])
        .output()?;
    if !output.status.success() {
        return Err("cargo tree failed".into());
    }
    let text = String::from_utf8(output.stdout)?;
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        Some(format!("{} {}", words.next()?, words.next()?))
    };
    Ok(text.lines().filter_map(line).collect())
}

fn tools(subject: &Subject) -> Figure {
    let what = "tools/list, whole answer";
    match list(subject) {
        Ok((bytes, count)) => Figure::new(what, &subject.name, Unit::Bytes, bytes as f64)
            .note(format!("{count} tools"))
            .more("tools", count as f64),
        Err(error) => Figure::missing(what, &subject.name, Unit::Bytes, error.to_string()),
    }
}

/// Length of all pages, and the number of tools on them.
fn list(subject: &Subject) -> Outcome<(usize, usize)> {
    let mut server = Server::open(subject)?;
    let (mut bytes, mut count) = (0, 0);
    let mut params = json!({});
    loop {
        bytes += server.call(&Line::request("tools/list", &params))?;
        let answer = server.answer()?;
        let tools = answer
            .pointer("/result/tools")
            .and_then(serde_json::Value::as_array);
        count += tools.ok_or("the answer holds no tools")?.len();
        match answer
            .pointer("/result/nextCursor")
            .and_then(serde_json::Value::as_str)
        {
            Some(cursor) if count < 1_000 => params = json!({ "cursor": cursor }),
            _ => return Ok((bytes, count)),
        }
    }
}

/// Times a release build from nothing; what it downloads is fetched before.
pub(crate) fn clean_build(report: &mut Report) {
    let what = "clean release build";
    let figure = match timed_build() {
        Ok(seconds) => Figure::new(what, "ticketing-mcp", Unit::Seconds, seconds),
        Err(error) => Figure::missing(what, "ticketing-mcp", Unit::Seconds, error.to_string()),
    };
    report.push(figure.budget(Budget::AtMost(300.0)));
}

fn timed_build() -> Outcome<f64> {
    cargo()
        .args(["fetch", "--locked"])
        .stdout(Stdio::null())
        .status()?;
    let target = env::temp_dir().join(format!("ticketing-mcp-build-{}", std::process::id()));
    let began = Instant::now();
    let built = build(Some(&target));
    let took = began.elapsed().as_secs_f64();
    // Whatever is left of it does no harm.
    let _ = fs::remove_dir_all(&target);
    built.map(|()| took)
}

/// The cargo that started this program, in this workspace.
fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    // What cargo told this program about its package is no news for the packages that it builds now: some of their
    // build scripts watch these variables and would do their work again, this time and the next.
    for (name, _) in env::vars_os() {
        let told = name.to_string_lossy();
        if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_holds_the_server_and_what_it_stands_on() {
        let crates = tree().unwrap();
        for name in ["mcp-server v", "api-core v", "tokio v"] {
            assert!(crates.iter().any(|line| line.starts_with(name)), "{name}");
        }
    }
}
