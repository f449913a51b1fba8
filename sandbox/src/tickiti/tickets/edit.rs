//! Changing and removing one response.

use serde_json::{Value, json};

use super::{content, reference};
use crate::tickiti::call::Call;
use crate::tickiti::model::{Response, State};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, caller};

/// New text, exact replacements, or another visibility.
pub(super) fn update(state: &mut State, call: &Call) -> Outcome {
    let response = reference::response(state, call, call.id("response_id"))?;
    let html = new_html(response, call)?;
    let is_internal = call
        .flag("is_internal")
        .filter(|wanted| *wanted != response.is_internal);
    let notified = notifies(response, call)?;
    if html.is_none() && call.flag("is_internal").is_none() {
        return Err(Reply::invalid(
            "content",
            "Give content, replace or is_internal.",
        ));
    }
    let (id, ticket_id) = (response.id, response.ticket_id);
    let (html, images) = match html {
        Some(html) => {
            let (html, images) = content::take_inline_images(&html);
            (Some(html), images)
        }
        None => (None, Vec::new()),
    };
    let body_changed = html.is_some();
    if let Some(response) = state.responses.get_mut(&id) {
        if let Some(html) = html {
            response.plain_text = content::plain_text(&html);
            response.html = html;
        }
        response.is_internal = is_internal.unwrap_or(response.is_internal);
        response.updated_at = call.now;
    }
    for image in images {
        let sha256 = state.store_blob(image.content);
        state.attach(id, &image.name, &sha256, true);
    }
    let audit = json!({"response_updated": {
        "response_id": id, "content": body_changed, "is_internal": is_internal, "notified": notified,
    }});
    state.add_audit(ticket_id, &caller(call)?.email, audit, call.now);
    Ok(Reply::data(
        json!({"response_id": id, "ticket_id": ticket_id, "notified": notified}),
    ))
}

/// The body after the call, when it changes.
fn new_html(response: &Response, call: &Call) -> Result<Option<String>, Reply> {
    let replacements = call.body.get("replace").and_then(Value::as_array);
    let html = match (call.text("content"), replacements) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(Reply::invalid("replace", "Give either content or replace."));
        }
        (Some(content), None) => content,
        (None, Some(replacements)) => replaced(&response.html, replacements)?,
    };
    if response.is_audit_only {
        return Err(Reply::invalid("response_id", "An audit entry has no body."));
    }
    if !response.staff_response {
        let text = "The text of a customer is never rewritten; only its visibility can change.";
        return Err(Reply::invalid("content", text));
    }
    Ok(Some(html))
}

/// Applies the replacements in order; each text must occur exactly once unless `all`.
fn replaced(html: &str, replacements: &[Value]) -> Result<String, Reply> {
    if replacements.is_empty() {
        return Err(Reply::invalid(
            "replace",
            "The replace field must have at least 1 items.",
        ));
    }
    let mut html = html.to_owned();
    for (index, replacement) in replacements.iter().enumerate() {
        let text = |field: &str| {
            replacement
                .get(field)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let all = replacement.get("all").and_then(Value::as_bool) == Some(true);
        let found = html.matches(text("find")).count();
        if found == 0 || (found > 1 && !all) {
            let problem = format!(
                "The text to find occurs {found} times; it must occur exactly once, or set all."
            );
            return Err(Reply::invalid(&format!("replace.{index}.find"), &problem));
        }
        html = html.replace(text("find"), text("replace"));
    }
    Ok(html)
}

/// True when the call publishes a note and tells the customer.
fn notifies(response: &Response, call: &Call) -> Result<bool, Reply> {
    if call.flag("notify") != Some(true) {
        return Ok(false);
    }
    if !response.is_internal || call.flag("is_internal") != Some(false) {
        let text = "Only the publishing of an internal note (is_internal false) can notify.";
        return Err(Reply::invalid("notify", text));
    }
    Ok(true)
}

/// Soft delete.
pub(super) fn delete(state: &mut State, call: &Call) -> Outcome {
    let response = reference::response(state, call, call.id("response_id"))?;
    let (id, ticket_id) = (response.id, response.ticket_id);
    if let Some(response) = state.responses.get_mut(&id) {
        response.deleted_at = Some(call.now);
    }
    let audit = json!({"response_deleted": {"response_id": id}});
    state.add_audit(ticket_id, &caller(call)?.email, audit, call.now);
    Ok(Reply::data(json!({"response_id": id, "deleted": true})))
}
