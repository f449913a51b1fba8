//! The Tickiti double over real HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and so may the helpers that its cases share"
)]

mod helper;
mod life;
mod passthrough;
