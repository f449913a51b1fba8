//! API keys: the tokens that programs call the API with.
//!
//! A key can only grant abilities that the calling token holds: access can be passed on or narrowed, never widened.

#[cfg(feature = "schema")]
use std::borrow::Cow;

use api_core::{Endpoint, Problem, Repeat, Reversal, Spec};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use crate::{
    permission::{ADMIN, ADMINISTRATION_READ, ADMINISTRATION_WRITE},
    rules::Rules,
    types::{Issued, TokenId, UserId, nullable},
};

/// Creates an API key. The answer holds the token in plain text, this once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {
    /// What the key is for, such as `nightly export`. At most 255 characters.
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub name: String,
    /// Whom the key acts as: `system` for the built-in system user, or the id of a member of staff, from
    /// `administration.users.index`, such as `12`.
    pub owner: Owner,
    /// What the key may do, at least one, each `<family>:read` or `<family>:write`; write includes read. Only abilities
    /// that the calling token holds. Example: `["tickets:read"]`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub abilities: Vec<String>,
    /// The one IP address that the key is accepted from; any when absent. Example: `203.0.113.9`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_ip: Option<String>,
}

impl Create {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(name: impl Into<String>, owner: Owner, abilities: Vec<String>) -> Self {
        Self {
            name: name.into(),
            owner,
            abilities,
            allowed_ip: None,
        }
    }
}

impl Endpoint for Create {
    type Response = Issued;
    const SPEC: Spec = Spec::write(
        "administration.api_tokens.create",
        "administration/api-tokens/create",
        Repeat::Never,
        Reversal::Reversible("administration.api_tokens.revoke"),
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN)
    .since("2026-10")
    .answers_secret();

    fn problems(&self) -> Vec<Problem> {
        Rules::default()
            .length("name", Some(&self.name), 1..=255)
            .require(
                !self.abilities.is_empty(),
                "abilities",
                "is empty: name at least one",
            )
            .take()
    }
}

/// Lists the API keys without their secrets: owner, abilities, allowed address, last use; also which abilities the
/// calling token can grant.
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
        "administration.api_tokens.index",
        "administration/api-tokens",
    )
    .abilities(ADMINISTRATION_READ)
    .role(ADMIN)
    .since("2026-10");
}

/// Revokes an API key at once and for good: whatever uses it stops working.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Revoke {
    /// Id of the key to revoke, from `administration.api_tokens.index`. Example: 14.
    pub id: TokenId,
}

impl Revoke {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(id: impl Into<TokenId>) -> Self {
        Self { id: id.into() }
    }
}

impl Endpoint for Revoke {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.api_tokens.revoke",
        "administration/api-tokens/revoke",
        Repeat::Natural,
        Reversal::Irreversible,
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN)
    .since("2026-10");
}

/// Changes an API key. Fields that are absent stay.
///
/// Abilities taken away can only be given back by a token that holds them, so a key that narrows itself cannot widen
/// itself again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// Id of the key to change, from `administration.api_tokens.index`. Example: 14.
    pub id: TokenId,
    /// What the key may do from now on, at least one; replaces what it could do. Only abilities that the calling token
    /// holds. Example: `["tickets:read"]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub abilities: Option<Vec<String>>,
    /// The one IP address that the key is accepted from; null accepts any again. Example: `203.0.113.9`.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "nullable::deserialize"
    )]
    #[cfg_attr(feature = "schema", schemars(extend("x-nullable" = true)))]
    pub allowed_ip: Option<Option<String>>,
    /// New name. At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub name: Option<String>,
}

impl Update {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(id: impl Into<TokenId>) -> Self {
        Self {
            id: id.into(),
            abilities: None,
            allowed_ip: None,
            name: None,
        }
    }
}

impl Endpoint for Update {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.api_tokens.update",
        "administration/api-tokens/update",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN)
    .since("2026-10");

    fn problems(&self) -> Vec<Problem> {
        Rules::default()
            .require(
                self.abilities
                    .as_ref()
                    .is_none_or(|abilities| !abilities.is_empty()),
                "abilities",
                "is empty: name at least one",
            )
            .length("name", self.name.as_deref(), 0..=255)
            .take()
    }
}

/// Whom an API key acts as. On the wire `system`, or the id of a user as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The built-in system user.
    System,
    /// A member of staff.
    User(UserId),
}

const SYSTEM: &str = "system";

impl Serialize for Owner {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::System => serializer.serialize_str(SYSTEM),
            Self::User(id) => serializer.collect_str(id),
        }
    }
}

impl<'de> Deserialize<'de> for Owner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let owner = Value::deserialize(deserializer)?;
        if owner == SYSTEM {
            return Ok(Self::System);
        }
        UserId::deserialize(owner)
            .map(Self::User)
            .map_err(|_| de::Error::custom("the owner must be `system` or the id of a user"))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Owner {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Owner".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": ["string", "integer"], "pattern": "^(system|[0-9]+)$"})
    }
}
