//! Storage: what is kept, and for how long.

use api_core::{Endpoint, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::permission::{ADMIN, ADMINISTRATION_WRITE};

/// Deletes closed tickets above an age, for good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeleteClosed {
    /// Closed tickets older than this many days are deleted. Example: 3650.
    pub older_than_days: u32,
}

impl DeleteClosed {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(older_than_days: u32) -> Self {
        Self { older_than_days }
    }
}

impl Endpoint for DeleteClosed {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.storage.delete_closed",
        "administration/storage/delete-closed",
        Repeat::Never,
        Reversal::Irreversible,
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN);
}

/// Deletes stored files that nothing refers to any more, for good.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeleteOrphaned {}

impl DeleteOrphaned {
    /// Takes no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Endpoint for DeleteOrphaned {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.storage.delete_orphaned",
        "administration/storage/delete-orphaned",
        Repeat::Never,
        Reversal::Irreversible,
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN);
}

/// Sets how long sent mail is kept. Mail that is older is deleted, for good, some time after a shorter value is set
/// (inferred).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Retention {
    /// How many days sent mail is kept. Example: 365.
    pub sent_mail_retention_days: u32,
}

impl Retention {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(sent_mail_retention_days: u32) -> Self {
        Self {
            sent_mail_retention_days,
        }
    }
}

impl Endpoint for Retention {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.storage.retention",
        "administration/storage/retention",
        Repeat::Natural,
        Reversal::Irreversible,
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN);
}
