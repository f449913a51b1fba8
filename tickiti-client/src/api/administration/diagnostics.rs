//! Diagnostics of the install.
//!
//! Where diagnostics are switched off, all of these answer 404.

use api_core::{Endpoint, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::permission::{ADMIN, ADMINISTRATION_READ, ADMINISTRATION_WRITE};

/// Fetches diagnostic data.
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
    const SPEC: Spec = Spec::read(
        "administration.diagnostics.fetch",
        "administration/diagnostics/fetch",
    )
    .abilities(ADMINISTRATION_READ)
    .role(ADMIN);
}

/// Shows the diagnostic settings.
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
    const SPEC: Spec = Spec::read(
        "administration.diagnostics.index",
        "administration/diagnostics",
    )
    .abilities(ADMINISTRATION_READ)
    .role(ADMIN);
}

/// Changes diagnostic settings. The fields are not documented: read them with `administration.diagnostics.index` and
/// send what shall change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// The settings to change, named as `administration.diagnostics.index` names them (inferred).
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Update {
    /// The request without any of its fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Endpoint for Update {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.diagnostics.update",
        "administration/diagnostics/update",
        Repeat::Natural,
        Reversal::Reversible("administration.diagnostics.update"),
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN);
}

/// Uploads diagnostic data; where to is not documented. What has left the install stays out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Upload {
    /// Fields of the upload; none are documented, and none may be needed.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Upload {
    /// The request without any of its fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Endpoint for Upload {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.diagnostics.upload",
        "administration/diagnostics/upload",
        Repeat::Never,
        Reversal::Irreversible,
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN);
}
