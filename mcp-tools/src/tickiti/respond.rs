//! `respond_to_ticket` and `close_ticket`: an endpoint each, and a look at the thread first when the caller asks for it.

use api_core::{Effect, Operation, Repeat, Spec};
use serde_json::{Value, json};
use tickiti_client::api::tickets;

use super::{TICKETS, Tickiti, answers, files, outside};
use crate::{
    arguments::Mistake,
    context::Context,
    endpoint_tool::{as_object, mistakes_of},
    error::ToolError,
    files::Carry,
    moment,
    registry::IDEMPOTENCY_KEY,
    schema,
    tool::{JsonObject, Tool, ToolSpec},
    unread::{self, Message, Names, Read, SINCE},
};

const THREAD: Operation = Operation::of::<tickets::Responses>();

/// How this module speaks of what the caller has read.
const NAMES: Names = Names {
    argument: "if_last_response_id",
    field: answers::LAST_RESPONSE,
    message: "response",
    id: "response_id",
    whose: "others than staff",
};

/// Longest body that is read for the check.
const READ_CHARS: u32 = 2_000;

/// Writes on a ticket.
#[derive(Debug)]
pub(super) struct Write {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    operation: Operation,
    /// Whether local files may go with it, in place of those that were uploaded before.
    files: bool,
}

pub(super) const RESPOND: Write = Write {
    name: "respond_to_ticket",
    title: "Respond to ticket",
    description: "Writes on a ticket: a public reply (customers are mailed), a note, or only a change of status, assignee, \
                  priority, queue or subject. A public reply reopens a closed or held ticket. Read it with get_ticket \
                  first, and give its last_response_id as if_last_response_id.",
    operation: Operation::of::<tickets::Respond>(),
    files: true,
};

pub(super) const CLOSE: Write = Write {
    name: "close_ticket",
    title: "Close ticket",
    description: "Closes a ticket, with or without a last message; customers are mailed about a public one. With other \
                  changes: respond_to_ticket.",
    operation: Operation::of::<tickets::Close>(),
    files: false,
};

/// The fields of the request alone.
fn fields(arguments: &JsonObject) -> (JsonObject, Option<Read>) {
    let mut fields = arguments.clone();
    let read = NAMES.take(&mut fields);
    (fields, read)
}

impl Tool for Write {
    fn name(&self) -> &'static str {
        self.name
    }

    fn spec(&self) -> ToolSpec {
        let mut input = schema::tidy(self.operation.schema().into());
        let mut output = answers::respond();
        if self.files {
            schema::add_properties(&mut input, files::properties());
            let told = ("files".to_owned(), files::told());
            schema::add_properties(&mut output, [told].into_iter().collect());
        }
        schema::add_properties(&mut input, NAMES.properties());
        ToolSpec::of_endpoint(self.name, self.title, TICKETS, self.operation.spec)
            .describe(self.description)
            .input(input)
            .output(output)
            .open_world()
    }

    fn effect(&self, arguments: &JsonObject) -> Effect {
        // Without words, the same call leaves the same state: one that sets a status, another, and the first again must
        // not be answered from a record.
        let says = [
            "content",
            "content_path",
            "attachments",
            "files",
            IDEMPOTENCY_KEY,
        ];
        match says.iter().any(|name| arguments.contains_key(*name)) {
            true => self.operation.spec.effect,
            false => Effect::Write(Repeat::Natural),
        }
    }

    fn endpoints(&self, _: Option<&JsonObject>) -> Vec<&'static Spec> {
        vec![self.operation.spec]
    }

    fn carries(&self, arguments: &JsonObject) -> Vec<Carry> {
        match self.files {
            true => files::carries(arguments),
            false => Vec::new(),
        }
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        let mut fields = files::stand_in(arguments);
        fields.remove(NAMES.argument);
        fields.remove(SINCE);
        let mut mistakes = mistakes_of(&self.operation, &fields);
        mistakes.extend(files::mistakes(arguments));
        mistakes.extend(NAMES.mistakes(arguments, true));
        mistakes
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let tickiti = context.backend::<Tickiti>()?;
        let (mut fields, read) = fields(&files::with_body(context, &arguments)?);
        let seen = match read {
            Some(read) => {
                let thread = thread(tickiti, context, &fields).await?;
                Some(NAMES.judge(read, thread)?)
            }
            None => None,
        };
        files::upload(tickiti, context, &arguments, &mut fields).await?;
        let references = files::references(&fields);
        let payload = tickiti.send(context, &self.operation, fields).await?;
        let mut answer = with_last(as_object(payload), seen);
        files::tell(&mut answer, references);
        Ok(answer)
    }
}

/// The thread that is written on, in one request.
async fn thread(
    tickiti: &Tickiti,
    context: &Context,
    fields: &JsonObject,
) -> Result<Vec<Message>, ToolError> {
    let mut request = JsonObject::new();
    for name in ["ticket_number", "ticket_id"] {
        if let Some(value) = fields.get(name) {
            request.insert(name.to_owned(), value.clone());
        }
    }
    request.insert("fields".to_owned(), json!(["plain_text"]));
    request.insert("max_body_chars".to_owned(), json!(READ_CHARS));
    let payload = tickiti.send(context, &THREAD, request).await;
    let payload = payload.map_err(|error| {
        error.with_advice("The thread was to be read before the write; nothing was sent.")
    })?;
    let thread = answers::as_thread(payload);
    let rows = thread.get("responses").and_then(Value::as_array);
    let rows = rows.ok_or_else(answers::no_thread)?;
    let messages = rows.iter().filter_map(Value::as_object).map(|row| {
        let mut message = message(row, fields);
        message.is_own &= context.may_be_said();
        message
    });
    Ok(messages.collect())
}

fn message(row: &JsonObject, sent: &JsonObject) -> Message {
    let text = |name: &str| row.get(name).and_then(Value::as_str);
    let said = |name: &str| sent.get(name).and_then(Value::as_str);
    let flag = |name: &str| outside::flag(row, name) == Some(true);
    let plain = text("plain_text").unwrap_or_default();
    let by = text("created_by_email");
    // Without `from_email`, the owner of the token writes.
    let same_author = match said("from_email") {
        Some(from) => by.is_some_and(|by| by.eq_ignore_ascii_case(from)),
        None => flag("staff_response"),
    };
    let same_text = said("content")
        .is_some_and(|content| unread::is_same(content, plain, flag("plain_text_truncated")));
    Message {
        id: answers::id_of(row),
        moment: text("created_at").and_then(moment::parse),
        at: text("created_at").map(str::to_owned),
        by: by.map(str::to_owned),
        author: outside::of_response(row),
        text: plain.to_owned(),
        counts: !flag("staff_response") && !flag("is_audit_only"),
        is_own: same_author && same_text,
    }
}

/// The answer with the id that the next write may be made dependent on. That is the newest that was read, not the response
/// just made: what a customer wrote between the two has an id between them.
fn with_last(mut answer: JsonObject, seen: Option<Option<u64>>) -> JsonObject {
    let last = match seen {
        Some(seen) => seen.map(|id| json!(id.to_string())),
        None => answer
            .get("response_id")
            .filter(|id| !id.is_null())
            .cloned(),
    };
    if let Some(last) = last {
        answer.insert(answers::LAST_RESPONSE.to_owned(), last);
    }
    answer
}
