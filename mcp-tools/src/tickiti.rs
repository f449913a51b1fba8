//! The Tickiti module: endpoints served as they are, and the tools that do more.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use api_core::Operation;
use serde_json::Value;
use tickiti_client::{Instances, api::tickets};

use crate::{
    endpoint_tool::EndpointTool,
    registry::{Module, SharedArgument},
};

mod administration;
mod answers;
mod attachments;
mod axial;
mod backend;
mod call;
mod choosers;
mod create_ticket;
mod export;
mod failure;
mod files;
mod instances;
mod issue;
mod list_endpoints;
mod lookups;
mod mail;
mod operations;
mod outside;
mod query_tickets;
mod respond;
mod revise;
mod settings;
mod template_image;
mod templates;
mod tokens;
mod with_body;

pub use backend::Tickiti;

/// Toolset of the everyday ticket tools.
const TICKETS: &str = "tickets";
/// Toolset of what is done to whole tickets and to responses that are there, and of files on this machine.
const OPERATIONS: &str = "ticket-operations";
/// Toolset of the lists that the everyday tools choose from.
const LOOKUPS: &str = "lookups";
/// Toolset of the reports.
const REPORTS: &str = "reports";
/// Toolset of the tools that reach every endpoint.
const GENERAL: &str = "general";

/// What a model should know of Tickiti before it calls a tool.
const INSTRUCTIONS: &str = "Tickiti is a helpdesk: customers raise tickets, staff answer them in a thread of responses; \
a response is public or an internal note. Tickets lie in queues, have a six-digit number (what people quote) and an \
internal id; give exactly one of them. Find tickets with query_tickets, read one with get_ticket, write with \
create_ticket and respond_to_ticket. Everything else (mail, templates, workflow, administration, …): find the endpoint \
with list_endpoints, read with tickiti_read, change with tickiti_call. get_token_info tells what the token may do. Bodies are HTML; times are \
UTC.";

/// The tools served as they are: an entry each, no code.
const ENDPOINTS: &[EndpointTool<Tickiti>] = &[
    EndpointTool::new(
        "get_ticket",
        "Get ticket",
        TICKETS,
        Operation::of::<tickets::Show>(),
        "Reads one ticket: header, participants, linked tickets and the whole thread with internal notes, pinned first, \
         then oldest first. Bodies come as HTML and as plain text: `fields: [\"plain_text\"]` halves the answer, max_body_chars \
         cuts long bodies.",
    )
    .answers(answers::ticket, answers::with_last),
    EndpointTool::new(
        "list_responses",
        "List responses",
        TICKETS,
        Operation::of::<tickets::Responses>(),
        "Reads the thread of one ticket without its header. For header and thread use get_ticket; for messages across \
         tickets use query_responses.",
    )
    .answers(answers::thread, answers::with_last),
    EndpointTool::new(
        "query_responses",
        "Query responses",
        TICKETS,
        Operation::of::<tickets::ResponsesQuery>(),
        "Lists messages across tickets, oldest first, by time, author, queue, ticket or kind; for words use \
         query_tickets. Ask for `fields: [\"plain_text\"]`: rows carry HTML too otherwise. Pass next_cursor back as cursor \
         for the next page; the last has none.",
    )
    .instead(answers::cursor)
    .answers(answers::responses_page, answers::page),
];

/// The tools of Tickiti, for the installs they will be used on: with several, every tool takes `instance`.
#[must_use]
pub fn module(instances: &Instances) -> Module {
    let module = tools();
    if instances.len() <= 1 {
        return module;
    }
    module.shared(SharedArgument {
        name: backend::INSTANCE,
        description: format!(
            "Which Tickiti install to use; default `{}`.",
            instances.default_name()
        ),
        words: instances.names().map(str::to_owned).collect(),
        default: instances.default_name().to_owned(),
    })
}

/// The tools of Tickiti on one install.
#[must_use]
pub fn tools() -> Module {
    let mut module = Module::new("tickiti")
        .instructions(INSTRUCTIONS)
        .marks()
        .tool(create_ticket::CreateTicket)
        .tool(attachments::GetAttachment)
        .tool(attachments::DownloadAttachment)
        .tool(export::ExportResponses)
        .tool(template_image::UploadTemplateImage)
        .tool(operations::EDIT_RESPONSE)
        .tool(mail::SEND_EMAIL)
        .template(attachments::AttachmentResource)
        .tool(respond::RESPOND)
        .tool(respond::CLOSE)
        .tool(query_tickets::QueryTickets)
        .tool(lookups::LIST_PERSPECTIVES)
        .tool(lookups::LIST_STOCK_RESPONSES)
        .tool(lookups::LIST_WATCHLISTS)
        .tool(lookups::ListQueues)
        .tool(lookups::LIST_TEAMS)
        .tool(lookups::GetTokenInfo)
        .tool(instances::ListInstances)
        .tool(choosers::ListWorkflow)
        .tool(choosers::RunReport)
        .tool(list_endpoints::ListEndpoints)
        .tool(call::TickitiCall)
        .tool(call::TickitiRead)
        .tool(operations::DeleteTickets)
        .tool(settings::UPDATE)
        .tool(templates::UPDATE)
        .tool(administration::CreateApiToken);
    let thin = [
        ENDPOINTS,
        operations::ENDPOINTS,
        lookups::ENDPOINTS,
        settings::ENDPOINTS,
        templates::ENDPOINTS,
        mail::ENDPOINTS,
        administration::ENDPOINTS,
        axial::ENDPOINTS,
    ];
    for endpoint in thin.into_iter().flatten() {
        module = module.tool(*endpoint);
    }
    module
}

/// The schema of an operation, made once: making one costs more than checking against it.
fn schema_of(operation: &Operation) -> Arc<Value> {
    static MADE: Mutex<BTreeMap<&'static str, Arc<Value>>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let schema = made.entry(operation.spec.name).or_insert_with(|| {
        Arc::new(Value::Object(crate::schema::tidy(
            operation.schema().into(),
        )))
    });
    Arc::clone(schema)
}
