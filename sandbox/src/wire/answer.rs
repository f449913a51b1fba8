//! Finished answers, and how they become HTTP.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::Value;

use super::body::ReplyBody;
use super::log::{Open, Outcome};

/// A finished answer before it is sent.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        // A JSON value with text keys always serialises.
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self {
            status,
            body: body.into(),
        }
    }
}

pub(crate) const JSON: &str = "application/json";

pub(crate) fn answered(open: Open, response: Response<ReplyBody>) -> Response<ReplyBody> {
    let status = response.status().as_u16();
    open.note(|entry| entry.status = Some(status));
    open.end(Outcome::Answered);
    response
}

pub(crate) fn response(answer: Answer) -> Response<ReplyBody> {
    plain(answer.status, answer.body, JSON)
}

pub(crate) fn plain(status: u16, body: Bytes, content_type: &str) -> Response<ReplyBody> {
    let mut response = Response::new(ReplyBody::whole(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = HeaderValue::from_str(content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response
}
