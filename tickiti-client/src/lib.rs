#![doc = include_str!("../README.md")]

pub mod api;
pub mod permission;
mod rules;
pub mod types;

pub use api_core::{
    Ability, Access, Effect, Encoding, Endpoint, Method, Operation, PrepareError, Prepared,
    Problem, Repeat, Reversal, Role, Secret, Spec,
};
