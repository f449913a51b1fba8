//! What is wrong with a draft, in parts that a program can act upon.

use std::fmt;

use serde::Serialize;

/// Which rule is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rule {
    /// The type does not exist.
    UnknownType,
    /// The type is blocked, internal or inactive.
    Excluded,
    /// A field of the request has a form that no type takes.
    Form,
    /// The type needs a shipment.
    Reference,
    /// The type needs a credit.
    Credit,
    /// The type needs a variable.
    Variable,
    /// The shipment is not known, or is another than the draft says.
    Shipment,
    /// The shipment has a status in which no ticket of the type may be opened.
    ShipmentStatus,
    /// A field of the shipment has not the value that the type wants.
    Validation,
    /// A rule of the type cannot be read, so nothing can be held against it.
    Unreadable,
    /// A change changes nothing.
    NothingToChange,
    /// Files need the company.
    CompanyForFiles,
    /// The status needs a comment.
    Comment,
    /// The ticket that is to be changed is not known.
    TicketUnknown,
    /// The ticket is closed.
    Closed,
    /// The amount is above the type's limit, or cannot be held against it.
    AmountLimit,
}

impl Rule {
    /// True when a policy forbids the action, where otherwise the request is wrong and can be mended.
    #[must_use]
    pub const fn is_policy(self) -> bool {
        matches!(self, Self::Excluded | Self::AmountLimit)
    }
}

/// One broken rule. The texts are for people: lower case, without a full stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Violation {
    /// Which rule.
    pub rule: Rule,
    /// The field that breaks it: of the request, or `shipment.…` and `ticket.…`; several are joined by a comma.
    pub field: String,
    /// What was found; `None` when nothing was. For a form, what is wrong with it: `is empty: give a text`.
    pub found: Option<String>,
    /// What is allowed.
    pub allowed: String,
    /// What would mend it.
    pub mend: String,
}

impl Violation {
    pub(crate) fn new(
        rule: Rule,
        field: impl Into<String>,
        allowed: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            field: field.into(),
            found: None,
            allowed: allowed.into(),
            mend: mend.into(),
        }
    }

    pub(crate) fn found(mut self, found: impl Into<String>) -> Self {
        self.found = Some(found.into());
        self
    }
}

/// "`shipment.status_id` is Shipped; allowed: Delivered, Returned; wait until …"; for a form what was found says it all:
/// "`comments` is empty: give a text".
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.found {
            Some(found) if self.rule == Rule::Form => return write!(f, "`{}` {found}", self.field),
            Some(found) => write!(f, "`{}` is {found}", self.field)?,
            None => write!(f, "`{}` is missing", self.field)?,
        }
        write!(f, "; allowed: {}; {}", self.allowed, self.mend)
    }
}
