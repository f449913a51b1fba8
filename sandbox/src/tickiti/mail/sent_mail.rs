//! Sending mail, and the record of what was sent.

use serde_json::{Value, json};

use super::mailboxes;
use crate::tickiti::call::Call;
use crate::tickiti::clock::{DAY, iso};
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{List, Outcome, Row, flag, inner, text};
use crate::tickiti::templates::{fill, find_template};

/// Mail that went out, oldest first.
const LIST: List = List {
    table: "sent_mail",
    what: "Sent mail",
    key: "id",
    fields: &["to_address", "cc", "subject", "content", "mailbox"],
};

/// Sends a mail of its own text, or of a template.
pub(super) fn send(state: &mut State, call: &Call) -> Outcome {
    let to = call.text("to_address").unwrap_or_default();
    if call.flag("validate_address") == Some(true) && !is_deliverable(&to) {
        let message = "The to address must be a valid email address.";
        return Err(Reply::invalid("to_address", message));
    }
    let mailbox = mailbox(state, call)?;
    let (subject, content) = text_of(state, call)?;
    let cc = call.texts("cc");
    let row = json!({
        "to_address": to,
        "cc": cc,
        "subject": subject,
        "content": content,
        "mailbox": mailbox,
    });
    record(state, row, call.now);
    Ok(Reply::empty())
}

/// Notes a mail that went out.
pub(in crate::tickiti) fn record(state: &mut State, mail: Value, now: i64) {
    let Value::Object(given) = mail else { return };
    let defaults = json!({"cc": [], "mailbox": null, "status": "sent", "sent_at": iso(now)});
    LIST.add(state, defaults, &given);
}

/// What was sent in the last days, newest first, without bodies.
pub(super) fn list(state: &mut State, call: &Call) -> Reply {
    let days = call.id("range_days").unwrap_or(1);
    let days = i64::try_from(days).unwrap_or(1);
    // Texts of one form and offset sort as the times they name.
    let since = iso(call.now - days * DAY);
    listed(state, call, 300, |row| {
        text(row, "sent_at") >= since.as_str()
    })
}

/// What has a text in its subject or recipient, newest first, without bodies.
pub(super) fn search(state: &mut State, call: &Call) -> Reply {
    let wanted = call.text("q").or_else(|| call.text("search"));
    let wanted = wanted.unwrap_or_default().to_lowercase();
    listed(state, call, 500, |row| {
        ["subject", "to_address"]
            .iter()
            .any(|field| text(row, field).to_lowercase().contains(&wanted))
    })
}

/// One mail with its body.
pub(super) fn show(state: &mut State, call: &Call) -> Outcome {
    Ok(Reply::json(json!({"mail": LIST.row(state, call)?})))
}

fn listed(state: &State, call: &Call, most: u64, matches: impl Fn(&Row) -> bool) -> Reply {
    let limit = usize::try_from(call.id("limit").unwrap_or(most)).unwrap_or(usize::MAX);
    let rows = state.tables.get(LIST.table).into_iter().flatten();
    let mut found: Vec<Row> = rows
        .map(|(_, row)| row)
        .filter(|row| matches(row))
        .cloned()
        .collect();
    found.sort_by(|a, b| text(b, "sent_at").cmp(text(a, "sent_at")));
    found.truncate(limit);
    for row in &mut found {
        row.remove("content");
    }
    Reply::json(json!({"sent_mail": found}))
}

/// Subject and body, from the call or from the template it names: one of both.
fn text_of(state: &State, call: &Call) -> Result<(String, String), Reply> {
    let own = call.text("subject").zip(call.text("content"));
    match (own, call.text("template_identifier")) {
        (Some(own), None) => Ok(own),
        (None, Some(identifier)) => {
            let template = find_template(state, &identifier, "email").ok_or_else(|| {
                let message = "The selected template identifier is invalid.";
                Reply::invalid("template_identifier", message)
            })?;
            let values = inner(call, "data");
            let filled = |field| fill(text(template, field), &values);
            Ok((filled("subject"), filled("content")))
        }
        _ => Err(Reply::invalid(
            "subject",
            "Give subject and content, or a template_identifier.",
        )),
    }
}

/// The mailbox to send from: the named one, or the first that can send.
fn mailbox(state: &State, call: &Call) -> Result<Option<String>, Reply> {
    let rows = state.tables.get(mailboxes::LIST.table);
    let mut rows = rows.into_iter().flatten().map(|(_, row)| row);
    let Some(name) = call.text("mailbox") else {
        let first = rows.find(|row| flag(row, "smtp_enable"));
        return Ok(first.map(|row| text(row, "name").to_owned()));
    };
    let known = rows.any(|row| text(row, "name") == name);
    known
        .then_some(Some(name))
        .ok_or_else(|| Reply::invalid("mailbox", "The selected mailbox is invalid."))
}

/// True when mail to the address could arrive: one `@` and a domain with a dot.
fn is_deliverable(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else {
        return false;
    };
    let labels: Vec<&str> = domain.split('.').collect();
    let plain = |part: &str| !part.is_empty() && !part.contains(['@', ' ']);
    plain(local) && labels.len() > 1 && labels.iter().all(|label| plain(label))
}
