//! Files of responses: download, upload, removal.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{content, reference, view};
use crate::tickiti::call::Call;
use crate::tickiti::digest::hex;
use crate::tickiti::model::{Attachment, State};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, caller};
use crate::tickiti::store::mime_type;
use crate::tickiti::switches::Install;

/// Types that need no confirmation.
const ALLOWED: [&str; 17] = [
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt", "rtf", "csv", "jpg", "jpeg", "png",
    "gif", "webp", "bmp", "svg",
];
const ALLOWED_ARCHIVES: [&str; 2] = ["zip", "7z"];

/// Types that are refused (the list of the product is longer).
const BLOCKED: [&str; 14] = [
    "exe", "msi", "bat", "cmd", "com", "scr", "ps1", "app", "vbs", "js", "sh", "docm", "xlsm",
    "pptm",
];

/// How a file's name lets it pass.
#[derive(Debug, PartialEq, Eq)]
enum Passage {
    Free,
    AfterReview,
    Blocked,
}

fn passage(name: &str) -> Passage {
    let extension = name
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
        .to_lowercase();
    let extension = extension.as_str();
    if BLOCKED.contains(&extension) {
        Passage::Blocked
    } else if ALLOWED.contains(&extension) || ALLOWED_ARCHIVES.contains(&extension) {
        Passage::Free
    } else {
        Passage::AfterReview
    }
}

/// One attachment, whole or a range of it.
pub(super) fn download(state: &mut State, call: &Call) -> Outcome {
    let file = find(state, call)?;
    // Codes and statuses of the first two are inferred.
    match passage(&file.name) {
        Passage::Blocked => {
            return Err(Reply::code(
                403,
                "attachment_blocked",
                "Files of this type are blocked.",
            ));
        }
        Passage::AfterReview if call.text("intent").as_deref() != Some("review_ok") => {
            let text = "Files of this type need a review: confirm with the intent review_ok.";
            return Err(Reply::code(409, "attachment_review_required", text));
        }
        Passage::AfterReview | Passage::Free => {}
    }
    let whole = state.blobs.get(&file.sha256).map_or(&[][..], Vec::as_slice);
    let piece = range(state, call, whole, file)?;
    let end = piece.start + piece.bytes.len();
    let sha256 = if state.switches.wrong_sha256 {
        hex(&Sha256::digest(b"another file"))
    } else {
        file.sha256.clone()
    };
    Ok(Reply::data(json!({
        "id": view::id(state, file.id),
        "response_id": view::id(state, file.response_id),
        "name": file.name,
        "mime_type": mime_type(whole),
        "sha256": sha256,
        "file_size": whole.len(),
        "is_inline": file.is_inline,
        "content_base64": STANDARD.encode(piece.bytes),
        "eof": end >= whole.len(),
    })))
}

/// The part of a file that is sent.
#[derive(Debug)]
struct Piece<'file> {
    start: usize,
    bytes: &'file [u8],
}

fn range<'file>(
    state: &State,
    call: &Call,
    whole: &'file [u8],
    file: &Attachment,
) -> Result<Piece<'file>, Reply> {
    let number = |field: &str| call.body.get(field).and_then(Value::as_u64);
    let (offset, length) = (number("offset"), number("length"));
    let ranged = offset.is_some() || length.is_some();
    let ignored = state.switches.ignore_ranges || state.switches.install == Install::June;
    let cap = usize::try_from(state.switches.attachment_cap).unwrap_or(usize::MAX);
    let piece = if ranged && !ignored {
        let place = |value: Option<u64>, absent: usize| {
            value.map_or(absent, |v| usize::try_from(v).unwrap_or(usize::MAX))
        };
        let start = place(offset, 0).min(whole.len());
        let end = start
            .saturating_add(place(length, whole.len()))
            .min(whole.len());
        Piece {
            start,
            bytes: whole.get(start..end).unwrap_or_default(),
        }
    } else {
        Piece {
            start: 0,
            bytes: whole,
        }
    };
    if piece.bytes.len() > cap {
        return Err(Reply {
            status: 413,
            body: json!({
                "ok": false,
                "error": "attachment_too_large",
                "message": "The attachment is too large for one answer: read it in ranges.",
                "data": {"file_size": whole.len(), "ranged": true, "mime_type": file.mime_type},
            }),
        });
    }
    Ok(piece)
}

/// An attachment on a live response of the ticket that the call names.
fn find<'state>(state: &'state State, call: &Call) -> Result<&'state Attachment, Reply> {
    let ticket = reference::ticket(state, call)?;
    let file = call
        .id("response_attachment_id")
        .and_then(|id| state.attachments.get(&id));
    file.filter(|file| {
        let response = state.responses.get(&file.response_id);
        response.is_some_and(|r| r.ticket_id == ticket.id && r.deleted_at.is_none())
    })
    .ok_or_else(|| Reply::not_found("Attachment"))
}

/// Stores a file under its sha256.
pub(super) fn upload(state: &mut State, call: &Call) -> Outcome {
    let file = call.files.iter().find(|file| file.part == "file");
    let Some(file) = file else {
        return Err(Reply::invalid("file", "The file field is required."));
    };
    if file.content.len() as u64 > state.switches.upload_cap {
        let text = format!(
            "The file is larger than {} bytes.",
            state.switches.upload_cap
        );
        return Err(Reply::code(413, "upload_too_large", &text));
    }
    if passage(&file.file_name) == Passage::Blocked {
        return Err(Reply::invalid("file", "Files of this type are blocked."));
    }
    let size = file.content.len();
    let sha256 = state.store_blob(file.content.clone());
    Ok(Reply::data(
        json!({"sha256": sha256, "name": file.file_name, "file_size": size}),
    ))
}

/// Removes an attachment; the response keeps a line about it.
pub(super) fn delete(state: &mut State, call: &Call) -> Outcome {
    let file = find(state, call)?.clone();
    let user = caller(call)?;
    let ticket = reference::ticket(state, call)?;
    reference::check_manages(state, user, ticket)?;
    let ticket_id = ticket.id;
    let reason = call.text("reason").unwrap_or_default();
    let line = format!(
        "<p>[Attachment removed: {} (sha256 {}) by {}. {reason}]</p>",
        file.name, file.sha256, user.email
    );
    state.attachments.remove(&file.id);
    if let Some(response) = state.responses.get_mut(&file.response_id) {
        response.attachments.retain(|id| *id != file.id);
        response.html.push_str(&line);
        response.plain_text = content::plain_text(&response.html);
        response.updated_at = call.now;
    }
    // The bytes go with their last use.
    let used = state
        .attachments
        .values()
        .any(|other| other.sha256 == file.sha256)
        || crate::tickiti::templates::referenced(state).contains(&file.sha256);
    if !used {
        state.blobs.remove(&file.sha256);
    }
    let audit =
        json!({"attachment_removed": {"name": file.name, "sha256": file.sha256, "reason": reason}});
    state.add_audit(ticket_id, &user.email, audit, call.now);
    Ok(Reply::data(
        json!({"response_attachment_id": file.id, "deleted": true}),
    ))
}
