//! Whether a back end can be reached: a cheap question that each module knows how to ask.

use std::{fmt, future::Future, pin::Pin, time::Duration};

use api_core::{CallOptions, Error, ErrorKind, Url};

type Asking = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// One back end as one profile reaches it.
pub struct Probe {
    module: &'static str,
    instance: Option<String>,
    base: Url,
    ask: Box<dyn Fn(CallOptions) -> Asking + Send + Sync>,
}

/// Why a back end counts as unreachable, in words without tokens or its own texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreachable {
    /// The reason; it may name hosts.
    pub reason: String,
    /// It answered, but takes no such token: another one may be fine.
    pub token_refused: bool,
}

impl Probe {
    /// A probe of the back end at an address, by a question that changes nothing and costs it little.
    pub fn new<A, T>(
        module: &'static str,
        instance: Option<&str>,
        base: &Url,
        ask: impl Fn(CallOptions) -> A + Send + Sync + 'static,
    ) -> Self
    where
        A: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let ask = move |options| -> Asking {
            let asked = ask(options);
            Box::pin(async move { asked.await.map(drop) })
        };
        Self {
            module,
            instance: instance.map(str::to_owned),
            base: base.clone(),
            ask: Box::new(ask),
        }
    }

    /// The module whose tools reach it.
    #[must_use]
    pub const fn module(&self) -> &'static str {
        self.module
    }

    /// Its name, where a module may have several.
    #[must_use]
    pub fn instance(&self) -> Option<&str> {
        self.instance.as_deref()
    }

    /// Its address.
    #[must_use]
    pub const fn base(&self) -> &Url {
        &self.base
    }

    /// Asks it, and waits so long at most.
    ///
    /// # Errors
    ///
    /// When it did not answer, or not as this back end would. An answer that asks for patience is one.
    pub async fn check(&self, limit: Duration) -> Result<(), Unreachable> {
        match (self.ask)(CallOptions::default().with_deadline(limit)).await {
            Ok(()) => Ok(()),
            Err(error) => judge(&error),
        }
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe")
            .field("module", &self.module)
            .field("instance", &self.instance)
            .finish_non_exhaustive()
    }
}

fn judge(error: &Error) -> Result<(), Unreachable> {
    let reason = match error.kind() {
        // An older install, or one that is asked too often: it is there.
        ErrorKind::Unavailable { .. } | ErrorKind::Status { status: 429, .. } => return Ok(()),
        ErrorKind::Status { status, .. } => format!("it answers {status}"),
        ErrorKind::Logical(_) => "it refuses to say".to_owned(),
        ErrorKind::Decode { .. } | ErrorKind::TooLarge { .. } => {
            "its answer is not that of such a back end".to_owned()
        }
        kind => kind.to_string(),
    };
    Err(Unreachable {
        reason,
        token_refused: matches!(error.status(), Some(401 | 403)),
    })
}
