//! The activity log of the back office as the place of records.

use api_core::{CallOptions, ErrorKind as ApiErrorKind};
use async_trait::async_trait;
use envia_client::{Client, Error, api::activity_log, types::ActivityStatus};

use crate::audit::{NotRecorded, Outcome, Record, Recorder};

/// Name of this server in the log; which one Envia's own server gives is not known (inferred).
const MCP_NAME: &str = "ticketing-mcp";
/// The user on whose behalf the bot acts: the system.
const SYSTEM_USER_ID: u64 = 0;

/// Writes records to `POST /mcp/activity-log`.
#[derive(Debug, Clone)]
pub struct ActivityLog {
    client: Client,
}

impl ActivityLog {
    /// The log of a client's back end.
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Recorder for ActivityLog {
    async fn record(&self, record: &Record) -> Result<(), NotRecorded> {
        let options = CallOptions::default().with_request_id(record.request_id.clone());
        match self.client.send_with(&row(record), &options).await {
            Ok(_) => Ok(()),
            Err(error) => failure(&error).map_or(Ok(()), Err),
        }
    }
}

fn row(record: &Record) -> activity_log::Create {
    let status = match record.outcome {
        Outcome::Success => ActivityStatus::Success,
        Outcome::Error => ActivityStatus::Error,
        Outcome::Denied => ActivityStatus::Denied,
    };
    let mut row = activity_log::Create::new(record.tool.as_str(), MCP_NAME, status);
    row.user_id = Some(SYSTEM_USER_ID);
    row.input_params = Some(record.arguments.clone());
    row.error_message.clone_from(&record.message);
    row.execution_time_ms = Some(record.duration_ms);
    row
}

/// What a failed call means for its record; `None` when the row is there all the same.
///
/// A row that the back end finds wrong stays wrong. 422 and 500 may be the row's fault or not: the back end wraps most of
/// its own failures in the first. A success that cannot be read is one: a second row would be too many. A web page is none:
/// something on the way may have answered in the back end's place. Anything else passes.
fn failure(error: &Error) -> Option<NotRecorded> {
    let text = error.to_string();
    Some(match (error.kind(), error.status()) {
        (ApiErrorKind::Invalid(_) | ApiErrorKind::Encode(_), _) | (_, Some(400 | 413)) => {
            NotRecorded::Never(text)
        }
        (_, Some(422 | 500)) => NotRecorded::Doubtful(text),
        (ApiErrorKind::Decode { content_type, .. }, _) if is_page(content_type.as_deref()) => {
            NotRecorded::Doubtful(text)
        }
        (ApiErrorKind::Decode { .. } | ApiErrorKind::TooLarge { .. }, _) => return None,
        _ => NotRecorded::Later(text),
    })
}

fn is_page(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|kind| kind.to_ascii_lowercase().contains("html"))
}
