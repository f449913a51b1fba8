//! The templates family.
