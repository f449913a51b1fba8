//! What the model reads when Tickiti refuses or fails, and what it may do next.

use api_core::{Effect, Error, ErrorKind as ApiErrorKind, Spec};
use serde_json::Value;
use tickiti_client::Missing;

use crate::{
    error::{ErrorKind, ToolError},
    ledger::Ledger,
    provenance::quoted,
};

/// What is known around a failure.
#[derive(Debug)]
pub(super) struct Circumstances<'a> {
    pub(super) spec: &'a Spec,
    /// Name of the instance, when several are configured.
    pub(super) instance: Option<&'a str>,
    /// What the token lacks for the endpoint; `None` when it could not be found out.
    pub(super) missing: Option<Vec<Missing>>,
    /// The key of the call, when the endpoint takes one.
    pub(super) key: Option<&'a str>,
    /// Whether writes are kept on record here, so that a repeat is safe.
    pub(super) on_record: bool,
}

/// The failure in words: what was wrong, what the back end said, what to do next.
pub(super) fn explain(error: &Error, around: &Circumstances<'_>) -> ToolError {
    if error.may_have_applied() {
        return unknown_outcome(error, around);
    }
    if let ApiErrorKind::Unavailable { since } = error.kind() {
        return unavailable(*since, around);
    }
    match error.status() {
        Some(401) => denied(error, around, &wrong_token(around)),
        Some(403) => denied(error, around, &forbidden(around)),
        Some(404) => not_found(error, around),
        Some(409) => conflict(error, around),
        Some(413) => told(ErrorKind::Refused, error, around, &too_large(error)),
        Some(422) => told(ErrorKind::Refused, error, around, &refused(error)),
        Some(429) => throttled(error, around),
        _ => other(error, around),
    }
}

/// First line: what failed, the status, the machine code and the back end's message. Then the fields it named.
fn told(kind: ErrorKind, error: &Error, around: &Circumstances<'_>, advice: &str) -> ToolError {
    let mut text = around.spec.name.to_owned();
    if let Some(instance) = around.instance {
        text.push_str(&format!(" on instance `{instance}`"));
    }
    text.push_str(" failed");
    match (error.status(), error.code()) {
        (Some(status), Some(code)) => text.push_str(&format!(" ({status} {code})")),
        (Some(status), None) => text.push_str(&format!(" ({status})")),
        (None, Some(code)) => text.push_str(&format!(" ({code})")),
        (None, None) => {}
    }
    match error.message() {
        // It may repeat what a customer wrote.
        Some(message) => text.push_str(&format!(": {}", quoted(message.trim_end_matches('.')))),
        None if matches!(error.kind(), ApiErrorKind::Status { .. }) => {}
        None => text.push_str(&format!(": {}", reason(error))),
    }
    text.push('.');
    for field in error.fields() {
        text.push_str(&format!(
            "\n- `{}`: {}",
            field.field,
            quoted(&field.messages.join(" "))
        ));
    }
    if error.more_fields() > 0 {
        text.push_str(&format!("\n- and {} more fields", error.more_fields()));
    }
    if !advice.is_empty() {
        text.push('\n');
        text.push_str(advice);
    }
    ToolError::new(kind, text)
}

fn denied(error: &Error, around: &Circumstances<'_>, advice: &str) -> ToolError {
    told(ErrorKind::Denied, error, around, advice)
}

fn wrong_token(around: &Circumstances<'_>) -> String {
    let which = around.instance.map_or_else(
        || "TICKITI_API_TOKEN".to_owned(),
        |name| format!("the token of instance `{name}`"),
    );
    format!(
        "The token is unknown, revoked, or not allowed from this address. Repeating will not help: ask the user to \
         check {which}."
    )
}

fn forbidden(around: &Circumstances<'_>) -> String {
    let mut text = match around.missing.as_deref() {
        Some([]) => "The token, role and plan allow this endpoint, so the refusal is about the thing itself: \
             restructuring needs the Manage permission on the queue, and some settings need an administrator."
            .to_owned(),
        Some(missing) => {
            let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
            format!("What is missing: {}.", missing.join("; "))
        }
        None => needs(around.spec),
    };
    text.push_str(
        " Nothing was changed. Repeating will not help: ask the user for a token that may do this.",
    );
    text
}

/// What an endpoint demands, for installs that do not tell what the token holds.
fn needs(spec: &Spec) -> String {
    let mut needs = Vec::new();
    if !spec.access.abilities.is_empty() {
        let names: Vec<String> = spec
            .access
            .abilities
            .iter()
            .map(|ability| format!("`{ability}`"))
            .collect();
        needs.push(format!("the ability {}", names.join(" or ")));
    }
    if let Some(role) = spec.access.role {
        needs.push(format!("an owner with the role `{role}`"));
    }
    if spec.access.sysadmin {
        needs.push("an owner who is a system administrator".to_owned());
    }
    for plan in spec.access.plans {
        needs.push(format!("the plan feature `{plan}`"));
    }
    if needs.is_empty() {
        return "The endpoint itself needs no ability; the refusal is about the thing it names."
            .to_owned();
    }
    format!("The endpoint needs {}.", needs.join(", "))
}

fn unavailable(since: Option<&str>, around: &Circumstances<'_>) -> ToolError {
    let since = since.map_or_else(String::new, |release| format!(" (added {release})"));
    ToolError::new(
        ErrorKind::NotFound,
        format!(
            "{} is not available on this install{since}: it is older than the endpoint. Use another way; \
             list_endpoints shows in `since` what older installs lack.",
            around.spec.name
        ),
    )
}

fn not_found(error: &Error, around: &Circumstances<'_>) -> ToolError {
    let advice = match (around.spec.family(), around.spec.action()) {
        ("tickets", "query") => {
            "There is no such perspective, or the owner may not see it. list_perspectives with `scope: all` names them."
        }
        ("tickets", action)
            if action.starts_with("attachment") || action.starts_with("response_") =>
        {
            "It does not exist, was deleted, or belongs to another ticket. get_ticket gives the ids of responses and \
             attachments."
        }
        ("tickets", _) => {
            "It does not exist, was deleted, or lies in a queue that the token's owner cannot see. Find tickets with \
             query_tickets."
        }
        _ => {
            "It does not exist on this install, or the owner may not see it. List the family's things first to find \
             the id."
        }
    };
    told(ErrorKind::NotFound, error, around, advice)
}

/// Where valid values of a field are found, by the field's last name.
const SOURCES: &[(&str, &str)] = &[
    ("queue", "list_queues"),
    ("queue_name", "list_queues"),
    ("resolved", "tickiti_call tickets.resolutions"),
    (
        "assigned_to_email",
        "tickiti_call tickets.staff, or `team:<id>` from tickets.teams",
    ),
    (
        "from_email",
        "get_token_info (owner.email) or tickiti_call tickets.staff",
    ),
    ("mode", "tickiti_call tickets.search_modes"),
    ("template_identifier", "tickiti_call templates.index"),
];

fn refused(error: &Error) -> String {
    let mut advice = "Nothing was changed. Correct what is named above and call again.".to_owned();
    for field in error.fields() {
        let name = field.field.rsplit('.').next().unwrap_or(&field.field);
        if let Some((_, source)) = SOURCES.iter().find(|(known, _)| *known == name) {
            advice.push_str(&format!(" Values for `{name}`: {source}."));
        }
    }
    advice
}

fn conflict(error: &Error, around: &Circumstances<'_>) -> ToolError {
    let advice = match error.code() {
        Some("idempotency_key_conflict") => {
            "This idempotency key was used before with other content. Nothing was done now. To do something new, \
             call without idempotency_key; to repeat the earlier call, give exactly its arguments."
        }
        _ => "The state on the server forbids this. Read it again, then decide.",
    };
    told(ErrorKind::Conflict, error, around, advice)
}

fn too_large(error: &Error) -> String {
    let size = error
        .data()
        .and_then(|data| data.get("file_size"))
        .and_then(Value::as_u64);
    match size {
        Some(size) => format!(
            "The file has {size} bytes, more than one answer may carry. Read it in pieces with `offset` and `length` \
             (at most 26214400 each)."
        ),
        None => "It is larger than the server takes. Send or ask for less at once.".to_owned(),
    }
}

fn throttled(error: &Error, around: &Circumstances<'_>) -> ToolError {
    let wait = error.retry_after().map_or_else(
        || "Wait a minute, then call again.".to_owned(),
        |wait| format!("Call again in {} seconds.", wait.as_secs().max(1)),
    );
    told(
        ErrorKind::Throttled,
        error,
        around,
        &format!("Nothing was changed. {wait}"),
    )
}

fn unknown_outcome(error: &Error, around: &Circumstances<'_>) -> ToolError {
    let mut text = format!(
        "The outcome of {} is unknown: the request was sent, but {}. It may have been applied.",
        around.spec.name,
        reason(error)
    );
    match (around.spec.effect, around.key) {
        // The ledger tells what to do.
        (effect, _) if around.on_record && Ledger::keeps(effect) => {}
        (Effect::Write(api_core::Repeat::Keyed), Some(key)) => text.push_str(&format!(
            "\nCall again with exactly the same arguments and idempotency_key `{key}`: it then acts once, however \
             often it arrives."
        )),
        (Effect::Write(api_core::Repeat::Natural), _) => {
            text.push_str("\nCalling again with the same arguments is safe: it leaves the same state.");
        }
        _ => text.push_str(
            "\nDo not repeat it blindly, that could do it twice. Read the state back first (get_ticket, query_tickets \
             or the family's list), and repeat only if nothing happened.",
        ),
    }
    ToolError::new(ErrorKind::Unknown, text)
}

fn other(error: &Error, around: &Circumstances<'_>) -> ToolError {
    let kind = match error.kind() {
        ApiErrorKind::Logical(_) => ErrorKind::Refused,
        ApiErrorKind::Invalid(_) | ApiErrorKind::Path(_) | ApiErrorKind::Encode(_) => {
            ErrorKind::Arguments
        }
        _ => ErrorKind::Upstream,
    };
    let advice = match error.kind() {
        ApiErrorKind::Logical(_) => {
            "The server refused although it answered 200. Nothing was changed."
        }
        ApiErrorKind::Invalid(_) | ApiErrorKind::Path(_) | ApiErrorKind::Encode(_) => {
            "Nothing was sent."
        }
        ApiErrorKind::Connect(_) => {
            "Tickiti could not be reached and nothing was sent. Check the address (TICKITI_API_BASE) and the network; \
             calling again later is safe."
        }
        ApiErrorKind::Timeout { .. } => {
            "Nothing was changed by this call. Call again, or ask for less at once (filters, limits)."
        }
        ApiErrorKind::Redirect { .. } => {
            "The address answers with a redirect, which is not followed: the token must not travel to another place. \
             TICKITI_API_BASE should be the install's final address."
        }
        ApiErrorKind::TooLarge { .. } => {
            "Ask for less at once: filters, `fields`, `limit` or `max_body_chars`."
        }
        ApiErrorKind::Decode { .. } => {
            "Something other than Tickiti may have answered (a proxy or a login page). Check TICKITI_API_BASE."
        }
        ApiErrorKind::Status { status, .. } if *status >= 500 => {
            "The server failed. Call again in a while; if it stays so, tell the user."
        }
        _ => "",
    };
    told(kind, error, around, advice)
}

/// What happened, without the endpoint's name in front.
fn reason(error: &Error) -> String {
    match error.kind() {
        ApiErrorKind::Timeout { waited, .. } => {
            format!(
                "no complete answer came within {} s",
                waited.as_secs().max(1)
            )
        }
        ApiErrorKind::Status { status, .. } => format!("the server answered {status}"),
        other => other.to_string(),
    }
}
