//! Settings of the install.

use api_core::{Endpoint, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::permission::{ADMIN, ADMINISTRATION_READ, ADMINISTRATION_WRITE};

/// Shows the settings of the install.
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
    const SPEC: Spec = Spec::read("administration.system.index", "administration/system")
        .abilities(ADMINISTRATION_READ)
        .role(ADMIN);
}

/// Changes settings of the install. The fields are not documented: read them with `administration.system.index` and
/// send what shall change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// The settings to change, named as `administration.system.index` names them (inferred). Known from the screens:
    /// the permissions model, the largest attachment, the notification mode, the number of responses in a mail, how
    /// long sent mail is kept.
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
        "administration.system.update",
        "administration/system/update",
        Repeat::Natural,
        Reversal::Reversible("administration.system.update"),
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN);
}
