//! Judging a draft by the rules of its type: every broken rule, not the first.

use api_core::Endpoint as _;
use serde_json::Value;

use super::{
    catalog::StatusNames,
    model::{Excluded, TypeRules},
    validation::{Operator, Validation, scalar},
    violation::{Rule, Violation},
};
use crate::{
    api::{shipments::Shipment, tickets::Create},
    types::{ShipmentId, is_blank},
};

/// The two fields that name a shipment.
const SHIPMENT_FIELDS: &str = "tracking_number, shipment_id";

/// What is known besides the draft.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The shipment that the draft names, when it was looked up; [`TypeRules::needs_shipment`] tells whether it must be.
    pub shipment: Option<&'a Shipment>,
    /// Names of shipment statuses; ids are told where one is not known.
    pub status_names: Option<&'a StatusNames>,
}

impl TypeRules {
    /// Every rule that a draft breaks, in the order in which they are best mended; none when it may be sent.
    ///
    /// Of a type that agents may not use, nothing more is told than that. Files are wanted, not demanded, and the
    /// amount limit holds later: see [`super::Change`].
    #[must_use]
    pub fn check(&self, draft: &Create, known: &Known<'_>) -> Vec<Violation> {
        if let Err(excluded) = self.available() {
            return vec![self.refusal("type", excluded)];
        }
        let mut found: Vec<Violation> = draft.problems().into_iter().map(form).collect();
        found.extend(self.unreadable.iter().map(|place| unreadable(place)));
        self.references(draft, &mut found);
        self.variables(draft, &mut found);
        self.shipment(draft, known, &mut found);
        found
    }

    pub(super) fn refusal(&self, field: &str, excluded: Excluded) -> Violation {
        let why = match excluded {
            Excluded::Blocked => "blocked for agents",
            Excluded::Internal => "internal",
            Excluded::Inactive => "inactive",
        };
        let allowed = "a ticket type that is available to agents";
        let mend = "list the available types and choose one of them, or hand over to a person";
        Violation::new(Rule::Excluded, field, allowed, mend).found(format!("{} ({why})", self.id))
    }

    fn references(&self, draft: &Create, found: &mut Vec<Violation>) {
        if (self.requires_guide() || self.needs_shipment()) && !names_shipment(draft) {
            let mend = "ask for the tracking number and give it";
            let allowed = "the tracking number or the id of the shipment";
            found.push(Violation::new(
                Rule::Reference,
                SHIPMENT_FIELDS,
                allowed,
                mend,
            ));
        }
        if self.requires_credit() && draft.credit_id.is_none() {
            let mend = "ask for the id of the credit or payment and give it";
            found.push(Violation::new(
                Rule::Credit,
                "credit_id",
                "the id of a credit",
                mend,
            ));
        }
    }

    fn variables(&self, draft: &Create, found: &mut Vec<Violation>) {
        for variable in self.required_variables() {
            let name = &variable.name;
            let amount = name == "amount" && draft.claimed().is_some();
            if amount || has_own_field(draft, name) || is_given(draft.variables.get(name)) {
                continue;
            }
            let label = variable.label.as_deref().unwrap_or(name);
            let mend = format!("ask for `{label}` and give it as variable `{name}`");
            let field = format!("variables.{name}");
            found.push(Violation::new(
                Rule::Variable,
                field,
                variable.kind.as_str(),
                mend,
            ));
        }
    }

    fn shipment(&self, draft: &Create, known: &Known<'_>, found: &mut Vec<Violation>) {
        let Some(shipment) = known.shipment else {
            if self.needs_shipment() && names_shipment(draft) {
                let mend = "look the shipment up, and check the number when there is none";
                let allowed = "a shipment whose status and fields are known";
                let violation = Violation::new(Rule::Shipment, SHIPMENT_FIELDS, allowed, mend);
                found.push(violation.found("a shipment that was not looked up"));
            }
            return;
        };
        found.extend(mismatches(draft, shipment));
        if !names_shipment(draft) {
            return;
        }
        found.extend(self.status(shipment, known.status_names));
        let failed = self.validations.iter();
        let failed = failed.filter(|rule| !rule.holds(shipment.field(&rule.field)));
        found.extend(failed.map(|rule| invalid(rule, shipment)));
    }

    fn status(&self, shipment: &Shipment, names: Option<&StatusNames>) -> Option<Violation> {
        let status = shipment.status_id();
        if self.eligible_statuses.is_empty()
            || status.is_some_and(|status| self.eligible_statuses.contains(&status))
        {
            return None;
        }
        let none = StatusNames::default();
        let names = names.unwrap_or(&none);
        let allowed: Vec<String> = self
            .eligible_statuses
            .iter()
            .map(|id| names.tell(*id))
            .collect();
        let mend = "wait until the shipment has one of these statuses, or choose another type";
        let violation = Violation::new(
            Rule::ShipmentStatus,
            "shipment.status_id",
            allowed.join(", "),
            mend,
        );
        let found = status.map(|status| match (names.name(status), shipment.status()) {
            (None, Some(own)) => own,
            _ => names.tell(status),
        });
        Some(Violation { found, ..violation })
    }
}

fn names_shipment(draft: &Create) -> bool {
    let number = draft.tracking_number.as_deref().unwrap_or_default();
    draft.shipment_id.is_some() || !is_blank(number)
}

/// A required variable that the request has a field for (inferred): giving the field is enough.
fn has_own_field(draft: &Create, name: &str) -> bool {
    match name {
        "credit_id" => draft.credit_id.is_some(),
        "carrier_id" => draft.carrier_id.is_some(),
        "warehouse_package_id" => draft.warehouse_package_id.is_some(),
        _ => false,
    }
}

fn is_given(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
    }
}

pub(super) fn form(problem: api_core::Problem) -> Violation {
    let allowed = "a value of the form that every type takes";
    Violation::new(
        Rule::Form,
        problem.field,
        allowed,
        "change the field as told",
    )
    .found(problem.problem)
}

fn unreadable(place: &str) -> Violation {
    let mend = "hand over to a person: the rules of this type must be repaired";
    Violation::new(
        Rule::Unreadable,
        "type",
        "a type whose rules can be read",
        mend,
    )
    .found(format!("a type whose rule `{place}` cannot be read"))
}

/// The shipment that was looked up must be the one that the draft names.
fn mismatches(draft: &Create, shipment: &Shipment) -> Vec<Violation> {
    let mend = "give the tracking number alone, or find out which shipment is meant";
    let mut found = Vec::new();
    if let (Some(said), Some(is)) = (draft.shipment_id, shipment.id())
        && said != is
    {
        let violation = Violation::new(Rule::Shipment, "shipment_id", is.to_string(), mend);
        found.push(violation.found(ShipmentId::to_string(&said)));
    }
    if let (Some(said), Some(is)) = (&draft.tracking_number, shipment.tracking_number())
        && said.trim() != is.trim()
    {
        found.push(Violation::new(Rule::Shipment, "tracking_number", is, mend).found(said.clone()));
    }
    found
}

fn invalid(rule: &Validation, shipment: &Shipment) -> Violation {
    let mend = match rule.operator {
        Operator::Unknown(_) => "hand over to a person: this condition is not known",
        _ => "choose another type: this shipment is not one that this type is for",
    };
    let allowed = format!("{} {}", rule.operator, rule.value);
    let field = format!("shipment.{}", rule.field);
    let found = shipment.field(&rule.field);
    let found = found.map(|value| scalar(value).unwrap_or_else(|| "no plain value".to_owned()));
    Violation {
        found,
        ..Violation::new(Rule::Validation, field, allowed, mend)
    }
}
