//! Which processor a process runs on.
//!
//! On two processors the scheduler sometimes keeps both ends of a pipe on one and sometimes parts them. A wake-up
//! across processors takes longer than all the work of a hop, so without fixed places the figures tell of the
//! scheduler's mood. On a machine with processors to spare every process has its own; that is imitated here: whoever
//! is called never runs where its caller does.

use std::{
    fs, io,
    process::{Command, Stdio},
};

use crate::Outcome;

/// A processor, or any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Where the load is made and the back end works.
    First,
    /// Where the servers run, and where the direct call starts, in their stead.
    Second,
    /// Wherever the scheduler likes.
    Anywhere,
}

impl Place {
    /// The processors, as the tool counts them.
    pub(crate) fn list(self) -> &'static str {
        match self {
            Self::First => "0",
            Self::Second => "1",
            Self::Anywhere => "0-4095",
        }
    }
}

/// The tool that fixes places, as a prefix of commands.
pub(crate) const TOOL: &str = "taskset";

/// Whether places can be fixed here.
pub(crate) fn is_possible() -> bool {
    let second = run(&["--cpu-list", "1", "true"]);
    second.is_ok()
}

/// Moves a process with all its threads.
pub(crate) fn process(pid: u32, place: Place) -> Outcome<()> {
    run(&[
        "--all-tasks",
        "--cpu-list",
        "--pid",
        place.list(),
        &pid.to_string(),
    ])
}

/// Moves the calling thread.
pub(crate) fn this_thread(place: Place) -> Outcome<()> {
    let path = fs::read_link("/proc/thread-self")?;
    let thread = path.file_name().and_then(|name| name.to_str());
    let thread = thread.ok_or_else(|| io::Error::other("the thread has no number"))?;
    run(&["--cpu-list", "--pid", place.list(), thread])
}

fn run(arguments: &[&str]) -> Outcome<()> {
    let status = Command::new(TOOL)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("{TOOL} does not start: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{TOOL} {} failed", arguments.join(" ")).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_stays_where_it_was_put() {
        if !is_possible() {
            return;
        }
        let allowed = || {
            let status = fs::read_to_string("/proc/thread-self/status").unwrap();
            let line = status
                .lines()
                .find(|line| line.starts_with("Cpus_allowed_list"))
                .unwrap();
            line.split_whitespace().last().unwrap().to_owned()
        };
        let before = allowed();
        this_thread(Place::Second).unwrap();
        assert_eq!(allowed(), "1");
        this_thread(Place::Anywhere).unwrap();
        assert_eq!(allowed(), before);
    }
}
