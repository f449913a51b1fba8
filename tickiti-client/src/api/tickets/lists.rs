//! What ticket calls can name: queues, teams, staff, resolutions, search modes.

use api_core::{Endpoint, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    permission::TICKETS_READ,
    types::{Id, QueueId, Rows, UserId, lenient},
};

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident -> $response:ty, $spec:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub struct $name {}

        impl $name {
            /// Takes no fields.
            #[must_use]
            pub const fn new() -> Self {
                Self {}
            }
        }

        impl Endpoint for $name {
            type Response = $response;

            const SPEC: Spec = $spec;
        }
    )+};
}

lists! {
    /// Lists the queues with their names and settings.
    Queues -> Rows<Queue>,
        Spec::read("tickets.queues", "tickets/queues").abilities(TICKETS_READ).since("2026-10");
    /// Lists the teams: name, members, the key `team:<id>` to assign to, and a key for searches that takes in the
    /// members' tickets, `team-and-members:<id>`.
    Teams -> Rows<Value>,
        Spec::read("tickets.teams", "tickets/teams").abilities(TICKETS_READ).since("2026-10");
    /// Lists the resolution categories that a ticket can be closed with.
    Resolutions -> Rows<Resolution>,
        Spec::read("tickets.resolutions", "tickets/resolutions")
            .abilities(TICKETS_READ)
            .since("2026-10");
    /// Lists the modes that a ticket search knows, and how they combine.
    SearchModes -> Value,
        Spec::read("tickets.search_modes", "tickets/search-modes")
            .abilities(TICKETS_READ)
            .since("2026-10");
}

/// Lists members of staff: id, name, e-mail address, team keys.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Staff {
    /// Part of a name or address to look for; absent lists everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
}

impl Staff {
    /// Everybody.
    #[must_use]
    pub const fn new() -> Self {
        Self { search: None }
    }
}

impl Endpoint for Staff {
    type Response = Rows<StaffMember>;

    const SPEC: Spec = Spec::read("tickets.staff", "tickets/staff")
        .abilities(TICKETS_READ)
        .since("2026-10");
}

/// A queue (form inferred).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Queue {
    /// Internal id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<QueueId>,
    /// Name.
    pub name: String,
    /// Its settings.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A resolution category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Resolution {
    /// Internal id.
    pub id: Id,
    /// Name.
    pub name: String,
    /// False for a category that tickets can no longer be closed with.
    #[serde(
        default,
        deserialize_with = "lenient::flag",
        skip_serializing_if = "Option::is_none"
    )]
    pub selectable: Option<bool>,
    /// What else the answer said.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A member of staff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StaffMember {
    /// Internal id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<UserId>,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What else the answer said: keys of the teams, under a name that is not documented.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
