//! All ticket types together, and the names of shipment statuses.

use std::collections::{BTreeMap, btree_map::Entry};

use serde::Serialize;

use super::{
    check::Known,
    model::{Excluded, TypeRules},
    violation::{Rule, Violation},
};
use crate::{
    api::{
        catalog::{ShipmentStatus, TicketType},
        tickets::Create,
    },
    types::TypeId,
};

/// The ticket types of a back end with their rules, in order of their ids.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog {
    types: BTreeMap<TypeId, TypeRules>,
}

/// What the rules say of a draft.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// Every rule that it breaks.
    pub violations: Vec<Violation>,
    /// Other available types that would take the same draft; looked for when there are violations.
    pub alternatives: Vec<Alternative>,
}

/// A type that would take a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Alternative {
    /// Id of the type.
    pub id: TypeId,
    /// Its name.
    pub name: String,
    /// When to choose it.
    pub use_case: Option<String>,
}

impl Verdict {
    /// True when the draft may be sent.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.violations.is_empty()
    }

    /// True when a policy forbids it, see [`Rule::is_policy`].
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.violations
            .iter()
            .any(|violation| violation.rule.is_policy())
    }
}

impl Catalog {
    /// Reads the rules of types, as the catalogue answers them. Of several with one id the first counts, unless there is
    /// one among them that agents may not use: then that one does.
    pub fn new(rows: impl IntoIterator<Item = TicketType>) -> Self {
        let mut types = BTreeMap::new();
        for row in rows {
            let rules = TypeRules::from(&row);
            match types.entry(row.id) {
                Entry::Vacant(free) => {
                    free.insert(rules);
                }
                Entry::Occupied(mut first) => {
                    let known: &TypeRules = first.get();
                    if known.available().is_ok() && rules.available().is_err() {
                        first.insert(rules);
                    }
                }
            }
        }
        Self { types }
    }

    /// True when there are no types.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    /// All types, internal ones among them.
    pub fn types(&self) -> impl Iterator<Item = &TypeRules> {
        self.types.values()
    }

    /// The types that agents may use.
    pub fn available(&self) -> impl Iterator<Item = &TypeRules> {
        self.types().filter(|rules| rules.available().is_ok())
    }

    /// A type by its id, also one that agents may not use.
    #[must_use]
    pub fn get(&self, id: TypeId) -> Option<&TypeRules> {
        self.types.get(&id)
    }

    /// An available type by its name; else the first whose name, description or use case has the text in it. Case does
    /// not matter.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<&TypeRules> {
        let said = text.trim().to_lowercase();
        if said.is_empty() {
            return None;
        }
        let has = |text: Option<&str>| text.is_some_and(|text| text.to_lowercase().contains(&said));
        let exact = self
            .available()
            .find(|rules| rules.name.to_lowercase() == said);
        exact.or_else(|| {
            self.available().find(|rules| {
                let use_case = rules.context.as_ref().and_then(|c| c.use_case.as_deref());
                has(Some(&rules.name)) || has(rules.description.as_deref()) || has(use_case)
            })
        })
    }

    /// Judges a draft by the rules of its type, and looks for types that would take it where its own does not.
    #[must_use]
    pub fn check(&self, draft: &Create, known: &Known<'_>) -> Verdict {
        let violations = match self.get(draft.type_id) {
            Some(rules) => rules.check(draft, known),
            None => vec![unknown("type", draft.type_id)],
        };
        let alternatives = if violations.is_empty() {
            Vec::new()
        } else {
            self.alternatives(draft, known)
        };
        Verdict {
            violations,
            alternatives,
        }
    }

    /// The available types, other than its own, that would take a draft as it is.
    #[must_use]
    pub fn alternatives(&self, draft: &Create, known: &Known<'_>) -> Vec<Alternative> {
        let others = self.available().filter(|rules| rules.id != draft.type_id);
        others
            .filter(|rules| rules.check(draft, known).is_empty())
            .map(|rules| Alternative {
                id: rules.id,
                name: rules.name.clone(),
                use_case: rules.context.as_ref().and_then(|c| c.use_case.clone()),
            })
            .collect()
    }

    /// Why agents may not use a type; `None` when they may, or when there is no such type.
    #[must_use]
    pub fn excluded(&self, id: TypeId) -> Option<Excluded> {
        self.get(id)?.available().err()
    }
}

pub(super) fn unknown(field: &str, id: TypeId) -> Violation {
    let allowed = "a ticket type that is available to agents";
    let mend = "list the available types and choose one of them";
    Violation::new(Rule::UnknownType, field, allowed, mend).found(format!("{id} (unknown)"))
}

/// Names of shipment statuses, by id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct StatusNames {
    names: BTreeMap<u64, String>,
}

impl StatusNames {
    /// Takes the names that the catalogue answers; statuses without one are left out.
    pub fn new(rows: impl IntoIterator<Item = ShipmentStatus>) -> Self {
        let names = rows
            .into_iter()
            .filter_map(|row| Some((row.id.get(), row.name?)));
        Self {
            names: names.collect(),
        }
    }

    /// True when there are no names.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name of a status.
    #[must_use]
    pub fn name(&self, id: u64) -> Option<&str> {
        self.names.get(&id).map(String::as_str)
    }

    /// The name of a status, or `ID 17` where it is not known.
    #[must_use]
    pub fn tell(&self, id: u64) -> String {
        self.name(id)
            .map_or_else(|| format!("ID {id}"), str::to_owned)
    }

    /// Ids and names, in order of the ids.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &str)> {
        self.names.iter().map(|(id, name)| (*id, name.as_str()))
    }
}

impl FromIterator<(u64, String)> for StatusNames {
    fn from_iter<I: IntoIterator<Item = (u64, String)>>(names: I) -> Self {
        Self {
            names: names.into_iter().collect(),
        }
    }
}
