//! The licence.

use api_core::{Endpoint, Spec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::permission::{ADMIN, ADMINISTRATION_READ};

/// Shows the licence and the features of the plan.
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
    const SPEC: Spec = Spec::read("administration.licence.index", "administration/licence")
        .abilities(ADMINISTRATION_READ)
        .role(ADMIN);
}
