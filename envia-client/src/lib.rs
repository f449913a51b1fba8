#![doc = include_str!("../README.md")]

pub mod api;
pub mod cache;
mod catalogs;
mod client;
mod dialect;
mod json;
mod problems;
mod reason;
pub mod rules;
mod signature;
pub mod statuses;
pub mod types;
mod verdict;

pub use api_core;
pub use api_core::{
    Answer, Bytes, CallOptions, Effect, Endpoint, Error, ErrorKind, Method, Operation,
    PrepareError, Prepared, Problem, Repeat, RetryPolicy, Reversal, Secret, Settings, Spec,
};
pub use catalogs::Catalogs;
pub use client::{BuildError, Builder, Client};
pub use reason::Reason;
