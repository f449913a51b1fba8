//! Responses page by page.

use std::collections::BTreeSet;

use api_core::CallOptions;
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt, TryStreamExt};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::TransferError;
use crate::{
    Client,
    api::tickets::{ResponseFilters, ResponsesQuery, ThreadResponse},
    types::Cursor,
};

/// How pages are read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Paging {
    /// Rows per call, 1 to 1000. 500.
    pub page_size: u32,
    /// Rows in all; absent means every row.
    pub max_records: Option<u64>,
    /// Options of each call; an idempotency key has no effect on reads.
    pub options: CallOptions,
}

impl Default for Paging {
    fn default() -> Self {
        Self {
            page_size: 500,
            max_records: None,
            options: CallOptions::default(),
        }
    }
}

impl Paging {
    /// The same with another size of pages.
    #[must_use]
    pub const fn with_page_size(mut self, rows: u32) -> Self {
        self.page_size = rows;
        self
    }

    /// The same, ending after so many rows.
    #[must_use]
    pub const fn with_max_records(mut self, rows: u64) -> Self {
        self.max_records = Some(rows);
        self
    }

    /// The same with options for each call.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }
}

/// One page of an export.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NdjsonPage {
    /// One compact JSON object per line, each line ended.
    pub lines: Bytes,
    /// Number of lines.
    pub rows: u64,
}

impl Client {
    /// Every response that the filters match, oldest first. Pages are fetched when they are needed.
    ///
    /// The stream ends after the first error.
    pub fn responses(
        &self,
        filters: ResponseFilters,
        paging: Paging,
    ) -> impl Stream<Item = Result<ThreadResponse, TransferError>> + Send + use<> {
        pages(self.clone(), filters, paging)
            .map_ok(|rows| stream::iter(rows).map(Ok))
            .try_flatten()
    }

    /// The same as lines of JSON with every field as the install gave it, a page at a time.
    pub fn export(
        &self,
        filters: ResponseFilters,
        paging: Paging,
    ) -> impl Stream<Item = Result<NdjsonPage, TransferError>> + Send + use<> {
        pages(self.clone(), filters, paging).map_ok(|rows| lines(&rows))
    }
}

#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Page<T> {
    responses: Option<Vec<T>>,
    next_cursor: Option<Cursor>,
}

struct Turning {
    client: Client,
    query: ResponsesQuery,
    paging: Paging,
    /// Rows still wanted.
    left: u64,
    seen: BTreeSet<(String, u64)>,
}

/// The pages; a page is asked for when the one before was taken.
fn pages<T: DeserializeOwned + Send>(
    client: Client,
    filters: ResponseFilters,
    paging: Paging,
) -> impl Stream<Item = Result<Vec<T>, TransferError>> + Send {
    let turning = Turning {
        client,
        query: ResponsesQuery::new(filters),
        left: paging.max_records.unwrap_or(u64::MAX),
        paging,
        seen: BTreeSet::new(),
    };
    stream::try_unfold(Some(turning), |turning| async move {
        match turning {
            Some(turning) if turning.left > 0 => turning.next().await.map(Some),
            _ => Ok(None),
        }
    })
}

impl Turning {
    /// The next page, and what is needed for the one after it when there is one.
    async fn next<T: DeserializeOwned>(mut self) -> Result<(Vec<T>, Option<Self>), TransferError> {
        let size = u64::from(self.paging.page_size).min(self.left);
        self.query.limit = Some(u32::try_from(size).unwrap_or(self.paging.page_size));
        let answer = self
            .client
            .send_answer(&self.query, &self.paging.options)
            .await?;
        let page: Page<T> = answer.decode()?;
        let mut rows = page.responses.ok_or(TransferError::NoRows)?;
        // An install that ignores the limit must not give more than was wanted.
        rows.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.left -= rows.len() as u64;
        let Some(cursor) = page.next_cursor else {
            return Ok((rows, None));
        };
        if !self
            .seen
            .insert((cursor.created_at.clone(), cursor.id.get()))
        {
            return Err(TransferError::RepeatedCursor(cursor));
        }
        self.query.cursor = Some(cursor);
        Ok((rows, Some(self)))
    }
}

/// Rows as lines. JSON texts hold line ends only between their parts, where they mean nothing.
fn lines(rows: &[Box<RawValue>]) -> NdjsonPage {
    let mut lines = Vec::with_capacity(rows.iter().map(|row| row.get().len() + 1).sum());
    for row in rows {
        lines.extend(
            row.get()
                .bytes()
                .filter(|byte| !matches!(byte, b'\n' | b'\r')),
        );
        lines.push(b'\n');
    }
    NdjsonPage {
        lines: lines.into(),
        rows: rows.len() as u64,
    }
}
