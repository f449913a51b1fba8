//! The command line of the proof.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Proves that every write happens once: runs the server, does its worst to it, and counts effects in the back ends.
#[derive(Debug, Parser)]
#[command(name = "proof")]
pub(super) struct Arguments {
    /// How clients reach the server: `stdio`, several processes; or `http`, replicas behind a load balancer
    #[arg(long, default_value = "stdio")]
    pub(super) mode: Mode,
    /// How many processes of the server run at once
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(super) replicas: usize,
    /// What they share: `sqlite`, `redis` (started here), the address of a Redis server, or `memory`, nothing
    #[arg(long, default_value = "sqlite")]
    pub(super) store: String,
    /// Program of the Redis server to start; by default that of TICKETING_TEST_REDIS
    #[arg(long, value_name = "PATH")]
    pub(super) redis: Option<PathBuf>,
    /// How many writes are meant
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(super) intents: usize,
    /// How many of them are worked on at once
    #[arg(long, value_name = "N", default_value_t = 256)]
    pub(super) at_once: usize,
    /// What all random choices follow from; by default another one each time
    #[arg(long, value_name = "NUMBER")]
    pub(super) seed: Option<u64>,
    /// Program of the server; by default the one beside this program
    #[arg(long, value_name = "PATH")]
    pub(super) binary: Option<PathBuf>,
    /// Command of another MCP server on stdio to put to the same test, Tickiti's tools alone; what is found is told, and
    /// never a failure
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["mode", "store", "binary"])]
    pub(super) server: Option<String>,
    /// Fails unless duplicates are found: with `--store memory`, that they would be
    #[arg(long)]
    pub(super) expect_duplicates: bool,
    /// Writes the figures to a file as well
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
}

/// How clients reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Mode {
    /// Pipes.
    Stdio,
    /// HTTP.
    Http,
}

impl Mode {
    /// The same, for people.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Stdio => "on stdio",
            Self::Http => "over HTTP behind a load balancer",
        }
    }
}
