#![doc = include_str!("../README.md")]

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use mcp_tools::{
    Backends, Confirm, Confirmations, Duplicate, Ledger, Module, Policy, Probe, Registry, Roots,
    audit::Redaction, envia, files, ledger::Pace, tickiti,
};
use sha2::{Digest, Sha256};
use tickiti_client::Instances;

pub mod audit;
pub mod cli;
pub mod client;
pub mod config;
mod handler;
pub mod http;
pub mod logging;
pub mod metrics;
mod otlp;
pub mod profiles;
pub mod readiness;
pub mod server;
pub mod transport;

pub use config::Config;
pub use server::Server;

/// Why no server can be put together.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Two tools or resources claim one name.
    #[error(transparent)]
    Duplicate(#[from] Duplicate),
    /// A folder cannot be allowed for files.
    #[error(transparent)]
    Files(#[from] files::RootError),
    /// Nothing says where records can wait.
    #[error(
        "there is no folder for records that wait to be delivered; name one with --state or TICKETING_MCP_STATE"
    )]
    NoState,
    /// The folder where records should wait cannot be used.
    #[error(
        "records that wait to be delivered cannot be kept in {}: {error}; name another folder with --state or \
         TICKETING_MCP_STATE",
        folder.display()
    )]
    State {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        #[source]
        error: io::Error,
    },
}

/// The tools and resources of what is configured, module by module.
#[must_use]
pub fn modules(config: &Config) -> Vec<Module> {
    let tickiti = config.tickiti.as_ref().map(tickiti::module);
    let envia = config.envia.as_ref().map(|_| envia::module());
    tickiti.into_iter().chain(envia).collect()
}

/// Probes of every back end that is configured.
#[must_use]
pub fn probes(config: &Config) -> Vec<Probe> {
    let tickiti = config.tickiti.as_ref().map(tickiti::Tickiti::probes);
    let envia = config.envia.as_ref().map(envia::Envia::probe);
    tickiti.into_iter().flatten().chain(envia).collect()
}

/// A server of every module that is configured, and one of each module alone. Their calls share back ends and journals.
#[derive(Debug, Clone)]
pub struct Served {
    /// All modules; with several, tools carry the name of their module.
    pub all: Server,
    /// Each module alone, by its name, with the names of tools that are documented for it.
    pub alone: BTreeMap<&'static str, Server>,
}

/// Puts a server together: tools, back ends, and the journals where calls leave their records. No tool is called; records
/// that an earlier process left are delivered.
///
/// # Errors
///
/// When two tools have the same name, or a journal cannot be kept.
pub async fn build(config: &Config) -> Result<Server, BuildError> {
    Parts::of(config)?.server(modules(config), &mut Offers::default())
}

/// The same for a transport that offers each module under an address of its own.
///
/// # Errors
///
/// As [`build`].
pub async fn build_served(config: &Config, offers: &mut Offers) -> Result<Served, BuildError> {
    let parts = Parts::of(config)?;
    let mut alone = BTreeMap::new();
    for module in modules(config) {
        alone.insert(module.name, parts.server(vec![module], offers)?);
    }
    Ok(Served {
        all: parts.server(modules(config), offers)?,
        alone,
    })
}

/// What is offered, by what makes the difference: callers who are offered the same share its definitions, which are the
/// largest part of what a server keeps. What each may use of it, and on which back ends, is none of it.
#[derive(Debug, Default)]
pub struct Offers(BTreeMap<String, Arc<Registry>>);

impl Offers {
    fn of(&mut self, modules: Vec<Module>, confirm: Confirm) -> Result<Arc<Registry>, Duplicate> {
        let mut key = format!("{confirm:?}");
        for module in &modules {
            key.push('\n');
            key.push_str(&module.distinction());
        }
        if let Some(known) = self.0.get(&key) {
            return Ok(Arc::clone(known));
        }
        let registry = Arc::new(Registry::new(modules)?.asking_about(confirm));
        self.0.insert(key, Arc::clone(&registry));
        Ok(registry)
    }
}

/// What servers of one configuration share.
struct Parts {
    backends: Backends,
    journal: Option<(audit::Journal, Redaction)>,
    call_timeout: Duration,
    policy: Policy,
    result_bytes: usize,
    ledger: Ledger,
    confirm: Confirm,
    confirmations: Confirmations,
    roots: Roots,
}

impl Parts {
    fn of(config: &Config) -> Result<Self, BuildError> {
        let mut backends = Backends::new();
        if let Some(instances) = config.tickiti.clone() {
            let tickiti = tickiti::Tickiti::new(instances);
            backends = backends.with_gate("tickiti", tickiti.gate()).with(tickiti);
        }
        let mut journal = None;
        if let Some(client) = config.envia.clone() {
            let folder = config.state.as_deref().ok_or(BuildError::NoState)?;
            let folder = records_of(folder, client.base().as_str());
            let recorder = Arc::new(envia::ActivityLog::new(client.clone()));
            let opened = audit::Journal::open(&folder, recorder)
                .map_err(|error| BuildError::State { folder, error })?;
            journal = Some((opened, Redaction::new(config.secrets.clone())));
            backends = backends.with(envia::Envia::new(client));
        }
        let identity = identity(config);
        let confirm = config.confirm;
        Ok(Self {
            backends,
            journal,
            call_timeout: config.call_timeout,
            policy: config.policy.or_default(),
            result_bytes: config.result_bytes,
            ledger: Ledger::new(Arc::clone(&config.store), identity.clone())
                .with_pace(pace(config)),
            confirm,
            roots: Roots::open(config.files.as_deref().unwrap_or_default())?,
            confirmations: Confirmations::new(confirm, Arc::clone(&config.store), identity),
        })
    }

    fn server(&self, modules: Vec<Module>, offers: &mut Offers) -> Result<Server, BuildError> {
        let registry = offers.of(modules, self.confirm)?;
        let server = Server::new(registry, self.backends.clone(), self.call_timeout)
            .with_policy(self.policy.clone())
            .with_result_bytes(self.result_bytes)
            .with_ledger(self.ledger.clone())
            .with_confirmations(self.confirmations.clone())
            .with_roots(self.roots.clone());
        Ok(match self.journal.clone() {
            Some((journal, redaction)) => server.with_journal("envia", journal, redaction),
            None => server,
        })
    }
}

/// The times by which writes are kept on record.
fn pace(config: &Config) -> Pace {
    let usual = Pace::default();
    Pace {
        settle: config.settle.unwrap_or(usual.settle),
        ..usual
    }
}

/// Who acts on which back ends: a digest of their addresses and of the tokens. Two servers that share a store share what
/// is on record only if they are the same in this.
fn identity(config: &Config) -> String {
    let mut digest = Sha256::new();
    let mut add = |text: &str| digest.update(Sha256::digest(text));
    for client in config.tickiti.iter().flat_map(Instances::iter) {
        add(client.base().as_str());
    }
    if let Some(client) = &config.envia {
        add(client.base().as_str());
    }
    for secret in &config.secrets {
        add(secret.expose());
    }
    hex(&digest.finalize())
}

/// A digest as text.
fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Where records for a back end wait, by its address: those of one must never go to another.
fn records_of(state: &Path, address: &str) -> PathBuf {
    let digest = Sha256::digest(address);
    let short = digest.get(..8).unwrap_or(&digest);
    state.join("activity").join(hex(short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_wait_by_the_address_of_their_back_end() {
        let one = records_of(Path::new("/state"), "https://admon.example/");
        assert_eq!(one, Path::new("/state/activity/ec3e1512e09fc7d2"));
        assert_ne!(
            one,
            records_of(Path::new("/state"), "https://other.example/")
        );
    }
}
