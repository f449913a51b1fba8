//! The tools against the sandbox, over real HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and so do the functions that tests share"
)]

mod confirm;
mod envia;
mod failures;
#[cfg(unix)]
mod files;
mod golden;
mod harness;
mod ledger;
mod permissions;
mod policy;
mod provenance;
mod refusals;
mod schemas;
mod sizes;
mod stale;
#[cfg(all(feature = "redis", feature = "sqlite"))]
mod store;
mod surface;
mod sweep;
mod tools;
