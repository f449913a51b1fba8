//! The settings family.
