//! What staff arrange for themselves and their colleagues: saved searches, watchlists, stock responses, hashtags.
//!
//! The owner of the token must be staff. Only an administrator may share perspectives and watchlists with all staff,
//! and only an administrator may set what the assistant does with a stock response.

pub mod hashtags;
pub mod perspectives;
pub mod stock_responses;
pub mod watchlists;

#[cfg(test)]
mod tests;
