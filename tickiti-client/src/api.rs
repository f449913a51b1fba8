//! The endpoints: one module per family, one request type per endpoint.

pub mod administration;
pub mod axial;
pub mod faqs;
pub mod idempotency_key;
pub mod interventions;
pub mod mail;
pub mod reports;
pub mod settings;
pub mod supervisor;
pub mod templates;
pub mod tickets;
pub mod token;
pub mod workflow;
