//! What a caller may choose about the way calls travel.

use std::{path::PathBuf, time::Duration};

use crate::{attempts::Attempts, retry::RetryPolicy, trace::Trace, transport::Pool};

/// Choices that hold for all calls of an [`crate::Executor`].
///
/// ```
/// use std::time::Duration;
/// let settings = api_core::Settings::default()
///     .with_deadline(Duration::from_secs(20))
///     .with_user_agent("my-tool/1.2");
/// assert_eq!(settings.deadline.as_secs(), 20);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// Longest time a call may take with everything in it: attempts, waits, connecting, headers and body. 30 s.
    pub deadline: Duration,
    /// Longest time for one connection to come up, TLS included. 10 s.
    pub connect_timeout: Duration,
    /// Longest body of a successful answer, in bytes. 64 MiB.
    pub max_response_bytes: u64,
    /// When a call is sent again.
    pub retry: RetryPolicy,
    /// How the caller names itself to the back end.
    pub user_agent: String,
    /// PEM file with certificates to trust beside the system's.
    pub extra_ca: Option<PathBuf>,
    /// Accept an `http://` address that is not this machine. Credentials then travel in clear.
    pub plain_http: bool,
    /// Use the proxies that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`). Never for
    /// loopback.
    pub proxies: bool,
    /// Connections to share with other executors; absent for connections of one's own.
    pub pool: Option<Pool>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            max_response_bytes: 64 * 1024 * 1024,
            retry: RetryPolicy::default(),
            user_agent: concat!("api-core/", env!("CARGO_PKG_VERSION")).to_owned(),
            extra_ca: None,
            plain_http: false,
            proxies: true,
            pool: None,
        }
    }
}

impl Settings {
    /// The same with another deadline.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The same with another limit for connecting.
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The same with another cap on answers, in bytes.
    #[must_use]
    pub fn with_max_response_bytes(mut self, bytes: u64) -> Self {
        self.max_response_bytes = bytes;
        self
    }

    /// The same with another rule for repetition.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// The same under another name.
    #[must_use]
    pub fn with_user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = name.into();
        self
    }

    /// The same trusting the certificates of a PEM file too.
    #[must_use]
    pub fn with_extra_ca(mut self, pem_file: impl Into<PathBuf>) -> Self {
        self.extra_ca = Some(pem_file.into());
        self
    }

    /// The same, accepting plain HTTP to other machines or refusing it.
    #[must_use]
    pub fn with_plain_http(mut self, accept: bool) -> Self {
        self.plain_http = accept;
        self
    }

    /// The same over connections that executors share which have this pool.
    #[must_use]
    pub fn with_pool(mut self, pool: Pool) -> Self {
        self.pool = Some(pool);
        self
    }

    /// The same, using the environment's proxies or not.
    #[must_use]
    pub fn with_proxies(mut self, use_them: bool) -> Self {
        self.proxies = use_them;
        self
    }
}

/// Choices that hold for one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallOptions {
    /// Idempotency key, for endpoints that take one: 1 to 255 visible ASCII characters. Without it a call that needs
    /// a key gets a fresh one.
    pub idempotency_key: Option<String>,
    /// Deadline of this call in place of [`Settings::deadline`].
    pub deadline: Option<Duration>,
    /// Request id of this call, 1 to 255 visible ASCII characters; fresh when absent.
    pub request_id: Option<String>,
    /// Trace that the call belongs to; every attempt tells the back end so, each under an id of its own.
    pub trace: Option<Trace>,
    /// Where attempts are counted, also those of a call that is dropped before its end.
    pub attempts: Option<Attempts>,
}

impl CallOptions {
    /// The same with an idempotency key.
    #[must_use]
    pub fn with_idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// The same with a deadline of its own.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The same with a request id.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    /// The same as part of a trace.
    #[must_use]
    pub fn with_trace(mut self, trace: Trace) -> Self {
        self.trace = Some(trace);
        self
    }

    /// The same with its attempts counted.
    #[must_use]
    pub fn with_attempts(mut self, attempts: Attempts) -> Self {
        self.attempts = Some(attempts);
        self
    }
}
