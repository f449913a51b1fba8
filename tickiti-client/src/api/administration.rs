//! Administration: users, teams, API keys, branding, storage, the assistant, the install itself.
//!
//! The owner of the token must be an administrator; a few endpoints demand a system administrator.

pub mod ai;
pub mod api_tokens;
pub mod branding;
pub mod custom_domain;
pub mod diagnostics;
pub mod licence;
pub mod storage;
pub mod system;
pub mod teams;
pub mod users;

#[cfg(test)]
mod tests;
