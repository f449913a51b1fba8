//! Files that travel in a multipart request.

use std::{fmt, io, sync::Arc};

use bytes::Bytes;
use futures_util::stream::BoxStream;

/// A file and the name of the part it travels in.
#[derive(Debug, Clone)]
pub struct FilePart {
    /// Name of the part, as the back end wants it: often `file`.
    pub part: &'static str,
    /// The file.
    pub file: File,
}

/// A file to send.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// Name that the back end is told; it often decides by the ending what the file is.
    pub name: String,
    /// What is in it.
    pub content: FileContent,
}

/// Makes a fresh stream over the same bytes.
pub type Open = Arc<dyn Fn() -> BoxStream<'static, io::Result<Bytes>> + Send + Sync>;

/// The bytes of a [`File`], in memory or opened when they are needed.
#[derive(Clone)]
pub enum FileContent {
    /// Bytes in memory.
    Bytes(Bytes),
    /// Bytes that are read while they are sent.
    Stream {
        /// Number of bytes that the stream gives. Any other number breaks the upload off.
        length: u64,
        /// Opens the stream from its start; called once per attempt.
        open: Open,
    },
}

impl File {
    /// A file from memory.
    #[must_use]
    pub fn from_bytes(name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self {
            name: name.into(),
            content: FileContent::Bytes(bytes.into()),
        }
    }
}

impl FileContent {
    /// Number of bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Stream { length, .. } => *length,
        }
    }

    /// True when there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for FileContent {
    fn default() -> Self {
        Self::Bytes(Bytes::new())
    }
}

impl fmt::Debug for FileContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Bytes(_) => "Bytes",
            Self::Stream { .. } => "Stream",
        };
        f.debug_struct(kind)
            .field("length", &self.len())
            .finish_non_exhaustive()
    }
}
