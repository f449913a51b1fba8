//! Files in pieces.

use api_core::{CallOptions, Error};
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use serde_json::Value;
use sha2::{Digest, Sha256 as Hasher};

use super::TransferError;
use crate::{
    Client,
    api::tickets::{Attachment, AttachmentContent},
    types::Sha256,
};

/// Code of the refusal that asks for ranges.
const TOO_LARGE: &str = "attachment_too_large";

/// A file on its way: what is known of it, and its content in pieces.
#[derive(Debug)]
pub struct Download {
    /// What the install said of the file.
    pub head: Head,
    client: Client,
    request: Attachment,
    chunking: Chunking,
    state: State,
}

/// What an install says of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Head {
    /// File name.
    pub name: Option<String>,
    /// Media type, found by looking at the content.
    pub mime_type: Option<String>,
    /// Size in bytes.
    pub file_size: Option<u64>,
    /// SHA-256 of the content.
    pub sha256: Option<Sha256>,
}

/// How a file is read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Chunking {
    /// Bytes per range of a file that does not fit into one answer, 1 to 26214400. 8 MiB.
    pub chunk_size: u64,
    /// Options of each call; an idempotency key has no effect on reads.
    pub options: CallOptions,
}

impl Default for Chunking {
    fn default() -> Self {
        Self {
            chunk_size: 8 * 1024 * 1024,
            options: CallOptions::default(),
        }
    }
}

impl Chunking {
    /// The same with another size of ranges.
    #[must_use]
    pub const fn with_chunk_size(mut self, bytes: u64) -> Self {
        self.chunk_size = bytes;
        self
    }

    /// The same with options for each call.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }
}

#[derive(Debug)]
struct State {
    /// A piece that came with the head and was not handed out yet.
    first: Option<AttachmentContent>,
    hasher: Hasher,
    got: u64,
    ended: bool,
}

impl Client {
    /// Begins to download a file; [`Download::into_stream`] gives the content.
    ///
    /// A file that fits into one answer takes one call. A larger one is read in ranges. At the end the content is checked
    /// against the SHA-256 that the install gave.
    ///
    /// # Errors
    ///
    /// As [`Client::send`].
    pub async fn download(
        &self,
        request: Attachment,
        chunking: Chunking,
    ) -> Result<Download, Error> {
        let mut download = Download {
            head: Head::default(),
            client: self.clone(),
            request,
            chunking,
            state: State {
                first: None,
                hasher: Hasher::new(),
                got: 0,
                ended: false,
            },
        };
        download.request.offset = None;
        download.request.length = None;
        match download
            .client
            .send_with(&download.request, &download.chunking.options)
            .await
        {
            Ok(content) => {
                download.head.learn(&content);
                download.state.first = Some(content);
            }
            Err(error) => download.head.ranged(error)?,
        }
        Ok(download)
    }
}

impl Head {
    fn learn(&mut self, content: &AttachmentContent) {
        self.name = self.name.take().or_else(|| content.name.clone());
        self.mime_type = self.mime_type.take().or_else(|| content.mime_type.clone());
        self.file_size = self.file_size.or(content.file_size);
        self.sha256 = self.sha256.take().or_else(|| content.sha256.clone());
    }

    /// Takes what a refusal says of a file that is only given in ranges; other refusals stay refusals.
    fn ranged(&mut self, error: Error) -> Result<(), Error> {
        let data = |key: &str| error.data().and_then(|data| data.get(key));
        if error.code() != Some(TOO_LARGE) || data("ranged") != Some(&Value::Bool(true)) {
            return Err(error);
        }
        self.file_size = data("file_size").and_then(Value::as_u64);
        self.mime_type = data("mime_type").and_then(Value::as_str).map(str::to_owned);
        Ok(())
    }
}

impl Download {
    /// The content, a piece at a time.
    ///
    /// The last item is an error when the file ended early or its content does not have the SHA-256 that was said.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, TransferError>> + Send + use<> {
        stream::try_unfold(self, |mut download| async move {
            let piece = download.next().await?;
            Ok(piece.map(|piece| (piece, download)))
        })
    }

    async fn next(&mut self) -> Result<Option<Bytes>, TransferError> {
        while !self.state.ended {
            let piece = match self.state.first.take() {
                Some(content) => self.take(&content, None)?,
                None => self.range().await?,
            };
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
        self.check().map(|()| None)
    }

    async fn range(&mut self) -> Result<Bytes, TransferError> {
        let chunk = self.chunking.chunk_size;
        let left = self
            .head
            .file_size
            .map_or(chunk, |size| size.saturating_sub(self.state.got));
        let length = chunk.min(left.max(1));
        self.request.offset = Some(self.state.got);
        self.request.length = Some(length);
        let content: AttachmentContent = self
            .client
            .send_with(&self.request, &self.chunking.options)
            .await?;
        self.head.learn(&content);
        self.take(&content, Some(length))
    }

    /// Counts and hashes a piece, and sees whether it was the last.
    fn take(
        &mut self,
        content: &AttachmentContent,
        asked: Option<u64>,
    ) -> Result<Bytes, TransferError> {
        let mut piece = content.bytes().map_err(|_| TransferError::NotBase64)?;
        let mut eof = content.eof == Some(true);
        let got = piece.len() as u64;
        if let Some(asked) = asked.filter(|asked| got > *asked) {
            // Installs without ranges give the whole file again: what is there already is passed over.
            if self.head.file_size != Some(got) {
                return Err(TransferError::Ranges { asked, got });
            }
            let known = usize::try_from(self.state.got).unwrap_or(usize::MAX);
            piece = piece.slice(known.min(piece.len())..);
            eof = true;
        }
        self.state.hasher.update(&piece);
        self.state.got += piece.len() as u64;
        let whole = match self.head.file_size {
            Some(size) => self.state.got >= size,
            // An un-ranged answer of unknown size is the file.
            None => asked.is_none() && content.eof.is_none(),
        };
        self.state.ended = eof || whole || piece.is_empty();
        Ok(piece)
    }

    fn check(&self) -> Result<(), TransferError> {
        let got = self.state.got;
        if let Some(size) = self.head.file_size.filter(|size| *size != got) {
            return Err(TransferError::Incomplete { got, size });
        }
        let Some(said) = &self.head.sha256 else {
            return Ok(());
        };
        let found = self.state.hasher.clone().finalize();
        let found: String = found.iter().map(|byte| format!("{byte:02x}")).collect();
        if said.as_str().eq_ignore_ascii_case(&found) {
            Ok(())
        } else {
            Err(TransferError::Hash { said: said.clone() })
        }
    }
}
