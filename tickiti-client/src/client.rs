//! One install, reached with one token.

use std::sync::Arc;

use api_core::{
    Answer, CallOptions, Endpoint, Error, Executor, FilePart, Prepared, Secret, Settings,
    SetupError, Spec, Transport, Url,
};

use crate::{accessors::Tickets, api::token, envelope::Tickiti, older, permission::Permissions};

/// Name of an install when none is given.
const DEFAULT_NAME: &str = "default";
/// How the client names itself to the install.
const USER_AGENT: &str = concat!("tickiti-client/", env!("CARGO_PKG_VERSION"));

/// Calls one Tickiti install with one token. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct Client {
    executor: Executor,
    name: Arc<str>,
}

/// Makes a [`Client`].
#[derive(Debug)]
pub struct Builder {
    base: String,
    token: Secret,
    name: String,
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
    /// Starts a client for an install and a token.
    ///
    /// `base` is the public address of the install, such as `https://support.example.com`; with the API's root
    /// `/api/v1` at its end it means the same.
    pub fn builder(base: impl Into<String>, token: impl Into<Secret>) -> Builder {
        Builder {
            base: base.into(),
            token: token.into(),
            name: DEFAULT_NAME.to_owned(),
            settings: Settings::default(),
            transport: None,
        }
    }

    /// Name of the install among several.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Public address of the install.
    #[must_use]
    pub fn base(&self) -> &Url {
        self.executor.base()
    }

    /// Sends a request and decodes the answer.
    ///
    /// # Errors
    ///
    /// When the request breaks a rule (nothing is sent then), the install cannot be reached or refuses, or the answer
    /// has another form. [`Error::may_have_applied`] tells whether a failed write may have acted.
    pub async fn send<E: Endpoint>(&self, request: &E) -> Result<E::Response, Error> {
        self.send_with(request, &CallOptions::default()).await
    }

    /// The same with an idempotency key, deadline or request id of the caller's.
    ///
    /// # Errors
    ///
    /// As [`Client::send`].
    pub async fn send_with<E: Endpoint>(
        &self,
        request: &E,
        options: &CallOptions,
    ) -> Result<E::Response, Error> {
        self.send_answer(request, options).await?.decode()
    }

    /// The same with the answer undecoded, beside the facts of the call.
    ///
    /// # Errors
    ///
    /// As [`Client::send`], except that the form of the answer is not looked at.
    pub async fn send_answer<E: Endpoint>(
        &self,
        request: &E,
        options: &CallOptions,
    ) -> Result<Answer, Error> {
        let outcome = self.executor.send_answer(request, options).await;
        older::settle(&self.executor, &E::SPEC, outcome, options).await
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
        self.call_with_files(spec, prepared, Vec::new(), options)
            .await
    }

    /// The same for an endpoint that takes files.
    ///
    /// # Errors
    ///
    /// As [`Client::send_answer`].
    pub async fn call_with_files(
        &self,
        spec: &'static Spec,
        prepared: Prepared,
        files: Vec<FilePart>,
        options: &CallOptions,
    ) -> Result<Answer, Error> {
        let outcome = self.executor.call(spec, prepared, files, options).await;
        older::settle(&self.executor, spec, outcome, options).await
    }

    /// What the token may do. Also a cheap way to see that address and token are right.
    ///
    /// # Errors
    ///
    /// As [`Client::send`]; installs older than October 2026 do not tell.
    pub async fn permissions(&self) -> Result<Permissions, Error> {
        self.send(&token::Show::new()).await
    }

    /// The everyday calls of the tickets family.
    #[must_use]
    pub const fn tickets(&self) -> Tickets<'_> {
        Tickets::new(self)
    }
}

impl Builder {
    /// Names the install, to tell several apart; `default` otherwise.
    #[must_use]
    pub fn instance(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Chooses deadlines, limits and repetition. A name of the caller's own stays; the default becomes this crate's.
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
        let dialect = Tickiti::new(&self.token).ok_or(BuildError::Token)?;
        let mut settings = self.settings;
        if settings.user_agent == Settings::default().user_agent {
            settings = settings.with_user_agent(USER_AGENT);
        }
        let executor = match self.transport {
            None => Executor::new(&self.base, dialect, settings)?,
            Some(transport) => Executor::with_transport(&self.base, dialect, settings, transport)?,
        };
        Ok(Client {
            executor,
            name: self.name.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_or_says_why_not() {
        let client = Client::builder("https://support.example.com/", "7|exampletoken")
            .instance("shop")
            .build()
            .unwrap();
        assert_eq!(client.name(), "shop");
        assert_eq!(client.base().as_str(), "https://support.example.com/");
        assert!(!format!("{client:?}").contains("exampletoken"));

        let refused = |base: &str, token: &str| Client::builder(base, token).build().unwrap_err();
        assert_eq!(
            refused("https://support.example.com", " "),
            BuildError::Token
        );
        assert!(matches!(
            refused("support.example.com", "t"),
            BuildError::Setup(_)
        ));
        let plain = refused("http://support.example.com", "t");
        assert!(plain.to_string().contains("https"), "{plain}");
    }
}
