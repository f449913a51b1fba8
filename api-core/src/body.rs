//! What a request carries: made once per call, opened once per attempt.

use std::{
    collections::VecDeque,
    fmt, io,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use http::HeaderValue;
use http_body::{Frame, SizeHint};

use crate::file::{FileContent, FilePart};

/// Whether the body of an attempt began to leave.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent(Arc<AtomicBool>);

impl Sent {
    fn mark(&self) {
        self.0.store(true, Ordering::Release);
    }

    pub(crate) fn is_marked(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// The bytes of a call, the same for every attempt.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    pub(crate) content_type: Option<HeaderValue>,
    chunks: Vec<FileContent>,
}

impl Content {
    pub(crate) fn json(bytes: Bytes) -> Self {
        Self {
            content_type: Some(HeaderValue::from_static("application/json")),
            chunks: vec![FileContent::Bytes(bytes)],
        }
    }

    /// Bytes of a type that is told elsewhere.
    pub(crate) fn plain(bytes: Bytes) -> Self {
        Self {
            content_type: None,
            chunks: vec![FileContent::Bytes(bytes)],
        }
    }

    /// `multipart/form-data` with text parts first, then files.
    pub(crate) fn multipart(texts: &[(String, String)], files: Vec<FilePart>) -> Self {
        let boundary = format!("part-{}", uuid::Uuid::new_v4().simple());
        let mut chunks = Vec::with_capacity(2 * files.len() + 1);
        let mut text = String::new();
        for (name, value) in texts {
            let name = escape(name);
            text.push_str(&format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        for FilePart { part, file } in files {
            let (part, name) = (escape(part), escape(&file.name));
            text.push_str(&format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            ));
            chunks.push(FileContent::Bytes(std::mem::take(&mut text).into()));
            chunks.push(file.content);
            text.push_str("\r\n");
        }
        text.push_str(&format!("--{boundary}--\r\n"));
        let content_type = format!("multipart/form-data; boundary={boundary}");
        chunks.push(FileContent::Bytes(text.into()));
        Self {
            content_type: HeaderValue::from_str(&content_type).ok(),
            chunks,
        }
    }

    /// What a signature would cover: all bytes when they are in one piece, nothing otherwise.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self.chunks.as_slice() {
            [FileContent::Bytes(bytes)] => bytes,
            _ => &[],
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    pub(crate) fn open(&self, sent: Sent) -> Body {
        Body {
            length: self.chunks.iter().map(FileContent::len).sum(),
            chunks: self
                .chunks
                .iter()
                .filter(|chunk| !chunk.is_empty())
                .cloned()
                .collect(),
            stream: None,
            sent,
        }
    }
}

/// A name inside quotes, the way browsers write it.
fn escape(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The body of one attempt. Its length is known.
///
/// Reading it, by [`Body::collect`] or as an [`http_body::Body`], tells the executor that the request began to leave: a
/// transport must not read it before there is a connection to write to.
pub struct Body {
    chunks: VecDeque<FileContent>,
    /// The chunk under way, when it is a stream, and how much it has yet to give. Locked by nobody: the mutex only
    /// makes the stream shareable, which it never is.
    stream: Option<(u64, Mutex<BoxStream<'static, io::Result<Bytes>>>)>,
    length: u64,
    sent: Sent,
}

impl Body {
    /// Bytes that are left.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.length
    }

    /// True when no bytes are left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Reads all bytes, as a scripted transport does.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or gives more or fewer bytes than it announced.
    pub async fn collect(mut self) -> io::Result<Bytes> {
        let mut all = Vec::new();
        while let Some(bytes) = std::future::poll_fn(|context| self.poll_bytes(context)).await {
            all.extend_from_slice(&bytes?);
        }
        Ok(all.into())
    }

    fn poll_bytes(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        self.sent.mark();
        loop {
            if let Some((left, stream)) = &mut self.stream {
                let stream = stream.get_mut().unwrap_or_else(PoisonError::into_inner);
                let item = ready!(stream.poll_next_unpin(context));
                match checked(item, left) {
                    None => self.stream = None,
                    Some(Ok(bytes)) if bytes.is_empty() => {}
                    Some(Ok(bytes)) => {
                        self.length = self.length.saturating_sub(bytes.len() as u64);
                        return Poll::Ready(Some(Ok(bytes)));
                    }
                    Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                }
                continue;
            }
            match self.chunks.pop_front() {
                None => return Poll::Ready(None),
                Some(FileContent::Bytes(bytes)) => {
                    self.length = self.length.saturating_sub(bytes.len() as u64);
                    return Poll::Ready(Some(Ok(bytes)));
                }
                Some(FileContent::Stream { length, open }) => {
                    self.stream = Some((length, Mutex::new(open())));
                }
            }
        }
    }
}

/// An item of a file's stream, held against the length that was announced.
fn checked(item: Option<io::Result<Bytes>>, left: &mut u64) -> Option<io::Result<Bytes>> {
    let problem = match item {
        None if *left == 0 => return None,
        None => "the file is shorter than announced",
        Some(Err(error)) => return Some(Err(error)),
        Some(Ok(bytes)) => match left.checked_sub(bytes.len() as u64) {
            Some(rest) => {
                *left = rest;
                return Some(Ok(bytes));
            }
            None => "the file is longer than announced",
        },
    };
    Some(Err(io::Error::new(io::ErrorKind::InvalidData, problem)))
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.get_mut().poll_bytes(context).map_ok(Frame::data)
    }

    fn is_end_stream(&self) -> bool {
        self.chunks.is_empty() && self.stream.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
