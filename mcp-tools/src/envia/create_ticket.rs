//! `create_ticket`: judged by the rules of its type before anything is sent.

use std::{fmt, time::SystemTime};

use api_core::{Effect, Endpoint as _};
use envia_client::{
    api::{
        shipments::{Shipment, Show},
        tickets::{Create, List, Row},
    },
    cache::Cached,
    rules::{Catalog, Known, Rule, StatusNames, TypeRules},
    statuses::TicketStatus,
    types::{Amount, CompanyId, CreditId, ShipmentId, ShipmentRef, StaffId, TicketId, TypeId},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Envia, TICKETS,
    backend::stale_note,
    failure,
    files::{self, File, FileInput},
    reconcile::Wanted,
    refusal::{kind_of, refusal},
    variables,
};
use crate::{
    arguments::Mistake,
    context::Context,
    error::{ErrorKind, ToolError},
    files::{Carried, Carry},
    ledger::Found,
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

const NAME: &str = "create_ticket";
/// Rows that are looked through for an active ticket.
const MOST_ROWS: u64 = 100;
/// Opens a ticket.
#[derive(Debug)]
pub(super) struct CreateTicket;

#[derive(Debug, Deserialize, JsonSchema)]
struct Input {
    /// Company that the ticket belongs to. Example: 4410.
    company_id: CompanyId,
    /// Id of the ticket type, from get_ticket_types. Example: 5.
    #[serde(rename = "type")]
    type_id: TypeId,
    /// What happened, in words.
    #[schemars(length(min = 1))]
    comments: String,
    /// Shipment that the ticket is about.
    shipment_id: Option<ShipmentId>,
    /// Tracking number of the shipment; enough without shipment_id. Example: `TST0001112223`.
    #[schemars(length(min = 1))]
    tracking_number: Option<String>,
    /// Amount claimed, in MXN. Example: 1450.5.
    amount: Option<Amount>,
    /// Member of staff to assign it to; the back office chooses when absent.
    assigned_to_id: Option<StaffId>,
    /// Credit or payment that the ticket is about, for types that need one.
    credit_id: Option<CreditId>,
    /// Variables of the type, by name, as get_ticket_types lists them. Example: `{"payment_method_id": 3}`. They are
    /// also taken beside the other arguments.
    variables: Option<Map<String, Value>>,
    /// Evidence: photos or PDF documents, sent after the ticket is open; about 12 MiB together, more with update_ticket.
    #[schemars(length(max = files::MOST))]
    files: Option<Vec<FileInput>>,
    /// Check everything that can be known here and show what would be sent, but open nothing.
    dry_run: Option<bool>,
    #[serde(flatten)]
    #[schemars(skip)]
    rest: Map<String, Value>,
}

impl Tool for CreateTicket {
    fn name(&self) -> &'static str {
        NAME
    }

    fn spec(&self) -> ToolSpec {
        let mut spec = ToolSpec::of_endpoint(NAME, "Create ticket", TICKETS, &Create::SPEC)
            .describe(
                "Opens a ticket for a company. Before: get_ticket_types with the type's id (what to collect, notes to \
                 obey) and list_tickets with the tracking number (is there one already?). Checks every rule of the type \
                 and of the shipment first and tells all that is broken, with what is allowed; nothing is opened then. \
                 Answers ticket_id and the outcome of each file. Files that failed: send again with update_ticket, never \
                 open a second ticket for them.",
            )
            .input(super::with_numeric_ids(schema::of::<Input>()))
            .output(output())
            .open_input();
        spec.open_world = true;
        spec
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        files::malformed(arguments)
    }

    fn carries(&self, arguments: &JsonObject) -> Vec<Carry> {
        files::carries(arguments)
    }

    fn effect(&self, arguments: &JsonObject) -> Effect {
        super::effect_of(Create::SPEC.effect, arguments)
    }

    async fn reconcile(
        &self,
        context: &Context,
        arguments: &JsonObject,
        begun: SystemTime,
    ) -> Result<Found, ToolError> {
        let input: Input = super::parsed(NAME, arguments.clone())?;
        let envia = context.backend::<Envia>()?;
        let types = envia.ticket_types(context).await?;
        let rules = available(&types.value, &input)?;
        let mut plan = Plan::of(input, rules, &context.carried);
        plan.look_up(envia, context).await?;
        let wanted = Wanted {
            draft: &plan.draft,
            tracking_number: plan.tracking_number(),
        };
        let alike = wanted.find(envia, context, begun).await?;
        Ok(alike.verdict(|ticket| {
            let files = files::found(&plan.files, &ticket);
            plan.answer(ticket.id, files)
        }))
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let input: Input = super::parsed(NAME, arguments)?;
        let envia = context.backend::<Envia>()?;
        let types = envia.ticket_types(context).await?;
        let outcome = open(envia, context, &types.value, input).await;
        // Rules that may have changed meanwhile explain a refusal, and a success that the back office then regrets.
        match (outcome, stale_note(&types, "ticket types")) {
            (outcome, None) => outcome,
            (Ok(mut answer), Some(note)) => {
                answer.insert("note".to_owned(), json!(note));
                Ok(answer)
            }
            (Err(error), Some(note)) => Err(error.with_advice(&format!("Note: {note}."))),
        }
    }
}

async fn open(
    envia: &Envia,
    context: &Context,
    types: &Catalog,
    input: Input,
) -> Result<JsonObject, ToolError> {
    let rules = available(types, &input)?;
    let dry_run = input.dry_run == Some(true);
    let plan = Plan::of(input, rules, &context.carried);
    let plan = plan.judged(envia, context, types).await?;
    if dry_run {
        plan.look_for_twin(envia, context).await?;
        return Ok(plan.preview());
    }
    plan.carry_out(envia, context).await
}

/// The rules of the type, when agents may use it; refused at once otherwise, before anything else is looked at.
fn available<'a>(types: &'a Catalog, input: &Input) -> Result<&'a TypeRules, ToolError> {
    let draft = Create::new(input.company_id, input.type_id, input.comments.as_str());
    match types.get(input.type_id) {
        Some(rules) if rules.available().is_ok() => Ok(rules),
        _ => {
            let verdict = types.check(&draft, &Known::default());
            Err(refusal(
                NAME,
                kind_of(&verdict.violations),
                &verdict.violations,
                &[],
            ))
        }
    }
}

/// A ticket on its way, and everything that was found wrong with it so far.
struct Plan<'a> {
    rules: &'a TypeRules,
    draft: Create,
    files: Vec<File>,
    broken: Vec<Line>,
    shipment: Option<Shipment>,
}

/// One broken rule, or one mistake in the arguments.
struct Line(String);

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<T> From<&T> for Line
where
    T: fmt::Display,
{
    fn from(problem: &T) -> Self {
        Self(problem.to_string())
    }
}

impl<'a> Plan<'a> {
    fn of(input: Input, rules: &'a TypeRules, carried: &Carried) -> Self {
        let (variables, mut broken) = variables::of(input.variables.as_ref(), &input.rest, rules);
        let mut draft = Create::new(input.company_id, input.type_id, input.comments);
        draft.shipment_id = input.shipment_id;
        // Blanks come along when numbers are copied; the back office compares them as they are.
        draft.tracking_number = input.tracking_number.map(|number| number.trim().to_owned());
        draft.amount = input.amount;
        draft.assigned_to_id = input.assigned_to_id;
        draft.credit_id = input.credit_id;
        draft.variables = variables;
        broken.extend(variables::into_fields(&mut draft));
        let files = files::checked(input.files.unwrap_or_default(), Some(carried)).unwrap_or_else(
            |mistakes| {
                broken.extend(mistakes);
                Vec::new()
            },
        );
        Self {
            rules,
            draft,
            files,
            broken: broken.iter().map(Line::from).collect(),
            shipment: None,
        }
    }

    /// Looks the shipment up where the rules need it, and holds the draft against every rule.
    async fn judged(
        mut self,
        envia: &Envia,
        context: &Context,
        types: &Catalog,
    ) -> Result<Self, ToolError> {
        let missing = self.look_up(envia, context).await?;
        let names = self.status_names(envia, context).await;
        let known = Known {
            shipment: self.shipment.as_ref(),
            status_names: names.as_ref().map(|names| names.value.as_ref()),
        };
        let verdict = types.check(&self.draft, &known);
        // That there is no such shipment was said already.
        let told = |rule: Rule| missing && rule == Rule::Shipment;
        let violations = verdict
            .violations
            .iter()
            .filter(|violation| !told(violation.rule));
        // Another type takes the draft as it is only where nothing but the rules of this one stands against it.
        let alternatives = match self.broken.as_slice() {
            [] => verdict.alternatives.as_slice(),
            _ => &[],
        };
        self.broken.extend(violations.map(Line::from));
        if self.broken.is_empty() {
            return Ok(self);
        }
        let kind = kind_of(&verdict.violations);
        Err(refusal(NAME, kind, &self.broken, alternatives))
    }

    /// True when the draft names a shipment that does not exist.
    async fn look_up(&mut self, envia: &Envia, context: &Context) -> Result<bool, ToolError> {
        let tracking = self.draft.tracking_number.as_deref().unwrap_or_default();
        let named = match (self.draft.shipment_id, tracking) {
            (Some(id), _) => ShipmentRef::Id(id),
            (None, "") => return Ok(false),
            (None, number) => ShipmentRef::Tracking(number.to_owned()),
        };
        // A guide that is known by its number alone must become a shipment: only then the back office sees a duplicate.
        let unresolved = self.rules.requires_guide() && self.draft.shipment_id.is_none();
        // Two that are given may be of different shipments.
        let both = self.draft.shipment_id.is_some() && !tracking.is_empty();
        if !self.rules.needs_shipment() && !unresolved && !both {
            return Ok(false);
        }
        match envia.attempt(context, &Show::new(named.clone())).await {
            Ok(shipment) => {
                self.draft.shipment_id = self.draft.shipment_id.or(shipment.id());
                self.shipment = Some(shipment);
                Ok(false)
            }
            Err(error) if failure::is_no_shipment(&error) => {
                let field = match named {
                    ShipmentRef::Id(_) => "shipment_id",
                    ShipmentRef::Tracking(_) => "tracking_number",
                };
                self.broken.push(Line(format!(
                    "`{field}` is {named}: there is no such shipment; check it with the user"
                )));
                Ok(true)
            }
            Err(error) => Err(failure::explain(&error).with_advice("No ticket was opened.")),
        }
    }

    /// Names for a refusal by status; ids must do where they cannot be had.
    async fn status_names(&self, envia: &Envia, context: &Context) -> Option<Cached<StatusNames>> {
        let status = self.shipment.as_ref()?.status_id();
        let eligible = &self.rules.eligible_statuses;
        if eligible.is_empty() || status.is_some_and(|status| eligible.contains(&status)) {
            return None;
        }
        envia.shipment_statuses(context).await.ok()
    }

    /// A ticket that the back office would refuse the draft for; looked for where nothing is sent anyway.
    async fn look_for_twin(&self, envia: &Envia, context: &Context) -> Result<(), ToolError> {
        let (Some(number), Some(_)) = (self.tracking_number(), self.draft.shipment_id) else {
            return Ok(());
        };
        let request = List {
            tracking_number: Some(number.trim().to_owned()),
            ticket_type: Some(self.rules.name.clone()),
            length: MOST_ROWS,
            ..List::default()
        };
        let page = envia.send(context, &request).await?;
        let active = |row: &&Row| {
            row.ticket_status_id
                .is_some_and(TicketStatus::blocks_duplicates)
        };
        let Some(twin) = page.rows.iter().find(active) else {
            return Ok(());
        };
        Err(ToolError::new(
            ErrorKind::Conflict,
            format!(
                "an active ticket exists for this shipment and type: {}. Opening another would be refused; go on with \
                 update_ticket.",
                twin.id
            ),
        ))
    }

    fn tracking_number(&self) -> Option<String> {
        let own = self.draft.tracking_number.clone();
        own.or_else(|| self.shipment.as_ref()?.tracking_number())
    }

    fn preview(&self) -> JsonObject {
        let mut answer = JsonObject::new();
        answer.insert("dry_run".to_owned(), json!(true));
        answer.insert(
            "would_send".to_owned(),
            json!({"method": "POST", "path": Create::SPEC.path, "body": self.draft}),
        );
        answer.insert("files".to_owned(), files::described(&self.files));
        answer
    }

    async fn carry_out(
        mut self,
        envia: &Envia,
        context: &Context,
    ) -> Result<JsonObject, ToolError> {
        let created = envia.send(context, &self.draft).await;
        let created = created.map_err(|error| self.about_shipment(error))?;
        let place = (created.ticket_id, self.draft.company_id);
        let files = std::mem::take(&mut self.files);
        let outcomes = files::upload(envia, context, place, files).await;
        Ok(self.answer(created.ticket_id, outcomes))
    }

    fn answer(&self, ticket_id: TicketId, files: Value) -> JsonObject {
        let mut answer = JsonObject::new();
        let mut put = |key: &str, value: Value| {
            answer.insert(key.to_owned(), value);
        };
        put("ticket_id", json!(ticket_id));
        if let Some(id) = self.draft.shipment_id {
            put("shipment_id", json!(id));
        }
        if let Some(number) = self.tracking_number() {
            put("tracking_number", json!(number));
        }
        put("files", files);
        answer
    }

    /// The tracking number by which an existing ticket is found.
    fn about_shipment(&self, error: ToolError) -> ToolError {
        let looks = matches!(
            error.kind(),
            ErrorKind::Conflict | ErrorKind::Unknown | ErrorKind::Upstream
        );
        match self.tracking_number() {
            Some(number) if looks => {
                error.with_advice(&format!("The tracking number is {number}."))
            }
            _ => error,
        }
    }
}

fn output() -> JsonObject {
    schema::open_object(
        &[
            ("ticket_id", json!({"type": "integer"})),
            ("shipment_id", json!({"type": "integer"})),
            ("tracking_number", json!({"type": "string"})),
            ("files", files::outcomes()),
            (
                "dry_run",
                json!({"type": "boolean", "description": "True when nothing was opened."}),
            ),
            ("note", json!({"type": "string"})),
            (
                "would_send",
                json!({"type": "object", "description": "With dry_run: the request."}),
            ),
        ],
        &["files"],
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn arguments_are_listed_where_variables_are_told_from_them() {
        let schema = Value::Object(schema::of::<Input>());
        let own = schema["properties"].as_object().unwrap().keys();
        let own: BTreeSet<&str> = own.map(String::as_str).collect();
        assert_eq!(own, BTreeSet::from(variables::ARGUMENTS));
    }
}
