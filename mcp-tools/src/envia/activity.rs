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
            // A success whose body says nothing is a success: the row is there, and a second one would be too many.
            Err(error)
                if matches!(
                    error.kind(),
                    ApiErrorKind::Decode { .. } | ApiErrorKind::TooLarge { .. }
                ) =>
            {
                Ok(())
            }
            Err(error) => Err(failure(&error)),
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

/// A row that the back end finds wrong stays wrong. 422 and 500 may be the row's fault or not: the back end wraps most of
/// its own failures in the first. Anything else passes.
fn failure(error: &Error) -> NotRecorded {
    let text = error.to_string();
    match (error.kind(), error.status()) {
        (ApiErrorKind::Invalid(_) | ApiErrorKind::Encode(_), _) | (_, Some(400 | 413)) => {
            NotRecorded::Never(text)
        }
        (_, Some(422 | 500)) => NotRecorded::Doubtful(text),
        _ => NotRecorded::Later(text),
    }
}
