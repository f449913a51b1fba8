//! What a resource is: a document that a client can read by its URI.

use std::{future::Future, pin::Pin};

use serde_json::Value;

use crate::{context::Context, error::ToolError};

/// A JSON document that a client may read.
pub trait Resource: Send + Sync + 'static {
    /// Where it is and what it holds.
    fn spec(&self) -> ResourceSpec;

    /// Its content now.
    ///
    /// # Errors
    ///
    /// When the back end cannot be asked.
    fn read(&self, context: &Context) -> impl Future<Output = Result<Value, ToolError>> + Send;
}

/// Everything that is known of a resource before it is read. Its content is JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceSpec {
    /// Its address: `tickets://statuses`.
    pub uri: &'static str,
    /// Short name for programs: `ticket-statuses`.
    pub name: &'static str,
    /// Short name for people: `Ticket statuses`.
    pub title: &'static str,
    /// What it holds, and what for.
    pub description: &'static str,
    /// How long a client may keep what it read, in seconds.
    pub ttl_s: u64,
}

impl ResourceSpec {
    /// A resource that a client may keep for five minutes.
    #[must_use]
    pub const fn new(
        uri: &'static str,
        name: &'static str,
        title: &'static str,
        description: &'static str,
    ) -> Self {
        Self {
            uri,
            name,
            title,
            description,
            ttl_s: 300,
        }
    }

    /// The same with another time that a client may keep it, in seconds.
    #[must_use]
    pub const fn keep(mut self, seconds: u64) -> Self {
        self.ttl_s = seconds;
        self
    }
}

/// The future of a boxed read.
type Reading<'a> = Pin<Box<dyn Future<Output = Result<Value, ToolError>> + Send + 'a>>;

/// [`Resource`] behind a pointer.
pub(crate) trait DynResource: Send + Sync {
    fn spec(&self) -> ResourceSpec;
    fn read<'a>(&'a self, context: &'a Context) -> Reading<'a>;
}

impl<T: Resource> DynResource for T {
    fn spec(&self) -> ResourceSpec {
        Resource::spec(self)
    }

    fn read<'a>(&'a self, context: &'a Context) -> Reading<'a> {
        Box::pin(Resource::read(self, context))
    }
}
