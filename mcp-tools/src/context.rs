//! What a call knows besides its arguments.

use std::{
    any::{Any, TypeId, type_name},
    collections::BTreeMap,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use api_core::{Attempts, CallOptions, Trace};
use futures_util::future::join_all;

use crate::{
    confirm::Confirmations,
    error::ToolError,
    files::{Carried, Roots},
    gate::Gate,
    ledger::Ledger,
    policy::Policy,
    progress::Progress,
    rehearsal::Rehearsal,
    secrets::Secrets,
};

/// Who calls, on which back ends, under which id.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Context {
    /// Id of the call, the same in logs and in requests to the back end.
    pub request_id: String,
    /// Back ends of the caller's profile.
    pub backends: Backends,
    /// Values of the arguments that all tools of a module share, such as `instance`.
    pub shared: BTreeMap<&'static str, String>,
    /// Key that the caller names a write by; a repeat with the same key acts once.
    pub idempotency_key: Option<String>,
    /// True when an earlier attempt of this call, made under the same key, may have arrived.
    pub again: bool,
    /// When the caller stops waiting; what cannot be done by then should not be begun.
    pub deadline: Option<Instant>,
    /// Trace that the caller began.
    pub trace: Option<Trace>,
    /// Requests to back ends, repetitions included.
    pub attempts: Attempts,
    /// Most bytes of an answer as JSON; `None` for any number.
    pub result_bytes: Option<usize>,
    /// Which tools the caller may use.
    pub policy: Policy,
    /// What the caller is asked before it is done; without this, nothing.
    pub confirmations: Option<Confirmations>,
    /// Set when the call is only to show what it would do: writes are noted there instead of being sent.
    pub rehearsal: Option<Rehearsal>,
    /// Where writes are kept on record, so that none happens twice; without one they are not.
    pub ledger: Option<Ledger>,
    /// Where secrets go that an answer holds; without it, calls that have one are refused.
    pub secrets: Option<Secrets>,
    /// Folders whose files may be read and written.
    pub roots: Roots,
    /// The files that the call names, open.
    pub carried: Carried,
    /// Where it is told how far the call is.
    pub progress: Progress,
}

impl Context {
    /// A call on these back ends.
    #[must_use]
    pub fn new(request_id: impl Into<String>, backends: Backends) -> Self {
        Self {
            request_id: request_id.into(),
            backends,
            shared: BTreeMap::new(),
            idempotency_key: None,
            again: false,
            deadline: None,
            trace: None,
            attempts: Attempts::default(),
            result_bytes: None,
            policy: Policy::default(),
            confirmations: None,
            rehearsal: None,
            ledger: None,
            secrets: None,
            roots: Roots::default(),
            carried: Carried::default(),
            progress: Progress::default(),
        }
    }

    /// How every request of this call travels: under its id, in its trace, counted.
    #[must_use]
    pub fn options(&self) -> CallOptions {
        let mut options = CallOptions::default()
            .with_request_id(self.request_id.clone())
            .with_attempts(self.attempts.clone());
        options.trace.clone_from(&self.trace);
        options
    }

    /// Whether what this call would say may be there already, said by an earlier attempt of it. Not where the ledger
    /// knows that there was none.
    #[must_use]
    pub(crate) fn may_be_said(&self) -> bool {
        self.again || self.ledger.is_none() || self.rehearsal.is_some()
    }

    /// How files travel: as [`Self::options`], with all the time that the call has, because a large file on a slow line takes
    /// longer than other requests may.
    #[must_use]
    pub fn transfer_options(&self) -> CallOptions {
        /// Kept for the answer.
        const MARGIN: Duration = Duration::from_millis(500);
        let left = self.time_left().and_then(|left| left.checked_sub(MARGIN));
        match left {
            Some(left) if !left.is_zero() => self.options().with_deadline(left),
            _ => self.options(),
        }
    }

    /// Time left until the caller stops waiting; `None` when nobody said so.
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        let deadline = self.deadline?;
        Some(deadline.saturating_duration_since(Instant::now()))
    }

    /// A back end by its type.
    ///
    /// # Errors
    ///
    /// When the profile has no such back end: a fault of the set-up, not of the caller.
    pub fn backend<B: Any + Send + Sync>(&self) -> Result<&B, ToolError> {
        self.backends.get::<B>().ok_or_else(|| {
            ToolError::internal(format!(
                "this server has no {} configured for you",
                type_name::<B>()
            ))
        })
    }
}

/// The back ends of one profile, found by type. Cheap to clone.
#[derive(Clone, Default)]
pub struct Backends {
    by_type: BTreeMap<TypeId, Arc<dyn Any + Send + Sync>>,
    /// By the name of the module.
    gates: BTreeMap<&'static str, Arc<dyn Gate>>,
}

impl Backends {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more; a second of the same type replaces the first.
    #[must_use]
    pub fn with<B: Any + Send + Sync>(mut self, backend: B) -> Self {
        self.by_type.insert(TypeId::of::<B>(), Arc::new(backend));
        self
    }

    /// The same with a gate before the tools of a module.
    #[must_use]
    pub fn with_gate(mut self, module: &'static str, gate: impl Gate) -> Self {
        self.gates.insert(module, Arc::new(gate));
        self
    }

    /// The gate before the tools of a module, where there is one.
    #[must_use]
    pub fn gate(&self, module: &str) -> Option<&dyn Gate> {
        self.gates.get(module).map(AsRef::as_ref)
    }

    /// Lets every gate learn what it can in a short time.
    pub async fn ready(&self) {
        join_all(self.gates.values().map(|gate| gate.ready())).await;
    }

    /// The one of a type.
    #[must_use]
    pub fn get<B: Any + Send + Sync>(&self) -> Option<&B> {
        self.by_type.get(&TypeId::of::<B>())?.downcast_ref()
    }
}

impl fmt::Debug for Backends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Backends({})", self.by_type.len())
    }
}
