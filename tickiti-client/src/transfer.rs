//! What travels in several answers: pages of responses, pieces of files.

mod download;
mod pages;

use api_core::Error;

pub use download::{Chunking, Download, Head};
pub use pages::{NdjsonPage, Paging};

use crate::types::{Cursor, Sha256};

/// Why a transfer broke off. What came before is right as far as it goes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// One of the calls failed.
    #[error(transparent)]
    Call(#[from] Error),
    /// The install gave a cursor that it had given before, which would go round for ever.
    #[error("the install gave the page after {} a second time", .0.created_at)]
    RepeatedCursor(Cursor),
    /// A page came without rows.
    #[error("the install answered a page without a list of responses")]
    NoRows,
    /// A piece is not base64.
    #[error("the install answered a piece of the file that is not base64")]
    NotBase64,
    /// The pieces do not fit: the install does not do ranges as asked.
    #[error("the install answered {got} bytes of the file where at most {asked} were asked for")]
    Ranges {
        /// Bytes asked for.
        asked: u64,
        /// Bytes that came.
        got: u64,
    },
    /// The file ended early.
    #[error("the file ended after {got} of {size} bytes")]
    Incomplete {
        /// Bytes that came.
        got: u64,
        /// Bytes that the install said the file has.
        size: u64,
    },
    /// The content is not what the install said it is.
    #[error("the content of the file has another SHA-256 than the install said ({said})")]
    Hash {
        /// What the install said.
        said: Sha256,
    },
}
