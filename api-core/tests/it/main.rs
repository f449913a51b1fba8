//! The executor against real sockets and scripted transports.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and so may the helpers that its cases share"
)]

mod alone;
mod back_end;
mod calls;
mod faults;
mod limits;
mod multipart;
mod privacy;
mod proxy;
mod scripted;
mod server;
#[cfg(feature = "rustls")]
mod tls;
