//! The remote side of interventions.

use api_core::{Endpoint, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::permission::INTERVENTIONS_ACCEPT;

/// Confirms the outcome of an intervention from the remote system (inferred). Its fields are not documented: what is
/// given is sent as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Accept {
    /// The fields to send.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Accept {
    /// Sends these fields.
    #[must_use]
    pub const fn new(fields: Map<String, Value>) -> Self {
        Self { extra: fields }
    }
}

impl Endpoint for Accept {
    type Response = Value;

    const SPEC: Spec = Spec::write(
        "interventions.accept",
        "interventions/accept",
        Repeat::Never,
        Reversal::Irreversible,
    )
    .abilities(INTERVENTIONS_ACCEPT)
    .since("2026-10");
}
