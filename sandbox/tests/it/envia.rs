//! The Envia double over real HTTP.

mod create;
mod gates;
mod helper;
mod list;
mod read;
mod rules;
mod update;
mod upload;
mod wire;
