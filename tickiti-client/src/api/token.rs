//! The token itself.

use api_core::{Endpoint, Spec};
use serde::{Deserialize, Serialize};

use crate::permission::Permissions;

/// Reports what the token may do: its abilities, the roles of its owner, the features of the install's plan.
///
/// Any valid token may ask, so it also serves as a health check.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Show {}

impl Show {
    /// Takes no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Endpoint for Show {
    type Response = Permissions;

    const SPEC: Spec = Spec::read("token.show", "token").since("2026-10");
}
