//! Settings of a double before it starts.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use crate::wire::fault::Fault;
use crate::wire::install::Install;
use crate::wire::log::Log;
use crate::wire::server;

use super::model::{QueuePermission, State, Token, User};
use super::shared::Shared;
use super::switches::Switches;
use super::{Tickiti, demo};

/// 2026-06-15T12:00:00Z.
const START: i64 = 1_781_524_800;

/// Requests that the log keeps unless told otherwise.
const LOG_CAPACITY: usize = 10_000;

/// A token to be added, with an owner of its own.
///
/// The owner is a plain staff member who views and manages every queue; each method changes that.
///
/// ```
/// use sandbox::tickiti::TokenSetup;
///
/// let narrow = TokenSetup::new("narrow")
///     .abilities(["tickets:read", "reports:read"])
///     .admin()
///     .view_only(["Sales"]);
/// # let _ = narrow;
/// ```
#[derive(Debug, Clone)]
pub struct TokenSetup {
    plain: String,
    abilities: BTreeSet<String>,
    owner: User,
    allowed_ip: Option<String>,
    /// Queue name to "may manage"; all queues when `None`.
    queues: Option<BTreeMap<String, bool>>,
}

impl TokenSetup {
    /// A token with this plain text and no ability.
    #[must_use]
    pub fn new(plain: impl Into<String>) -> Self {
        let plain = plain.into();
        let owner = User {
            name: format!("Owner of {plain}"),
            email: format!(
                "{}@owners.example",
                plain.replace(|c: char| !c.is_ascii_alphanumeric(), "-")
            ),
            is_staff: true,
            password: "sandbox-password".to_owned(),
            ..User::default()
        };
        Self {
            plain,
            abilities: BTreeSet::new(),
            owner,
            allowed_ip: None,
            queues: None,
        }
    }

    /// Adds abilities; `*` stands for all.
    #[must_use]
    pub fn abilities<T: Into<String>>(mut self, abilities: impl IntoIterator<Item = T>) -> Self {
        self.abilities.extend(abilities.into_iter().map(Into::into));
        self
    }

    /// The owner is no staff member.
    #[must_use]
    pub fn not_staff(mut self) -> Self {
        self.owner.is_staff = false;
        self
    }

    /// The owner is an admin.
    #[must_use]
    pub fn admin(mut self) -> Self {
        self.owner.is_admin = true;
        self
    }

    /// The owner is a superuser, a role that stands apart from the others.
    #[must_use]
    pub fn superuser(mut self) -> Self {
        self.owner.is_superuser = true;
        self
    }

    /// The owner has the sysadmin flag, which implies admin and staff.
    #[must_use]
    pub fn sysadmin(mut self) -> Self {
        self.owner.is_sysadmin = true;
        self
    }

    /// Only this client address may use the token.
    #[must_use]
    pub fn allowed_ip(mut self, ip: impl Into<String>) -> Self {
        self.allowed_ip = Some(ip.into());
        self
    }

    /// The owner views these queues, by name, without managing them, and no others but those of [`Self::manage`].
    #[must_use]
    pub fn view_only<T: Into<String>>(self, queues: impl IntoIterator<Item = T>) -> Self {
        self.with_queues(queues, false)
    }

    /// The owner views and manages these queues, by name, and no others but those of [`Self::view_only`].
    #[must_use]
    pub fn manage<T: Into<String>>(self, queues: impl IntoIterator<Item = T>) -> Self {
        self.with_queues(queues, true)
    }

    fn with_queues<T: Into<String>>(
        mut self,
        queues: impl IntoIterator<Item = T>,
        manage: bool,
    ) -> Self {
        let names = queues.into_iter().map(|name| (name.into(), manage));
        self.queues.get_or_insert_default().extend(names);
        self
    }

    /// Adds the token and its owner.
    pub(super) fn add_to(self, state: &mut State) {
        let mut owner = self.owner;
        owner.id = state.next_id("user");
        owner.queues = match self.queues {
            None => demo::every_queue(state),
            Some(names) => {
                let known = names.iter().filter_map(|(name, manage)| {
                    let permission = QueuePermission {
                        can_view: true,
                        can_manage: *manage,
                        can_delete: *manage,
                        ..QueuePermission::default()
                    };
                    Some((state.queue_named(name)?.id, permission))
                });
                known.collect()
            }
        };
        let id = state.next_id("token");
        let token = Token {
            id,
            name: self.plain.clone(),
            plain_text: self.plain,
            owner_id: owner.id,
            abilities: self.abilities,
            allowed_ip: self.allowed_ip,
            last_used_at: None,
        };
        state.users.insert(owner.id, owner);
        state.tokens.insert(id, token);
    }
}

/// Settings of a [`Tickiti`] that has not started.
#[derive(Debug)]
#[must_use]
pub struct Builder {
    port: u16,
    clock: i64,
    switches: Switches,
    tickets: bool,
    tokens: Vec<TokenSetup>,
    without_plans: Vec<String>,
    faults: Vec<Fault>,
    log_capacity: usize,
    whole_log: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            port: 0,
            clock: START,
            switches: Switches::default(),
            tickets: true,
            tokens: Vec::new(),
            without_plans: Vec::new(),
            faults: Vec::new(),
            log_capacity: LOG_CAPACITY,
            whole_log: false,
        }
    }
}

impl Builder {
    /// Port on 127.0.0.1; 0, the default, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Time of the install's clock in seconds since the epoch; 2026-06-15T12:00:00Z by default.
    ///
    /// The clock stands still until it is set again. The demo tickets end at this time.
    pub fn clock(mut self, epoch_seconds: i64) -> Self {
        self.clock = epoch_seconds;
        self
    }

    /// How the install differs from the newest one.
    pub fn switches(mut self, switches: Switches) -> Self {
        self.switches = switches;
        self
    }

    /// Leaves the demo tickets out; people, queues, tokens and the rows of the other families stay.
    pub fn without_tickets(mut self) -> Self {
        self.tickets = false;
        self
    }

    /// Adds a token.
    pub fn token(mut self, token: TokenSetup) -> Self {
        self.tokens.push(token);
        self
    }

    /// Takes a plan feature away from the install, such as `has_reports`.
    pub fn without_plan(mut self, plan: impl Into<String>) -> Self {
        self.without_plans.push(plan.into());
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

    /// Keeps headers (without the token) and JSON bodies of at most 256 KiB in the log too.
    pub fn whole_log(mut self) -> Self {
        self.whole_log = true;
        self
    }

    /// Starts the server on the current tokio runtime, which needs its I/O and time drivers.
    ///
    /// # Errors
    ///
    /// The port cannot be bound.
    pub async fn start(self) -> io::Result<Tickiti> {
        let mut state = demo::install(self.switches, self.clock, self.tickets);
        for token in self.tokens {
            token.add_to(&mut state);
        }
        state
            .plans
            .retain(|plan| !self.without_plans.contains(plan));
        let log = Log::new(self.log_capacity);
        let log = if self.whole_log { log.whole() } else { log };
        let shared = Arc::new(Shared::new(state, self.clock, log));
        self.faults
            .into_iter()
            .for_each(|fault| shared.common.faults.add(fault));
        let install: Arc<dyn Install> = Arc::clone(&shared) as _;
        let (addr, server) = server::start(self.port, install).await?;
        Ok(Tickiti {
            addr,
            shared,
            server,
        })
    }
}
