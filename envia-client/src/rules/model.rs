//! The rules of one ticket type, read.

use std::collections::BTreeSet;

use serde::Serialize;

use super::validation::Validation;
use crate::types::TypeId;

/// A ticket type with its rules; made from what the catalogue answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TypeRules {
    /// Id of the type.
    pub id: TypeId,
    /// Name in lower snake case; `type_<id>` when the catalogue gives none.
    pub name: String,
    /// What people call it.
    pub description: Option<String>,
    /// Whether it is in use; true when the catalogue does not tell.
    pub active: bool,
    /// What a ticket must point to.
    pub reference: Reference,
    /// Fields of the form, those without a usable name left out.
    pub inputs: Vec<Input>,
    /// Files that the agent should ask for. None is demanded.
    pub files: Vec<WantedFile>,
    /// Ids of the shipment statuses in which a ticket may be opened; empty when all are.
    pub eligible_statuses: Vec<u64>,
    /// What fields of the shipment must be.
    pub validations: Vec<Validation>,
    /// What agents may know and do; without it the type is internal.
    pub context: Option<Context>,
    /// Prompts for the comment.
    pub comment_template: Vec<String>,
    /// Text that the web form shows when a ticket is not allowed.
    pub error: Option<String>,
    /// Why the rules as a whole, or their context, cannot be read; they count as absent then.
    pub broken: Option<String>,
    /// Single rules that cannot be read: their place in the rules. A draft of such a type is refused.
    pub unreadable: Vec<String>,
}

/// What a ticket must point to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reference {
    /// Nothing.
    #[default]
    None,
    /// A shipment, by id or tracking number.
    Guide,
    /// A credit.
    Credit,
    /// A package in a warehouse; not enforced.
    WarehousePackage,
    /// Legal papers; not enforced.
    Legal,
    /// Legal papers for a credit; not enforced.
    LegalCredit,
    /// Something newer; not enforced.
    #[serde(untagged)]
    Other(String),
}

/// A field of the form, one type-specific variable.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Input {
    /// Name of the variable.
    pub name: String,
    /// Whether a ticket must have it.
    pub required: bool,
    /// Type as the rules name it: `text`, `source`, `values`, `email`, `number` …
    pub kind: Option<String>,
    /// `input` or `select`.
    pub element: Option<String>,
    /// What people call it.
    pub label: Option<String>,
    /// Pattern of the web form. It is shown, not enforced.
    pub regex: Option<String>,
    /// What the web form says when the pattern does not fit.
    pub regex_message: Option<String>,
}

/// A variable to collect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its type, in words: `string`, `number`, `string (select)`, `string (email)` …
    #[serde(rename = "type")]
    pub kind: String,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A file to ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WantedFile {
    /// What people call it.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The back end's own name of the kind of file.
    pub kind: Option<String>,
}

/// What agents may know and do with a type.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Context {
    /// When to choose the type.
    pub use_case: Option<String>,
    /// Agents must not use it.
    pub is_blocked: bool,
    /// A shipment is needed.
    pub requires_guide: bool,
    /// A credit is needed.
    pub requires_credit_id: bool,
    /// What an agent must obey without exception.
    pub agent_notes: Vec<String>,
    /// Ceiling on the amount claimed, at the change to "claim in review".
    pub amount_limit: AmountLimit,
    /// Variables that are required, when the context names them itself.
    pub required_variables: Option<Vec<Variable>>,
    /// Variables that are optional, when the context names them itself.
    pub optional_variables: Option<Vec<Variable>>,
}

/// Ceiling on the amount claimed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub enum AmountLimit {
    /// There is none.
    #[default]
    None,
    /// So many MXN; that amount itself is allowed.
    Mxn(f64),
    /// There is one that cannot be read: no amount can be held against it.
    Unreadable(String),
}

/// Why agents may not use a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Excluded {
    /// It is blocked.
    Blocked,
    /// It has no context: it is internal.
    Internal,
    /// It is out of use (inferred: the documentation lists such types).
    Inactive,
}

impl TypeRules {
    /// The context, when agents may use the type.
    ///
    /// # Errors
    ///
    /// Why they may not.
    pub fn available(&self) -> Result<&Context, Excluded> {
        match &self.context {
            None => Err(Excluded::Internal),
            Some(context) if context.is_blocked => Err(Excluded::Blocked),
            Some(_) if !self.active => Err(Excluded::Inactive),
            Some(context) => Ok(context),
        }
    }

    /// True when a ticket must name a shipment.
    #[must_use]
    pub fn requires_guide(&self) -> bool {
        let asked = self
            .context
            .as_ref()
            .is_some_and(|context| context.requires_guide);
        asked || self.reference == Reference::Guide
    }

    /// True when a ticket must name a credit.
    #[must_use]
    pub fn requires_credit(&self) -> bool {
        let asked = self
            .context
            .as_ref()
            .is_some_and(|context| context.requires_credit_id);
        asked || self.reference == Reference::Credit
    }

    /// True when the shipment itself must be looked at.
    #[must_use]
    pub fn needs_shipment(&self) -> bool {
        !self.eligible_statuses.is_empty() || !self.validations.is_empty()
    }

    /// Ceiling on the amount claimed; unreadable when the rules as a whole are.
    #[must_use]
    pub fn amount_limit(&self) -> AmountLimit {
        match (&self.context, &self.broken) {
            (Some(context), _) => context.amount_limit.clone(),
            (None, Some(broken)) => AmountLimit::Unreadable(broken.clone()),
            (None, None) => AmountLimit::None,
        }
    }

    /// Variables that a ticket must have: the context's own list, else the required inputs.
    #[must_use]
    pub fn required_variables(&self) -> Vec<Variable> {
        let own = self
            .context
            .as_ref()
            .and_then(|context| context.required_variables.clone());
        own.unwrap_or_else(|| self.derived(true))
    }

    /// Variables that a ticket may have: the context's own list, else the other inputs.
    #[must_use]
    pub fn optional_variables(&self) -> Vec<Variable> {
        let own = self
            .context
            .as_ref()
            .and_then(|context| context.optional_variables.clone());
        own.unwrap_or_else(|| {
            let required = self.required_variables();
            let mut rest = self.derived(false);
            let taken: BTreeSet<&str> = required.iter().map(|v| v.name.as_str()).collect();
            rest.retain(|variable| !taken.contains(variable.name.as_str()));
            rest
        })
    }

    fn derived(&self, required: bool) -> Vec<Variable> {
        let wanted = self
            .inputs
            .iter()
            .filter(|input| input.required == required);
        wanted
            .map(|input| Variable {
                name: input.name.clone(),
                kind: match input.kind.as_deref() {
                    None | Some("") => "string".to_owned(),
                    Some("source" | "values") => "string (select)".to_owned(),
                    Some("email") => "string (email)".to_owned(),
                    Some(other) => other.to_owned(),
                },
                label: input.label.clone(),
            })
            .collect()
    }
}
