//! Teams: a ticket can be assigned to one, and every member then counts as assignee.

use api_core::{Endpoint, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    permission::{ADMIN, ADMINISTRATION_READ, ADMINISTRATION_WRITE},
    types::TeamId,
};

/// Creates a team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {
    /// Name of the team (inferred). Example: `Second line`.
    pub name: String,
    /// Further fields, such as the members; their names are not documented.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Create {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            extra: Map::new(),
        }
    }
}

impl Endpoint for Create {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.teams.create",
        "administration/teams/create",
        Repeat::Never,
        Reversal::Reversible("administration.teams.delete"),
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN)
    .since("2026-10");
}

/// Deletes a team. Tickets that were assigned to it lose their assignee (inferred); no call brings that back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    /// Id of the team to delete (inferred), from `administration.teams.index`. Example: 4.
    pub id: TeamId,
    /// Further fields; none are documented.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Delete {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(id: impl Into<TeamId>) -> Self {
        Self {
            id: id.into(),
            extra: Map::new(),
        }
    }
}

impl Endpoint for Delete {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.teams.delete",
        "administration/teams/delete",
        Repeat::Natural,
        Reversal::Irreversible,
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN)
    .since("2026-10");
}

/// Lists the teams.
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
    const SPEC: Spec = Spec::read("administration.teams.index", "administration/teams")
        .abilities(ADMINISTRATION_READ)
        .role(ADMIN)
        .since("2026-10");
}

/// Changes a team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// Id of the team to change (inferred), from `administration.teams.index`. Example: 4.
    pub id: TeamId,
    /// New name (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Further fields, such as the members; their names are not documented.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Update {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(id: impl Into<TeamId>) -> Self {
        Self {
            id: id.into(),
            name: None,
            extra: Map::new(),
        }
    }
}

impl Endpoint for Update {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.teams.update",
        "administration/teams/update",
        Repeat::Natural,
        Reversal::Reversible("administration.teams.update"),
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN)
    .since("2026-10");
}
