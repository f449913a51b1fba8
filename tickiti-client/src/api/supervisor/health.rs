//! Health: free space of disks, and exceptions that are expected.

use api_core::{Endpoint, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    permission::{SUPERUSER, SUPERVISOR_READ, SUPERVISOR_WRITE},
    types::{Id, lenient},
};

/// Stops watching a disk. It can be watched again, under a new id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DiskDelete {
    /// Id of the entry, from `supervisor.health.manage`. Example: 1.
    pub id: Id,
}

impl DiskDelete {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(id: impl Into<Id>) -> Self {
        Self { id: id.into() }
    }
}

impl Endpoint for DiskDelete {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "supervisor.health.disk_delete",
        "supervisor/health/disk/delete",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(SUPERVISOR_WRITE)
    .role(SUPERUSER);
}

/// Watches the free space of a disk, or changes the limits of one that is watched.
///
/// What makes the call change an entry instead of adding one is not documented; the root path most likely does
/// (inferred).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DiskStore {
    /// Root of the disk. Example: `C:/`.
    pub root_path: String,
    /// Free space below which the disk counts as full, in gigabytes (inferred).
    pub min_free_space: f64,
    /// Free space below which a warning is raised, in gigabytes (inferred).
    pub warn_free_space: f64,
}

impl DiskStore {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(root_path: impl Into<String>, min_free_space: f64, warn_free_space: f64) -> Self {
        Self {
            root_path: root_path.into(),
            min_free_space,
            warn_free_space,
        }
    }
}

impl Endpoint for DiskStore {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "supervisor.health.disk_store",
        "supervisor/health/disk/store",
        Repeat::Never,
        Reversal::Compensable,
    )
    .abilities(SUPERVISOR_WRITE)
    .role(SUPERUSER);
}

/// Removes an expected exception, so that it counts as an error again. It can be added again, under a new id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExceptionDelete {
    /// Id of the entry, from `supervisor.health.manage`. Example: 1.
    pub id: Id,
}

impl ExceptionDelete {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(id: impl Into<Id>) -> Self {
        Self { id: id.into() }
    }
}

impl Endpoint for ExceptionDelete {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "supervisor.health.exception_delete",
        "supervisor/health/exception/delete",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(SUPERVISOR_WRITE)
    .role(SUPERUSER);
}

/// Adds an expected exception, which then no longer counts as an error (inferred), or changes one.
///
/// What makes the call change an entry instead of adding one is not documented; the pattern most likely does
/// (inferred).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExceptionStore {
    /// Text of the exceptions that are meant; `*` stands for any text. Example: `Connection timed out*`.
    pub pattern: String,
    /// Why they are expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl ExceptionStore {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(pattern: impl Into<String>) -> Self {
        Self {
            pattern: pattern.into(),
            description: None,
        }
    }
}

impl Endpoint for ExceptionStore {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "supervisor.health.exception_store",
        "supervisor/health/exception/store",
        Repeat::Never,
        Reversal::Compensable,
    )
    .abilities(SUPERVISOR_WRITE)
    .role(SUPERUSER);
}

/// Lists the disks that are watched and the exceptions that are expected.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Manage {}

impl Manage {
    /// Takes no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Endpoint for Manage {
    type Response = Managed;
    const SPEC: Spec = Spec::read("supervisor.health.manage", "supervisor/health/manage")
        .abilities(SUPERVISOR_READ)
        .role(SUPERUSER);
}

/// Shows the health of the install.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Status {}

impl Status {
    /// Takes no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Endpoint for Status {
    type Response = Value;
    const SPEC: Spec = Spec::read("supervisor.health.status", "supervisor/health")
        .abilities(SUPERVISOR_READ)
        .role(SUPERUSER);
}

/// What is watched and what is expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Managed {
    /// Disks whose free space is watched.
    pub disks: Vec<Disk>,
    /// Exceptions that are expected.
    pub exceptions: Vec<Exception>,
    /// Further parts of the answer.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A disk that is watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Disk {
    /// Its id.
    pub id: Id,
    /// Root of the disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_path: Option<String>,
    /// Free space below which it counts as full, in gigabytes (inferred).
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::number"
    )]
    pub min_free_space: Option<f64>,
    /// Free space below which a warning is raised, in gigabytes (inferred).
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::number"
    )]
    pub warn_free_space: Option<f64>,
    /// Columns that are not known to this version.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An exception that is expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Exception {
    /// Its id.
    pub id: Id,
    /// Text that is meant; `*` stands for any text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Why it is expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Columns that are not known to this version.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
