//! Response bodies, the broken ones among them.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use super::log::{Open, Outcome};

/// Size of one piece of an oversized body.
const PIECE: usize = 64 * 1024;
const FLOOD_HEAD: &[u8] = b"{\"ok\":true,\"data\":\"";
const FLOOD_TAIL: &[u8] = b"\"}";

/// The connection is to be closed without (the rest of) an answer.
#[derive(Debug)]
pub(crate) struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a fault closed the connection")
    }
}

impl std::error::Error for Dropped {}

/// A response body.
#[derive(Debug)]
pub(crate) enum ReplyBody {
    /// All of it at once.
    Whole(Option<Bytes>),
    /// The first part, then nothing for ever.
    Stalled {
        first: Option<Bytes>,
        announced: u64,
        // Its drop says that the client went away.
        _open: Open,
    },
    /// The first part, then the end of the connection.
    Truncated {
        first: Option<Bytes>,
        announced: u64,
        // Gives the connection time to send what it has.
        pause: Pin<Box<Sleep>>,
    },
    /// A JSON text of the size asked for.
    Flood {
        left: u64,
        open: Option<Open>,
        started: bool,
        ended: bool,
    },
}

impl ReplyBody {
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self::Whole(Some(bytes))
    }

    pub(crate) fn stalled(bytes: &Bytes, open: Open) -> Self {
        let (first, announced) = half(bytes);
        Self::Stalled {
            first,
            announced,
            _open: open,
        }
    }

    pub(crate) fn truncated(bytes: &Bytes) -> Self {
        let (first, announced) = half(bytes);
        let pause = Box::pin(tokio::time::sleep(Duration::from_millis(20)));
        Self::Truncated {
            first,
            announced,
            pause,
        }
    }

    pub(crate) fn flood(bytes: u64, open: Open) -> Self {
        Self::Flood {
            left: bytes,
            open: Some(open),
            started: false,
            ended: false,
        }
    }
}

fn half(bytes: &Bytes) -> (Option<Bytes>, u64) {
    (Some(bytes.slice(..bytes.len() / 2)), bytes.len() as u64)
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        let frame = |bytes| Poll::Ready(Some(Ok(Frame::data(bytes))));
        match self.get_mut() {
            Self::Whole(bytes) => match bytes.take() {
                Some(bytes) => frame(bytes),
                None => Poll::Ready(None),
            },
            Self::Stalled { first, .. } => match first.take() {
                Some(bytes) => frame(bytes),
                None => Poll::Pending,
            },
            Self::Truncated { first, pause, .. } => match first.take() {
                Some(bytes) => frame(bytes),
                None => pause.as_mut().poll(context).map(|()| Some(Err(Dropped))),
            },
            Self::Flood {
                left,
                open,
                started,
                ended,
            } => {
                if !*started {
                    *started = true;
                    return frame(Bytes::from_static(FLOOD_HEAD));
                }
                if *left > 0 {
                    let size = PIECE.min(usize::try_from(*left).unwrap_or(PIECE));
                    *left -= size as u64;
                    return frame(Bytes::from(vec![b'a'; size]));
                }
                if *ended {
                    return Poll::Ready(None);
                }
                *ended = true;
                if let Some(open) = open.take() {
                    open.end(Outcome::Answered);
                }
                frame(Bytes::from_static(FLOOD_TAIL))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Self::Flood { ended, .. } => *ended,
            Self::Stalled { .. } | Self::Truncated { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64))
            }
            Self::Stalled { announced, .. } | Self::Truncated { announced, .. } => {
                SizeHint::with_exact(*announced)
            }
            Self::Flood { .. } => SizeHint::default(),
        }
    }
}
