//! Responses across tickets: search, edit, move, delete.

use api_core::{Endpoint, Problem, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::objects::ThreadResponse;
use crate::{
    permission::{TICKETS_READ, TICKETS_WRITE},
    rules::Rules,
    types::{Cursor, DateTime, QueueId, ResponseId, TicketNumber, lenient},
};

const MAX_PAGE: u64 = 1000;
const MAX_IDS: usize = 500;

/// Searches responses across all tickets that the owner of the token can see, oldest first, page by page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResponsesQuery {
    /// Which responses, and which of their fields.
    #[serde(flatten)]
    pub filters: ResponseFilters,
    /// True: the number alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count_only: Option<bool>,
    /// Counts per value, no rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<GroupBy>,
    /// Rows, default 200.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_PAGE)))]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before, same filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
}

/// Which responses a search wants, and which of their fields.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct ResponseFilters {
    /// From this day or time on, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_from: Option<DateTime>,
    /// Until then; a day counts whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_to: Option<DateTime>,
    /// True: notes. False: public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_internal: Option<bool>,
    /// False: by customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff_response: Option<bool>,
    /// True: with files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_attachments: Option<bool>,
    /// True: without a body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_empty: Option<bool>,
    /// Their names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<Vec<String>>,
    /// Their ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<Vec<QueueId>>,
    /// Ticket numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_number: Option<Vec<TicketNumber>>,
    /// Ids of responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_id: Option<Vec<ResponseId>>,
    /// Author.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by_email: Option<String>,
    /// True: deleted ones too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_deleted: Option<bool>,
    /// Default all. Only `html`, `plain_text`, `attachments` named: those and all metadata; otherwise exactly the named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<ResponseField>>,
    /// True: no bodies, no files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata_only: Option<bool>,
}

/// A field of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "documented variants would turn the schema's plain list into a choice of constants"
)]
pub enum ResponseField {
    Html,
    PlainText,
    Attachments,
    IsInternal,
    IsPinned,
    StaffResponse,
    CreatedByEmail,
    CreatedAt,
    UpdatedAt,
    IsEmailSourced,
    Audit,
    IsAuditOnly,
}

/// What a tally counts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "documented variants would turn the schema's plain list into a choice of constants"
)]
pub enum GroupBy {
    TicketNumber,
    CreatedByEmail,
    Queue,
    IsInternal,
    StaffResponse,
    Day,
}

impl ResponsesQuery {
    /// The first page of what the filters match.
    #[must_use]
    pub const fn new(filters: ResponseFilters) -> Self {
        Self {
            filters,
            count_only: None,
            group_by: None,
            limit: None,
            cursor: None,
        }
    }
}

impl Endpoint for ResponsesQuery {
    type Response = ResponsesPage;

    const SPEC: Spec =
        Spec::read("tickets.responses_query", "tickets/responses/query").abilities(TICKETS_READ);

    fn problems(&self) -> Vec<Problem> {
        Rules::default()
            .within("limit", self.limit, 1..=MAX_PAGE)
            .take()
    }
}

/// One page of responses, or a count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResponsesPage {
    /// The rows, oldest first; absent when a count was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responses: Option<Vec<ThreadResponse>>,
    /// Where the next page starts; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<Cursor>,
    /// Number of matches, when asked for (name inferred).
    #[serde(
        default,
        deserialize_with = "lenient::size",
        skip_serializing_if = "Option::is_none"
    )]
    pub count: Option<u64>,
    /// Counts per group, when asked for; the form is not documented (name inferred).
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub groups: Value,
    /// What else the answer said.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Rewrites a response in place, or changes who sees it. Nobody is notified unless `notify` says so.
///
/// The words of a customer are never rewritten, only their visibility changes. A public response that becomes internal
/// is not unsent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResponseUpdate {
    /// Internal id of the response.
    pub response_id: ResponseId,
    /// The whole new body as HTML. Not together with `replace`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Replacements in the stored HTML, done in order. Not together with `content`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replace: Option<Vec<Replacement>>,
    /// True: makes it a note that only staff see. False: makes it public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_internal: Option<bool>,
    /// True: tells the customer of a note that becomes public; only with `is_internal` false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify: Option<bool>,
}

/// One replacement in the HTML of a response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct Replacement {
    /// Text to find in the stored HTML; must occur exactly once unless `all` is true.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub find: String,
    /// Text to put in its place; empty removes it.
    pub replace: String,
    /// True: replaces every occurrence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all: Option<bool>,
}

impl ResponseUpdate {
    /// A call that changes nothing yet; set `content`, `replace` or `is_internal`.
    #[must_use]
    pub const fn new(response_id: ResponseId) -> Self {
        Self {
            response_id,
            content: None,
            replace: None,
            is_internal: None,
            notify: None,
        }
    }
}

impl Endpoint for ResponseUpdate {
    type Response = Value;

    // Replacements and notices happen again on a repeat, so the whole endpoint counts as never repeatable.
    const SPEC: Spec = Spec::write(
        "tickets.response_update",
        "tickets/response-update",
        Repeat::Never,
        Reversal::Compensable,
    )
    .abilities(TICKETS_WRITE)
    .since("2026-10");

    fn problems(&self) -> Vec<Problem> {
        let mut rules = Rules::default();
        let replacements = self.replace.as_deref().unwrap_or_default();
        rules
            .require(
                self.content.is_none() || self.replace.is_none(),
                "content, replace",
                "exclude each other: give the whole new body, or replacements in the old one",
            )
            .require(
                self.content.is_some() || !replacements.is_empty() || self.is_internal.is_some(),
                "content",
                "is missing: give `content`, `replace` or `is_internal`, otherwise nothing changes",
            )
            .require(
                self.notify != Some(true) || self.is_internal == Some(false),
                "notify",
                "only goes with `is_internal` false, which publishes a note",
            );
        for (place, replacement) in replacements.iter().enumerate() {
            rules.require(
                !replacement.find.is_empty(),
                format!("replace[{place}].find"),
                "is empty: give the text to find",
            );
        }
        rules.take()
    }
}

/// Deletes a response. It stays in the store, but no call brings it back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResponseDelete {
    /// Internal id of the response.
    pub response_id: ResponseId,
}

impl ResponseDelete {
    /// Deletes this response.
    #[must_use]
    pub const fn new(response_id: ResponseId) -> Self {
        Self { response_id }
    }
}

impl Endpoint for ResponseDelete {
    type Response = Value;

    const SPEC: Spec = Spec::write(
        "tickets.response_delete",
        "tickets/response-delete",
        Repeat::Natural,
        Reversal::Irreversible,
    )
    .abilities(TICKETS_WRITE)
    .since("2026-10");
}

macro_rules! transfers {
    ($($(#[$doc:meta])* $name:ident, $spec:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub struct $name {
            /// Internal ids of the responses, 1 to 500, in the order in which they shall stand on the target.
            #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_IDS)))]
            pub response_ids: Vec<ResponseId>,
            /// Number of the ticket that receives them.
            pub target_ticket_number: TicketNumber,
        }

        impl $name {
            /// Takes these responses to a ticket.
            #[must_use]
            pub const fn new(response_ids: Vec<ResponseId>, target: TicketNumber) -> Self {
                Self {
                    response_ids,
                    target_ticket_number: target,
                }
            }
        }

        impl Endpoint for $name {
            type Response = Value;

            const SPEC: Spec = $spec;

            fn problems(&self) -> Vec<Problem> {
                Rules::default().count("response_ids", &self.response_ids, 1..=MAX_IDS).take()
            }
        }
    )+};
}

transfers! {
    /// Moves responses to another ticket: they are made again there with author, flags, times and files, and deleted
    /// here. Needs the right to manage both queues.
    ResponseMove, Spec::write(
        "tickets.response_move",
        "tickets/response-move",
        Repeat::Never,
        Reversal::Compensable,
    )
    .abilities(TICKETS_WRITE)
    .since("2026-10");
    /// Copies responses to another ticket with author, flags, times and files. Needs the right to manage the queue of
    /// the target.
    ResponseCopy, Spec::write(
        "tickets.response_copy",
        "tickets/response-copy",
        Repeat::Never,
        Reversal::Compensable,
    )
    .abilities(TICKETS_WRITE)
    .since("2026-10");
}
