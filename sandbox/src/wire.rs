//! What every double needs in the same form: server, faults, log, clock, control.

pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod clock;
mod control;
pub(crate) mod digest;
mod falsify;
pub(crate) mod fault;
pub(crate) mod install;
pub(crate) mod log;
pub(crate) mod percent;
pub(crate) mod server;
