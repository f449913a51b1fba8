//! `serve`: MCP on stdin and stdout.

use std::{pin::pin, process::ExitCode};

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::{FAILED, FAREWELL, Purpose, Target, environment, fail, signals::Signals, variable};
use crate::{Config, transport};

/// Exit code after a second signal, when running calls were given up.
const GIVEN_UP: u8 = 130;

/// Flags of `serve`.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// How clients reach the server; stdio is the one way of this version.
    #[arg(long, value_name = "NAME")]
    transport: Option<String>,
    #[command(flatten)]
    target: Target,
}

impl Serve {
    pub(super) async fn run(self) -> ExitCode {
        let mut variables = environment();
        if let Some(name) = self.transport {
            variables.insert(variable::TRANSPORT.to_owned(), name);
        }
        let prepared = match self.target.prepare(Purpose::Serve, variables).await {
            Ok(prepared) => prepared,
            Err(mistakes) => return fail(mistakes, FAILED),
        };
        let server = match crate::build(&prepared.config).await {
            Ok(server) => server,
            Err(error) => return fail(error, FAILED),
        };
        let mut signals = match Signals::new() {
            Ok(signals) => signals,
            Err(error) => return fail(format!("signals cannot be watched: {error}"), FAILED),
        };
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            installs = installs(&prepared.config),
            envia = prepared.config.envia.is_some(),
            "serving on stdio"
        );
        let stop = CancellationToken::new();
        let mut serving = pin!(async {
            let ended = transport::serve_stdio(server.clone(), stop.clone()).await;
            server.finish(FAREWELL).await;
            ended
        });
        let ended = tokio::select! {
            ended = &mut serving => ended,
            () = signals.next() => {
                stop.cancel();
                tokio::select! {
                    ended = &mut serving => ended,
                    () = signals.next() => return ExitCode::from(GIVEN_UP),
                }
            }
        };
        match ended {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(error, FAILED),
        }
    }
}

/// Names of the installs of Tickiti.
fn installs(config: &Config) -> String {
    let names = config.tickiti.iter().flat_map(|installs| installs.names());
    names.collect::<Vec<_>>().join(", ")
}
