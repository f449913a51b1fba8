//! Faults that a test plants: what goes wrong, where, and how often.

use std::fmt;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde::Deserialize;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// This answer instead of the endpoint's.
    Status {
        /// HTTP status.
        status: u16,
        /// Body as sent.
        #[serde(default)]
        body: String,
        /// Value of `Content-Type`.
        #[serde(default = "json_type")]
        content_type: String,
        /// Value of `Retry-After`: seconds or an HTTP date.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// The request waits this long, then goes its way. Adds up with one other fault.
    Delay {
        /// Real time in milliseconds.
        ms: u64,
    },
    /// No answer, the connection stays open.
    StallHeaders,
    /// The real answer's headers and half of its body, then nothing; the connection stays open.
    StallBody,
    /// The connection is closed without an answer; nothing was done.
    DropBeforeEffect,
    /// The request is done, then the connection is closed without an answer.
    DropAfterEffect,
    /// The connection is closed without an answer at once; the request is done later, as by a back end that does not
    /// notice that its client is gone.
    LateEffect {
        /// Real time from the close to the work, in milliseconds.
        ms: u64,
    },
    /// The real answer with half of the announced body, then the connection is closed.
    TruncatedBody,
    /// 200, JSON content type, and a body that is not JSON.
    Garbage,
    /// A proxy's HTML error page.
    Html {
        /// HTTP status, mostly a 5xx.
        status: u16,
    },
    /// 200 with a valid JSON body of at least this size.
    Oversized {
        /// Size in bytes.
        bytes: u64,
    },
    /// 302.
    Redirect {
        /// Value of `Location`.
        location: String,
    },
    /// The real answer under another content type.
    ContentType {
        /// Value of `Content-Type`.
        value: String,
    },
    /// 200 with a logical error; `ok` answers `{"ok": false}`.
    LogicalError {
        /// `my_error`, `amf_error`, `error` or `ok`.
        key: String,
    },
}

fn json_type() -> String {
    "application/json".to_owned()
}

/// A planted fault.
///
/// ```
/// use sandbox::tickiti::{Fault, FaultKind};
///
/// let twice = Fault::on("tickets.create", FaultKind::DropAfterEffect).times(2);
/// let second_call = Fault::on("*", FaultKind::Garbage).skip(1).times(1);
/// # let _ = (twice, second_call);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Fault {
    endpoint: String,
    #[serde(flatten)]
    kind: FaultKind,
    #[serde(default)]
    skip: u64,
    #[serde(default)]
    times: Option<u64>,
    #[serde(default)]
    after_effect: bool,
}

impl Fault {
    /// A fault on an endpoint by name, or on every request (`*`); it hits until it is cleared.
    #[must_use]
    pub fn on(endpoint: impl Into<String>, kind: FaultKind) -> Self {
        Self {
            endpoint: endpoint.into(),
            kind,
            skip: 0,
            times: None,
            after_effect: false,
        }
    }

    /// Hits this many requests, then is gone.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets this many requests pass first.
    #[must_use]
    pub fn skip(mut self, skip: u64) -> Self {
        self.skip = skip;
        self
    }

    /// The request is done first; then the fault falsifies the answer.
    ///
    /// Without this, a fault that replaces the answer ([`FaultKind::Status`], [`FaultKind::StallHeaders`],
    /// [`FaultKind::Garbage`] …) comes before any effect, and a delay comes before the work.
    #[must_use]
    pub fn after_effect(mut self) -> Self {
        self.after_effect = true;
        self
    }

    fn matches(&self, endpoint: Option<&str>) -> bool {
        self.endpoint == "*" || endpoint == Some(self.endpoint.as_str())
    }
}

/// What hits one request.
#[derive(Debug, Default)]
pub(crate) struct Hit {
    pub(crate) delay_before: Duration,
    pub(crate) delay_after: Duration,
    pub(crate) kind: Option<FaultKind>,
    /// `kind` comes after the work.
    pub(crate) after_effect: bool,
}

/// A request that has arrived whole, before anything is done for it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Arrival<'a> {
    /// Name of the endpoint, when the path leads to one.
    pub endpoint: Option<&'a str>,
    /// The body as it came.
    pub body: &'a [u8],
}

/// Chooses faults for each request by itself.
struct Chooser(Box<Choose>);

type Choose = dyn Fn(&Arrival<'_>) -> Vec<Fault> + Send + Sync;

impl fmt::Debug for Chooser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chooser")
    }
}

/// The planted faults, and who chooses more.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    planted: Mutex<Vec<Fault>>,
    chooser: OnceLock<Chooser>,
}

impl Faults {
    fn lock(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.planted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has faults chosen for each request; only the first chooser counts.
    pub(crate) fn choose(
        &self,
        chooser: impl Fn(&Arrival<'_>) -> Vec<Fault> + Send + Sync + 'static,
    ) {
        // A second one is not taken, and that is documented.
        let _ = self.chooser.set(Chooser(Box::new(chooser)));
    }

    pub(crate) fn add(&self, fault: Fault) {
        self.lock().push(fault);
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Takes what is due for a request: all delays, and the first other fault; those that are chosen for it come first.
    pub(crate) fn take(&self, arrival: &Arrival<'_>) -> Hit {
        let mut hit = Hit::default();
        if let Some(Chooser(choose)) = self.chooser.get() {
            let mut chosen = choose(arrival);
            hit.take(&mut chosen, arrival.endpoint);
        }
        hit.take(&mut self.lock(), arrival.endpoint);
        hit
    }
}

impl Hit {
    fn take(&mut self, faults: &mut Vec<Fault>, endpoint: Option<&str>) {
        for fault in faults.iter_mut().filter(|fault| fault.matches(endpoint)) {
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            let delay = match &fault.kind {
                FaultKind::Delay { ms } => Some(Duration::from_millis(*ms)),
                _ if self.kind.is_some() => continue,
                _ => None,
            };
            if let Some(left) = &mut fault.times {
                if *left == 0 {
                    continue;
                }
                *left -= 1;
            }
            match delay {
                Some(delay) if fault.after_effect => self.delay_after += delay,
                Some(delay) => self.delay_before += delay,
                None => {
                    self.kind = Some(fault.kind.clone());
                    self.after_effect = fault.after_effect || fault.kind.needs_the_work();
                }
            }
        }
        faults.retain(|fault| fault.times != Some(0));
    }
}

impl FaultKind {
    /// True for the faults that falsify the real answer.
    fn needs_the_work(&self) -> bool {
        matches!(
            self,
            Self::StallBody
                | Self::DropAfterEffect
                | Self::TruncatedBody
                | Self::ContentType { .. }
        )
    }
}
