//! Supervision of the install: health, background jobs, scheduled tasks.
//!
//! The owner of the token must have the role superuser.

use api_core::{Endpoint, Spec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::permission::{SUPERUSER, SUPERVISOR_READ};

pub mod health;
pub mod jobs;
pub mod super_tasks;

#[cfg(test)]
mod tests;

/// Shows which diagnostic options are switched on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Diagnostics {}

impl Diagnostics {
    /// Takes no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Endpoint for Diagnostics {
    type Response = Value;
    const SPEC: Spec = Spec::read("supervisor.diagnostics", "supervisor/diagnostics")
        .abilities(SUPERVISOR_READ)
        .role(SUPERUSER);
}
