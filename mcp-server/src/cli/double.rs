//! The simulated back ends inside this process.

use std::{collections::BTreeSet, fmt, io};

use sandbox::{envia::Envia, tickiti::Tickiti};
use serde_json::Value;

use crate::config::{ModuleName, Variables, variable};

/// Name of the simulated install of Tickiti.
const INSTALL: &str = "sandbox";
/// Bot token of the simulated Envia.
const BOT: &str = "sandbox-bot";

/// Running simulations; they end when this is dropped.
#[derive(Debug, Default)]
pub(super) struct Doubles {
    tickiti: Option<Tickiti>,
    envia: Option<Envia>,
}

/// Where simulations listen on 127.0.0.1; 0 takes a free port.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ports {
    pub(super) tickiti: u16,
    pub(super) envia: u16,
}

impl Doubles {
    /// Starts the simulations of these modules.
    pub(super) async fn start(
        modules: &BTreeSet<ModuleName>,
        ports: Ports,
    ) -> Result<Self, String> {
        let mut doubles = Self::default();
        if modules.contains(&ModuleName::Tickiti) {
            let started = Tickiti::builder().port(ports.tickiti).start().await;
            doubles.tickiti = Some(listening(started, "Tickiti", ports.tickiti)?);
        }
        if modules.contains(&ModuleName::Envia) {
            let started = Envia::builder().port(ports.envia).start().await;
            doubles.envia = Some(listening(started, "Envia", ports.envia)?);
        }
        Ok(doubles)
    }

    /// The settings by which a server reaches them, with a token of the simulated Tickiti.
    pub(super) fn settings(&self, token: &str) -> Vec<(&'static str, String)> {
        let mut settings = Vec::new();
        if let Some(tickiti) = &self.tickiti {
            settings.push((variable::API_BASE, tickiti.base_url()));
            settings.push((variable::API_TOKEN, token.to_owned()));
        }
        if let Some(envia) = &self.envia {
            settings.push((variable::BACKEND_URL, envia.base_url()));
            settings.push((variable::BACKEND_TOKEN, BOT.to_owned()));
        }
        settings
    }

    /// What the simulated Envia has in its activity log, oldest first.
    pub(super) fn activity_log(&self) -> Vec<Value> {
        self.envia
            .as_ref()
            .map(Envia::activity_log)
            .unwrap_or_default()
    }

    /// Puts them in the place of whatever is configured, on stdio unless another transport is chosen. Tells what is not
    /// used.
    pub(super) fn replace(&self, variables: &mut Variables, token: &str) -> Vec<String> {
        let mut unused = Vec::new();
        for name in ModuleName::ALL.iter().flat_map(|module| module.variables()) {
            let was = variables.remove(*name);
            if was.is_some_and(|value| !value.trim().is_empty()) && !is_token(name) {
                unused.push(format!("the sandbox is served; {name} is not used"));
            }
        }
        for (name, value) in self.settings(token) {
            variables.insert(name.to_owned(), value);
        }
        variables.insert(variable::INSTANCE_NAME.to_owned(), INSTALL.to_owned());
        let transport = variables.entry(variable::TRANSPORT.to_owned()).or_default();
        if transport.trim().is_empty() {
            "stdio".clone_into(transport);
        }
        unused
    }
}

/// A token without its address is not worth a word.
fn is_token(name: &str) -> bool {
    name.contains("TOKEN")
}

fn listening<T>(started: io::Result<T>, what: impl fmt::Display, port: u16) -> Result<T, String> {
    started.map_err(|error| format!("the simulated {what} cannot listen on port {port}: {error}"))
}
