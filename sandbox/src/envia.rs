//! The double of Envia's back office, Admon.

mod activity;
mod boom;
mod builder;
mod create;
mod endpoint;
mod fields;
mod javascript;
mod list;
mod model;
mod rules;
mod seed;
mod shared;
mod signature;
mod switches;
mod update;
mod upload;
mod view;

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use tokio::task::JoinHandle;

use shared::Shared;

pub use crate::wire::fault::{Arrival, Fault, FaultKind};
pub use crate::wire::log::{LogEntry, Outcome};
pub use builder::Builder;
pub use switches::{CreatedForm, NotFound, RecordForm, Switches, VariablesForm};

/// A running back office; dropping it stops the server and closes its connections.
#[derive(Debug)]
pub struct Envia {
    addr: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Envia {
    /// Settings with their defaults: demo data, token `sandbox-bot`, free port.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Base address without a trailing slash, such as `http://127.0.0.1:3002`.
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

    /// How often an endpoint, by name (`tickets.create`), did its work with success.
    #[must_use]
    pub fn executions(&self, endpoint: &str) -> u64 {
        self.shared.common.log.counts(endpoint).executions
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
        self.shared.common.now()
    }

    /// Sets the clock.
    pub fn set_clock(&self, epoch_seconds: i64) {
        self.shared.common.store_clock(epoch_seconds);
    }

    /// Moves the clock on.
    pub fn advance_clock(&self, seconds: i64) {
        self.set_clock(self.clock() + seconds);
    }

    /// Changes switches of the running back office.
    pub fn change_switches(&self, change: impl FnOnce(&mut Switches)) {
        change(&mut self.shared.lock().switches);
    }

    /// Adds a ticket type, or replaces the one of the same `id`; the row reads as it is given.
    pub fn put_ticket_type(&self, id: u64, mut row: Map<String, Value>) {
        row.insert("id".to_owned(), json!(id));
        self.shared.lock().types.insert(id, row);
    }

    /// Adds a company, whose contact bears its name.
    pub fn put_company(&self, id: u64, name: &str) {
        let company = model::Company {
            id,
            name: name.to_owned(),
            contact: name.to_owned(),
            agent_id: None,
        };
        self.shared.lock().companies.insert(id, company);
    }

    /// Adds a shipment, or replaces the one of the same `id`; the row reads as it is given, with the status' name.
    pub fn put_shipment(&self, id: u64, mut row: Map<String, Value>) {
        row.insert("id".to_owned(), json!(id));
        self.shared.lock().shipments.insert(id, row);
    }

    /// Fixes the `sla` of a ticket (0, 1 or 2); `None` has it computed.
    pub fn set_sla(&self, ticket_id: u64, sla: Option<u64>) {
        if let Some(ticket) = self.shared.lock().tickets.get_mut(&ticket_id) {
            ticket.sla = sla;
        }
    }

    /// The detail of a ticket, with `csat_due`: whether a satisfaction mail would have gone out.
    #[must_use]
    pub fn ticket(&self, id: u64) -> Option<Value> {
        let state = self.shared.lock();
        let ticket = state.tickets.get(&id)?;
        let mut detail = view::detail(&state, ticket);
        if let Value::Object(detail) = &mut detail {
            detail.insert("csat_due".to_owned(), json!(ticket.csat_due));
        }
        Some(detail)
    }

    /// Has the company's contact write a comment on a ticket; answers its id, or `None` when there is no such ticket.
    pub fn write_as_client(&self, ticket_id: u64, text: &str) -> Option<u64> {
        let now = self.clock();
        let mut state = self.shared.lock();
        let mut ticket = state.tickets.remove(&ticket_id)?;
        let comment = state.comment(&ticket, model::Author::Client, text.to_owned(), now);
        let id = comment.id;
        ticket.thread.push(comment);
        state.tickets.insert(ticket_id, ticket);
        Some(id)
    }

    /// Number of tickets.
    #[must_use]
    pub fn ticket_count(&self) -> usize {
        self.shared.lock().tickets.len()
    }

    /// The content of an uploaded file.
    #[must_use]
    pub fn file_content(&self, id: u64) -> Option<Vec<u8>> {
        self.shared.lock().blobs.get(&id).cloned()
    }

    /// The rows of the activity log, oldest first.
    #[must_use]
    pub fn activity_log(&self) -> Vec<Value> {
        self.shared.lock().activity.clone()
    }
}

impl Drop for Envia {
    fn drop(&mut self) {
        self.server.abort();
    }
}
