//! The mail family.
