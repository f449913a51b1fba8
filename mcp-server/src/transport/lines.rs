//! The input, line by line, with a bound on memory.

use std::io;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

use super::text::IdFinder;

/// What is read at once; a pipe holds no more.
const CHUNK: usize = 64 * 1024;
/// Room that is kept from one line to the next.
const KEPT: usize = 256 * 1024;

/// Reads lines. A read that is given up half-way loses nothing: the next one goes on where it was.
#[derive(Debug)]
pub(super) struct Lines<R> {
    read: BufReader<R>,
    line: Vec<u8>,
    limit: usize,
    /// Set inside a line beyond the limit, until its end.
    skipping: Option<IdFinder>,
    /// Whether `line` was handed out.
    handed: bool,
    ended: bool,
}

/// A line without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// All of it.
    Whole(&'a mut [u8]),
    /// Longer than the limit; only its id was kept.
    TooLong(Option<Value>),
}

impl<R: AsyncRead + Unpin> Lines<R> {
    /// Lines of at most `limit` bytes.
    pub(super) fn new(read: R, limit: usize) -> Self {
        Self {
            read: BufReader::with_capacity(CHUNK, read),
            line: Vec::new(),
            limit,
            skipping: None,
            handed: false,
            ended: false,
        }
    }

    /// The next line; the last one need not have an end. `None` at the end of the input.
    pub(super) async fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        if self.handed {
            self.line.clear();
            self.line.shrink_to(KEPT);
            self.handed = false;
        }
        let mut complete = false;
        while !complete && !self.ended {
            // Nothing is taken before the next step, so this may be given up.
            let available = self.read.fill_buf().await?;
            self.ended = available.is_empty();
            let mut parts = available.splitn(2, |byte| *byte == b'\n');
            let part = parts.next().unwrap_or_default();
            complete = parts.next().is_some();
            if let Some(finder) = &mut self.skipping {
                finder.feed(part);
            } else if self.line.len().saturating_add(part.len()) > self.limit {
                let mut finder = IdFinder::default();
                finder.feed(&self.line);
                finder.feed(part);
                self.skipping = Some(finder);
                self.line = Vec::new();
            } else {
                self.line.extend_from_slice(part);
            }
            let taken = part.len() + usize::from(complete);
            self.read.consume(taken);
        }
        if let Some(finder) = self.skipping.take() {
            return Ok(Some(Line::TooLong(finder.found())));
        }
        self.handed = true;
        Ok((complete || !self.line.is_empty()).then_some(Line::Whole(&mut self.line)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::io::AsyncWriteExt;

    use super::*;

    fn whole(text: &str) -> Option<Vec<u8>> {
        Some(text.as_bytes().to_vec())
    }

    async fn next(lines: &mut Lines<impl AsyncRead + Unpin>) -> Option<Vec<u8>> {
        match lines.next().await.unwrap()? {
            Line::Whole(line) => Some(line.to_vec()),
            Line::TooLong(id) => panic!("too long: {id:?}"),
        }
    }

    #[tokio::test]
    async fn the_last_line_needs_no_end() {
        let mut lines = Lines::new(&b"one\n\ntwo"[..], 100);
        assert_eq!(next(&mut lines).await, whole("one"));
        assert_eq!(next(&mut lines).await, whole(""));
        assert_eq!(next(&mut lines).await, whole("two"));
        assert_eq!(next(&mut lines).await, None);
        assert_eq!(next(&mut lines).await, None);
    }

    #[tokio::test]
    async fn a_long_line_is_skipped_in_little_memory() {
        let mut text = br#"{"params":""#.to_vec();
        text.resize(5_000_000, b'x');
        text.extend_from_slice(b"\",\"id\":7}\nnext\n");
        text.resize(text.len() + 2000, b'y');
        let mut lines = Lines::new(&text[..], 1000);
        assert_eq!(
            lines.next().await.unwrap(),
            Some(Line::TooLong(Some(json!(7))))
        );
        assert!(lines.line.capacity() < 2000);
        assert_eq!(next(&mut lines).await, whole("next"));
        assert_eq!(lines.next().await.unwrap(), Some(Line::TooLong(None)));
        assert_eq!(lines.next().await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_line_of_the_limit_is_read() {
        let mut lines = Lines::new(&b"1234\n12345\n"[..], 4);
        assert_eq!(next(&mut lines).await, whole("1234"));
        assert_eq!(lines.next().await.unwrap(), Some(Line::TooLong(None)));
    }

    #[tokio::test]
    async fn a_read_that_is_given_up_loses_nothing() {
        let (mut near, far) = tokio::io::duplex(4);
        let mut lines = Lines::new(far, 100);
        let writer = tokio::spawn(async move {
            for piece in "a line in pieces\nand one more\n".as_bytes().chunks(3) {
                near.write_all(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
        });
        let mut read = Vec::new();
        let mut given_up = 0;
        while read.len() < 2 {
            tokio::select! {
                biased;
                line = next(&mut lines) => read.push(line.unwrap()),
                () = tokio::task::yield_now() => given_up += 1,
            }
        }
        writer.await.unwrap();
        assert!(given_up > 3, "{given_up}");
        assert_eq!(
            read,
            [b"a line in pieces".to_vec(), b"and one more".to_vec()]
        );
    }
}
