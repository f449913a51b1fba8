//! The administration family.
