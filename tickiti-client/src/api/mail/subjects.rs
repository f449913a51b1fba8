//! Excluded subjects: mail with them makes no tickets.

use api_core::{Endpoint, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    permission::{ADMIN, MAIL_READ, MAIL_WRITE},
    types::Id,
};

/// Excludes a subject: mail that carries it is no longer turned into tickets (inferred). The answer does not hold the
/// entry's id; list the entries again and look for the subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {
    /// Subject line, or the part of it to look for. Example: `Out of office`.
    pub subject: String,
}

impl Create {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
        }
    }
}

impl Endpoint for Create {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "mail.subjects.create",
        "mail/subjects/create",
        Repeat::Never,
        Reversal::Reversible("mail.subjects.delete"),
    )
    .abilities(MAIL_WRITE)
    .role(ADMIN);
}

/// Takes a subject off the list. It can be put back, under a new id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    /// Id of the entry, from `mail.subjects.index`. Example: 9.
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
        "mail.subjects.delete",
        "mail/subjects/delete",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(MAIL_WRITE)
    .role(ADMIN);
}

/// Lists the excluded subjects.
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
    type Response = Vec<Subject>;
    const SPEC: Spec = Spec::read("mail.subjects.index", "mail/subjects")
        .abilities(MAIL_READ)
        .role(ADMIN);
}

/// An excluded subject, as listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Subject {
    /// Id of the entry.
    pub id: Id,
    /// The subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Columns that are not known to this version.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
