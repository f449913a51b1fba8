//! The Tickiti double.

mod administration;
mod axial;
mod builder;
mod call;
mod demo;
mod facts;
mod faqs;
mod gates;
mod idempotency;
mod idempotency_key;
mod input;
mod interventions;
mod mail;
mod model;
mod reply;
mod reports;
mod rows;
mod server;
mod settings;
mod shared;
mod store;
mod supervisor;
mod switches;
mod templates;
mod tickets;
mod token;
mod validate;
mod workflow;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::wire::{clock, digest};
use call::Handler;
use model::State;
use shared::Shared;

pub use crate::wire::fault::{Arrival, Fault, FaultKind};
pub use crate::wire::log::{LogEntry, Outcome};
pub use builder::{Builder, TokenSetup};
pub use switches::{Install, Switches};

/// A running Tickiti install; dropping it stops the server and closes its connections.
#[derive(Debug)]
pub struct Tickiti {
    addr: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Tickiti {
    /// Settings with their defaults: demo data, newest install, free port.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Base address without a trailing slash, such as `http://127.0.0.1:9191`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Address of the listener.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The requests so far, in order of arrival; one that is still being served is among them.
    #[must_use]
    pub fn log(&self) -> Vec<LogEntry> {
        self.shared.common.log.entries()
    }

    /// Forgets the requests and the counters.
    pub fn clear_log(&self) {
        self.shared.common.log.clear();
    }

    /// How often an endpoint, by name, did its work with success.
    #[must_use]
    pub fn executions(&self, endpoint: &str) -> u64 {
        self.shared.common.log.counts(endpoint).executions
    }

    /// How often an endpoint, by name, gave a stored answer instead.
    #[must_use]
    pub fn replays(&self, endpoint: &str) -> u64 {
        self.shared.common.log.counts(endpoint).replays
    }

    /// Plants a fault.
    pub fn add_fault(&self, fault: Fault) {
        self.shared.common.faults.add(fault);
    }

    /// Has faults chosen for each request as it arrives, beside those that are planted; they hit this request alone.
    /// Only the first chooser counts.
    pub fn choose_faults(
        &self,
        chooser: impl Fn(&Arrival<'_>) -> Vec<Fault> + Send + Sync + 'static,
    ) {
        self.shared.common.faults.choose(chooser);
    }

    /// Removes all planted faults; requests that they hold stay held.
    pub fn clear_faults(&self) {
        self.shared.common.faults.clear();
    }

    /// The clock, in seconds since the epoch.
    #[must_use]
    pub fn clock(&self) -> i64 {
        self.shared.now()
    }

    /// Sets the clock; tickets whose hold ends are opened.
    pub fn set_clock(&self, epoch_seconds: i64) {
        self.shared.set_clock(epoch_seconds);
    }

    /// Moves the clock on; tickets whose hold ends are opened.
    pub fn advance_clock(&self, seconds: i64) {
        self.shared.set_clock(self.shared.now() + seconds);
    }

    /// Adds a token.
    pub fn add_token(&self, token: TokenSetup) {
        token.add_to(&mut self.shared.lock());
    }

    /// Gives a plan feature to the install or takes it away.
    pub fn set_plan(&self, plan: &str, included: bool) {
        let mut state = self.shared.lock();
        if included {
            state.plans.insert(plan.to_owned());
        } else {
            state.plans.remove(plan);
        }
    }

    /// Changes switches of the running install.
    pub fn change_switches(&self, change: impl FnOnce(&mut Switches)) {
        change(&mut self.shared.lock().switches);
    }

    /// Number of live tickets.
    #[must_use]
    pub fn ticket_count(&self) -> usize {
        let state = self.shared.lock();
        state
            .tickets
            .values()
            .filter(|ticket| ticket.deleted_at.is_none())
            .count()
    }
}

impl Drop for Tickiti {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The handler of an endpoint, by family and action.
fn handler(family: &str, action: &str) -> Option<Handler> {
    match family {
        "administration" => administration::handler(action),
        "axial" => axial::handler(action),
        "faqs" => faqs::handler(action),
        "idempotency_key" => idempotency_key::handler(action),
        "interventions" => interventions::handler(action),
        "mail" => mail::handler(action),
        "reports" => reports::handler(action),
        "settings" => settings::handler(action),
        "supervisor" => supervisor::handler(action),
        "templates" => templates::handler(action),
        "tickets" => tickets::handler(action),
        "token" => token::handler(action),
        "workflow" => workflow::handler(action),
        _ => None,
    }
}

/// Demo rows of the pass-through families.
fn seed(state: &mut State) {
    administration::seed(state);
    axial::seed(state);
    mail::seed(state);
    reports::seed(state);
    settings::seed(state);
    supervisor::seed(state);
    templates::seed(state);
    workflow::seed(state);
}
