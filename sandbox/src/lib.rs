#![doc = include_str!("../README.md")]

pub mod envia;
pub mod tickiti;
mod wire;
