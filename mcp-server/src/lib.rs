#![doc = include_str!("../README.md")]

use mcp_tools::{Backends, Duplicate, Registry, tickiti};

pub mod audit;
pub mod cli;
pub mod config;
mod handler;
pub mod logging;
pub mod server;
pub mod transport;

pub use config::Config;
pub use server::Server;

/// Puts a server together: back ends and tools. Nothing is sent.
///
/// # Errors
///
/// When two tools have the same name.
pub fn build(config: &Config) -> Result<Server, Duplicate> {
    let instances = config.instances.clone();
    let registry = Registry::new(vec![tickiti::module(&instances)])?;
    let backends = Backends::new().with(tickiti::Tickiti::new(instances));
    Ok(Server::new(registry, backends, config.call_timeout))
}
