//! Attacks on the built HTTP server. After each, it answers in its normal time, and its memory is what it was.
//!
//! `cargo test -p mcp-server --test it http_attacks -- --nocapture` prints the figures.

mod bodies;
mod callers;
mod connections;
mod shapes;
mod target;
