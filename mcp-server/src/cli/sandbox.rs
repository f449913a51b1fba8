//! `sandbox`: the simulated Tickiti alone.

use std::process::ExitCode;

use clap::Args;

use super::{FAILED, double, fail, print, say, signals::Signals};

/// Flags of `sandbox`.
#[derive(Debug, Args)]
pub(super) struct Sandbox {
    /// Port of the simulated Tickiti on 127.0.0.1; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = 9191)]
    tickiti_port: u16,
    /// Port of the simulated Envia; not in this version.
    #[arg(long, value_name = "PORT")]
    envia_port: Option<u16>,
}

impl Sandbox {
    pub(super) async fn run(self) -> ExitCode {
        crate::logging::start(None);
        let mut signals = match Signals::new() {
            Ok(signals) => signals,
            Err(error) => return fail(format!("signals cannot be watched: {error}"), FAILED),
        };
        let double = match double::start(self.tickiti_port).await {
            Ok(double) => double,
            Err(problem) => return fail(problem, FAILED),
        };
        if let Some(port) = self.envia_port {
            say(&format!(
                "the simulated Envia is not in this version; nothing listens on port {port}"
            ));
        }
        print(&format!(
            "TICKITI_API_BASE={}\n\
             TICKITI_API_TOKEN=sandbox-admin     # or sandbox-agent, sandbox-reader\n",
            double.base_url()
        ));
        signals.next().await;
        ExitCode::SUCCESS
    }
}
