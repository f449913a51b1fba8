//! Tools that choose one of several endpoints by an argument: `list_workflow` and `run_report`.

use api_core::{Operation, Spec};
use serde_json::{Map, Value, json};
use tickiti_client::{
    api::{reports, workflow},
    permission,
};

use super::{LOOKUPS, REPORTS, Tickiti, schema_of};
use crate::{
    arguments::{self, Mistake, Unknown},
    context::Context,
    endpoint_tool::{any_object, as_object, mistakes_of},
    error::ToolError,
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

/// One word of the argument, and the endpoint it stands for.
type Choice = (&'static str, Operation);

const WORKFLOW: &[Choice] = &[
    (
        "resolution-categories",
        Operation::of::<workflow::resolutions::Index>(),
    ),
    (
        "interventions",
        Operation::of::<workflow::interventions::Index>(),
    ),
    (
        "escalations",
        Operation::of::<workflow::escalations::Index>(),
    ),
];

const REPORT: &[Choice] = &[
    ("meta", Operation::of::<reports::Meta>()),
    ("resolutions", Operation::of::<reports::Resolutions>()),
    ("volumes", Operation::of::<reports::Volumes>()),
    ("response-times", Operation::of::<reports::ResponseTimes>()),
    ("agent-activity", Operation::of::<reports::AgentActivity>()),
];

/// Lists resolution categories, interventions or escalations.
#[derive(Debug)]
pub(super) struct ListWorkflow;

/// Runs an analytics report.
#[derive(Debug)]
pub(super) struct RunReport;

fn chosen<'a>(
    choices: &'a [Choice],
    argument: &str,
    arguments: &JsonObject,
) -> Option<&'a Operation> {
    let word = arguments.get(argument)?.as_str()?;
    let choice = choices.iter().find(|(name, _)| *name == word)?;
    Some(&choice.1)
}

/// The endpoint that is chosen, or all that can be.
fn endpoints(
    choices: &[Choice],
    argument: &str,
    arguments: Option<&JsonObject>,
) -> Vec<&'static Spec> {
    match arguments {
        Some(arguments) => {
            let chosen = chosen(choices, argument, arguments).into_iter();
            chosen.map(|operation| operation.spec).collect()
        }
        None => choices
            .iter()
            .map(|(_, operation)| operation.spec)
            .collect(),
    }
}

fn words(choices: &[Choice], description: &str) -> Value {
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    json!({"type": "string", "enum": names, "description": description})
}

/// `filters` as the base of the body, named arguments over it.
fn fields(arguments: &JsonObject, chooser: &str) -> JsonObject {
    let mut named = arguments.clone();
    named.remove(chooser);
    let mut fields = match named.remove("filters") {
        Some(Value::Object(filters)) => filters,
        _ => Map::new(),
    };
    fields.extend(named);
    fields
}

/// The request's own rules; a malformed filter is told under `filters`.
fn filter_mistakes(operation: &Operation, arguments: &JsonObject, chooser: &str) -> Vec<Mistake> {
    let mut fields = fields(arguments, chooser);
    let schema = schema_of(operation);
    let mut mistakes = arguments::check(&schema, &mut fields, Unknown::Keep);
    if mistakes.is_empty() {
        mistakes = mistakes_of(operation, &fields);
    }
    for mistake in &mut mistakes {
        if !arguments.contains_key(mistake.argument()) {
            mistake.path = format!("filters.{}", mistake.path);
        }
    }
    mistakes
}

impl Tool for ListWorkflow {
    fn spec(&self) -> ToolSpec {
        let kind = words(WORKFLOW, "What to list.");
        let filters = json!({"type": "object", "description": "Further fields.", "additionalProperties": true});
        ToolSpec::read("list_workflow", "List workflow settings", LOOKUPS)
            .describe(
                "Lists the install's resolution categories, interventions or escalations. Needs an administrator, and \
                 the plan's feature for each. Queues: list_queues.",
            )
            .input(schema::open_object(
                &[("kind", kind), ("filters", filters)],
                &["kind"],
            ))
            .output(any_object())
            .abilities(permission::WORKFLOW_READ)
    }

    fn endpoints(&self, arguments: Option<&JsonObject>) -> Vec<&'static Spec> {
        endpoints(WORKFLOW, "kind", arguments)
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let operation = chosen(WORKFLOW, "kind", &arguments)
            .ok_or_else(|| ToolError::internal("list_workflow was called without a kind"))?;
        let payload = context
            .backend::<Tickiti>()?
            .send(context, operation, fields(&arguments, "kind"))
            .await?;
        Ok(as_object(payload))
    }
}

/// The reference's own hint named these two; the API takes `date_from` and `date_to`.
fn rename_dates(arguments: &mut JsonObject) {
    let Some(Value::Object(filters)) = arguments.get_mut("filters") else {
        return;
    };
    for (said, meant) in [("from", "date_from"), ("to", "date_to")] {
        if let Some(value) = filters.remove(said) {
            filters.entry(meant).or_insert(value);
        }
    }
}

impl Tool for RunReport {
    fn spec(&self) -> ToolSpec {
        let mut input = schema::tidy(Operation::of::<reports::Volumes>().schema().into());
        // `meta` takes no dates, so they are demanded by the rules below.
        input.remove("required");
        schema::add_properties(
            &mut input,
            Map::from_iter([
                (
                    "report".to_owned(),
                    words(
                        REPORT,
                        "Which report; `meta` lists the queues that reports can be filtered by.",
                    ),
                ),
                (
                    "filters".to_owned(),
                    json!({"type": "object", "description": "The same fields as one object.", "additionalProperties": true}),
                ),
            ]),
        );
        input.insert("required".to_owned(), json!(["report"]));
        ToolSpec::read("run_report", "Run report", REPORTS)
            .describe(
                "Runs an analytics report over a range of days: volumes, resolutions, response-times or \
                 agent-activity. Give date_from and date_to; group_by applies to volumes and response-times. Needs an \
                 administrator and the plan's reports.",
            )
            .input(input)
            .output(any_object())
            .abilities(permission::REPORTS_READ)
    }

    fn endpoints(&self, arguments: Option<&JsonObject>) -> Vec<&'static Spec> {
        endpoints(REPORT, "report", arguments)
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        let mut arguments = arguments.clone();
        rename_dates(&mut arguments);
        let operation = chosen(REPORT, "report", &arguments);
        operation.map_or_else(Vec::new, |operation| {
            filter_mistakes(operation, &arguments, "report")
        })
    }

    async fn call(
        &self,
        context: &Context,
        mut arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        rename_dates(&mut arguments);
        let operation = chosen(REPORT, "report", &arguments)
            .ok_or_else(|| ToolError::internal("run_report was called without a report"))?;
        let payload = context
            .backend::<Tickiti>()?
            .send(context, operation, fields(&arguments, "report"))
            .await?;
        Ok(as_object(payload))
    }
}
