//! The workflow family.
