//! Files that come with a ticket: checked before anything is sent, then sent side by side, each with its own outcome.

use std::time::Duration;

use envia_client::{
    api::tickets::{Ticket, Upload},
    types::{CompanyId, FileContent, FileType, TicketId, is_blank},
};
use futures_util::{StreamExt as _, stream};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Envia, failure, reconcile::Outcome};
use crate::{arguments::Mistake, context::Context};

/// Largest file, in bytes; what the back office takes is not known (inferred).
const LARGEST: usize = 10 * 1024 * 1024;
/// Files of one call.
pub(super) const MOST: usize = 20;
/// Longest time for one upload.
const LONGEST: Duration = Duration::from_secs(60);
/// Time that is kept for the answer.
const MARGIN: Duration = Duration::from_millis(500);
/// Uploads under way at once.
const AT_ONCE: usize = 4;

// No doc comment: the schema would repeat it for every list of files.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct FileInput {
    /// File name with its ending. Example: `photo1.jpg`.
    #[schemars(length(min = 1))]
    name: String,
    /// The content as standard base64; at most 10 MiB.
    #[schemars(length(min = 1))]
    content_base64: String,
    /// What it is.
    content_type: FileType,
    /// What it shows.
    description: Option<String>,
}

/// A file that may be sent.
#[derive(Debug)]
pub(super) struct File {
    name: String,
    content: FileContent,
    content_type: FileType,
    description: Option<String>,
}

/// The files, or everything that is wrong with them.
pub(super) fn checked(files: Vec<FileInput>) -> Result<Vec<File>, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut sound = Vec::new();
    for (index, file) in files.into_iter().enumerate() {
        let mut wrong = |field: &str, problem: String| {
            mistakes.push(Mistake::new(format!("files[{index}].{field}"), problem));
        };
        if is_blank(&file.name) {
            wrong("name", "must not be blank".to_owned());
        }
        let Ok(content) = FileContent::from_base64(&file.content_base64) else {
            wrong("content_base64", "is not standard base64".to_owned());
            continue;
        };
        match content.bytes().len() {
            0 => wrong("content_base64", "is an empty file".to_owned()),
            size if size > LARGEST => wrong(
                "content_base64",
                format!("is a file of {size} bytes; at most {LARGEST} are taken"),
            ),
            _ => {}
        }
        sound.push(File {
            name: file.name,
            content,
            content_type: file.content_type,
            description: file.description,
        });
    }
    if mistakes.is_empty() {
        Ok(sound)
    } else {
        Err(mistakes)
    }
}

/// What would be sent, without the contents.
pub(super) fn described(files: &[File]) -> Value {
    let files = files.iter().map(|file| {
        json!({
            "name": file.name,
            "content_type": file.content_type,
            "bytes": file.content.bytes().len(),
        })
    });
    files.collect()
}

/// What a ticket shows of files whose sending was cut off. One that is not there was not stored, or not yet.
pub(super) fn found(files: &[File], ticket: &Ticket) -> Value {
    let outcomes = files.iter().map(|file| {
        let name = file.name.trim();
        let stored = ticket
            .files
            .iter()
            .find(|stored| stored.name.as_deref().map(str::trim) == Some(name));
        match stored {
            Some(stored) => {
                json!({"name": file.name, "ok": true, "id": stored.id, "url": stored.url})
            }
            None => {
                let error = "not found on the ticket; send it with update_ticket";
                json!({"name": file.name, "ok": false, "error": error})
            }
        }
    });
    outcomes.collect()
}

/// What such outcomes say of a call that was to send files alone. A file of that name may be older.
pub(super) fn any_found(outcomes: &Value) -> Outcome {
    let ok = |outcome: &Value| outcome.get("ok") == Some(&json!(true));
    match outcomes.as_array().is_some_and(|all| all.iter().any(ok)) {
        true => Outcome::Unclear,
        false => Outcome::NotMade,
    }
}

/// Sends every file; one that fails does not stop the others. The outcomes are in the order of the files.
pub(super) async fn upload(
    envia: &Envia,
    context: &Context,
    (ticket_id, company_id): (TicketId, CompanyId),
    files: Vec<File>,
) -> Value {
    let sent = files.into_iter().map(|file| async move {
        let request = Upload {
            ticket_id,
            company_id,
            name: file.name,
            content_base64: file.content,
            content_type: file.content_type,
            description: file.description,
        };
        let mut options = context.options();
        if let Some(left) = context.time_left() {
            // The outcomes of all must be told before the caller stops waiting.
            let Some(left) = left.checked_sub(MARGIN).filter(|left| *left > MARGIN) else {
                let error = "not sent: the call had no time left; send it with update_ticket";
                return json!({"name": request.name, "ok": false, "error": error});
            };
            options = options.with_deadline(left.min(LONGEST));
        }
        match envia.attempt_with(&request, &options).await {
            Ok(stored) => {
                json!({"name": request.name, "ok": true, "id": stored.id, "url": stored.url})
            }
            Err(error) => {
                json!({"name": request.name, "ok": false, "error": failure::of_file(&error)})
            }
        }
    });
    let outcomes: Vec<Value> = stream::iter(sent).buffered(AT_ONCE).collect().await;
    outcomes.into()
}

/// Schema of the outcomes.
pub(super) fn outcomes() -> Value {
    json!({
        "type": "array",
        "items": {"type": "object"},
        "description": "One per file, in order: name, ok, and url or error. Files that failed can be sent again with update_ticket.",
    })
}
