//! Values that create and respond read alike.

use serde_json::Value;

use crate::tickiti::call::Call;
use crate::tickiti::model::{Queue, State};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::caller;

/// The priorities by number and word.
const PRIORITIES: [(u32, &str); 4] = [(10, "low"), (20, "normal"), (30, "high"), (40, "urgent")];

/// A priority by number, or by word too.
pub(super) fn priority(text: &str, field: &str) -> Result<u32, Reply> {
    let word = text.to_lowercase();
    let known = PRIORITIES
        .iter()
        .find(|(number, name)| *name == word || number.to_string() == text);
    known.map(|(number, _)| *number).ok_or_else(|| {
        Reply::invalid(
            field,
            "The selected priority must be Low (10), Normal (20), High (30) or Urgent (40).",
        )
    })
}

/// A priority by number only.
pub(super) fn numeric_priority(text: &str, field: &str) -> Result<u32, Reply> {
    if text.parse::<u32>().is_err() {
        return Err(Reply::invalid(
            field,
            "The selected priority must be 10, 20, 30 or 40.",
        ));
    }
    priority(text, field)
}

/// One of the statuses an install knows.
pub(super) fn check_status(status: &str, field: &str, known: &[&str]) -> Result<(), Reply> {
    if known.contains(&status) {
        return Ok(());
    }
    let text = format!("The selected status must be one of {}.", known.join(", "));
    Err(Reply::invalid(field, &text))
}

/// An assignee key: a staff address or `team:<id>`; `None` for `Unassigned`.
pub(super) fn assignee(state: &State, key: &str, field: &str) -> Result<Option<String>, Reply> {
    if key.eq_ignore_ascii_case("unassigned") {
        return Ok(None);
    }
    if let Some(team) = key.strip_prefix("team:") {
        let known = team
            .parse()
            .is_ok_and(|id: u64| state.teams.contains_key(&id));
        if known {
            return Ok(Some(key.to_owned()));
        }
    } else if let Some(user) = state.user_by_email(key).filter(|user| user.is_staff) {
        return Ok(Some(user.email.clone()));
    }
    let text = "The assignee must be the address of a staff member, team:<id> or Unassigned.";
    Err(Reply::invalid(field, text))
}

/// A queue by name that the owner sees.
pub(super) fn queue<'state>(
    state: &'state State,
    call: &Call,
    name: &str,
    field: &str,
) -> Result<&'state Queue, Reply> {
    let user = caller(call)?;
    state
        .queue_named(name)
        .filter(|queue| state.permission(user, queue.id).can_view)
        .ok_or_else(|| Reply::invalid(field, "The selected queue does not exist."))
}

/// A stored file that a call refers to.
#[derive(Debug)]
pub(super) struct FileReference {
    pub(super) sha256: String,
    pub(super) name: String,
}

/// The uploads that `attachments` names; each must be there with the size that is told.
pub(super) fn uploads(state: &State, call: &Call) -> Result<Vec<FileReference>, Reply> {
    let items = call.body.get("attachments").and_then(Value::as_array);
    let items = items.into_iter().flatten().enumerate();
    items
        .map(|(index, item)| {
            let text = |field: &str| item.get(field).and_then(Value::as_str).unwrap_or_default();
            let sha256 = text("sha256").to_lowercase();
            let size = item.get("file_size").and_then(Value::as_u64);
            let stored = state.blobs.get(&sha256).map(|content| content.len() as u64);
            if stored.is_none() || stored != size {
                let field = format!("attachments.{index}.sha256");
                return Err(Reply::invalid(
                    &field,
                    "No uploaded file has this sha256 and file_size.",
                ));
            }
            Ok(FileReference {
                sha256,
                name: text("name").to_owned(),
            })
        })
        .collect()
}
