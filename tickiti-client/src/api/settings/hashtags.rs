//! Hashtags: words that people put behind a `#` in tickets.

use api_core::{Endpoint, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::permission::{SETTINGS_READ, SETTINGS_WRITE, STAFF};

/// Deletes a hashtag everywhere. It succeeds also when no such hashtag exists.
///
/// No call makes a hashtag again, and the tickets that carried it lose it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    /// Name of the hashtag to delete, as `settings.hashtags.index` lists it, without the leading `#` (inferred).
    /// Example: `refund`.
    pub tag: String,
}

impl Delete {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(tag: impl Into<String>) -> Self {
        Self { tag: tag.into() }
    }
}

impl Endpoint for Delete {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "settings.hashtags.delete",
        "settings/hashtags/delete",
        Repeat::Natural,
        Reversal::Irreversible,
    )
    .abilities(SETTINGS_WRITE)
    .role(STAFF);
}

/// Lists the hashtags in use.
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
    const SPEC: Spec = Spec::read("settings.hashtags.index", "settings/hashtags")
        .abilities(SETTINGS_READ)
        .role(STAFF);
}
