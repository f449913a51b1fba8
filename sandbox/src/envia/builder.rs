//! Settings of a double before it starts.

use std::io;
use std::sync::Arc;

use crate::wire::fault::Fault;
use crate::wire::install::Install;
use crate::wire::server;

use super::Envia;
use super::seed;
use super::shared::Shared;
use super::switches::Switches;

/// 2026-06-15T12:00:00Z.
const START: i64 = 1_781_524_800;

/// Requests that the log keeps unless told otherwise.
const LOG_CAPACITY: usize = 10_000;

/// Settings of an [`Envia`] that has not started.
#[derive(Debug)]
#[must_use]
pub struct Builder {
    port: u16,
    clock: i64,
    token: String,
    switches: Switches,
    tickets: bool,
    first_ticket_id: Option<u64>,
    first_file_id: Option<u64>,
    faults: Vec<Fault>,
    log_capacity: usize,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            port: 0,
            clock: START,
            token: "sandbox-bot".to_owned(),
            switches: Switches::default(),
            tickets: true,
            first_ticket_id: None,
            first_file_id: None,
            faults: Vec::new(),
            log_capacity: LOG_CAPACITY,
        }
    }
}

impl Builder {
    /// Port on 127.0.0.1; 0, the default, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Time of the clock in seconds since the epoch; 2026-06-15T12:00:00Z by default.
    ///
    /// The clock stands still until it is set again. The demo tickets end at this time.
    pub fn clock(mut self, epoch_seconds: i64) -> Self {
        self.clock = epoch_seconds;
        self
    }

    /// The bot's token, which is the key of the signatures too; `sandbox-bot` by default.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = token.into();
        self
    }

    /// How the back office differs from the expected one.
    pub fn switches(mut self, switches: Switches) -> Self {
        self.switches = switches;
        self
    }

    /// Leaves the demo tickets out; companies, staff, shipments and types stay.
    pub fn without_tickets(mut self) -> Self {
        self.tickets = false;
        self
    }

    /// Id of the first new ticket; 58,231 by default. The demo tickets are 58,201 to 58,222.
    pub fn first_ticket_id(mut self, id: u64) -> Self {
        self.first_ticket_id = Some(id);
        self
    }

    /// Id of the first new file; by default the next after those of the demo tickets.
    pub fn first_file_id(mut self, id: u64) -> Self {
        self.first_file_id = Some(id);
        self
    }

    /// Plants a fault.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// How many of the newest requests the log keeps; 10,000 by default.
    pub fn log_capacity(mut self, entries: usize) -> Self {
        self.log_capacity = entries;
        self
    }

    /// Starts the server on the current tokio runtime, which needs its I/O and time drivers.
    ///
    /// # Errors
    ///
    /// The port cannot be bound.
    pub async fn start(self) -> io::Result<Envia> {
        let mut state = seed::state(self.clock, self.tickets)?;
        state.switches = self.switches;
        state.next_ticket = self.first_ticket_id.unwrap_or(state.next_ticket);
        state.next_file = self.first_file_id.unwrap_or(state.next_file);
        let shared = Shared::new(state, self.token, self.clock, self.log_capacity);
        let shared = Arc::new(shared);
        self.faults
            .into_iter()
            .for_each(|fault| shared.common.faults.add(fault));
        let install: Arc<dyn Install> = Arc::clone(&shared) as _;
        let (addr, server) = server::start(self.port, install).await?;
        Ok(Envia {
            addr,
            shared,
            server,
        })
    }
}
