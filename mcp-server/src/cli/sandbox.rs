//! `sandbox`: the simulated back ends alone.

use std::{fmt::Write as _, process::ExitCode};

use clap::Args;

use super::{
    FAILED,
    double::{Doubles, Ports},
    fail, print,
    signals::Signals,
};
use crate::config::{ModuleName, variable};

/// Flags of `sandbox`.
#[derive(Debug, Args)]
pub(super) struct Sandbox {
    /// Port of the simulated Tickiti on 127.0.0.1; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = 9191)]
    tickiti_port: u16,
    /// Port of the simulated Envia on 127.0.0.1; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = 9192)]
    envia_port: u16,
}

impl Sandbox {
    pub(super) async fn run(self) -> ExitCode {
        crate::logging::start(None, None);
        let mut signals = match Signals::new() {
            Ok(signals) => signals,
            Err(error) => return fail(format!("signals cannot be watched: {error}"), FAILED),
        };
        let ports = Ports {
            tickiti: self.tickiti_port,
            envia: self.envia_port,
        };
        let doubles = match Doubles::start(&ModuleName::ALL.into(), ports).await {
            Ok(doubles) => doubles,
            Err(problem) => return fail(problem, FAILED),
        };
        let mut text = String::new();
        for (name, value) in doubles.settings("sandbox-admin") {
            if name == variable::API_TOKEN {
                text.push_str("# or sandbox-agent, sandbox-reader\n");
            }
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name}={value}");
        }
        let _ = writeln!(text, "{}=stdio", variable::TRANSPORT);
        print(&text);
        signals.next().await;
        ExitCode::SUCCESS
    }
}
