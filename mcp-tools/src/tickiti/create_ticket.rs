//! `create_ticket`: one flat set of arguments for the three shapes of `tickets.create`.

use api_core::{Effect, Operation, Spec};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tickiti_client::{
    api::tickets,
    types::{AssigneeKey, Date, Email, Priority, Status},
};

use super::{TICKETS, Tickiti, files};
use crate::{
    arguments::Mistake,
    context::Context,
    endpoint_tool::{as_object, mistakes_of},
    error::ToolError,
    files::Carry,
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

const CREATE: Operation = Operation::of::<tickets::Create>();

/// Fields that travel inside `data`.
const IN_DATA: &[&str] = &[
    "subject",
    "content",
    "assigned_to_email",
    "priority",
    "status",
    "on_hold_until",
];

/// Opens a ticket.
#[derive(Debug)]
pub(super) struct CreateTicket;

/// What `create_ticket` takes. The fields are read from the arguments by name; this type is their schema.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "the type is the schema of the arguments")]
struct Input {
    /// Customer who raises it; created when unknown.
    originator_email_address: Email,
    /// False: the opening message is a note for staff.
    is_public: Option<bool>,
    /// Subject line; goes with `content`.
    subject: Option<String>,
    /// Opening message as HTML.
    content: Option<String>,
    /// Template to render with `data`, instead.
    template_identifier: Option<String>,
    /// Intervention to start with `data` and `uid`, instead.
    intervention: Option<String>,
    /// Your unique id of the intervention.
    uid: Option<String>,
    /// Values for template or intervention.
    data: Option<Map<String, Value>>,
    /// By name; default `Inbox`. Not with `intervention`.
    queue_name: Option<String>,
    /// True: the customer is shown as author.
    use_passed_originator_as_responder: Option<bool>,
    /// A staff address or `team:<id>`.
    assigned_to_email: Option<AssigneeKey>,
    /// Default Normal.
    priority: Option<Priority>,
    /// `on-hold` needs `on_hold_until`.
    status: Option<Status>,
    /// Day on which it opens again.
    on_hold_until: Option<Date>,
    /// Addresses of further participants.
    participants: Option<Vec<Email>>,
    /// True: refuses @tags and #hashtags that match nobody.
    strict_tags: Option<bool>,
}

/// The request's fields: what belongs into `data` moved there, over values of the same name.
fn fields(arguments: &JsonObject) -> JsonObject {
    let mut fields = arguments.clone();
    let mut data = match fields.remove("data") {
        Some(Value::Object(data)) => data,
        _ => Map::new(),
    };
    // Older servers took the queue inside `data`.
    if !fields.contains_key("intervention")
        && !fields.contains_key("queue_name")
        && let Some(queue) = data.remove("queue_name")
    {
        fields.insert("queue_name".to_owned(), queue);
    }
    // An intervention's values sit one level further down; a caller who nested them already is left alone.
    if fields.contains_key("intervention") && !data.get("data").is_some_and(Value::is_object) {
        data = Map::from_iter([("data".to_owned(), Value::Object(data))]);
    }
    for name in IN_DATA {
        if let Some(value) = fields.remove(*name) {
            data.insert((*name).to_owned(), value);
        }
    }
    if !data.is_empty() {
        fields.insert("data".to_owned(), Value::Object(data));
    }
    fields.entry("is_public").or_insert(Value::Bool(true));
    fields
}

/// The plain shape's own arguments beside a template or an intervention: the API would take them for values.
fn mixed_shapes(arguments: &JsonObject) -> Option<Mistake> {
    let given = |name: &&&str| arguments.contains_key(**name);
    let other = ["template_identifier", "intervention"];
    let other = other.iter().find(given)?;
    let plain = ["subject", "content", "content_path", "attachments"];
    let plain = plain.iter().find(given)?;
    Some(Mistake::new(
        *plain,
        format!(
            "does not go with `{other}`: give exactly one of subject and content, template_identifier, or \
             intervention; values for a template go into `data`"
        ),
    ))
}

/// Two queues, one of them where older servers took it.
fn two_queues(arguments: &JsonObject) -> Option<Mistake> {
    let inner = arguments.get("data")?.get("queue_name")?;
    let outer = arguments.get("queue_name")?;
    (inner != outer).then(|| {
        Mistake::new(
            "data.queue_name",
            "differs from `queue_name`: give the queue once",
        )
    })
}

/// Mistakes name the arguments, not the places they travel in.
fn in_arguments(mistake: Mistake) -> Mistake {
    let path = mistake.path.strip_prefix("data.").map(str::to_owned);
    Mistake {
        path: path.unwrap_or(mistake.path),
        problem: mistake.problem.replace("`data.", "`"),
    }
}

fn output() -> JsonObject {
    schema::open_object(
        &[
            (
                "ticket_number",
                json!({"type": ["string", "integer"], "description": "Number of the new ticket."}),
            ),
            (
                "queue",
                json!({"type": "string", "description": "Queue it landed in."}),
            ),
            (
                "rerouted",
                json!({"type": "boolean", "description": "True when a routing rule moved it; see reroute_reason."}),
            ),
            ("reroute_reason", json!({"type": "string"})),
            ("files", files::told()),
            (
                "tag_warnings",
                json!({"type": "array", "description": "Tags that matched nobody and stayed text."}),
            ),
        ],
        &[],
    )
}

impl Tool for CreateTicket {
    fn spec(&self) -> ToolSpec {
        let mut input = schema::of::<Input>();
        schema::add_properties(&mut input, files::properties());
        ToolSpec::of_endpoint("create_ticket", "Create ticket", TICKETS, CREATE.spec)
            .describe(
                "Opens a ticket for a customer, who may be mailed. Give one of: subject and content; template_identifier \
                 (with data); intervention (with data and uid). Answers the number and the queue, which a routing rule \
                 may have changed. To write on an existing ticket use respond_to_ticket.",
            )
            .input(input)
            .output(output())
            .open_world()
    }

    fn effect(&self, _: &JsonObject) -> Effect {
        CREATE.spec.effect
    }

    fn endpoints(&self, _: Option<&JsonObject>) -> Vec<&'static Spec> {
        vec![CREATE.spec]
    }

    fn carries(&self, arguments: &JsonObject) -> Vec<Carry> {
        files::carries(arguments)
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        let mistakes = mistakes_of(&CREATE, &fields(&files::stand_in(arguments)));
        let mistakes = mistakes.into_iter().map(in_arguments);
        mixed_shapes(arguments)
            .into_iter()
            .chain(two_queues(arguments))
            .chain(files::mistakes(arguments))
            .chain(mistakes)
            .collect()
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let tickiti = context.backend::<Tickiti>()?;
        let mut fields = fields(&files::with_body(context, &arguments)?);
        files::upload(tickiti, context, &arguments, &mut fields).await?;
        let references = files::references(&fields);
        let payload = tickiti.send(context, &CREATE, fields).await?;
        let mut answer = as_object(payload);
        files::tell(&mut answer, references);
        if !answer.contains_key("ticket_number") {
            answer.insert(
                "note".to_owned(),
                json!("the ticket was opened, but the install told no number: find it with query_tickets, do not open it again"),
            );
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(arguments: Value, expected: Value) {
        let Value::Object(arguments) = arguments else {
            panic!("arguments are objects")
        };
        assert_eq!(Value::Object(fields(&arguments)), expected);
    }

    #[test]
    fn moves_what_belongs_into_data() {
        check(
            json!({"originator_email_address": "a@b.c", "subject": "S", "content": "C", "priority": "High", "queue_name": "Sales"}),
            json!({
                "originator_email_address": "a@b.c", "queue_name": "Sales", "is_public": true,
                "data": {"subject": "S", "content": "C", "priority": "High"},
            }),
        );
    }

    #[test]
    fn takes_the_queue_from_where_it_was() {
        check(
            json!({"subject": "S", "content": "C", "data": {"queue_name": "Sales"}}),
            json!({
                "is_public": true, "queue_name": "Sales", "data": {"subject": "S", "content": "C"},
            }),
        );
    }

    #[test]
    fn nests_the_values_of_an_intervention_once() {
        let expected = json!({
            "intervention": "refund", "uid": "1", "is_public": false, "data": {"data": {"amount": 40}},
        });
        for data in [json!({"amount": 40}), json!({"data": {"amount": 40}})] {
            check(
                json!({"intervention": "refund", "uid": "1", "is_public": false, "data": data}),
                expected.clone(),
            );
        }
    }
}
