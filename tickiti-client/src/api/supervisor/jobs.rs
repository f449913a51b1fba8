//! Background jobs, such as the sending of mail.
//!
//! Jobs of the queue `portal_default` are never touched.

use api_core::{Endpoint, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    permission::{SUPERUSER, SUPERVISOR_READ, SUPERVISOR_WRITE},
    types::Id,
};

/// Deletes jobs. What they would have done, such as sending a mail, never happens. It succeeds also for unknown ids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    /// Ids of the jobs to delete, from `supervisor.jobs.index`. Unknown ids are passed over. Example: `[118, 119]`.
    pub job_ids: Vec<Id>,
}

impl Delete {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(job_ids: Vec<Id>) -> Self {
        Self { job_ids }
    }
}

impl Endpoint for Delete {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "supervisor.jobs.delete",
        "supervisor/jobs/delete",
        Repeat::Natural,
        Reversal::Irreversible,
    )
    .abilities(SUPERVISOR_WRITE)
    .role(SUPERUSER);
}

/// Lists queued and failed jobs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Index {}

impl Index {
    /// Takes no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Endpoint for Index {
    type Response = Value;
    const SPEC: Spec = Spec::read("supervisor.jobs.index", "supervisor/jobs")
        .abilities(SUPERVISOR_READ)
        .role(SUPERUSER);
}

/// Runs failed jobs again; each call runs them once more, with everything they do. It succeeds also for unknown ids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Retry {
    /// Ids of the jobs to run again, from `supervisor.jobs.index`. Unknown ids are passed over. Example: `[118, 119]`.
    pub job_ids: Vec<Id>,
}

impl Retry {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(job_ids: Vec<Id>) -> Self {
        Self { job_ids }
    }
}

impl Endpoint for Retry {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "supervisor.jobs.retry",
        "supervisor/jobs/retry",
        Repeat::Never,
        Reversal::Irreversible,
    )
    .abilities(SUPERVISOR_WRITE)
    .role(SUPERUSER);
}
