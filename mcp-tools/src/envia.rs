//! The module of Envia's Admon back office: tickets that follow the rules of their type.

use crate::registry::Module;

mod activity;
mod backend;

pub use activity::ActivityLog;
pub use backend::Envia;

/// What a model should know of Envia before it calls a tool.
const INSTRUCTIONS: &str =
    "Envia is a shipping platform; these are the tickets of its back office, Admon.";

/// The tools and resources of Envia.
#[must_use]
pub fn module() -> Module {
    Module::new("envia").instructions(INSTRUCTIONS)
}
