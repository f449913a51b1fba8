//! The client against the facts of the API, and against an install that keeps state.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test may end the test"
)]

mod families;
mod faults;
mod files;
mod helper;
mod install;
mod older;
mod pages;
mod rules;
mod table;
mod wire;
