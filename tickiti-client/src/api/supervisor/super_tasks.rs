//! Scheduled tasks. The API only reads them.

use api_core::{Endpoint, Spec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::permission::{SUPERUSER, SUPERVISOR_READ};

/// Lists the scheduled tasks with their settings and templates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fetch {}

impl Fetch {
    /// Takes no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Endpoint for Fetch {
    type Response = Value;
    const SPEC: Spec = Spec::read("supervisor.super_tasks.fetch", "supervisor/super-tasks")
        .abilities(SUPERVISOR_READ)
        .role(SUPERUSER);
}
