//! The program `ticketing-mcp`.

use std::process::ExitCode;

use clap::Parser;
use mcp_server::cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // One thread: a call waits for the back end most of its time, and costs less without hand-over between threads.
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            mcp_server::cli::say(&format!("the runtime cannot start: {error}"));
            mcp_server::logging::flush();
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(cli.run());
    // A thread may still be blocked on stdin; nobody waits for what it would read.
    runtime.shutdown_background();
    mcp_server::logging::flush();
    code
}
