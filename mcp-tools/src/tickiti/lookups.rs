//! Lists that the everyday tools choose from, and what the token may do.

use api_core::{Effect, Operation, Spec};
use serde_json::{Map, Value, json};
use tickiti_client::{
    Permissions,
    api::{self, settings, tickets, token, workflow},
};

use super::{GENERAL, LOOKUPS, Tickiti, answers};
use crate::{
    arguments::Mistake,
    context::Context,
    endpoint_tool::{EndpointTool, as_object, mistakes_of},
    error::{ErrorKind, ToolError},
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

/// An endpoint whose fields may also come as one `filters` object, as older servers had it.
#[derive(Debug)]
pub(super) struct Filtered {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    operation: Operation,
    list: &'static str,
}

pub(super) const LIST_PERSPECTIVES: Filtered = Filtered {
    name: "list_perspectives",
    title: "List perspectives",
    description: "Lists saved perspectives (ticket views) with id and name, for query_tickets.",
    operation: Operation::of::<settings::perspectives::Index>(),
    list: "perspectives",
};

pub(super) const LIST_STOCK_RESPONSES: Filtered = Filtered {
    name: "list_stock_responses",
    title: "List stock responses",
    description: "Lists prepared answers with id, identifier (the topic), category and keywords.",
    operation: Operation::of::<settings::stock_responses::Index>(),
    list: "stock_responses",
};

pub(super) const LIST_WATCHLISTS: Filtered = Filtered {
    name: "list_watchlists",
    title: "List watchlists",
    description: "Lists the watchlists that the token's owner sees, with id, name, icon and, where the install gives \
                  them, the tickets on them.",
    operation: Operation::of::<settings::watchlists::Index>(),
    list: "watchlists",
};

pub(super) const LIST_TEAMS: Filtered = Filtered {
    name: "list_teams",
    title: "List teams",
    description: "Lists the teams with members and the key `team:<id>` to assign to. Single people: list_staff.",
    operation: Operation::of::<tickets::Teams>(),
    list: "teams",
};

/// The tools served as they are.
pub(super) const ENDPOINTS: &[EndpointTool<Tickiti>] = &[
    EndpointTool::new(
        "list_staff",
        "List staff",
        LOOKUPS,
        Operation::of::<tickets::Staff>(),
        "Lists staff with id, name, address and team keys, for assigned_to_email.",
    )
    .answers(
        || answers::list_of("staff"),
        |payload| answers::as_list(payload, "staff"),
    ),
    EndpointTool::new(
        "list_resolutions",
        "List resolutions",
        LOOKUPS,
        Operation::of::<tickets::Resolutions>(),
        "Lists the resolutions that a ticket can be closed with, for `resolved`.",
    )
    .answers(
        || answers::list_of("resolutions"),
        |payload| answers::as_list(payload, "resolutions"),
    ),
    EndpointTool::new(
        "get_search_modes",
        "Get search modes",
        LOOKUPS,
        Operation::of::<tickets::SearchModes>(),
        "Tells all modes of query_tickets on this install; its own description has the usual ones.",
    ),
];

/// `filters` as the base, named arguments over it.
fn merged(arguments: &JsonObject) -> JsonObject {
    let mut named = arguments.clone();
    match named.remove("filters") {
        Some(Value::Object(mut filters)) => {
            filters.extend(named);
            filters
        }
        _ => named,
    }
}

fn filters_property() -> Map<String, Value> {
    Map::from_iter([(
        "filters".to_owned(),
        json!({"type": "object", "additionalProperties": true, "description": "The same fields as one object."}),
    )])
}

impl Tool for Filtered {
    fn name(&self) -> &'static str {
        self.name
    }

    fn spec(&self) -> ToolSpec {
        let mut input = schema::tidy(self.operation.schema().into());
        schema::add_properties(&mut input, filters_property());
        ToolSpec::of_endpoint(self.name, self.title, LOOKUPS, self.operation.spec)
            .describe(self.description)
            .input(input)
            .output(answers::list_of(self.list))
    }

    fn endpoints(&self, _: Option<&JsonObject>) -> Vec<&'static Spec> {
        vec![self.operation.spec]
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        mistakes_of(&self.operation, &merged(arguments))
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let payload = context
            .backend::<Tickiti>()?
            .answer(context, &self.operation, merged(&arguments))
            .await?;
        Ok(answers::as_list(payload, self.list))
    }
}

const QUEUES: Operation = Operation::of::<tickets::Queues>();
const WORKFLOW_QUEUES: Operation = Operation::of::<workflow::queues::Index>();

/// Lists queues; on installs without the endpoint, by the administrators' list.
#[derive(Debug)]
pub(super) struct ListQueues;

impl Tool for ListQueues {
    fn spec(&self) -> ToolSpec {
        ToolSpec::of_endpoint("list_queues", "List queues", LOOKUPS, QUEUES.spec)
            .describe(
                "Lists the ticket queues with id and name, for queue_name, queue and queue_id elsewhere.",
            )
            .input(schema::open_object(
                &[(
                    "filters",
                    json!({"type": "object", "additionalProperties": true, "description": "Further fields."}),
                )],
                &[],
            ))
            .output(answers::list_of("queues"))
    }

    fn endpoints(&self, _: Option<&JsonObject>) -> Vec<&'static Spec> {
        vec![QUEUES.spec, WORKFLOW_QUEUES.spec]
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let tickiti = context.backend::<Tickiti>()?;
        let fields = merged(&arguments);
        let payload = match tickiti.attempt(context, &QUEUES, fields.clone()).await? {
            Some(payload) => payload,
            None => tickiti.send(context, &WORKFLOW_QUEUES, fields).await?,
        };
        Ok(answers::as_list(payload, "queues"))
    }
}

const TOKEN: Operation = Operation::of::<token::Show>();

/// Tells what the token may do.
#[derive(Debug)]
pub(super) struct GetTokenInfo;

impl Tool for GetTokenInfo {
    fn spec(&self) -> ToolSpec {
        ToolSpec::of_endpoint("get_token_info", "Get token info", GENERAL, TOKEN.spec)
            .describe(
                "Tells what this token may do: its abilities, its owner's roles, the plan's features, and per family \
                 how many endpoints it can read and write and what is missing for the others. Call it when something \
                 is refused.",
            )
            .output(schema::open_object(
                &[(
                    "reach",
                    json!({"type": "object", "description": "Per family: endpoints it may call of all there are, and what the others need."}),
                )],
                &[],
            ))
    }

    async fn call(&self, context: &Context, _: JsonObject) -> Result<JsonObject, ToolError> {
        let tickiti = context.backend::<Tickiti>()?;
        let Some(payload) = tickiti.attempt(context, &TOKEN, JsonObject::new()).await? else {
            return Err(ToolError::new(
                ErrorKind::NotFound,
                "This install is older than the endpoint that tells what a token may do. Try the call itself: a \
                 refusal names what its endpoint needs.",
            ));
        };
        let permissions: Permissions = serde_json::from_value(payload.clone()).unwrap_or_default();
        if !permissions.is_known() {
            let mut result = as_object(payload);
            result.insert(
                "note".to_owned(),
                json!("the install tells the abilities in a form that is not known here; the answer stands as it came"),
            );
            return Ok(result);
        }
        let mut result = as_object(payload);
        // The install's own summary per family says less, and would say it twice.
        result.remove("families");
        result.insert("reach".to_owned(), Value::Object(reach(&permissions)));
        Ok(result)
    }
}

/// Per family, what the token can reach by what we know of every endpoint.
fn reach(permissions: &Permissions) -> JsonObject {
    let mut reach = JsonObject::new();
    for family in api::families() {
        let of_family = || {
            api::ALL
                .iter()
                .map(|operation| operation.spec)
                .filter(|spec| spec.family() == family)
        };
        let ratio = |write: bool| {
            let all = of_family().filter(|spec| (spec.effect != Effect::Read) == write);
            let (all, allowed) = all.fold((0, 0), |(all, allowed), spec| {
                let may = permissions.missing(spec).is_empty();
                (all + 1, allowed + usize::from(may))
            });
            (all > 0).then(|| json!(format!("{allowed} of {all}")))
        };
        let mut row = JsonObject::new();
        if let Some(read) = ratio(false) {
            row.insert("read".to_owned(), read);
        }
        if let Some(write) = ratio(true) {
            row.insert("write".to_owned(), write);
        }
        let mut missing: Vec<String> = of_family()
            .flat_map(|spec| permissions.missing(spec))
            .map(|missing| missing.to_string())
            .collect();
        missing.sort();
        missing.dedup();
        if !missing.is_empty() {
            row.insert("missing".to_owned(), json!(missing));
        }
        reach.insert(family.to_owned(), Value::Object(row));
    }
    reach
}
