//! The rules of ticket types: what a ticket needs before it may be opened or changed.
//!
//! Rules are data of the back end. This module reads them, tells what they demand, and judges drafts by them. It makes
//! no calls and keeps nothing, so a program can use it without any server:
//!
//! ```
//! use envia_client::{
//!     api::{catalog::TicketType, tickets::Create},
//!     rules::{Catalog, Known, Rule},
//! };
//! use serde_json::json;
//!
//! let damaged = json!({"reference": "guide", "mcp_context": {"use_case": "the content is broken"}});
//! let catalog = Catalog::new([TicketType::new(5.into(), "damaged", damaged)]);
//!
//! let mut draft = Create::new(4410, 5, "the box was open");
//! let verdict = catalog.check(&draft, &Known::default());
//! assert_eq!(verdict.violations[0].rule, Rule::Reference);
//!
//! draft.tracking_number = Some("TST0001112223".into());
//! assert!(catalog.check(&draft, &Known::default()).is_allowed());
//! ```
//!
//! What cannot be read never opens a door: an unknown operator refuses, a limit that is no number refuses, and a type
//! whose rules are no JSON counts as one without rules, which agents may not use.

mod catalog;
mod change;
mod check;
mod model;
mod parse;
mod schema;
mod validation;
mod violation;

pub use catalog::{Alternative, Catalog, StatusNames, Verdict};
pub use change::Change;
pub use check::Known;
pub use model::{
    AmountLimit, Context, Excluded, Input, Reference, TypeRules, Variable, WantedFile,
};
pub use validation::{Operator, Validation};
pub use violation::{Rule, Violation};

#[cfg(test)]
mod tests;
