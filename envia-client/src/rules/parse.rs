//! Reading rules: from text, an object or null, and as much of them as makes sense.

use serde_json::{Map, Value};

use super::{
    model::{AmountLimit, Context, Input, Reference, TypeRules, Variable, WantedFile},
    validation::{Operator, Validation, scalar},
};
use crate::{
    api::catalog::TicketType,
    types::{amount_of, choice::spoken, lenient::as_flag},
};

/// The key of the eligible statuses. The spelling is the back end's.
const ELIGIBLE: &str = "avaliable_status";
/// The one kind of validation that is known.
const DEFAULT_VALIDATION: &str = "default";
/// The deepest text inside text.
const MAX_DEPTH: u8 = 2;

impl From<&TicketType> for TypeRules {
    fn from(row: &TicketType) -> Self {
        let (rules, mut broken) = match object(&row.rules, MAX_DEPTH) {
            Ok(rules) => (rules, None),
            Err(problem) => (Map::new(), Some(problem)),
        };
        let told = match rules.get("mcp_context").map(own_object) {
            Some(Err(problem)) => {
                broken = Some(problem);
                None
            }
            Some(Ok(told)) => told,
            None => None,
        };
        let mut unreadable = Vec::new();
        let none = Map::new();
        let conditions = match rules.get("conditions") {
            Some(Value::Object(conditions)) => conditions,
            other => {
                if !is_nothing(other) {
                    unreadable.push("conditions".to_owned());
                }
                &none
            }
        };
        let eligible_statuses = statuses(conditions.get(ELIGIBLE), &mut unreadable);
        let validations = validations(conditions.get("validations"), &mut unreadable);
        let context = told.map(|told| context(&told, &mut unreadable));
        Self {
            id: row.id,
            name: row
                .name
                .clone()
                .unwrap_or_else(|| format!("type_{}", row.id)),
            description: row.description.clone(),
            active: row.active.unwrap_or(true),
            reference: reference(rules.get("reference"), &mut unreadable),
            inputs: inputs(rules.get("inputs"), &mut unreadable),
            files: rows(rules.get("files")).map(wanted_file).collect(),
            eligible_statuses,
            validations,
            context,
            comment_template: texts(rules.get("comment_template")),
            error: text(&rules, "error"),
            broken,
            unreadable,
        }
    }
}

/// The rules as an object; null and empty text are rules that demand nothing.
fn object(rules: &Value, depth: u8) -> Result<Map<String, Value>, String> {
    match rules {
        Value::Object(rules) => Ok(rules.clone()),
        Value::Null => Ok(Map::new()),
        Value::String(text) if text.trim().is_empty() => Ok(Map::new()),
        Value::String(text) if depth > 0 => match serde_json::from_str::<Value>(text) {
            Ok(inner) => object(&inner, depth - 1),
            Err(error) => Err(format!("the rules are no JSON: {error}")),
        },
        _ => Err("the rules are neither an object nor one as text".to_owned()),
    }
}

/// The context: an object, or one as text. Null is none; anything else is no rule that could be held to.
fn own_object(context: &Value) -> Result<Option<Map<String, Value>>, String> {
    let found = match context {
        Value::Null => return Ok(None),
        Value::Object(context) => Some(context.clone()),
        Value::String(text) => serde_json::from_str(text).ok(),
        _ => None,
    };
    let problem = || "`mcp_context` is neither an object nor one as text".to_owned();
    found.map(Some).ok_or_else(problem)
}

/// Absent, null, or an empty text or list: what back ends write for "none".
fn is_nothing(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(rows)) => rows.is_empty(),
        Some(_) => false,
    }
}

fn rows(value: Option<&Value>) -> impl Iterator<Item = &Map<String, Value>> {
    let rows = value.and_then(Value::as_array).into_iter().flatten();
    rows.filter_map(Value::as_object)
}

fn text(object: &Map<String, Value>, key: &str) -> Option<String> {
    scalar(object.get(key)?).filter(|text| !text.is_empty())
}

/// A name as it stands: blanks around it are part of it.
fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(name) if !name.is_empty() => Some(name.clone()),
        Value::Number(_) => Some(spoken(value)),
        _ => None,
    }
}

/// A list of texts, or one text.
fn texts(value: Option<&Value>) -> Vec<String> {
    let found = match value {
        Some(Value::Array(rows)) => rows.iter().filter_map(scalar).collect(),
        Some(one) => scalar(one).into_iter().collect(),
        None => Vec::new(),
    };
    found
        .into_iter()
        .filter(|text: &String| !text.is_empty())
        .collect()
}

/// The reference, in any case; it may come as JSON text inside text.
fn reference(value: Option<&Value>, unreadable: &mut Vec<String>) -> Reference {
    let found = match value {
        None | Some(Value::Null) => return Reference::None,
        Some(Value::String(found)) => found,
        Some(_) => {
            unreadable.push("reference".to_owned());
            return Reference::None;
        }
    };
    let found = found.trim_matches(|c: char| c == '"' || c.is_whitespace());
    match found.to_ascii_lowercase().as_str() {
        "" | "null" => Reference::None,
        "guide" => Reference::Guide,
        "credit" => Reference::Credit,
        "warehouse-package" => Reference::WarehousePackage,
        "legal" => Reference::Legal,
        "legal-credit" => Reference::LegalCredit,
        _ => Reference::Other(found.to_owned()),
    }
}

fn inputs(value: Option<&Value>, unreadable: &mut Vec<String>) -> Vec<Input> {
    let found = match value {
        Some(Value::Array(found)) => found.as_slice(),
        found => {
            if !is_nothing(found) {
                unreadable.push("inputs".to_owned());
            }
            return Vec::new();
        }
    };
    let mut read = Vec::with_capacity(found.len());
    for (place, row) in found.iter().enumerate() {
        let own = row.as_object().and_then(|row| row.get("name"));
        let nameless = own.is_none_or(|own| own.is_null() || own == "" || own == "undefined");
        match (row.as_object(), own.and_then(name)) {
            (None, _) => unreadable.push(format!("inputs.{place}")),
            (Some(_), _) if nameless => {}
            (Some(row), Some(name)) => read.push(input(row, name)),
            (Some(_), None) => unreadable.push(format!("inputs.{place}.name")),
        }
    }
    read
}

fn input(row: &Map<String, Value>, name: String) -> Input {
    Input {
        name,
        required: closed_flag(row.get("required")),
        kind: text(row, "type"),
        element: text(row, "el"),
        label: text(row, "label"),
        regex: text(row, "regex"),
        regex_message: text(row, "regexMessage"),
    }
}

fn wanted_file(row: &Map<String, Value>) -> WantedFile {
    WantedFile {
        name: text(row, "name"),
        description: text(row, "description"),
        kind: text(row, "type"),
    }
}

/// A flag that forbids or demands: absent is false, and what is neither true nor false counts as true.
fn closed_flag(value: Option<&Value>) -> bool {
    match value {
        found if is_nothing(found) => false,
        Some(value) => as_flag(value).unwrap_or(true),
        None => false,
    }
}

fn statuses(value: Option<&Value>, unreadable: &mut Vec<String>) -> Vec<u64> {
    let found: Vec<&Value> = match value {
        found if is_nothing(found) => return Vec::new(),
        Some(Value::Array(rows)) => rows.iter().collect(),
        found => found.into_iter().collect(),
    };
    let id = |value: &Value| scalar(value)?.parse().ok();
    let ids: Vec<u64> = found.iter().filter_map(|value| id(value)).collect();
    if ids.len() < found.len() {
        unreadable.push(format!("conditions.{ELIGIBLE}"));
    }
    ids
}

fn validations(value: Option<&Value>, unreadable: &mut Vec<String>) -> Vec<Validation> {
    let found = match value {
        found if is_nothing(found) => return Vec::new(),
        Some(Value::Array(rows)) => rows.as_slice(),
        _ => {
            unreadable.push("conditions.validations".to_owned());
            return Vec::new();
        }
    };
    let mut read = Vec::with_capacity(found.len());
    for (place, row) in found.iter().enumerate() {
        match row.as_object().and_then(validation) {
            Some(validation) => read.push(validation),
            None => unreadable.push(format!("conditions.validations.{place}")),
        }
    }
    read
}

fn validation(row: &Map<String, Value>) -> Option<Validation> {
    let own = |key| row.get(key)?.as_str().filter(|text| !text.is_empty());
    let operator = match row.get("type") {
        Some(kind) if kind != DEFAULT_VALIDATION => Operator::Unknown(spoken(kind)),
        _ => Operator::read(own("operator")?),
    };
    Some(Validation {
        field: own("field")?.to_owned(),
        operator,
        value: scalar(row.get("value")?)?,
    })
}

fn context(found: &Map<String, Value>, unreadable: &mut Vec<String>) -> Context {
    Context {
        use_case: text(found, "use_case"),
        is_blocked: closed_flag(found.get("is_blocked")),
        requires_guide: closed_flag(found.get("requires_guide")),
        requires_credit_id: closed_flag(found.get("requires_credit_id")),
        agent_notes: texts(found.get("agent_notes")),
        amount_limit: match found.get("amount_limit_mxn") {
            limit if is_nothing(limit) => AmountLimit::None,
            Some(limit) => match amount_of(limit) {
                Some(limit) => AmountLimit::Mxn(limit),
                None => AmountLimit::Unreadable("it is no number".to_owned()),
            },
            None => AmountLimit::None,
        },
        required_variables: variables(found, "required_variables", unreadable),
        optional_variables: variables(found, "optional_variables", unreadable),
    }
}

/// Variables as objects of name and type, or as names alone.
fn variables(
    context: &Map<String, Value>,
    key: &str,
    unreadable: &mut Vec<String>,
) -> Option<Vec<Variable>> {
    let rows = match context.get(key) {
        None | Some(Value::Null) => return None,
        Some(Value::Array(rows)) => rows.as_slice(),
        Some(found) if is_nothing(Some(found)) => &[],
        Some(_) => {
            unreadable.push(format!("mcp_context.{key}"));
            return None;
        }
    };
    let mut variables = Vec::with_capacity(rows.len());
    for row in rows {
        let own = match row {
            Value::Object(row) => row.get("name").and_then(name),
            bare => name(bare),
        };
        let told = |key| row.as_object().and_then(|row| text(row, key));
        match own {
            Some(name) => variables.push(Variable {
                name,
                kind: told("type").unwrap_or_else(|| "string".to_owned()),
                label: told("label"),
            }),
            None => unreadable.push(format!("mcp_context.{key}")),
        }
    }
    Some(variables)
}
