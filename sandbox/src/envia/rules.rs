//! The rules of ticket types, held against tickets where the switch asks for it.
//!
//! Written from the documents and not from the client: the two must be able to disagree.

use serde_json::{Map, Value, json};

use super::boom::Boom;
use super::fields::is_blank;
use super::model::{State, Ticket, number};
use super::update::Change;
use super::view::find_shipment;

type Refused = Result<(), Boom>;

/// Holds a new ticket against its type.
///
/// # Errors
///
/// 400 with the first rule that it breaks; 404 for a tracking number without a shipment.
pub(crate) fn admit(state: &State, ticket: &Ticket) -> Refused {
    let rules = usable(state, ticket.type_id)?;
    let context = context(&rules).unwrap_or_default();
    let reference = match rules.get("reference") {
        None | Some(Value::Null) => String::new(),
        // Some writers put the word in quotes once more.
        Some(Value::String(word)) => word.replace('"', "").trim().to_lowercase(),
        Some(_) => return refuse("The reference of this ticket type is not understood."),
    };
    let guided = ticket.shipment_id.is_some() || ticket.tracking_number.is_some();
    if (reference == "guide" || flag(&context, "requires_guide")) && !guided {
        return refuse("This ticket type needs a shipment.");
    }
    if (reference == "credit" || flag(&context, "requires_credit_id")) && ticket.credit_id.is_none()
    {
        return refuse("This ticket type needs a credit.");
    }
    let inputs = list(&rules, "inputs");
    if !inputs.iter().all(Value::is_object) {
        return refuse("The inputs of this ticket type are not understood.");
    }
    for name in required(inputs, &context) {
        if !is_given(ticket, &name) {
            return refuse(&format!("The variable {name} is missing."));
        }
    }
    conditions(state, ticket, &object(&rules, "conditions"))
}

/// Holds an update against the rules of comments, amounts and types.
///
/// # Errors
///
/// 400 with the first rule that it breaks.
pub(crate) fn admit_change(state: &State, ticket: &Ticket, change: &Change) -> Refused {
    let comment = change.comment.as_deref().unwrap_or_default();
    if matches!(change.status_id, Some(2 | 3 | 7 | 8 | 10)) && is_blank(comment) {
        return refuse("This status needs a comment.");
    }
    if let Some(id) = change.type_id {
        usable(state, id)?;
    }
    if change.status_id != Some(10) {
        return Ok(());
    }
    for id in [Some(ticket.type_id), change.type_id].into_iter().flatten() {
        let rules = rules(state, id).unwrap_or_default();
        let context = context(&rules).unwrap_or_default();
        let stated = |map: &Map<String, Value>, key| map.get(key).filter(|v| !v.is_null()).cloned();
        let limit = stated(&context, "amount_limit_mxn");
        let amount = stated(&ticket.variables, "amount");
        let (Some(limit), Some(amount)) = (limit, amount) else {
            continue;
        };
        // What cannot be compared does not pass (inferred).
        let fits = as_number(&amount).zip(as_number(&limit));
        if fits.is_none_or(|(amount, limit)| amount < 0.0 || amount > limit) {
            return refuse("The amount is above the limit of the ticket type.");
        }
    }
    Ok(())
}

fn refuse(text: &str) -> Refused {
    Err(Boom::new(400, text))
}

/// The rules of a type that agents may use.
fn usable(state: &State, id: u64) -> Result<Map<String, Value>, Boom> {
    let active = state.types.get(&id).and_then(|row| row.get("active"));
    let active = match active {
        None | Some(Value::Null) => true,
        Some(flag) => [json!(1), json!(true), json!("1"), json!("true")].contains(flag),
    };
    let rules = rules(state, id)
        .filter(|rules| context(rules).is_some_and(|context| !flag(&context, "is_blocked")));
    rules
        .filter(|_| active)
        .ok_or_else(|| Boom::new(400, "This ticket type is not available."))
}

fn rules(state: &State, id: u64) -> Option<Map<String, Value>> {
    match state.types.get(&id)?.get("rules")? {
        Value::String(text) => serde_json::from_str(text).ok(),
        other => other.as_object().cloned(),
    }
}

/// What agents may do with a type: an object, or one as text.
fn context(rules: &Map<String, Value>) -> Option<Map<String, Value>> {
    match rules.get("mcp_context")? {
        Value::String(text) => serde_json::from_str(text).ok(),
        other => other.as_object().cloned(),
    }
}

/// Names of the variables that must be there.
fn required(inputs: &[Value], context: &Map<String, Value>) -> Vec<String> {
    let name = |row: &Value| Some(row.get("name").unwrap_or(row).as_str()?.to_owned());
    if let Some(stated) = context.get("required_variables").and_then(Value::as_array) {
        return stated.iter().filter_map(name).collect();
    }
    inputs
        .iter()
        .filter(|input| input.get("required") == Some(&Value::Bool(true)))
        .filter_map(name)
        .filter(|name| !name.is_empty() && name != "undefined")
        .collect()
}

/// True for a variable with a value, and for a field of the ticket that has the variable's name (inferred).
fn is_given(ticket: &Ticket, name: &str) -> bool {
    let field = match name {
        "credit_id" => ticket.credit_id.is_some(),
        "carrier_id" => ticket.carrier_id.is_some(),
        "warehouse_package_id" => ticket.warehouse_package_id.is_some(),
        _ => false,
    };
    field
        || match ticket.variables.get(name) {
            None | Some(Value::Null) => false,
            Some(Value::String(text)) => !text.is_empty(),
            Some(_) => true,
        }
}

/// Statuses and further checks of the shipment.
fn conditions(state: &State, ticket: &Ticket, conditions: &Map<String, Value>) -> Refused {
    let statuses = list(conditions, "avaliable_status");
    let validations = list(conditions, "validations");
    if statuses.is_empty() && validations.is_empty() {
        return Ok(());
    }
    let by_id = ticket.shipment_id.and_then(|id| state.shipments.get(&id));
    let by_number = ticket.tracking_number.as_deref();
    let by_number = by_number.and_then(|number| find_shipment(state, number));
    let Some(shipment) = by_id.or(by_number) else {
        return Err(Boom::not_found("Shipment"));
    };
    if by_id.is_some() && ticket.tracking_number.is_some() && by_id != by_number {
        return refuse("The shipment has another tracking number.");
    }
    let status = number(shipment, "status_id");
    let listed = |allowed: &Value| as_number(allowed) == status.map(|id| id as f64);
    if !statuses.is_empty() && !statuses.iter().any(listed) {
        return refuse("The shipment's status does not allow this ticket type.");
    }
    if validations.iter().all(|check| passes(check, shipment)) {
        Ok(())
    } else {
        refuse("The shipment does not meet the conditions of this ticket type.")
    }
}

/// One check of a shipment's field; what is not understood does not pass (inferred).
fn passes(check: &Value, shipment: &Map<String, Value>) -> bool {
    let known = check.get("type").is_none_or(|kind| kind == "default");
    let part = |key: &str| check.get(key).and_then(Value::as_str);
    let (true, Some(field), Some(operator)) = (known, part("field"), part("operator")) else {
        return false;
    };
    let (Some(found), Some(wanted)) = (
        shipment.get(field).and_then(as_text),
        check.get("value").and_then(as_text),
    ) else {
        return false;
    };
    let ordered = || Some((found.parse::<f64>().ok()?, wanted.parse::<f64>().ok()?));
    match operator {
        "==" => found == wanted,
        "!=" => found != wanted,
        ">" => ordered().is_some_and(|(found, wanted)| found > wanted),
        ">=" => ordered().is_some_and(|(found, wanted)| found >= wanted),
        "<" => ordered().is_some_and(|(found, wanted)| found < wanted),
        "<=" => ordered().is_some_and(|(found, wanted)| found <= wanted),
        _ => false,
    }
}

/// A scalar as it is compared: whole numbers without decimals, booleans as `1` and `0`, no blanks around (inferred).
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Bool(flag) => Some(u8::from(*flag).to_string()),
        Value::Number(number) => Some(match number.as_f64() {
            Some(float) if number.is_f64() => float.to_string(),
            _ => number.to_string(),
        }),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    }
}

fn object(map: &Map<String, Value>, key: &str) -> Map<String, Value> {
    let object = map.get(key).and_then(Value::as_object);
    object.cloned().unwrap_or_default()
}

fn list<'a>(map: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    let list = map.get(key).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

fn flag(map: &Map<String, Value>, key: &str) -> bool {
    map.get(key) == Some(&Value::Bool(true))
}
