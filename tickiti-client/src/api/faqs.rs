//! The public FAQ.

use api_core::{Endpoint, Method, Spec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Lists the public questions and answers of the install.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct List {}

impl List {
    /// Takes no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Endpoint for List {
    type Response = Value;

    const SPEC: Spec = Spec::read("faqs", "faqs")
        .method(Method::Get)
        .since("2026-10");
}
