//! The Tickiti double over real HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, and so may the helpers that its cases share"
)]

mod attachments;
mod demo;
mod envia;
mod faults;
mod gates;
mod helper;
mod idempotency;
mod life;
mod older;
mod passthrough;
mod query;
mod restructure;
mod sweep;
