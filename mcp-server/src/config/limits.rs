//! What clients may take of an HTTP server.

use std::time::Duration;

use super::{reader::Reader, variable};
use crate::http::Limits;

/// Most of anything that is counted one by one.
const MOST: usize = 1_000_000;
/// Most bytes of a request's body.
const MOST_BYTES: usize = 1024 * 1024 * 1024;

/// Most bytes of an answer, unless told otherwise: more than any model reads.
const RESULT_BYTES: usize = 1024 * 1024;

/// Most bytes of a tool's answer.
pub(super) fn result_bytes(reader: &mut Reader<'_>) -> usize {
    let told = reader.count(variable::RESULT_BYTES, MOST_BYTES);
    told.unwrap_or(RESULT_BYTES)
}

/// The limits that are set, and the defaults of the others.
pub(super) fn limits(reader: &mut Reader<'_>) -> Limits {
    let mut limits = Limits::default();
    for (name, limit, most) in [
        (variable::BODY_BYTES, &mut limits.body_bytes, MOST_BYTES),
        (variable::CONNECTIONS, &mut limits.connections, MOST),
        (variable::IN_FLIGHT, &mut limits.in_flight, MOST),
        (variable::PROFILE_IN_FLIGHT, &mut limits.per_profile, MOST),
    ] {
        set(limit, reader.count(name, most));
    }
    for (name, limit) in [
        (variable::HEAD_TIME_MS, &mut limits.head_time),
        (variable::BODY_TIME_MS, &mut limits.body_time),
        (variable::WRITE_TIME_MS, &mut limits.write_time),
        (variable::DRAIN_MS, &mut limits.drain),
    ] {
        let set_to: Option<Duration> = reader.milliseconds(name);
        set(limit, set_to);
    }
    limits
}

fn set<T>(limit: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *limit = value;
    }
}
