//! One back end, reached with one bot token.

use std::{sync::Arc, time::Duration};

use api_core::{
    Answer, CallOptions, Endpoint, Error, Executor, Prepared, RetryPolicy, Secret, Settings,
    SetupError, Spec, Transport, Url,
};

use crate::dialect::Admon;

/// How the client names itself to the back end.
const USER_AGENT: &str = concat!("envia-client/", env!("CARGO_PKG_VERSION"));
/// Attempts of a read, the first among them.
const ATTEMPTS: u32 = 4;
/// Longest wait before the second attempt.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// Longest wait of all.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Calls one back end with one token. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct Client {
    executor: Executor,
}

/// Makes a [`Client`].
#[derive(Debug)]
pub struct Builder {
    base: String,
    token: Secret,
    settings: Settings,
    transport: Option<Arc<dyn Transport>>,
}

/// A client that cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The token cannot travel in a header.
    #[error("the token is empty, or has spaces, line ends or other characters that no token has")]
    Token,
    /// The address or a setting cannot be used.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

impl Client {
    /// Starts a client for a base address, such as `http://127.0.0.1:3002`, and a bot token.
    pub fn builder(base: impl Into<String>, token: impl Into<Secret>) -> Builder {
        Builder {
            base: base.into(),
            token: token.into(),
            settings: Settings::default(),
            transport: None,
        }
    }

    /// Base address of the back end.
    #[must_use]
    pub fn base(&self) -> &Url {
        self.executor.base()
    }

    /// Sends a request and decodes the answer.
    ///
    /// # Errors
    ///
    /// When the request breaks a rule (nothing is sent then), the back end cannot be reached or refuses, or the answer
    /// has another form. [`Error::may_have_applied`] tells whether a failed write may have acted, and
    /// [`crate::Reason::of`] what a refusal calls for; [`crate::Reason::MayHaveBegun`] is one that may have acted too.
    pub async fn send<E: Endpoint>(&self, request: &E) -> Result<E::Response, Error> {
        self.send_with(request, &CallOptions::default()).await
    }

    /// The same with a deadline or request id of the caller's.
    ///
    /// # Errors
    ///
    /// As [`Client::send`].
    pub async fn send_with<E: Endpoint>(
        &self,
        request: &E,
        options: &CallOptions,
    ) -> Result<E::Response, Error> {
        self.executor.send(request, options).await
    }

    /// The same with the answer undecoded and in its wrapper, beside the facts of the call.
    ///
    /// # Errors
    ///
    /// As [`Client::send`], except that the form of the answer is not looked at.
    pub async fn send_answer<E: Endpoint>(
        &self,
        request: &E,
        options: &CallOptions,
    ) -> Result<Answer, Error> {
        self.executor.send_answer(request, options).await
    }

    /// Sends a request that is known only by its endpoint's facts; `Operation::prepare` makes one from fields.
    ///
    /// # Errors
    ///
    /// As [`Client::send_answer`].
    pub async fn call(
        &self,
        spec: &'static Spec,
        prepared: Prepared,
        options: &CallOptions,
    ) -> Result<Answer, Error> {
        self.executor
            .call(spec, prepared, Vec::new(), options)
            .await
    }
}

impl Builder {
    /// Chooses deadlines, limits and repetition. A name and a rule for repetition of the caller's own stay; where they
    /// are the defaults of [`Settings`], this crate's take their place.
    ///
    /// Unless told otherwise a call may take 30 s, and a read is tried four times with waits from 500 ms.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Sends over another transport than HTTP of our own, such as a scripted one in tests.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Builds the client. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// When the address, the token or a setting cannot be used.
    pub fn build(self) -> Result<Client, BuildError> {
        let dialect = Admon::new(&self.token).ok_or(BuildError::Token)?;
        let settings = settled(self.settings);
        let executor = match self.transport {
            None => Executor::new(&self.base, dialect, settings)?,
            Some(transport) => Executor::with_transport(&self.base, dialect, settings, transport)?,
        };
        Ok(Client { executor })
    }
}

/// What the caller left at its default takes this crate's.
fn settled(mut settings: Settings) -> Settings {
    if settings.user_agent == Settings::default().user_agent {
        settings = settings.with_user_agent(USER_AGENT);
    }
    if settings.retry == RetryPolicy::default() {
        let retry = settings.retry.with_attempts(ATTEMPTS);
        settings.retry = retry.with_waits(FIRST_WAIT, LONGEST_WAIT);
    }
    // No write may reach this back end twice, not even one that it answered with "too many requests".
    settings.retry = settings.retry.without_answered_writes();
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_settings_do_not_change_how_reads_are_repeated() {
        let own = settled(Settings::default().with_deadline(Duration::from_secs(5)));
        assert_eq!((own.retry.attempts, own.retry.base), (ATTEMPTS, FIRST_WAIT));
        assert_eq!(own.user_agent, USER_AGENT);
        let once = settled(Settings::default().with_retry(RetryPolicy::never()));
        assert_eq!(once.retry.attempts, 1);
        assert!(!own.retry.answered_writes && !once.retry.answered_writes);
    }

    #[test]
    fn builds_or_says_why_not() {
        let client = Client::builder("http://127.0.0.1:3002/", "test-bot-token")
            .build()
            .unwrap();
        assert_eq!(client.base().as_str(), "http://127.0.0.1:3002/");
        assert!(!format!("{client:?}").contains("test-bot-token"));

        let refused = |base: &str, token: &str| Client::builder(base, token).build().unwrap_err();
        assert_eq!(refused("https://admon.example.com", " "), BuildError::Token);
        assert!(matches!(
            refused("admon.example.com", "t"),
            BuildError::Setup(_)
        ));
        let plain = refused("http://admon.example.com", "t");
        assert!(plain.to_string().contains("https"), "{plain}");
    }
}
