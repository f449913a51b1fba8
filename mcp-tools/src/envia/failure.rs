//! What the model reads when the back office fails or refuses: what was wrong, and the next step.

use api_core::{Endpoint as _, Error, ErrorKind as ApiErrorKind};
use envia_client::{
    Reason,
    api::{shipments, tickets},
};

use crate::{
    error::{ErrorKind, ToolError},
    provenance::quoted,
};

const CREATE: &str = tickets::Create::SPEC.name;
const UPDATE: &str = tickets::Update::SPEC.name;
const UPLOAD: &str = tickets::Upload::SPEC.name;
const SHOW: &str = tickets::Show::SPEC.name;

/// Opens are not repeated blindly.
const LOOK_FIRST: &str = "check with list_tickets (tracking_number, or company_id and the newest rows) before trying again";

/// The failure in words.
pub(super) fn explain(error: &Error) -> ToolError {
    if error.may_have_applied() {
        return unknown_outcome(error);
    }
    let endpoint = error.endpoint();
    match (Reason::of(error), error.status()) {
        (Some(Reason::NotFound), _) => told(ErrorKind::NotFound, error, not_found(endpoint)),
        (Some(Reason::Duplicate), _) => told(
            ErrorKind::Conflict,
            error,
            "An active ticket exists for this shipment and type, so none was opened. Find it with list_tickets and the \
             tracking number, and go on with update_ticket. A declined ticket counts too, though it takes no changes: then \
             hand over to a person.",
        ),
        (Some(Reason::Closed), _) => told(
            ErrorKind::Conflict,
            error,
            "Closed tickets (accepted or declined) accept no changes; nothing was changed. Tell the user; if there is \
             something new, open a new ticket, or hand over to a person where the declined one stands in its way.",
        ),
        (Some(Reason::Unauthorized), _) => ToolError::new(
            ErrorKind::Upstream,
            "The back office does not accept this server's bot token, or it lacks a permission. Nothing was changed, \
             and repeating will not help: the operator must check BACKEND_URL and BACKEND_BOT_AI_TOKEN.",
        ),
        (Some(Reason::TooLarge), _) => told(
            ErrorKind::Refused,
            error,
            "It is larger than the back office takes. Send a smaller file.",
        ),
        (_, Some(429)) => throttled(error),
        (Some(Reason::MayHaveBegun), _) => may_be_done(error),
        (_, Some(300..400)) if is_write(endpoint) => may_be_done(error),
        (_, Some(400 | 409 | 422)) => told(
            ErrorKind::Refused,
            error,
            "Nothing was changed. Correct what the message names; 422 can also be a failure of the back office itself.",
        ),
        _ => other(error),
    }
}

fn is_write(endpoint: &str) -> bool {
    [CREATE, UPDATE, UPLOAD].contains(&endpoint)
}

/// The answer leaves open whether it was done.
fn may_be_done(error: &Error) -> ToolError {
    let (what, next) = doubt(error.endpoint());
    let advice =
        format!("This may be a refusal, or a failure after the work was done. {what}: {next}.");
    told(ErrorKind::Unknown, error, &advice)
}

/// What may have happened, and how to find out.
fn doubt(endpoint: &str) -> (&'static str, &'static str) {
    match endpoint {
        CREATE => ("The ticket may have been opened", LOOK_FIRST),
        UPDATE => (
            "The change may have been made",
            "read the ticket with get_ticket before trying again: a repeat would add the comment twice",
        ),
        UPLOAD => (
            "The file may have been added",
            "look at `files` in get_ticket before sending it again",
        ),
        _ => ("It may have been done", "look before trying again"),
    }
}

/// One line for a single file among several.
pub(super) fn of_file(error: &Error) -> String {
    let text = explain(error).text().replace('\n', " ");
    text.trim_end_matches('.').to_owned()
}

/// First line: what failed, the status, and the back office's own message. Then the fields it named, and the advice.
fn told(kind: ErrorKind, error: &Error, advice: &str) -> ToolError {
    let mut text = format!("{} failed", error.endpoint());
    if let Some(status) = error.status() {
        text.push_str(&format!(" ({status})"));
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
            "\n- `{}` {}",
            field.field,
            quoted(&field.messages.join(" "))
        ));
    }
    text.push('\n');
    text.push_str(advice);
    ToolError::new(kind, text)
}

fn not_found(endpoint: &str) -> &'static str {
    match endpoint {
        SHOW => "There is no such ticket. Find it with list_tickets.",
        UPDATE => {
            "The ticket, or the member of staff or type that the change names, does not exist; the message says which. \
             Nothing was changed. Find tickets with list_tickets."
        }
        CREATE => {
            "The company, the shipment or another thing that the ticket names does not exist, or the shipment belongs to \
             another company. No ticket was opened; check the ids with the user."
        }
        UPLOAD => {
            "There is no such ticket, or it belongs to another company. Check ticket_id and company_id."
        }
        _ => "It does not exist. Check the id or number with the user.",
    }
}

fn throttled(error: &Error) -> ToolError {
    let wait = error.retry_after().map_or_else(
        || "Wait a minute, then call again.".to_owned(),
        |wait| format!("Call again in {} seconds.", wait.as_secs().max(1)),
    );
    told(
        ErrorKind::Throttled,
        error,
        &format!("Nothing was changed. {wait}"),
    )
}

fn unknown_outcome(error: &Error) -> ToolError {
    let (what, next) = doubt(error.endpoint());
    ToolError::new(
        ErrorKind::Unknown,
        format!(
            "The outcome of {} is unknown: the request was sent, but {}. {what}: {next}.",
            error.endpoint(),
            reason(error)
        ),
    )
}

fn other(error: &Error) -> ToolError {
    let invalid = matches!(
        error.kind(),
        ApiErrorKind::Invalid(_) | ApiErrorKind::Path(_) | ApiErrorKind::Encode(_)
    );
    if invalid {
        return told(ErrorKind::Arguments, error, "Nothing was sent.");
    }
    let advice = match error.kind() {
        ApiErrorKind::Logical(_) => {
            return told(
                ErrorKind::Refused,
                error,
                "The back office refused although it answered with success. Nothing was changed.",
            );
        }
        ApiErrorKind::Connect(_) => {
            "The back office could not be reached and nothing was sent: call again later; if it stays so, the operator \
             must check BACKEND_URL and the network."
        }
        ApiErrorKind::Redirect { .. } => {
            "Redirects are not followed, so that the token stays where it belongs: BACKEND_URL must be the final address."
        }
        ApiErrorKind::Decode { .. } => {
            "Something other than the back office may have answered, such as a proxy. The operator must check \
             BACKEND_URL."
        }
        _ if error.endpoint() == CREATE => {
            return told(
                ErrorKind::Upstream,
                error,
                &format!("Try again later, but {LOOK_FIRST}."),
            );
        }
        _ => "Nothing was changed by this call. Try again later; if it stays so, tell the user.",
    };
    told(ErrorKind::Upstream, error, advice)
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
        ApiErrorKind::Status { status, .. } => format!("the back office answered {status}"),
        other => other.to_string(),
    }
}

/// Whether a lookup said that there is no such shipment.
pub(super) fn is_no_shipment(error: &Error) -> bool {
    error.endpoint() == shipments::Show::SPEC.name && Reason::of(error) == Some(Reason::NotFound)
}
