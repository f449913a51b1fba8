//! Which texts of the back office's answers are from outside: the one place that says so.
//!
//! A comment tells by its `type` who wrote it. Names of other fields are as the double has them (inferred); a field that is
//! not named here counts as from outside.

use serde_json::Value;

use crate::{
    provenance::{Author, Rules},
    tool::JsonObject,
};

/// One ticket in full, and rows of a list.
pub(super) const TICKETS: Rules = Rules {
    inside: &[
        "ticket_type",
        "ticket_type_name",
        "ticket_status",
        "ticket_status_name",
        "status_name",
        "carrier",
        "service",
        "shipment_type",
        "reason_decline",
    ],
    codes: &["tracking_number", "type", "url"],
    customer: &["company_name"],
    mixed: &[],
    authors: &[("allComments", of_comment)],
    otherwise: Author::Outside,
};

/// Who wrote a comment, by its own fields.
fn of_comment(comment: &JsonObject) -> Author {
    let author = comment.get("type").and_then(Value::as_str);
    author.map_or(Author::Outside, of_author)
}

/// Who wrote a comment of a type.
pub(super) fn of_author(author: &str) -> Author {
    match author {
        "admin" => Author::Staff,
        "client" => Author::Customer,
        _ => Author::Outside,
    }
}
