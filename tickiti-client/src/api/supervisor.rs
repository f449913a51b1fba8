//! The supervisor family.
