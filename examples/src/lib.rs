//! Nothing to link to: the programs are in `examples/examples`.
//!
//! The workspace's own README is compiled here, so that its code stays true.

#[doc = include_str!("../../README.md")]
#[cfg(doctest)]
struct Readme;
