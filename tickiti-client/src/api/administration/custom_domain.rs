//! An own address for the install.

use api_core::{Endpoint, Repeat, Reversal, Secret, Spec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::permission::{ADMIN, ADMINISTRATION_READ, ADMINISTRATION_WRITE};

/// Shows the default address, the own domain and the state of its DNS.
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
    const SPEC: Spec = Spec::read(
        "administration.custom_domain.status",
        "administration/custom-domain",
    )
    .abilities(ADMINISTRATION_READ)
    .role(ADMIN)
    .sysadmin();
}

/// Sets the own domain. It works once its DNS points to the install; the default address keeps working.
///
/// The former domain can be set again; whether a domain can be removed by this call is not documented.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// Account password of the token's owner, asked again for safety.
    #[serde(serialize_with = "Secret::reveal")]
    pub current_password: Secret,
    /// The domain, without scheme and path. Example: `support.example.com`.
    pub domain: String,
}

impl Update {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(current_password: impl Into<Secret>, domain: impl Into<String>) -> Self {
        Self {
            current_password: current_password.into(),
            domain: domain.into(),
        }
    }
}

impl Endpoint for Update {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.custom_domain.update",
        "administration/custom-domain/update",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN)
    .sysadmin();
}
