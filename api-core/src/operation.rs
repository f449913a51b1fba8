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
    prepare: fn(Map<String, Value>) -> Result<Prepared, PrepareError>,
    #[cfg(feature = "schema")]
    schema: fn() -> schemars::Schema,
}

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
    /// A known field has the wrong form.
    #[error("{0}")]
    Fields(#[source] serde_json::Error),
    /// A path parameter is missing or would change the route.
    #[error(transparent)]
    Path(#[from] PathError),
    /// Rules that span fields are broken; never empty.
    #[error("{}", list(.0))]
    Problems(Vec<Problem>),
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
            prepare: prepare::<E>,
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
            prepare: prepare::<E>,
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
        (self.prepare)(fields)
    }
}

#[cfg(feature = "schema")]
fn schema<E: schemars::JsonSchema>() -> schemars::Schema {
    schemars::generate::SchemaSettings::draft2020_12()
        .with(|settings| {
            settings.meta_schema = None;
            settings.inline_subschemas = true;
        })
        .into_generator()
        .into_root_schema_for::<E>()
}

fn prepare<E: Endpoint + DeserializeOwned>(
    fields: Map<String, Value>,
) -> Result<Prepared, PrepareError> {
    // Deserialised from a clone: what the type does not know must survive.
    let request: E =
        serde_json::from_value(Value::Object(fields.clone())).map_err(PrepareError::Fields)?;
    let problems = request.problems();
    if !problems.is_empty() {
        return Err(PrepareError::Problems(problems));
    }
    let path = request.path()?;
    let known = serde_json::to_value(&request).map_err(PrepareError::Fields)?;
    let mut fields = fields;
    for name in path::parameters(E::SPEC.path) {
        fields.remove(name);
    }
    let mut whole = Value::Object(fields);
    overlay(&mut whole, known);
    match whole {
        Value::Object(fields) => Ok(Prepared { path, fields }),
        _ => Ok(Prepared {
            path,
            fields: Map::new(),
        }),
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
