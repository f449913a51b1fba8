//! Keys that make a write safe to repeat. A caller may as well make its own: any unique text of up to 255 characters.

use api_core::{Endpoint, Spec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Asks the install for a fresh idempotency key. Nothing else changes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {}

impl Create {
    /// Takes no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Endpoint for Create {
    type Response = Value;

    const SPEC: Spec = Spec::read("idempotency_key.create", "idempotency_key");
}
