//! `update_ticket`: status, comment, people, type and files, by the rules.

use std::time::SystemTime;

use api_core::{Effect, Endpoint as _, Repeat};
use envia_client::{
    api::tickets::{Comment, Ticket, Update},
    rules::{Catalog, Change, Rule, Violation},
    statuses::TicketStatus,
    types::{CompanyId, StaffId, TicketId, TypeId},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Envia, TICKETS,
    backend::stale_note,
    files::{self, FileInput},
    get_ticket::LAST_COMMENT,
    outside,
    reconcile::{self, Outcome},
    refusal::{kind_of, mistake, refusal},
};
use crate::{
    arguments::Mistake,
    context::Context,
    error::ToolError,
    files::Carry,
    ledger::Found,
    moment,
    provenance::Author,
    registry::IDEMPOTENCY_KEY,
    schema,
    tool::{JsonObject, Tool, ToolSpec},
    unread::{Message, Names, Read},
};

const NAME: &str = "update_ticket";

/// How this module speaks of what the caller has read.
const NAMES: Names = Names {
    argument: "if_last_comment_id",
    field: LAST_COMMENT,
    message: "comment",
    id: "comment_id",
    whose: "anybody else",
};

/// Changes a ticket.
#[derive(Debug)]
pub(super) struct UpdateTicket;

#[derive(Debug, Deserialize, JsonSchema)]
struct Input {
    /// Id of the ticket. Example: 58231.
    ticket_id: TicketId,
    /// New status: 1 pending, 2 accepted, 3 declined, 4 incomplete, 5 follow-up, 6 in review, 7 complete, 8 rejected,
    /// 9 in analysis, 10 claim in review. Left out, it stays.
    status_id: Option<TicketStatus>,
    /// Kept with the change; required with the statuses 2, 3, 7, 8 and 10.
    #[schemars(length(min = 1))]
    comment: Option<String>,
    /// Member of staff to assign it to.
    assigned_to_id: Option<StaffId>,
    /// Why it is declined: an id of the back office's reasons, or a text.
    #[serde(default)]
    #[schemars(schema_with = "reason")]
    reason_decline: Option<Value>,
    /// Type to move it to.
    new_ticket_type_id: Option<TypeId>,
    /// Company that the ticket belongs to; required with files.
    company_id: Option<CompanyId>,
    /// Photos or PDF documents to add.
    #[schemars(length(max = files::MOST))]
    files: Option<Vec<FileInput>>,
    /// Check everything that can be known here and show what would be sent, but change nothing.
    dry_run: Option<bool>,
}

fn reason(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"type": ["integer", "string"]})
}

impl Input {
    fn update(&self) -> Update {
        let mut update = Update::new(self.ticket_id);
        update.status_id = self.status_id;
        update.comment.clone_from(&self.comment);
        update.assigned_to_id = self.assigned_to_id;
        update.reason_decline.clone_from(&self.reason_decline);
        update.new_ticket_type_id = self.new_ticket_type_id;
        update
    }

    /// What is told of a change that was made.
    fn answer(&self, files: Value) -> JsonObject {
        let mut answer = JsonObject::new();
        answer.insert("ticket_id".to_owned(), json!(self.ticket_id));
        if let Some(status) = self.status_id {
            answer.insert("status_id".to_owned(), json!(status));
            answer.insert("status".to_owned(), json!(status.label()));
        }
        answer.insert("comment_added".to_owned(), json!(self.comment.is_some()));
        answer.insert("files".to_owned(), files);
        answer
    }

    /// Every rule that the change breaks, by what is known of the ticket and the types.
    fn violations(&self, ticket: Option<&Ticket>, types: &Catalog) -> Vec<Violation> {
        let update = self.update();
        let mut change = Change::new(&update);
        change.files = self.files.as_ref().map_or(0, Vec::len);
        change.company_id = self.company_id;
        change.ticket = ticket;
        change.check(types)
    }
}

impl Tool for UpdateTicket {
    fn name(&self) -> &'static str {
        NAME
    }

    fn spec(&self) -> ToolSpec {
        let mut input = super::with_numeric_ids(schema::of::<Input>());
        schema::add_properties(&mut input, NAMES.properties());
        let mut spec = ToolSpec::of_endpoint(NAME, "Update ticket", TICKETS, &Update::SPEC)
            .describe(
                "Changes a ticket in one call: status, comment, assignee, type, files; what is not given stays. Refuses \
                 a status without the comment it needs, a claim above the type's amount limit (status 10; a person must \
                 decide) and closed tickets. Customers may be mailed about statuses 2, 3 and 10. Read the ticket with \
                 get_ticket first, and give its last_comment_id as if_last_comment_id.",
            )
            .input(input)
            .output(output());
        spec.open_world = true;
        spec
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        let Ok(mut input) = super::parsed::<Input>(NAME, arguments.clone()) else {
            // Told when the call parses them for itself.
            return Vec::new();
        };
        // Types and the ticket are not known yet; what rests on them is judged in the call.
        let later = |rule: Rule| matches!(rule, Rule::TicketUnknown | Rule::UnknownType);
        let violations = input.violations(None, &Catalog::default());
        let mut mistakes: Vec<Mistake> = violations
            .iter()
            .filter(|violation| !later(violation.rule))
            .map(mistake)
            .collect();
        let malformed = files::malformed(arguments);
        if !malformed.is_empty() {
            mistakes.extend(malformed);
            return mistakes;
        }
        let checked = files::checked(input.files.take().unwrap_or_default(), None);
        mistakes.extend(checked.err().unwrap_or_default());
        mistakes.extend(NAMES.mistakes(arguments, false));
        mistakes
    }

    fn carries(&self, arguments: &JsonObject) -> Vec<Carry> {
        files::carries(arguments)
    }

    fn effect(&self, arguments: &JsonObject) -> Effect {
        // Without words and files, the same call leaves the same state: one that sets a status, another, and the first
        // again must not be answered from a record.
        let adds = ["comment", "files", IDEMPOTENCY_KEY];
        let effect = match adds.iter().any(|name| arguments.contains_key(*name)) {
            true => Update::SPEC.effect,
            false => Effect::Write(Repeat::Natural),
        };
        super::effect_of(effect, arguments)
    }

    async fn reconcile(
        &self,
        context: &Context,
        arguments: &JsonObject,
        begun: SystemTime,
    ) -> Result<Found, ToolError> {
        let mut input: Input = super::parsed(NAME, arguments.clone())?;
        let files = files::checked(
            input.files.take().unwrap_or_default(),
            Some(&context.carried),
        );
        let files = files.map_err(|mistakes| ToolError::arguments(NAME, &mistakes))?;
        let envia = context.backend::<Envia>()?;
        let ticket = envia.ticket(context, input.ticket_id).await?;
        let update = input.update();
        let outcomes = files::found(&files, &ticket);
        let made = match update.is_empty() {
            // Files alone: one that is there says that the call arrived.
            true => files::any_found(&outcomes),
            false => reconcile::change(&ticket, &update, begun),
        };
        Ok(match made {
            Outcome::Made => Found::Applied(input.answer(outcomes)),
            Outcome::NotMade => Found::Absent,
            Outcome::Unclear => Found::Unclear(format!(
                "Ticket {} has the same comment or file, but not certainly from this attempt: read it with get_ticket.",
                input.ticket_id
            )),
        })
    }

    async fn call(
        &self,
        context: &Context,
        mut arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let read = NAMES.take(&mut arguments);
        let mut input: Input = super::parsed(NAME, arguments)?;
        let envia = context.backend::<Envia>()?;
        let seen = judge(envia, context, &input, read).await?;
        let update = input.update();
        let files = files::checked(
            input.files.take().unwrap_or_default(),
            Some(&context.carried),
        )
        .map_err(|mistakes| ToolError::arguments(NAME, &mistakes))?;
        if input.dry_run == Some(true) {
            let mut answer = JsonObject::new();
            answer.insert("dry_run".to_owned(), json!(true));
            answer.insert("would_send".to_owned(), request(&update));
            answer.insert("ticket_id".to_owned(), json!(input.ticket_id));
            answer.insert("files".to_owned(), files::described(&files));
            return Ok(answer);
        }
        if !update.is_empty() {
            let sent = envia.send(context, &update).await;
            sent.map_err(|error| match files.as_slice() {
                [] => error,
                _ => error.with_advice("No file was sent."),
            })?;
        }
        let outcomes = match input.company_id {
            Some(company) => {
                let place = (input.ticket_id, company);
                files::upload(envia, context, place, files).await
            }
            None => json!([]),
        };
        let mut answer = input.answer(outcomes);
        if let Some(seen) = seen {
            // Not the comment just made: what was written between reading and writing has an id between them.
            answer.insert(LAST_COMMENT.to_owned(), json!(seen));
        }
        Ok(answer)
    }
}

/// Holds the change against what the caller has read, and against the rules. The ticket is read for the first, for the
/// change to "claim in review" and for a dry run; the types for these, and for a move to another type. Answers the newest
/// comment, where it was asked for.
async fn judge(
    envia: &Envia,
    context: &Context,
    input: &Input,
    read: Option<Read>,
) -> Result<Option<u64>, ToolError> {
    let update = input.update();
    // Where nothing is sent, reading it tells what the back office would refuse.
    let by_rules = Change::new(&update).needs_ticket() || input.dry_run == Some(true);
    let types = match by_rules || update.new_ticket_type_id.is_some() {
        true => Some(envia.ticket_types(context).await?),
        false => None,
    };
    let ticket = match by_rules || read.is_some() {
        true => Some(envia.ticket(context, input.ticket_id).await?),
        false => None,
    };
    let seen = match (&ticket, read) {
        (Some(ticket), Some(read)) => {
            let comments = ticket.comments_list.iter();
            let thread = comments.map(|comment| {
                let mut message = message(comment, input);
                message.is_own &= context.may_be_said();
                message
            });
            let thread = thread.collect();
            Some(NAMES.judge(read, thread)?.unwrap_or(0))
        }
        _ => None,
    };
    let Some(types) = types else {
        return Ok(seen);
    };
    let violations = input.violations(ticket.as_ref().filter(|_| by_rules), &types.value);
    if violations.is_empty() {
        return Ok(seen);
    }
    let refused = refusal(NAME, kind_of(&violations), &violations, &[]);
    Err(match stale_note(&types, "ticket types") {
        Some(note) => refused.with_advice(&format!("Note: {note}.")),
        None => refused,
    })
}

/// A comment, as news to whoever has not read it.
fn message(comment: &Comment, input: &Input) -> Message {
    let text = comment.description.as_deref().unwrap_or_default();
    let by_staff = comment.author.as_deref() == Some("admin");
    // A status that is set without a comment leaves an empty one.
    let is_said = match input.comment.as_deref() {
        Some(said) => said.trim() == text.trim(),
        None => text.is_empty() && input.status_id.is_some(),
    };
    let status = input
        .status_id
        .is_none_or(|to| comment.status_id.is_none_or(|is| is == to));
    Message {
        id: comment.id.map(|id| id.get()),
        moment: comment.created_at.as_deref().and_then(moment::parse),
        at: comment.created_at.clone(),
        by: comment.created_by_name.clone(),
        author: match comment.author.as_deref() {
            Some(author) => outside::of_author(author),
            None => Author::Outside,
        },
        text: text.to_owned(),
        counts: true,
        is_own: by_staff && is_said && status,
    }
}

/// The request that a change makes; none when there are only files.
fn request(update: &Update) -> Value {
    if update.is_empty() {
        return json!({});
    }
    // An id always makes a path.
    let path = update.path().unwrap_or_default();
    json!({"method": "PUT", "path": path, "body": update})
}

fn output() -> JsonObject {
    schema::open_object(
        &[
            ("ticket_id", json!({"type": "integer"})),
            (
                LAST_COMMENT,
                json!({"type": "integer", "description": "With a condition: the newest comment read before the change."}),
            ),
            ("status_id", json!({"type": "integer"})),
            ("status", json!({"type": "string"})),
            ("comment_added", json!({"type": "boolean"})),
            ("files", files::outcomes()),
            (
                "dry_run",
                json!({"type": "boolean", "description": "True when nothing was changed."}),
            ),
            (
                "would_send",
                json!({"type": "object", "description": "With dry_run: the request; empty when only files would be sent."}),
            ),
        ],
        &["ticket_id", "files"],
    )
}
