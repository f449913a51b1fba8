//! `list_tickets`: a page of tickets.

use api_core::{Endpoint as _, Operation};
use envia_client::{api::tickets::List, statuses::TicketStatus};
use serde_json::{Value, json};

use super::{Envia, TICKETS, outside};
use crate::{
    arguments::{Mistake, nearest},
    context::Context,
    endpoint_tool::mistakes_of,
    error::ToolError,
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

const LIST: Operation = Operation::of::<List>();
const STATUS: &str = "ticket_status";
const TYPE: &str = "ticket_type";

/// Lists tickets.
#[derive(Debug)]
pub(super) struct ListTickets;

impl Tool for ListTickets {
    fn name(&self) -> &'static str {
        "list_tickets"
    }

    fn spec(&self) -> ToolSpec {
        let mut input = schema::tidy(LIST.schema().into());
        schema::add_properties(
            &mut input,
            JsonObject::from_iter([(
                STATUS.to_owned(),
                json!({"type": "string", "minLength": 1, "description": "Name of a status: pending, accepted, declined, incomplete, follow_up, in_review, complete, rejected, in_analysis or claim_in_review."}),
            )]),
        );
        ToolSpec::of_endpoint(self.name(), "List tickets", TICKETS, &List::SPEC)
            .describe(
                "Lists tickets, newest first; all filters must hold. With tracking_number: the way to see whether a \
                 ticket exists before create_ticket. Rows are short: read one with get_ticket. For the next page pass \
                 next_start as start.",
            )
            .input(super::with_numeric_ids(input))
            .output(output())
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        let mut arguments = arguments.clone();
        let status = arguments.remove(STATUS);
        let mut mistakes = mistakes_of(&LIST, &arguments);
        mistakes.extend(status.and_then(|said| unknown_status(&said)));
        mistakes.extend(arguments.get(TYPE).and_then(id_for_name));
        mistakes
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let mut request: List = super::parsed(self.name(), arguments)?;
        // Blanks come along when numbers are copied, and "none found" would open a second ticket.
        request.tracking_number = request
            .tracking_number
            .map(|number| number.trim().to_owned());
        let envia = context.backend::<Envia>()?;
        let page = envia.send(context, &request).await?;
        if page.rows.is_empty()
            && let Some(name) = &request.ticket_type
        {
            known_type(envia, context, name).await?;
        }
        let mut answer = JsonObject::new();
        let rows = page.rows.iter().map(|row| {
            // A row of text and numbers always serialises.
            let mut row = serde_json::to_value(row).unwrap_or_default();
            outside::TICKETS.mark(&mut row);
            if let Value::Object(row) = &mut row {
                row.retain(|_, value| !value.is_null());
            }
            row
        });
        // Rows that could not be read were on this page too.
        let count = (page.rows.len() + page.unreadable) as u64;
        answer.insert("tickets".to_owned(), rows.collect());
        if let Some(total) = page.total {
            answer.insert("total".to_owned(), json!(total));
        }
        answer.insert("start".to_owned(), json!(request.start));
        answer.insert("length".to_owned(), json!(request.length));
        let next = request.start.saturating_add(count);
        let more = page
            .total
            .map_or(count >= request.length, |total| next < total);
        if more && count > 0 {
            answer.insert("next_start".to_owned(), json!(next));
        }
        if page.unreadable > 0 {
            answer.insert(
                "note".to_owned(),
                json!(format!(
                    "{} rows could not be read and are missing here",
                    page.unreadable
                )),
            );
        }
        Ok(answer)
    }
}

/// An id in the place of a name finds nothing, which would read as "there is no ticket".
fn id_for_name(said: &Value) -> Option<Mistake> {
    let said = said.as_str()?.trim();
    let digits = !said.is_empty() && said.bytes().all(|byte| byte.is_ascii_digit());
    let problem = "must be the name of a type, not its id: get_ticket_types names them";
    digits.then(|| Mistake::new(TYPE, problem))
}

/// A name that no type has finds nothing, which would read as "there is no ticket". The names are at hand most times;
/// where they cannot be had, nothing is said.
async fn known_type(envia: &Envia, context: &Context, said: &str) -> Result<(), ToolError> {
    let Ok(types) = envia.ticket_types(context).await else {
        return Ok(());
    };
    let names = || types.value.types().map(|rules| rules.name.as_str());
    if names().any(|name| name.eq_ignore_ascii_case(said.trim())) {
        return Ok(());
    }
    let hint = nearest(said, names()).map_or_else(
        || "; get_ticket_types names those that there are".to_owned(),
        |name| format!("; did you mean `{name}`?"),
    );
    let problem = format!("is \"{said}\", which is the name of no type{hint}");
    Err(ToolError::arguments(
        "list_tickets",
        &[Mistake::new(TYPE, problem)],
    ))
}

/// A status by name or label; blanks, `-` and `_` are the same.
fn unknown_status(said: &Value) -> Option<Mistake> {
    let said = said.as_str()?;
    if said.parse::<TicketStatus>().is_ok() {
        return None;
    }
    let names = TicketStatus::ALL.into_iter().map(TicketStatus::name);
    let hint = nearest(said, names.clone())
        .map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
    let known: Vec<&str> = names.collect();
    let problem = format!(
        "must be one of `{}`, got \"{said}\"{hint}",
        known.join("`, `")
    );
    Some(Mistake::new(STATUS, problem))
}

fn output() -> JsonObject {
    schema::open_object(
        &[
            (
                "tickets",
                json!({"type": "array", "items": {"type": "object"}, "description": "One row per ticket; none is a success too."}),
            ),
            (
                "total",
                json!({"type": "integer", "description": "Tickets that match, on this page or not."}),
            ),
            ("start", json!({"type": "integer"})),
            ("length", json!({"type": "integer"})),
            (
                "next_start",
                json!({"type": "integer", "description": "Present when there are more: the start of the next page."}),
            ),
            ("note", json!({"type": "string"})),
        ],
        &["tickets", "start", "length"],
    )
}
