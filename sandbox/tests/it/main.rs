//! The Tickiti double over real HTTP.

mod helper;
mod life;
