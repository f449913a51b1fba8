//! Axial, the assistant of the product: the skills that it drafts replies from.
//!
//! The owner of the token must be a system administrator, and the plan must include the assistant.

pub mod skills;

#[cfg(test)]
mod tests;
