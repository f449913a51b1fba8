#![doc = include_str!("../README.md")]

pub mod tickiti;
mod wire;
