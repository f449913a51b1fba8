#![doc = include_str!("../README.md")]

mod address;
mod answer;
mod attempts;
mod body;
mod client;
mod dialect;
mod endpoint;
mod error;
mod execute;
mod file;
pub mod id;
mod operation;
pub mod path;
pub mod retry;
mod secret;
mod settings;
pub mod text;
#[cfg(feature = "rustls")]
mod tls;
mod trace;
pub mod transport;

pub use attempts::{Attempt, Attempts};
pub use bytes::Bytes;
pub use client::{Answer, Executor};
pub use dialect::Dialect;
pub use endpoint::{
    Ability, Access, Effect, Encoding, Endpoint, Method, Plan, Problem, Repeat, Reversal, Role,
    Spec,
};
pub use error::{Error, ErrorKind, FieldError, Phase, Refusal, SetupError};
pub use file::{File, FileContent, FilePart, Open};
pub use http;
pub use id::InvalidValue;
pub use operation::{Operation, PrepareError, Prepared};
pub use retry::RetryPolicy;
pub use secret::Secret;
pub use settings::{CallOptions, Settings};
pub use trace::Trace;
pub use transport::{Pool, Transport};
pub use url::Url;
