#![doc = include_str!("../README.md")]

use mcp_tools::{Backends, Duplicate, Module, Registry, envia, tickiti};

pub mod cli;
pub mod config;
mod handler;
pub mod logging;
pub mod server;
pub mod transport;

pub use config::Config;
pub use server::Server;

/// The tools and resources of what is configured, module by module.
#[must_use]
pub fn modules(config: &Config) -> Vec<Module> {
    let tickiti = config.tickiti.as_ref().map(tickiti::module);
    let envia = config.envia.as_ref().map(|_| envia::module());
    tickiti.into_iter().chain(envia).collect()
}

/// Puts a server together: back ends and tools. Nothing is sent.
///
/// # Errors
///
/// When two tools have the same name.
pub async fn build(config: &Config) -> Result<Server, Duplicate> {
    let registry = Registry::new(modules(config))?;
    let mut backends = Backends::new();
    if let Some(instances) = config.tickiti.clone() {
        backends = backends.with(tickiti::Tickiti::new(instances));
    }
    if let Some(client) = config.envia.clone() {
        backends = backends.with(envia::Envia::new(client));
    }
    Ok(Server::new(registry, backends, config.call_timeout))
}
