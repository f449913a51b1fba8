//! The client over real HTTP, against a back end that answers by script and remembers what it was asked.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a helper of a test may end the test"
)]

mod agreement;
mod back_end;
mod calls;
mod catalogs;
mod refusals;
