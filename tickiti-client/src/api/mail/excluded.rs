//! Excluded addresses: mail from them makes no tickets.

use api_core::{Endpoint, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    permission::{ADMIN, MAIL_READ, MAIL_WRITE},
    types::{Email, Id},
};

/// Excludes an address: mail from it is no longer turned into tickets. The answer does not hold the entry's id; list
/// the entries again and look for the address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {
    /// Address to exclude. Example: `noreply@newsletter.example`.
    pub email: Email,
}

impl Create {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(email: Email) -> Self {
        Self { email }
    }
}

impl Endpoint for Create {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "mail.excluded.create",
        "mail/excluded-emails/create",
        Repeat::Never,
        Reversal::Reversible("mail.excluded.delete"),
    )
    .abilities(MAIL_WRITE)
    .role(ADMIN);
}

/// Takes an address off the list, so that its mail makes tickets again. It can be excluded again, under a new id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    /// Id of the entry, from `mail.excluded.index`. Example: 5.
    pub id: Id,
}

impl Delete {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(id: impl Into<Id>) -> Self {
        Self { id: id.into() }
    }
}

impl Endpoint for Delete {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "mail.excluded.delete",
        "mail/excluded-emails/delete",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(MAIL_WRITE)
    .role(ADMIN);
}

/// Lists the excluded addresses.
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
    type Response = Vec<Excluded>;
    const SPEC: Spec = Spec::read("mail.excluded.index", "mail/excluded-emails")
        .abilities(MAIL_READ)
        .role(ADMIN);
}

/// An excluded address, as listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Excluded {
    /// Id of the entry.
    pub id: Id,
    /// The address, as it is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Columns that are not known to this version.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
