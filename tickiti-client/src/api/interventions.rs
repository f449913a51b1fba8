//! The interventions family.
