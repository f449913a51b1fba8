//! Workflow: queues, resolutions, escalations and business hours, interventions.
//!
//! The owner of the token must be an administrator. All but the queues need a feature of the install's plan.

pub mod business_hours;
pub mod escalations;
pub mod interventions;
pub mod queues;
pub mod resolutions;

#[cfg(test)]
mod tests;
