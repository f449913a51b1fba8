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
use crate::{
    arguments::Mistake,
    context::Context,
    files::{Carried, Carry, Kind, Take},
    tool::JsonObject,
};

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
    /// File name with its ending.
    #[schemars(length(min = 1))]
    name: Option<String>,
    /// The content as standard base64; at most 10 MiB.
    #[schemars(length(min = 1))]
    content_base64: Option<String>,
    /// What it is.
    content_type: Option<FileType>,
    /// Or a local file, in place of these three.
    #[schemars(length(min = 1))]
    path: Option<String>,
    /// What it shows.
    description: Option<String>,
}

/// What calls with these arguments read from the disk.
pub(super) fn carries(arguments: &JsonObject) -> Vec<Carry> {
    let rows = arguments.get("files").and_then(Value::as_array);
    let row = |(index, row): (usize, &Value)| {
        Some(Carry {
            argument: format!("files[{index}].path"),
            path: row.get("path")?.as_str()?.to_owned(),
            name: None,
            take: Take::Kinds(&[Kind::Jpeg, Kind::Png, Kind::Pdf], LARGEST as u64),
        })
    };
    rows.into_iter()
        .flatten()
        .enumerate()
        .filter_map(row)
        .collect()
}

/// A file that may be sent.
#[derive(Debug)]
pub(super) struct File {
    name: String,
    content: FileContent,
    content_type: FileType,
    description: Option<String>,
}

/// What is missing in files, and what is said twice.
pub(super) fn malformed(arguments: &JsonObject) -> Vec<Mistake> {
    const INLINE: [&str; 3] = ["name", "content_base64", "content_type"];
    let rows = arguments.get("files").and_then(Value::as_array);
    let rows = rows
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .enumerate();
    let wrong = |(index, row): (usize, &JsonObject)| {
        let has = |name: &str| row.contains_key(name);
        let path = has("path");
        let mistakes = INLINE.into_iter().filter_map(move |name| {
            let problem = match (path, has(name)) {
                (false, false) => "is required; or give a local file as `path`",
                (true, true) if name != "name" => "does not go with `path`, which says it",
                _ => return None,
            };
            Some(Mistake::new(format!("files[{index}].{name}"), problem))
        });
        mistakes.collect::<Vec<_>>()
    };
    rows.flat_map(wrong).collect()
}

/// The files, or everything that is wrong with what is in them; see [`malformed`]. Without the files of the disk, the others
/// are judged alone.
pub(super) fn checked(
    files: Vec<FileInput>,
    carried: Option<&Carried>,
) -> Result<Vec<File>, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut sound = Vec::new();
    for (index, file) in files.into_iter().enumerate() {
        let place = |field: &str| format!("files[{index}].{field}");
        let read = match (&file.path, carried) {
            (Some(_), None) => continue,
            (Some(path), Some(carried)) => of_path(&file, path, carried),
            (None, _) => of_base64(&file),
        };
        match read {
            Ok(read) => sound.push(read),
            Err(wrong) => mistakes.extend(
                wrong
                    .into_iter()
                    .map(|(field, problem)| Mistake::new(place(field), problem)),
            ),
        }
    }
    if mistakes.is_empty() {
        Ok(sound)
    } else {
        Err(mistakes)
    }
}

/// Mistakes by the fields of one file.
type Wrong = Vec<(&'static str, String)>;

fn of_path(file: &FileInput, path: &str, carried: &Carried) -> Result<File, Wrong> {
    let told = |error: &dyn std::fmt::Display| vec![("path", error.to_string())];
    let local = carried.get(path).map_err(|error| told(&error))?;
    let content_type = match local.kind() {
        Some(Kind::Jpeg) => FileType::Jpeg,
        Some(Kind::Png) => FileType::Png,
        _ => FileType::Pdf,
    };
    let bytes = local.bytes().map_err(|error| told(&error))?;
    let name = file.name.clone().filter(|name| !is_blank(name));
    Ok(File {
        name: name.unwrap_or_else(|| local.name().to_owned()),
        content: FileContent::new(bytes),
        content_type,
        description: file.description.clone(),
    })
}

fn of_base64(file: &FileInput) -> Result<File, Wrong> {
    let mut wrong = Wrong::new();
    let name = file.name.clone().unwrap_or_default();
    if is_blank(&name) {
        wrong.push(("name", "must not be blank".to_owned()));
    }
    let text = file.content_base64.as_deref().unwrap_or_default();
    let content = FileContent::from_base64(text).ok();
    if content.is_none() {
        wrong.push(("content_base64", "is not standard base64".to_owned()));
    }
    match content.as_ref().map(|content| content.bytes().len()) {
        Some(0) => wrong.push(("content_base64", "is an empty file".to_owned())),
        Some(size) if size > LARGEST => wrong.push((
            "content_base64",
            format!("is a file of {size} bytes; at most {LARGEST} are taken"),
        )),
        _ => {}
    }
    match (content, file.content_type) {
        (Some(content), Some(content_type)) if wrong.is_empty() => Ok(File {
            name,
            content,
            content_type,
            description: file.description.clone(),
        }),
        _ => Err(wrong),
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
