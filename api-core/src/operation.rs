//! Endpoints as values: what a caller needs that knows the endpoint only by name.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    endpoint::{Endpoint, Problem, Spec},
    path::{self, PathError},
};

/// An endpoint without its types: its facts, and functions that do what the types would.
///
/// A table of these costs three pointers a row, and lets a program list, describe and call endpoints by name.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// The facts of the endpoint.
    pub spec: &'static Spec,
    known: fn(&Map<String, Value>) -> Result<Known, PrepareError>,
    #[cfg(feature = "schema")]
    schema: fn() -> schemars::Schema,
}

/// A path, and the fields that a type knows.
type Known = (Cow<'static, str>, Value);

/// A request that is ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// Path below the API's root, parameters filled in.
    pub path: Cow<'static, str>,
    /// Fields of the body or query, in the form the back end wants; path parameters are not among them.
    pub fields: Map<String, Value>,
}

/// Why fields do not make a request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// A known field has the wrong form, or a required one is missing.
    #[error("{}", wrong(field.as_deref(), source))]
    Fields {
        /// The field of the request that is to blame, when it can be told; the text may speak of a part of it.
        field: Option<String>,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A path parameter is missing or would change the route.
    #[error(transparent)]
    Path(#[from] PathError),
    /// Rules that span fields are broken; never empty.
    #[error("{}", list(.0))]
    Problems(Vec<Problem>),
}

impl PrepareError {
    /// The same as broken rules, for whoever tells all mistakes in one way; never empty.
    ///
    /// Where it cannot be told which field is wrong, the name of the field is empty.
    #[must_use]
    pub fn into_problems(self) -> Vec<Problem> {
        match self {
            Self::Fields { field, source } => vec![wrong(field.as_deref(), &source)],
            Self::Path(error) => vec![Problem::new(error.name, error.problem)],
            Self::Problems(problems) => problems,
        }
    }
}

fn wrong(field: Option<&str>, source: &serde_json::Error) -> Problem {
    let text = source.to_string();
    let field = field.unwrap_or_default();
    let problem = if text.starts_with(&format!("missing field `{field}`")) {
        "is missing".to_owned()
    } else if field.is_empty() {
        text
    } else {
        format!("is wrong: {text}")
    };
    Problem::new(field.to_owned(), problem)
}

pub(crate) fn list(problems: &[Problem]) -> String {
    let texts: Vec<String> = problems.iter().map(Problem::to_string).collect();
    texts.join("; ")
}

#[cfg(feature = "schema")]
impl Operation {
    /// The operation of a request type.
    #[must_use]
    pub const fn of<E: Endpoint + DeserializeOwned + schemars::JsonSchema>() -> Self {
        Self {
            spec: &E::SPEC,
            known: known::<E>,
            schema: schema::<E>,
        }
    }

    /// JSON Schema of the request's fields, path parameters among them.
    #[must_use]
    pub fn schema(&self) -> schemars::Schema {
        (self.schema)()
    }
}

#[cfg(not(feature = "schema"))]
impl Operation {
    /// The operation of a request type.
    #[must_use]
    pub const fn of<E: Endpoint + DeserializeOwned>() -> Self {
        Self {
            spec: &E::SPEC,
            known: known::<E>,
        }
    }
}

impl Operation {
    /// Turns fields into path and body.
    ///
    /// Known fields take the form the back end wants (an id that came as text leaves as a number); unknown fields are
    /// kept as they are, at every depth.
    ///
    /// # Errors
    ///
    /// When a known field has the wrong type, a required one is missing, a rule that spans fields is broken, or a path
    /// parameter cannot be sent.
    pub fn prepare(&self, fields: Map<String, Value>) -> Result<Prepared, PrepareError> {
        let (path, known) = (self.known)(&fields).map_err(|error| match error {
            PrepareError::Fields { source, .. } => {
                let fails = |fields| match (self.known)(&fields) {
                    Err(PrepareError::Fields { source, .. }) => Some(source),
                    _ => None,
                };
                let field = blamed(&fields, &source.to_string(), &fails);
                PrepareError::Fields { field, source }
            }
            other => other,
        })?;
        let mut fields = fields;
        for name in path::parameters(self.spec.path) {
            fields.remove(name);
        }
        let mut whole = Value::Object(fields);
        overlay(&mut whole, known);
        let fields = match whole {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        Ok(Prepared { path, fields })
    }
}

#[cfg(feature = "schema")]
fn schema<E: schemars::JsonSchema>() -> schemars::Schema {
    root_schema(E::json_schema, E::schema_name)
}

/// What the generator does for a root type, without the type: compiled once for all endpoints.
#[cfg(feature = "schema")]
fn root_schema(
    describe: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
    name: fn() -> Cow<'static, str>,
) -> schemars::Schema {
    let mut generator = schemars::generate::SchemaSettings::draft2020_12()
        .with(|settings| {
            settings.meta_schema = None;
            settings.inline_subschemas = true;
        })
        .into_generator();
    let mut schema = describe(&mut generator);
    let definitions = generator.take_definitions(true);
    let root = schema.ensure_object();
    root.entry("title")
        .or_insert_with(|| name().into_owned().into());
    if !definitions.is_empty() {
        root.insert("$defs".to_owned(), definitions.into());
    }
    schema
}

/// What is particular to a type: the path, and the fields it knows in the form that the back end wants.
///
/// Compiled once per endpoint, so it does nothing else.
fn known<E: Endpoint + DeserializeOwned>(
    fields: &Map<String, Value>,
) -> Result<Known, PrepareError> {
    let unsendable = |source| PrepareError::Fields {
        field: None,
        source,
    };
    let request = E::deserialize(fields).map_err(unsendable)?;
    let problems = request.problems();
    if !problems.is_empty() {
        return Err(PrepareError::Problems(problems));
    }
    let path = request.path()?;
    let known = serde_json::to_value(&request).map_err(unsendable)?;
    Ok((path, known))
}

/// The one field without which an error goes away or turns into another.
///
/// The decoder does not say where it was, so it is asked again without each field in turn. What is missing then is only
/// a hint: it may have been reached before the mistake, or because of it.
fn blamed(
    fields: &Map<String, Value>,
    error: &str,
    fails: &dyn Fn(Map<String, Value>) -> Option<serde_json::Error>,
) -> Option<String> {
    let differs = |fields| fails(fields).is_none_or(|other| other.to_string() != error);
    let missing = error.strip_prefix("missing field `");
    if let Some(name) = missing.and_then(|rest| rest.split('`').next()) {
        let mut with = fields.clone();
        // Further down, another field of that name at the top would change nothing.
        if with.insert(name.to_owned(), Value::Null).is_none() && differs(with) {
            return Some(name.to_owned());
        }
    }
    let (mut sure, mut likely) = (Vec::new(), Vec::new());
    for name in fields.keys() {
        let mut others = fields.clone();
        others.remove(name);
        match fails(others).map(|error| error.to_string()) {
            Some(other) if other == error => {}
            Some(other) if other.starts_with("missing field") => likely.push(name),
            _ => sure.push(name),
        }
    }
    match (sure.as_slice(), likely.as_slice()) {
        ([name], _) | ([], [name]) => Some((*name).clone()),
        _ => None,
    }
}

/// Replaces what both have by the second's form, and keeps what only the first has.
fn overlay(original: &mut Value, normal: Value) {
    match (original, normal) {
        (Value::Object(original), Value::Object(normal)) => {
            for (key, value) in normal {
                match original.get_mut(&key) {
                    Some(slot) => overlay(slot, value),
                    None => {
                        original.insert(key, value);
                    }
                }
            }
        }
        (Value::Array(original), Value::Array(normal)) if original.len() == normal.len() => {
            for (slot, value) in original.iter_mut().zip(normal) {
                overlay(slot, value);
            }
        }
        (slot, value) => *slot = value,
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use super::*;

    #[derive(Debug, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    struct Request {
        #[serde(flatten)]
        which: Which,
        name: String,
        size: Option<u8>,
        parts: Option<Vec<Part>>,
    }

    #[derive(Debug, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    struct Which {
        id: Option<u8>,
    }

    #[derive(Debug, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    struct Part {
        find: String,
    }

    impl Endpoint for Request {
        type Response = Value;
        const SPEC: Spec = Spec::read("desk.find", "find");
    }

    #[test]
    fn wrong_fields_are_named() {
        let operation = Operation::of::<Request>();
        for (fields, expected) in [
            (
                json!({"name": 7, "id": 1}),
                "`name` is wrong: invalid type: integer `7`, expected a string",
            ),
            (
                json!({"name": "a", "id": 1, "size": 256}),
                "`size` is wrong: invalid value: integer `256`, expected u8",
            ),
            (
                json!({"name": "a", "id": "x", "size": 1}),
                "`id` is wrong: invalid type: string \"x\", expected u8",
            ),
            (json!({"id": 1, "size": 1}), "`name` is missing"),
            (
                json!({"name": "a", "id": 1, "parts": [{}]}),
                "`parts` is wrong: missing field `find`",
            ),
            (
                json!({"name": "a", "id": 1, "parts": [{"find": 1}], "size": 3}),
                "`parts` is wrong: invalid type: integer `1`, expected a string",
            ),
        ] {
            let Value::Object(fields) = fields else {
                panic!("fields are an object");
            };
            let error = operation.prepare(fields).unwrap_err();
            let PrepareError::Fields { field, .. } = &error else {
                panic!("{error}");
            };
            assert!(field.is_some(), "{error}");
            assert_eq!(error.to_string(), expected);
            assert_eq!(list(&error.into_problems()), expected);
        }
    }
}
