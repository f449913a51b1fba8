//! The token family.
