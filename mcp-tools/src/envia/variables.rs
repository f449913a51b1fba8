//! Variables of a ticket type: given together or beside the other arguments, judged by what the type declares.

use envia_client::{api::tickets::Create, rules::TypeRules, types::Amount};
use serde_json::{Map, Value};

use crate::arguments::{Mistake, nearest};

const AMOUNT: &str = "amount";
/// Variables that the request has a field for, though the tool has no argument (inferred).
const OWN_FIELDS: [&str; 2] = ["carrier_id", "warehouse_package_id"];

/// Variables from both places in which they may be given, and what is wrong with them.
pub(super) fn of(
    given: Option<&Map<String, Value>>,
    beside: &Map<String, Value>,
    rules: &TypeRules,
) -> (Map<String, Value>, Vec<Mistake>) {
    let mut variables = given.cloned().unwrap_or_default();
    let mut mistakes = Vec::new();
    let (required, optional) = (rules.required_variables(), rules.optional_variables());
    let declared: Vec<&str> = required
        .iter()
        .chain(&optional)
        .map(|variable| variable.name.as_str())
        .chain(OWN_FIELDS)
        .collect();
    mistakes.extend(misplaced(&variables, &declared));
    for (name, value) in beside {
        if !declared.contains(&name.as_str()) {
            mistakes.push(Mistake::new(
                name.as_str(),
                undeclared(name, &declared, rules),
            ));
        } else if variables.get(name).is_some_and(|other| other != value) {
            let problem = format!("differs from `variables.{name}`: give it once");
            mistakes.push(Mistake::new(name.as_str(), problem));
        } else {
            variables.insert(name.clone(), value.clone());
        }
    }
    variables.retain(|_, value| !value.is_null());
    let needed: Vec<&str> = required
        .iter()
        .map(|variable| variable.name.as_str())
        .collect();
    mistakes.extend(misspelt(&variables, &declared, &needed));
    let all = required.iter().chain(&optional);
    let numbers = all.filter(|variable| variable.kind == "number" && variable.name != AMOUNT);
    mistakes.extend(numbers.filter_map(|variable| no_number(&variable.name, &variables)));
    mistakes.extend(amounts(&variables));
    (variables, mistakes)
}

/// The arguments of the tool.
pub(super) const ARGUMENTS: [&str; 11] = [
    "company_id",
    "type",
    "comments",
    "shipment_id",
    "tracking_number",
    "amount",
    "assigned_to_id",
    "credit_id",
    "variables",
    "files",
    "dry_run",
];

/// An argument among the variables would be no more than a variable: a tracking number there is not looked up.
fn misplaced(variables: &Map<String, Value>, declared: &[&str]) -> Vec<Mistake> {
    let names = variables.keys().map(String::as_str);
    // The amount is taken in either place.
    let misplaced = names
        .filter(|name| ARGUMENTS.contains(name) && *name != "amount" && !declared.contains(name));
    misplaced
        .map(|name| {
            let problem =
                format!("is an argument, not a variable: give it as `{name}` beside `variables`");
            Mistake::new(format!("variables.{name}"), problem)
        })
        .collect()
}

fn undeclared(name: &str, declared: &[&str], rules: &TypeRules) -> String {
    let known = ARGUMENTS.into_iter().chain(declared.iter().copied());
    let hint =
        nearest(name, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!(
        "is neither an argument nor a variable of `{}`; values that the type does not list go into `variables`{hint}",
        rules.name
    )
}

/// Moves variables that the request has a field for into that field.
pub(super) fn into_fields(draft: &mut Create) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    if let Some(value) = draft.variables.get("carrier_id").cloned() {
        match serde_json::from_value(value) {
            Ok(id) => {
                draft.carrier_id = Some(id);
                draft.variables.remove("carrier_id");
            }
            Err(_) => mistakes.push(Mistake::new("carrier_id", "must be the id of a carrier")),
        }
    }
    let package = draft.variables.get("warehouse_package_id");
    let package = package.map(|value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    });
    if let Some(package) = package {
        draft.warehouse_package_id = Some(package);
        draft.variables.remove("warehouse_package_id");
    }
    mistakes
}

/// The amount must be one, and under its own name: another spelling would escape the limit of the type.
fn amounts(variables: &Map<String, Value>) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (name, value) in variables {
        let place = || format!("variables.{name}");
        if name == AMOUNT {
            if serde_json::from_value::<Amount>(value.clone()).is_err() {
                let problem = "must be an amount in MXN: a number of at least 0, such as 1450.5";
                mistakes.push(Mistake::new(place(), problem));
            }
        } else if name.trim().eq_ignore_ascii_case(AMOUNT) {
            mistakes.push(Mistake::new(place(), "must be spelt `amount`"));
        }
    }
    mistakes
}

/// A name that nothing declares, and that comes near one that is needed and not given.
fn misspelt(variables: &Map<String, Value>, declared: &[&str], needed: &[&str]) -> Vec<Mistake> {
    let names = variables.keys().map(String::as_str);
    let unknown = names.filter(|name| !declared.contains(name) && *name != "amount");
    let missing = || {
        needed
            .iter()
            .copied()
            .filter(|name| !variables.contains_key(*name))
    };
    unknown
        .filter_map(|name| {
            let near = nearest(name, missing())?;
            let problem = format!("is not a variable of this type; did you mean `{near}`?");
            Some(Mistake::new(format!("variables.{name}"), problem))
        })
        .collect()
}

/// A variable that must be a number: one that is none could never be compared with a limit.
fn no_number(name: &str, variables: &Map<String, Value>) -> Option<Mistake> {
    let is_number = match variables.get(name)? {
        Value::Number(_) => true,
        Value::String(text) => {
            // What is missing is told as that.
            text.is_empty() || text.trim().parse::<f64>().is_ok_and(f64::is_finite)
        }
        _ => false,
    };
    let problem = "must be a number, such as 1450.5";
    (!is_number).then(|| Mistake::new(format!("variables.{name}"), problem))
}
