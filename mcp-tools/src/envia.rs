//! The module of Envia's Admon back office: tickets that follow the rules of their type.

use api_core::Effect;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{arguments::Mistake, error::ToolError, registry::Module, tool::JsonObject};

mod activity;
mod backend;
mod create_ticket;
mod failure;
mod files;
mod get_ticket;
mod get_ticket_types;
mod list_tickets;
mod outside;
mod reconcile;
mod refusal;
mod resources;
mod units;
mod update_ticket;
mod variables;

pub use activity::ActivityLog;
pub use backend::Envia;

/// Toolset of the ticket tools.
const TICKETS: &str = "tickets";

/// What a model should know of Envia before it calls a tool.
const INSTRUCTIONS: &str = "Envia is a shipping platform; these are the support tickets of its back office, Admon. To open \
one: get_ticket_types without arguments to choose a type by its use_case, get_ticket_types with its id for what to collect \
and the agent_notes, which you must obey, list_tickets with the tracking number to see whether there is a ticket already, \
then create_ticket. Later get_ticket and update_ticket; changes to the statuses 2, 3, 7, 8 and 10 need a comment, and closed \
tickets (2, 3) take no changes. Amounts are MXN, times are the back office's own. When a rule refuses, do not look for a way \
around it: tell the user, or hand over to a person.";

/// The tools and resources of Envia.
#[must_use]
pub fn module() -> Module {
    Module::new("envia")
        .instructions(INSTRUCTIONS)
        .marks()
        .tool(get_ticket_types::GetTicketTypes)
        .tool(create_ticket::CreateTicket)
        .tool(update_ticket::UpdateTicket)
        .tool(get_ticket::GetTicket)
        .tool(list_tickets::ListTickets)
        .resource(resources::TicketStatuses)
        .resource(resources::ShipmentStatuses)
}

/// A schema whose ids are numbers, as they are documented here; digits given as text are put right all the same.
fn with_numeric_ids(mut schema: JsonObject) -> JsonObject {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for property in properties.into_iter().flat_map(JsonObject::values_mut) {
        if let Value::Object(property) = property
            && property.get("pattern") == Some(&json!("^[0-9]+$"))
        {
            property.remove("pattern");
            property.insert("type".to_owned(), json!("integer"));
            property.insert("minimum".to_owned(), json!(1));
        }
    }
    schema
}

/// What a call does: nothing, when it is only to show what it would do.
fn effect_of(effect: Effect, arguments: &JsonObject) -> Effect {
    match arguments.get("dry_run") {
        Some(Value::Bool(true)) => Effect::Read,
        _ => effect,
    }
}

/// Checked arguments as a tool's own type. What the schema cannot say of a single value is told here.
fn parsed<T: DeserializeOwned>(tool: &str, arguments: JsonObject) -> Result<T, ToolError> {
    serde_json::from_value(Value::Object(arguments))
        .map_err(|error| ToolError::arguments(tool, &[Mistake::new("", error.to_string())]))
}
