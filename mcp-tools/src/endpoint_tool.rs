//! An endpoint served as it is: a table entry, no code.

use std::{any::Any, future::Future, marker::PhantomData};

use api_core::{Effect, Operation, PrepareError, Spec};
use serde_json::Value;

use crate::{
    arguments::Mistake,
    context::Context,
    error::ToolError,
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

/// A back end that can be called by operation, and that explains its failures.
pub trait Backend: Any + Send + Sync {
    /// Sends fields to an endpoint and answers the payload.
    ///
    /// # Errors
    ///
    /// What went wrong, in words for the model.
    fn call(
        &self,
        context: &Context,
        operation: &Operation,
        fields: JsonObject,
    ) -> impl Future<Output = Result<Value, ToolError>> + Send;
}

/// A tool that is one endpoint of the back end `B`.
pub struct EndpointTool<B> {
    name: &'static str,
    title: &'static str,
    toolset: &'static str,
    description: &'static str,
    operation: Operation,
    hidden: &'static [&'static str],
    instead: fn() -> JsonObject,
    open_world: bool,
    output: fn() -> JsonObject,
    shape: fn(Value) -> JsonObject,
    backend: PhantomData<fn() -> B>,
}

impl<B> Clone for EndpointTool<B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B> Copy for EndpointTool<B> {}

impl<B> std::fmt::Debug for EndpointTool<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointTool")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl<B: Backend> EndpointTool<B> {
    /// A tool that calls an operation and answers its payload.
    #[must_use]
    pub const fn new(
        name: &'static str,
        title: &'static str,
        toolset: &'static str,
        operation: Operation,
        description: &'static str,
    ) -> Self {
        Self {
            name,
            title,
            toolset,
            description,
            operation,
            hidden: &[],
            instead: JsonObject::new,
            open_world: false,
            output: any_object,
            shape: as_object,
            backend: PhantomData,
        }
    }

    /// The same without some fields of the request.
    #[must_use]
    pub const fn without(mut self, fields: &'static [&'static str]) -> Self {
        self.hidden = fields;
        self
    }

    /// The same with these properties in place of those of the request: for a field whose whole form would cost every
    /// model more than it is worth. What is given is judged by the request all the same.
    #[must_use]
    pub const fn instead(mut self, properties: fn() -> JsonObject) -> Self {
        self.instead = properties;
        self
    }

    /// The same, marked as reaching people outside.
    #[must_use]
    pub const fn open_world(mut self) -> Self {
        self.open_world = true;
        self
    }

    /// The same with a schema of the result, and the function that brings the payload into that form.
    #[must_use]
    pub const fn answers(
        mut self,
        output: fn() -> JsonObject,
        shape: fn(Value) -> JsonObject,
    ) -> Self {
        self.output = output;
        self.shape = shape;
        self
    }
}

impl<B: Backend> Tool for EndpointTool<B> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn spec(&self) -> ToolSpec {
        let mut input = schema::tidy(self.operation.schema().into());
        schema::remove_properties(&mut input, self.hidden);
        schema::add_properties(&mut input, (self.instead)());
        let mut spec =
            ToolSpec::of_endpoint(self.name, self.title, self.toolset, self.operation.spec)
                .describe(self.description)
                .input(input)
                .output((self.output)());
        spec.open_world = self.open_world;
        spec
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        mistakes_of(&self.operation, arguments)
    }

    fn effect(&self, _: &JsonObject) -> Effect {
        self.operation.spec.effect
    }

    fn endpoints(&self, _: Option<&JsonObject>) -> Vec<&'static Spec> {
        vec![self.operation.spec]
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let payload = context
            .backend::<B>()?
            .call(context, &self.operation, arguments)
            .await?;
        Ok((self.shape)(payload))
    }
}

/// What a request type finds wrong with its own fields, beyond their form.
#[must_use]
pub fn mistakes_of(operation: &Operation, fields: &JsonObject) -> Vec<Mistake> {
    operation
        .prepare(fields.clone())
        .err()
        .map(mistakes)
        .unwrap_or_default()
}

/// A refusal of the client's own checks, as mistakes in arguments.
pub(crate) fn mistakes(error: PrepareError) -> Vec<Mistake> {
    let problems = error.into_problems().into_iter();
    problems
        .map(|problem| Mistake::new(problem.field, problem.problem))
        .collect()
}

/// A payload as an object: an object as it is, a list under `items`, anything else under `value`.
#[must_use]
pub fn as_object(payload: Value) -> JsonObject {
    let key = match payload {
        Value::Object(object) => return object,
        Value::Array(_) => "items",
        _ => "value",
    };
    let mut object = JsonObject::new();
    object.insert(key.to_owned(), payload);
    object
}

/// The schema of an object of which nothing more is known.
#[must_use]
pub fn any_object() -> JsonObject {
    schema::open_object(&[], &[])
}
