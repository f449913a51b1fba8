//! `get_ticket`: one ticket, with units in the names of its variables.

use api_core::Endpoint as _;
use envia_client::{
    api::tickets::{Show, Ticket},
    types::TicketId,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Envia, TICKETS, outside, units};
use crate::{
    context::Context,
    endpoint_tool::as_object,
    error::ToolError,
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

/// The newest comment of a ticket, for `if_last_comment_id` of update_ticket.
pub(super) const LAST_COMMENT: &str = "last_comment_id";

/// Reads a ticket.
#[derive(Debug)]
pub(super) struct GetTicket;

#[derive(Debug, Deserialize, JsonSchema)]
struct Input {
    /// Id of the ticket. Example: 58231.
    ticket_id: TicketId,
}

impl Tool for GetTicket {
    fn name(&self) -> &'static str {
        "get_ticket"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec::of_endpoint(self.name(), "Get ticket", TICKETS, &Show::SPEC)
            .describe(
                "Reads one ticket in full: type, status, people, shipment, variables with their unit in the name \
                 (amount_in_mxn, term_in_days), files and comments in order. To find tickets use list_tickets.",
            )
            .input(super::with_numeric_ids(schema::of::<Input>()))
            .output(output())
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let input: Input = super::parsed(self.name(), arguments)?;
        let envia = context.backend::<Envia>()?;
        let ticket = envia.ticket(context, input.ticket_id).await?;
        Ok(answer(ticket))
    }
}

fn answer(mut ticket: Ticket) -> JsonObject {
    let variables = ticket.variables().into_owned();
    let unreadable = variables.unreadable;
    ticket.ticket_variables = units::named(variables.values).into();
    // A ticket of text and numbers always serialises.
    let mut told = serde_json::to_value(&ticket).unwrap_or_default();
    outside::TICKETS.mark(&mut told);
    let mut answer = JsonObject::new();
    // First, because whoever writes next needs it; 0 when there is none.
    let last = ticket.comments_list.iter().filter_map(|one| one.id).max();
    answer.insert(
        LAST_COMMENT.to_owned(),
        json!(last.map_or(0, |id| id.get())),
    );
    answer.extend(as_object(told));
    answer.retain(|_, value| !value.is_null());
    if unreadable {
        answer.insert(
            "note".to_owned(),
            json!(
                "the ticket has variables in a form that cannot be read; a person must look at them"
            ),
        );
    }
    answer
}

fn output() -> JsonObject {
    let rows =
        |about: &str| json!({"type": "array", "items": {"type": "object"}, "description": about});
    let number = json!({"type": "integer"});
    schema::open_object(
        &[
            (
                LAST_COMMENT,
                json!({"type": "integer", "description": "Newest comment; give it as if_last_comment_id when you write."}),
            ),
            ("id", number.clone()),
            ("company_id", number.clone()),
            ("shipment_id", number.clone()),
            ("tracking_number", json!({"type": "string"})),
            ("ticket_type_id", number.clone()),
            ("ticket_type_name", json!({"type": "string"})),
            ("ticket_status_id", number),
            ("ticket_status_name", json!({"type": "string"})),
            (
                "comments",
                json!({"type": "object", "description": "The first description. This and other texts from outside are objects that say so."}),
            ),
            (
                "ticket_variables",
                json!({"type": "object", "description": "Type-specific values, with units in their names."}),
            ),
            ("files", rows("Name, description and url of each.")),
            (
                "allComments",
                rows("Comments; type `client` was written by a customer, `admin` by staff."),
            ),
            ("note", json!({"type": "string"})),
        ],
        &["id"],
    )
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn variables_that_travel_as_data_are_found() {
        let ticket: Ticket =
            serde_json::from_value(json!({"id": 1, "data": "{\"days\": 30}"})).unwrap();
        let answer = Value::Object(answer(ticket));
        assert_eq!(answer["ticket_variables"], json!({"term_in_days": 30}));
    }
}
