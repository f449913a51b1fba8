//! The tickets family.
