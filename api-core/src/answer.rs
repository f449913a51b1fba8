//! Reading one answer: cap and deadline while it comes in, then success, refusal or neither.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderName, header};
use tokio::time::Instant;
use url::Url;

use crate::{
    dialect::Dialect,
    endpoint::Spec,
    error::ErrorKind,
    retry::Outcome,
    text::tidy,
    transport::{Failure, Reply},
};

/// No back end says more than this when it refuses; what comes after is not read.
const REFUSAL_LIMIT: u64 = 64 * 1024;
/// A refusal is short: a body that takes longer is stuck, and the time is better spent on another attempt.
const REFUSAL_TIME: Duration = Duration::from_secs(2);

/// An attempt that brought no success.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) kind: Box<ErrorKind>,
    pub(crate) outcome: Outcome,
    pub(crate) may_have_applied: bool,
}

impl Ended {
    pub(crate) fn new(kind: ErrorKind, outcome: Outcome) -> Self {
        Self {
            kind: Box::new(kind),
            outcome,
            may_have_applied: outcome.may_have_applied(),
        }
    }

    /// The back end said success, but what it said besides is lost.
    fn applied(kind: ErrorKind, status: u16) -> Self {
        Self {
            kind: Box::new(kind),
            outcome: Outcome::Answered(status),
            may_have_applied: true,
        }
    }
}

pub(crate) enum Unread {
    Ended(Ended),
    /// Time was over before a successful answer was whole.
    Late,
}

impl From<Ended> for Unread {
    fn from(ended: Ended) -> Self {
        Self::Ended(ended)
    }
}

pub(crate) struct Context<'a> {
    pub(crate) spec: &'static Spec,
    pub(crate) dialect: &'a dyn Dialect,
    pub(crate) base: &'a Url,
    /// Longest body of a success, in bytes.
    pub(crate) limit: u64,
    pub(crate) deadline: Instant,
}

/// A success.
pub(crate) struct Read {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) payload: Bytes,
}

pub(crate) async fn read(context: &Context<'_>, reply: Reply) -> Result<Read, Unread> {
    let status = reply.status;
    let content_type = text(&reply.headers, &header::CONTENT_TYPE).map(|text| tidy(text, 100));
    match status {
        200..=299 => {
            let body = whole(context, reply).await?;
            success(context, status, content_type, body).map_err(Unread::Ended)
        }
        300..=399 => {
            let to = text(&reply.headers, &header::LOCATION)
                .and_then(|to| context.base.join(to).ok())
                .map(|to| to.origin().ascii_serialization());
            let kind = ErrorKind::Redirect { status, to };
            Err(Ended::new(kind, Outcome::Answered(status)).into())
        }
        _ => {
            let retry_after = retry_after(&reply.headers, SystemTime::now());
            let body = beginning(context, reply).await;
            let refusal = context
                .dialect
                .refusal(context.spec, status, content_type.as_deref(), &body)
                .tidied();
            let kind = ErrorKind::Status {
                status,
                refusal,
                retry_after,
            };
            Err(Ended::new(kind, Outcome::Answered(status)).into())
        }
    }
}

fn success(
    context: &Context<'_>,
    status: u16,
    content_type: Option<String>,
    body: Bytes,
) -> Result<Read, Ended> {
    if is_html(content_type.as_deref(), &body) {
        let kind = ErrorKind::Decode {
            reason: "it is a web page; check that the address is the API's".to_owned(),
            content_type,
            length: body.len() as u64,
        };
        return Err(Ended::applied(kind, status));
    }
    let payload = match context.dialect.payload(context.spec, &body) {
        Ok(Cow::Borrowed(part)) => share(&body, part),
        Ok(Cow::Owned(payload)) => payload.into(),
        Err(refusal) => {
            let kind = ErrorKind::Logical(refusal.tidied());
            return Err(Ended::new(kind, Outcome::Answered(status)));
        }
    };
    Ok(Read {
        status,
        content_type,
        payload,
    })
}

/// The whole body of a success, within limit and deadline.
async fn whole(context: &Context<'_>, mut reply: Reply) -> Result<Bytes, Unread> {
    let limit = context.limit;
    let too_large = || Ended::applied(ErrorKind::TooLarge { limit }, reply.status);
    let announced =
        text(&reply.headers, &header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large().into());
    }
    let mut body = Gathered::default();
    loop {
        let next = tokio::time::timeout_at(context.deadline, reply.body.next()).await;
        match next.map_err(|_| Unread::Late)? {
            None => return Ok(body.finish()),
            Some(Ok(piece)) if body.length() + piece.len() as u64 > limit => {
                return Err(too_large().into());
            }
            Some(Ok(piece)) => body.push(piece, announced),
            Some(Err(failure)) => return Err(interrupted(failure).into()),
        }
    }
}

/// As much of a refusal's body as comes: the status says enough when the rest is missing.
async fn beginning(context: &Context<'_>, mut reply: Reply) -> Bytes {
    let limit = REFUSAL_LIMIT.min(context.limit);
    let until = context.deadline.min(Instant::now() + REFUSAL_TIME);
    let mut body = Gathered::default();
    while let Ok(Some(Ok(mut piece))) = tokio::time::timeout_at(until, reply.body.next()).await {
        let room = limit - body.length();
        piece.truncate(usize::try_from(room).unwrap_or(usize::MAX));
        body.push(piece, None);
        if body.length() >= limit {
            break;
        }
    }
    body.finish()
}

/// Pieces of a body; a single one, the usual case, is not copied.
#[derive(Default)]
struct Gathered {
    first: Bytes,
    rest: BytesMut,
}

impl Gathered {
    fn length(&self) -> u64 {
        (self.first.len() + self.rest.len()) as u64
    }

    fn push(&mut self, piece: Bytes, announced: Option<u64>) {
        if self.length() == 0 {
            self.first = piece;
            return;
        }
        if self.rest.is_empty() {
            let expected = usize::try_from(announced.unwrap_or(0)).unwrap_or(0);
            // Never trust an announcement with more than a moderate allocation.
            self.rest
                .reserve(expected.min(1 << 20).max(self.first.len() + piece.len()));
            self.rest.extend_from_slice(&self.first);
            self.first.clear();
        }
        self.rest.extend_from_slice(&piece);
    }

    fn finish(self) -> Bytes {
        if self.rest.is_empty() {
            return self.first;
        }
        self.rest.freeze()
    }
}

fn interrupted(failure: Failure) -> Ended {
    let text = match failure {
        Failure::Setup(text) | Failure::Connect(text) | Failure::Interrupted(text) => text,
        Failure::ConnectTimeout => "timed out".to_owned(),
    };
    Ended::new(ErrorKind::Interrupted(text), Outcome::MaybeSent)
}

/// A part of a body without copying it; bytes that are no part of it are copied.
fn share(body: &Bytes, part: &[u8]) -> Bytes {
    let start = (part.as_ptr() as usize).checked_sub(body.as_ptr() as usize);
    match start.and_then(|start| Some(start..start.checked_add(part.len())?)) {
        Some(range) if range.end <= body.len() => body.slice(range),
        _ => Bytes::copy_from_slice(part),
    }
}

fn is_html(content_type: Option<&str>, body: &[u8]) -> bool {
    let body = body.trim_ascii_start();
    let begins = |text: &[u8]| {
        body.get(..text.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(text))
    };
    let said = content_type.is_some_and(|text| text.to_ascii_lowercase().contains("html"));
    begins(b"<!doctype html") || begins(b"<html") || (said && begins(b"<"))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// `Retry-After` in seconds or as a date; a date is held against the server's own clock when it tells it.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let asked = text(headers, &header::RETRY_AFTER)?.trim();
    if let Ok(seconds) = asked.parse::<u32>() {
        return Some(Duration::from_secs(u64::from(seconds)));
    }
    let until = httpdate::parse_http_date(asked).ok()?;
    let now = text(headers, &header::DATE)
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or(now);
    Some(until.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_in_seconds_or_as_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777); // Sun, 06 Nov 1994 08:49:37 GMT
        for (asked, date, expected) in [
            ("0", None, Some(0)),
            (" 120 ", None, Some(120)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", None, Some(60)),
            (
                "Sun, 06 Nov 1994 08:50:37 GMT",
                Some("Sun, 06 Nov 1994 08:50:30 GMT"),
                Some(7),
            ),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some("yesterday"), Some(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", None, Some(0)),
            ("-1", None, None),
            ("1.5", None, None),
            ("soon", None, None),
            ("", None, None),
            ("99999999999999999999", None, None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, asked.parse().unwrap());
            if let Some(date) = date {
                headers.insert(header::DATE, date.parse().unwrap());
            }
            let wait = retry_after(&headers, now).map(|wait| wait.as_secs());
            assert_eq!(wait, expected, "{asked}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn web_pages() {
        for (content_type, body, expected) in [
            (None, "  <!DOCTYPE html><p>", true),
            (None, "<HTML>", true),
            (Some("text/html; charset=utf-8"), "<p>", true),
            (Some("text/html"), "{}", false),
            (Some("application/xml"), "<a/>", false),
            (None, "", false),
        ] {
            assert_eq!(is_html(content_type, body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn parts_are_shared_and_strangers_copied() {
        let body = Bytes::from_static(b"{\"data\":[1]}");
        let part = share(&body, &body[8..11]);
        assert_eq!(
            (part.as_ptr(), &part[..]),
            (body[8..].as_ptr(), &b"[1]"[..])
        );
        assert_eq!(&share(&body, b"null")[..], b"null");
        assert_eq!(share(&body, b"").len(), 0);
        assert_eq!(share(&body, &body[..]), body);
    }

    #[test]
    fn pieces_add_up() {
        let mut body = Gathered::default();
        assert_eq!(body.length(), 0);
        for piece in ["", "one", "", " two", " three"] {
            body.push(Bytes::from_static(piece.as_bytes()), Some(u64::MAX));
        }
        assert_eq!(
            (body.length(), &body.finish()[..]),
            (13, &b"one two three"[..])
        );
    }
}
