//! The reports family.
