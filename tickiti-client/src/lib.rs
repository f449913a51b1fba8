#![doc = include_str!("../README.md")]

mod accessors;
pub mod api;
mod client;
mod envelope;
mod instances;
mod older;
pub mod permission;
mod rules;
pub mod transfer;
pub mod types;

pub use accessors::Tickets;
pub use api_core;
pub use api_core::{
    Ability, Access, Answer, Bytes, CallOptions, Effect, Encoding, Endpoint, Error, ErrorKind,
    File, FileContent, FilePart, Method, Operation, Plan, PrepareError, Prepared, Problem, Repeat,
    RetryPolicy, Reversal, Role, Secret, Settings, Spec,
};
pub use client::{BuildError, Builder, Client};
pub use instances::{Instances, InstancesError, UnknownInstance};
pub use permission::{Missing, Permissions};
pub use transfer::{Chunking, Download, Head, NdjsonPage, Paging, TransferError};
