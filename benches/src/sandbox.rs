//! The back end of all measurements: the simulated Tickiti, as a process of its own.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::Outcome;

/// Token of the demo data that may do everything.
pub(crate) const TOKEN: &str = "sandbox-admin";

/// A running sandbox. Ends with its value.
#[derive(Debug)]
pub(crate) struct Sandbox {
    child: Child,
    pub(crate) base: String,
}

impl Sandbox {
    /// Starts it on a free port.
    pub(crate) fn start(binary: &Path) -> Outcome<Self> {
        let mut child = Command::new(binary)
            .args(["sandbox", "--tickiti-port", "0", "--envia-port", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", binary.display()))?;
        let output = child.stdout.take().ok_or("the sandbox has no output")?;
        let mut sandbox = Self {
            child,
            base: String::new(),
        };
        for line in BufReader::new(output).lines() {
            if let Some(base) = address(&line?) {
                sandbox.base = base;
                return Ok(sandbox);
            }
        }
        Err("the sandbox ended without telling its address".into())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What a server must know to use it.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("TICKITI_API_BASE", self.base.clone()),
            ("TICKITI_API_TOKEN", TOKEN.to_owned()),
        ]
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first loopback address in a line.
fn address(line: &str) -> Option<String> {
    let begin = line.find("http://127.0.0.1:")?;
    let address = line.get(begin..)?.split_whitespace().next()?;
    Some(address.trim_end_matches(['/', ',', '.']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_what_is_printed_for_people() {
        for line in [
            "TICKITI_API_BASE=http://127.0.0.1:40123",
            "Tickiti listens on http://127.0.0.1:40123/.",
            "http://127.0.0.1:40123 (Tickiti)",
        ] {
            assert_eq!(
                address(line).as_deref(),
                Some("http://127.0.0.1:40123"),
                "{line}"
            );
        }
        assert_eq!(address("TICKITI_API_TOKEN=sandbox-admin"), None);
    }
}
