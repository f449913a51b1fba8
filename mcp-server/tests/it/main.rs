//! The built program, driven as a client drives it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking, and so may the helpers that its cases share"
)]

mod asking;
mod audit;
mod commands;
mod configuration;
#[cfg(unix)]
mod files;
mod guard;
mod http;
mod http_attacks;
mod landing;
mod lifetime;
mod lines;
#[cfg(not(feature = "otlp"))]
mod no_otlp;
#[cfg(feature = "sqlite")]
mod once;
mod operation;
#[cfg(feature = "otlp")]
mod otlp;
mod policy;
mod profiles;
mod protocol;
#[cfg(all(feature = "redis", feature = "sqlite"))]
mod replicas;
mod support;
mod workspace;
