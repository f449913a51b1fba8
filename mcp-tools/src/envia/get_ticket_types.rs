//! `get_ticket_types`: which types there are, and what one of them needs.

use api_core::Endpoint as _;
use envia_client::{
    api::catalog::TicketTypes,
    cache::Cached,
    rules::{AmountLimit, Catalog, Reference, StatusNames, TypeRules},
    types::{Amount, TypeId},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Envia, TICKETS, backend::stale_note};
use crate::{
    context::Context,
    endpoint_tool::as_object,
    error::{ErrorKind, ToolError},
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

/// Lists the types, or tells what one needs.
#[derive(Debug)]
pub(super) struct GetTicketTypes;

#[derive(Debug, Deserialize, JsonSchema)]
struct Input {
    /// Id of a type: tells everything that a ticket of it needs. Example: 5.
    type_id: Option<TypeId>,
    /// The same by name, or by a word of its name, description or use case. Example: `damaged`.
    #[schemars(length(min = 1))]
    type_name: Option<String>,
}

impl Tool for GetTicketTypes {
    fn name(&self) -> &'static str {
        "get_ticket_types"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec::of_endpoint(self.name(), "Get ticket types", TICKETS, &TicketTypes::SPEC)
            .describe(
                "Without arguments: the ticket types that you may open, each with its use_case; choose by it. With \
                 type_id or type_name: what a ticket of that type needs (variables, tracking number or credit, shipment \
                 statuses, files to ask for, input_schema) and agent_notes, which you must follow without exception. \
                 Call it before create_ticket.",
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
        let types = envia.ticket_types(context).await?;
        let mut notes: Vec<String> = stale_note(&types, "ticket types").into_iter().collect();
        let mut answer = match chosen(&types.value, &input)? {
            None => list(&types.value),
            Some(rules) => {
                let names = names_for(envia, context, rules, &mut notes).await;
                detail(rules, names.as_ref(), &mut notes)
            }
        };
        if !notes.is_empty() {
            answer.insert("notes".to_owned(), json!(notes));
        }
        Ok(answer)
    }
}

/// The type that is asked for; the name counts when there is no type of the id. `None` when none is asked for.
///
/// A type that agents may not use is refused also by its name: a part of that name may stand in the text of another type,
/// which is not the one that was meant.
fn chosen<'a>(types: &'a Catalog, input: &Input) -> Result<Option<&'a TypeRules>, ToolError> {
    if input.type_id.is_none() && input.type_name.is_none() {
        return Ok(None);
    }
    let by_id = input.type_id.and_then(|id| types.get(id));
    let named = || named(types, input.type_name.as_deref()?);
    if let Some(rules) = by_id.or_else(named) {
        return match rules.available() {
            Ok(_) => Ok(Some(rules)),
            Err(_) => Err(ToolError::new(
                ErrorKind::Denied,
                format!(
                    "ticket type {} is not available to agents. Call get_ticket_types without arguments for those that \
                     are, or hand over to a person.",
                    rules.id
                ),
            )),
        };
    }
    if let Some(rules) = input.type_name.as_deref().and_then(|name| types.find(name)) {
        return Ok(Some(rules));
    }
    let asked = match (&input.type_name, input.type_id) {
        (Some(name), _) => format!("`{name}`"),
        (None, Some(id)) => id.to_string(),
        (None, None) => String::new(),
    };
    Err(ToolError::new(
        ErrorKind::NotFound,
        format!(
            "no available ticket type is {asked}. Call get_ticket_types without arguments for those that there are, and \
             choose one by its use_case."
        ),
    ))
}

/// The type of exactly this name, one that agents may use before others.
fn named<'a>(types: &'a Catalog, name: &str) -> Option<&'a TypeRules> {
    let said = name.trim().to_lowercase();
    let mut all = types.available().chain(types.types());
    all.find(|rules| rules.name.to_lowercase() == said)
}

/// Names of the statuses in which the type may be opened; without them the ids must do.
async fn names_for(
    envia: &Envia,
    context: &Context,
    rules: &TypeRules,
    notes: &mut Vec<String>,
) -> Option<Cached<StatusNames>> {
    if rules.eligible_statuses.is_empty() {
        return None;
    }
    match envia.shipment_statuses(context).await {
        Ok(names) => Some(names),
        Err(_) => {
            notes.push("the names of shipment statuses could not be loaded".to_owned());
            None
        }
    }
}

fn list(types: &Catalog) -> JsonObject {
    let rows: Vec<Value> = types
        .available()
        .map(|rules| Value::Object(summary(rules)))
        .collect();
    JsonObject::from_iter([("types".to_owned(), rows.into())])
}

fn summary(rules: &TypeRules) -> JsonObject {
    let use_case = rules
        .context
        .as_ref()
        .and_then(|context| context.use_case.as_ref());
    as_object(json!({
        "id": rules.id,
        "name": rules.name,
        "description": rules.description.as_deref().unwrap_or(&rules.name),
        "use_case": use_case.map_or("", String::as_str),
        "requires_guide": rules.requires_guide(),
    }))
}

fn detail(
    rules: &TypeRules,
    names: Option<&Cached<StatusNames>>,
    notes: &mut Vec<String>,
) -> JsonObject {
    let mut answer = summary(rules);
    let agent_notes = rules.context.as_ref().map(|context| &context.agent_notes);
    let mut put = |key: &str, value: Value| {
        answer.insert(key.to_owned(), value);
    };
    put("requires_credit_id", json!(rules.requires_credit()));
    match rules.amount_limit() {
        AmountLimit::None => {}
        AmountLimit::Mxn(limit) => put("amount_limit_mxn", plain(limit)),
        AmountLimit::Unreadable(_) => notes.push(
            "the type has an amount limit that cannot be read: no claim of this type can be moved to status 10".to_owned(),
        ),
        _ => {}
    }
    put("agent_notes", json!(agent_notes));
    put("required_variables", json!(rules.required_variables()));
    put("optional_variables", json!(rules.optional_variables()));
    if rules.reference != Reference::None {
        put("requires", json!(rules.reference));
    }
    if !rules.files.is_empty() {
        let files = rules
            .files
            .iter()
            .map(|file| json!({"name": file.name, "description": file.description}));
        put("required_files", files.collect());
    }
    if !rules.eligible_statuses.is_empty() {
        let none = StatusNames::default();
        let names = names.map_or(&none, |names| &names.value);
        let rows = rules.eligible_statuses.iter();
        let rows = rows.map(|id| json!({"id": id, "name": names.tell(*id)}));
        put("eligible_shipment_statuses", rows.collect());
    }
    if !rules.validations.is_empty() {
        let rows = rules.validations.iter();
        let rows =
            rows.map(|rule| format!("shipment.{} {} {}", rule.field, rule.operator, rule.value));
        put("shipment_conditions", rows.collect());
    }
    if !rules.comment_template.is_empty() {
        put("comment_template", json!(rules.comment_template));
    }
    put("input_schema", rules.input_schema());
    if !rules.unreadable.is_empty() {
        notes.push(format!(
            "rules of this type cannot be read ({}), so create_ticket refuses it: hand over to a person",
            rules.unreadable.join(", ")
        ));
    }
    answer
}

/// An amount without decimals when it has none.
fn plain(amount: f64) -> Value {
    Amount::new(amount).map_or_else(|_| json!(amount), |amount| json!(amount))
}

fn output() -> JsonObject {
    let rows =
        |about: &str| json!({"type": "array", "items": {"type": "object"}, "description": about});
    let texts =
        |about: &str| json!({"type": "array", "items": {"type": "string"}, "description": about});
    let text = |about: &str| json!({"type": "string", "description": about});
    schema::open_object(
        &[
            (
                "types",
                rows(
                    "Without arguments: id, name, description, use_case and requires_guide of each type.",
                ),
            ),
            ("id", json!({"type": "integer"})),
            ("name", text("Name in snake case.")),
            ("description", text("Label for people.")),
            ("use_case", text("When to choose this type.")),
            (
                "requires_guide",
                json!({"type": "boolean", "description": "A tracking number or shipment id is needed."}),
            ),
            (
                "requires_credit_id",
                json!({"type": "boolean", "description": "A credit_id is needed."}),
            ),
            (
                "amount_limit_mxn",
                json!({"type": "number", "description": "Above it no claim can be moved to status 10; a person must decide."}),
            ),
            ("agent_notes", texts("To be followed without exception.")),
            (
                "required_variables",
                rows("Name and type of what must be collected."),
            ),
            (
                "optional_variables",
                rows("Name and type of what may be given."),
            ),
            (
                "requires",
                text("What the ticket points to: guide, credit, …"),
            ),
            ("required_files", rows("Files to ask the customer for.")),
            (
                "eligible_shipment_statuses",
                rows("The shipment must have one of these statuses."),
            ),
            (
                "shipment_conditions",
                texts("Fields of the shipment that must hold."),
            ),
            (
                "comment_template",
                texts("What the comments should answer."),
            ),
            (
                "input_schema",
                json!({"type": "object", "description": "JSON Schema of create_ticket's arguments for this type."}),
            ),
            ("notes", texts("What to know of this answer.")),
        ],
        &[],
    )
}
