//! Watchlists: hand-picked sets of tickets, in an order.

use api_core::{Endpoint, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    permission::{SETTINGS_READ, SETTINGS_WRITE, STAFF},
    types::{TicketId, WatchlistId},
};

/// Puts tickets on a watchlist. Tickets that are on it already stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AddTickets {
    /// Id of the watchlist, from `settings.watchlists.index`. Example: 4.
    pub watchlist_id: WatchlistId,
    /// Tickets to add, by internal id (inferred), not by their six-digit numbers. Example: `[912, 913]`.
    pub ticket_ids: Vec<TicketId>,
}

impl AddTickets {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(watchlist_id: impl Into<WatchlistId>, ticket_ids: Vec<TicketId>) -> Self {
        Self {
            watchlist_id: watchlist_id.into(),
            ticket_ids,
        }
    }
}

impl Endpoint for AddTickets {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "settings.watchlists.add_tickets",
        "settings/watchlists/add-tickets",
        Repeat::Natural,
        Reversal::Reversible("settings.watchlists.remove_tickets"),
    )
    .adds(true)
    .abilities(SETTINGS_WRITE)
    .role(STAFF);
}

/// Creates a watchlist without tickets. The answer does not hold its id; list the watchlists again and look for the
/// name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {
    /// Name that staff see, such as `Claims to watch`.
    pub name: String,
    /// Symbol or colour of the list; `star` and `flag` are known to work.
    pub icon: String,
    /// True shows it to all staff, false to its owner alone. Only an administrator may set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<bool>,
    /// A sentence about what is on it. The field's name is inferred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How its tickets are laid out: the screens offer `Card` and `List`. Name and spelling of the field are inferred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_mode: Option<String>,
}

impl Create {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(name: impl Into<String>, icon: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            icon: icon.into(),
            shared: None,
            description: None,
            display_mode: None,
        }
    }
}

impl Endpoint for Create {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "settings.watchlists.create",
        "settings/watchlists/create",
        Repeat::Never,
        Reversal::Reversible("settings.watchlists.delete"),
    )
    .abilities(SETTINGS_WRITE)
    .role(STAFF);
}

/// Deletes a watchlist; its tickets stay as they are. The list can be made and filled again, under a new id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    /// Id of the watchlist to delete, from `settings.watchlists.index`. Example: 4.
    pub watchlist_id: WatchlistId,
}

impl Delete {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(watchlist_id: impl Into<WatchlistId>) -> Self {
        Self {
            watchlist_id: watchlist_id.into(),
        }
    }
}

impl Endpoint for Delete {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "settings.watchlists.delete",
        "settings/watchlists/delete",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(SETTINGS_WRITE)
    .role(STAFF);
}

/// Lists the watchlists that the token's owner may see.
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
    type Response = Watchlists;
    const SPEC: Spec = Spec::read("settings.watchlists.index", "settings/watchlists")
        .abilities(SETTINGS_READ)
        .role(STAFF);
}

/// Takes tickets off a watchlist. The tickets stay as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RemoveTickets {
    /// Id of the watchlist, from `settings.watchlists.index`. Example: 4.
    pub watchlist_id: WatchlistId,
    /// Tickets to take off, by internal id (inferred), not by their six-digit numbers. Example: `[912, 913]`.
    pub ticket_ids: Vec<TicketId>,
}

impl RemoveTickets {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(watchlist_id: impl Into<WatchlistId>, ticket_ids: Vec<TicketId>) -> Self {
        Self {
            watchlist_id: watchlist_id.into(),
            ticket_ids,
        }
    }
}

impl Endpoint for RemoveTickets {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "settings.watchlists.remove_tickets",
        "settings/watchlists/remove-tickets",
        Repeat::Natural,
        Reversal::Reversible("settings.watchlists.add_tickets"),
    )
    .abilities(SETTINGS_WRITE)
    .role(STAFF);
}

/// Puts the tickets of a watchlist into an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reorder {
    /// Id of the watchlist, from `settings.watchlists.index`. Example: 4.
    pub watchlist_id: WatchlistId,
    /// Tickets of the list in the wanted order, by internal id (inferred). Give all of them. Example: `[913, 912]`.
    pub ticket_ids: Vec<TicketId>,
}

impl Reorder {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(watchlist_id: impl Into<WatchlistId>, ticket_ids: Vec<TicketId>) -> Self {
        Self {
            watchlist_id: watchlist_id.into(),
            ticket_ids,
        }
    }
}

impl Endpoint for Reorder {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "settings.watchlists.reorder",
        "settings/watchlists/reorder",
        Repeat::Natural,
        Reversal::Reversible("settings.watchlists.reorder"),
    )
    .abilities(SETTINGS_WRITE)
    .role(STAFF);
}

/// Renames a watchlist or changes its symbol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// Id of the watchlist to change, from `settings.watchlists.index`. Example: 4.
    pub watchlist_id: WatchlistId,
    /// New name that staff see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// New symbol or colour; `star` and `flag` are known to work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
}

impl Update {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(watchlist_id: impl Into<WatchlistId>) -> Self {
        Self {
            watchlist_id: watchlist_id.into(),
            name: None,
            icon: None,
        }
    }
}

impl Endpoint for Update {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "settings.watchlists.update",
        "settings/watchlists/update",
        Repeat::Natural,
        Reversal::Reversible("settings.watchlists.update"),
    )
    .abilities(SETTINGS_WRITE)
    .role(STAFF);
}

/// What listing watchlists answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Watchlists {
    /// The watchlists.
    pub watchlists: Vec<Watchlist>,
    /// Further parts of the answer, such as data for a colour picker.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A watchlist, as listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Watchlist {
    /// Its id.
    pub id: WatchlistId,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its symbol or colour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Columns that are not known to this version.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
