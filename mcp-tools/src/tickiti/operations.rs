//! The toolset `ticket-operations`: what is done to whole tickets, and to responses that are there already.

use api_core::{Effect, Operation, Spec};
use serde_json::{Value, json};
use tickiti_client::api::tickets;

use super::{OPERATIONS, Tickiti, answers, with_body::WithBody};
use crate::{
    arguments::Mistake,
    context::Context,
    endpoint_tool::{EndpointTool, mistakes_of},
    error::ToolError,
    rehearsal::DRY_RUN,
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

/// The tool that rewrites a response.
pub(super) const EDIT_RESPONSE: WithBody = WithBody(
    EndpointTool::new(
        "edit_response",
        "Edit response",
        OPERATIONS,
        Operation::of::<tickets::ResponseUpdate>(),
        "Rewrites a response in place, replaces words in it, or makes it public or internal. To say something new use \
         respond_to_ticket. Nobody is told unless notify, and what was mailed stays mailed. The words of customers cannot \
         be rewritten.",
    )
    .open_world()
    .answers(answers::outcome, answers::done),
);

/// The tools served as they are.
pub(super) const ENDPOINTS: &[EndpointTool<Tickiti>] = &[
    EndpointTool::new(
        "add_participants",
        "Add participants",
        OPERATIONS,
        Operation::of::<tickets::ParticipantsAdd>(),
        "Adds people to a ticket, so that they are kept informed; recorded on the thread. Together with a reply use \
         respond_to_ticket.",
    )
    .answers(answers::respond, answers::done),
    EndpointTool::new(
        "remove_participants",
        "Remove participants",
        OPERATIONS,
        Operation::of::<tickets::ParticipantsRemove>(),
        "Takes people off a ticket; recorded on the thread. Not the customer who raised it: change_originator first.",
    )
    .answers(answers::respond, answers::done),
    EndpointTool::new(
        "delete_response",
        "Delete response",
        OPERATIONS,
        Operation::of::<tickets::ResponseDelete>(),
        "Deletes one response; no call brings it back. To hide it from the customer, edit_response with is_internal. Whole \
         tickets: delete_tickets.",
    )
    .answers(answers::outcome, answers::done),
    EndpointTool::new(
        "get_response",
        "Get response",
        OPERATIONS,
        Operation::of::<tickets::ResponseShow>(),
        "Reads one response by its id: ticket number, flags, body, changes, files. The whole thread: get_ticket.",
    ),
    EndpointTool::new(
        "move_responses",
        "Move responses",
        OPERATIONS,
        Operation::of::<tickets::ResponseMove>(),
        "Moves responses to another ticket, where they are made again with author, times and files, under new ids; recorded \
         on both. To keep them here too use copy_responses, for a new ticket split_ticket.",
    )
    .answers(answers::outcome, answers::done),
    EndpointTool::new(
        "copy_responses",
        "Copy responses",
        OPERATIONS,
        Operation::of::<tickets::ResponseCopy>(),
        "Copies responses to another ticket with author, times and files, under new ids. To take them away here use \
         move_responses.",
    )
    .answers(answers::outcome, answers::done),
    EndpointTool::new(
        "split_ticket",
        "Split ticket",
        OPERATIONS,
        Operation::of::<tickets::Split>(),
        "Makes a new ticket out of responses of one ticket, linked to it for good, with its customer and participants. \
         Answers the new number. For an existing ticket use move_responses.",
    )
    .answers(answers::outcome, answers::done),
    EndpointTool::new(
        "merge_tickets",
        "Merge tickets",
        OPERATIONS,
        Operation::of::<tickets::Merge>(),
        "Merges two tickets for good: the older takes over responses and people, the newer is deleted. Answers the \
         survivor. Only to relate them use link_tickets.",
    )
    .answers(answers::outcome, answers::done),
    EndpointTool::new(
        "restore_ticket",
        "Restore ticket",
        OPERATIONS,
        Operation::of::<tickets::Restore>(),
        "Brings back a ticket that delete_tickets deleted, with its responses. A merged ticket does not come back.",
    )
    .answers(answers::outcome, answers::done),
    EndpointTool::new(
        "link_tickets",
        "Link tickets",
        OPERATIONS,
        Operation::of::<tickets::Link>(),
        "Relates a ticket to others, such as several reports of one fault; a pair that is linked stays so. To make them \
         one use merge_tickets.",
    )
    .answers(answers::outcome, answers::done),
    EndpointTool::new(
        "unlink_tickets",
        "Unlink tickets",
        OPERATIONS,
        Operation::of::<tickets::Unlink>(),
        "Takes the link between two tickets away. The link of a split ticket to its source stays.",
    )
    .answers(answers::outcome, answers::done),
    EndpointTool::new(
        "list_linked_tickets",
        "List linked tickets",
        OPERATIONS,
        Operation::of::<tickets::Links>(),
        "Lists the tickets that a ticket is linked with. get_ticket tells them too.",
    )
    .answers(|| answers::list_of("links"), |payload| answers::as_list(payload, "links")),
    EndpointTool::new(
        "change_originator",
        "Change originator",
        OPERATIONS,
        Operation::of::<tickets::OriginatorUpdate>(),
        "Makes somebody else the customer who raised a ticket; the former one stays a participant. Recorded on the thread.",
    )
    .answers(answers::outcome, answers::done),
    EndpointTool::new(
        "delete_attachment",
        "Delete attachment",
        OPERATIONS,
        Operation::of::<tickets::AttachmentDelete>(),
        "Deletes a file of a response for good; a line with its name, the reason and who did it stays on the thread. For \
         files that must not be kept.",
    )
    .answers(answers::outcome, answers::done),
];

const DELETE: Operation = Operation::of::<tickets::Delete>();

/// Deletes tickets by number, or all of one customer. What it would delete is told by the install.
#[derive(Debug)]
pub(super) struct DeleteTickets;

impl Tool for DeleteTickets {
    fn name(&self) -> &'static str {
        "delete_tickets"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec::of_endpoint(self.name(), "Delete tickets", OPERATIONS, DELETE.spec)
            .describe(
                "Deletes tickets by number, or every ticket that one customer raised: all or none. restore_ticket brings \
                 each back. To end a conversation use close_ticket. dry_run lists what it would be.",
            )
            .input(schema::tidy(DELETE.schema().into()))
            .output(answers::outcome())
    }

    fn effect(&self, arguments: &JsonObject) -> Effect {
        match arguments.get(DRY_RUN) {
            Some(Value::Bool(true)) => Effect::Read,
            _ => DELETE.spec.effect,
        }
    }

    fn endpoints(&self, _: Option<&JsonObject>) -> Vec<&'static Spec> {
        vec![DELETE.spec]
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        mistakes_of(&DELETE, arguments)
    }

    fn is_bulk(&self, arguments: &JsonObject) -> bool {
        is_bulk(arguments)
    }

    async fn touches(
        &self,
        context: &Context,
        arguments: &JsonObject,
    ) -> Result<Option<Value>, ToolError> {
        touches(context, arguments).await.map(Some)
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let tickiti = context.backend::<Tickiti>()?;
        let payload = tickiti.answer(context, &DELETE, arguments).await?;
        Ok(answers::done(payload))
    }
}

/// Whether these fields of `tickets.delete` are for more than one ticket.
pub(super) fn is_bulk(fields: &JsonObject) -> bool {
    let numbers = fields.get("ticket_numbers").and_then(Value::as_array);
    numbers.is_some_and(|numbers| numbers.len() > 1) || fields.contains_key("originator_email")
}

/// The tickets that `tickets.delete` would delete with these fields.
pub(super) async fn touches(context: &Context, fields: &JsonObject) -> Result<Value, ToolError> {
    let mut fields = fields.clone();
    fields.insert(DRY_RUN.to_owned(), json!(true));
    let tickiti = context.backend::<Tickiti>()?;
    tickiti.answer(context, &DELETE, fields).await
}
