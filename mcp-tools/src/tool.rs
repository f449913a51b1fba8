//! What a tool is: a spec and a call.

use std::{borrow::Cow, future::Future, pin::Pin, time::SystemTime};

use api_core::{Ability, Effect, Reversal, Spec};
use serde_json::{Map, Value};

use crate::{arguments::Mistake, context::Context, error::ToolError, files::Carry, ledger::Found};

/// A JSON object: arguments in, schemas and structured results out.
pub type JsonObject = Map<String, Value>;

/// Something an assistant can call.
///
/// Implement it with a plain `async fn`; the registry boxes the future. By the time `call` runs, the arguments were
/// checked against [`ToolSpec::input`] and harmless variations were put right, so that parsing them into a type that
/// fits the schema cannot fail on their form.
pub trait Tool: Send + Sync + 'static {
    /// What the tool is called, takes, answers and does. Built once per registry, when it is first asked for.
    fn spec(&self) -> ToolSpec;

    /// The spec's name; worth giving by itself where the spec takes long to build, because a server asks at its start.
    fn name(&self) -> &'static str {
        self.spec().name
    }

    /// Rules between arguments that a schema cannot say. All mistakes, not the first; told together with those of the
    /// schema, before anything is sent.
    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        let _ = arguments;
        Vec::new()
    }

    /// What a call with these arguments does to the back end. The spec's effect, unless it depends on them: then the spec
    /// has the worst of them, and this may say less. The arguments need not be sound; while they do not tell, it is the
    /// worst. Worth giving by itself, like the name: it is asked at every call of a tool that writes.
    fn effect(&self, arguments: &JsonObject) -> Effect {
        let _ = arguments;
        self.spec().effect
    }

    /// The endpoints that a call with these arguments is for, of which any one suffices; without arguments, those that the
    /// tool may be used for. None when it needs no permission, or nothing is known of it.
    fn endpoints(&self, arguments: Option<&JsonObject>) -> Vec<&'static Spec> {
        let _ = arguments;
        Vec::new()
    }

    /// The local files that a call with these arguments sends. They are opened before it begins, and lie in
    /// [`Context::carried`] then; what is in them is part of what is on record.
    fn carries(&self, arguments: &JsonObject) -> Vec<Carry> {
        let _ = arguments;
        Vec::new()
    }

    /// True when the answer to a call with these arguments holds a secret, so that it must not be kept.
    fn answers_secret(&self, arguments: &JsonObject) -> bool {
        let _ = arguments;
        false
    }

    /// True when a call with these arguments touches many things at once.
    fn is_bulk(&self, arguments: &JsonObject) -> bool {
        let _ = arguments;
        false
    }

    /// What a call with these arguments would touch, found out by reading where the back end lets us: for whoever is
    /// asked whether it may be made.
    ///
    /// # Errors
    ///
    /// When it could not be read, or the call would be refused.
    fn touches(
        &self,
        context: &Context,
        arguments: &JsonObject,
    ) -> impl Future<Output = Result<Option<Value>, ToolError>> + Send {
        let _ = (context, arguments);
        std::future::ready(Ok(None))
    }

    /// Finds out, by reading, what became of a call with these arguments that was begun at a time and whose outcome is
    /// unknown. Asked only of writes that no key protects and that would act again.
    ///
    /// # Errors
    ///
    /// When it could not be read; the call is then not repeated.
    fn reconcile(
        &self,
        context: &Context,
        arguments: &JsonObject,
        begun: SystemTime,
    ) -> impl Future<Output = Result<Found, ToolError>> + Send {
        let _ = (context, arguments, begun);
        std::future::ready(Ok(Found::Unclear(
            "Read the state back to see whether it did.".to_owned(),
        )))
    }

    /// Runs the tool. The result is an object that fits [`ToolSpec::output`].
    ///
    /// # Errors
    ///
    /// When the call failed or was refused: a text that says what was wrong and what to do next.
    fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> impl Future<Output = Result<JsonObject, ToolError>> + Send;
}

/// Everything that is known of a tool before it is called.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that have nothing to do with each other"
)]
#[non_exhaustive]
pub struct ToolSpec {
    /// Name without the module's prefix: `create_ticket`.
    pub name: &'static str,
    /// Short name for people: `Create ticket`.
    pub title: &'static str,
    /// What it does, when to use it and when a sibling, what comes back, limits.
    pub description: Cow<'static, str>,
    /// JSON Schema of the arguments, flat.
    pub input: JsonObject,
    /// JSON Schema of the structured result.
    pub output: JsonObject,
    /// What a call does to the back end.
    pub effect: Effect,
    /// Whether the effect can be undone; `None` for reads.
    pub reversal: Option<Reversal>,
    /// True for a write that overwrites nothing and takes nothing away.
    pub only_adds: bool,
    /// Group that can be switched on and off at start.
    pub toolset: &'static str,
    /// Abilities of which the token needs one; empty when none or when it depends on the arguments.
    pub abilities: &'static [Ability],
    /// True when people outside may be reached by a call (mail to customers).
    pub open_world: bool,
    /// True when arguments that the schema does not name reach the tool, which judges them itself.
    pub open_input: bool,
    /// True when no call works without a folder for files.
    pub needs_files: bool,
    /// True when a call writes a file here, whatever it does to the back end.
    pub writes_files: bool,
}

impl ToolSpec {
    /// A tool that changes nothing.
    #[must_use]
    pub fn read(name: &'static str, title: &'static str, toolset: &'static str) -> Self {
        Self {
            name,
            title,
            description: Cow::Borrowed(""),
            input: JsonObject::new(),
            output: JsonObject::new(),
            effect: Effect::Read,
            reversal: None,
            only_adds: false,
            toolset,
            abilities: &[],
            open_world: false,
            open_input: false,
            needs_files: false,
            writes_files: false,
        }
    }

    /// A tool with the effect, reversal and abilities of an endpoint.
    #[must_use]
    pub fn of_endpoint(
        name: &'static str,
        title: &'static str,
        toolset: &'static str,
        endpoint: &api_core::Spec,
    ) -> Self {
        Self {
            effect: endpoint.effect,
            reversal: endpoint.reversal,
            only_adds: endpoint.only_adds(),
            abilities: endpoint.access.abilities,
            ..Self::read(name, title, toolset)
        }
    }

    /// The same with a description.
    #[must_use]
    pub fn describe(mut self, description: impl Into<Cow<'static, str>>) -> Self {
        self.description = description.into();
        self
    }

    /// The same with the schema of its arguments.
    #[must_use]
    pub fn input(mut self, schema: JsonObject) -> Self {
        self.input = schema;
        self
    }

    /// The same with the schema of its result.
    #[must_use]
    pub fn output(mut self, schema: JsonObject) -> Self {
        self.output = schema;
        self
    }

    /// The same with other abilities than its endpoint's.
    #[must_use]
    pub fn abilities(mut self, any_of: &'static [Ability]) -> Self {
        self.abilities = any_of;
        self
    }

    /// The same, marked as reaching people outside.
    #[must_use]
    pub fn open_world(mut self) -> Self {
        self.open_world = true;
        self
    }

    /// The same, taking arguments that its schema does not name.
    #[must_use]
    pub fn open_input(mut self) -> Self {
        self.open_input = true;
        self
    }

    /// The same, of no use without a folder for files.
    #[must_use]
    pub fn needs_files(mut self) -> Self {
        self.needs_files = true;
        self
    }

    /// The same, writing files here.
    #[must_use]
    pub fn writes_files(mut self) -> Self {
        self.needs_files = true;
        self.writes_files = true;
        self
    }

    /// True when a call may remove or overwrite something.
    #[must_use]
    pub fn is_destructive(&self) -> bool {
        // A file may be overwritten when that is asked for.
        self.writes_files || (self.effect.is_write() && !self.only_adds)
    }
}

/// The future of a boxed call.
pub(crate) type Calling<'a> =
    Pin<Box<dyn Future<Output = Result<JsonObject, ToolError>> + Send + 'a>>;

/// The future of a boxed look at what a call would touch.
pub(crate) type Touching<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Value>, ToolError>> + Send + 'a>>;

/// The future of a boxed look for the effect of a call.
pub(crate) type Reconciling<'a> =
    Pin<Box<dyn Future<Output = Result<Found, ToolError>> + Send + 'a>>;

/// [`Tool`] behind a pointer: the one place where futures are boxed.
pub(crate) trait DynTool: Send + Sync {
    fn spec(&self) -> ToolSpec;
    fn name(&self) -> &'static str;
    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake>;
    fn effect(&self, arguments: &JsonObject) -> Effect;
    fn carries(&self, arguments: &JsonObject) -> Vec<Carry>;
    fn answers_secret(&self, arguments: &JsonObject) -> bool;
    fn endpoints(&self, arguments: Option<&JsonObject>) -> Vec<&'static Spec>;
    fn is_bulk(&self, arguments: &JsonObject) -> bool;
    fn touches<'a>(&'a self, context: &'a Context, arguments: &'a JsonObject) -> Touching<'a>;
    fn reconcile<'a>(
        &'a self,
        context: &'a Context,
        arguments: &'a JsonObject,
        begun: SystemTime,
    ) -> Reconciling<'a>;
    fn call<'a>(&'a self, context: &'a Context, arguments: JsonObject) -> Calling<'a>;
}

impl<T: Tool> DynTool for T {
    fn spec(&self) -> ToolSpec {
        Tool::spec(self)
    }

    fn name(&self) -> &'static str {
        Tool::name(self)
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        Tool::mistakes(self, arguments)
    }

    fn effect(&self, arguments: &JsonObject) -> Effect {
        Tool::effect(self, arguments)
    }

    fn carries(&self, arguments: &JsonObject) -> Vec<Carry> {
        Tool::carries(self, arguments)
    }

    fn answers_secret(&self, arguments: &JsonObject) -> bool {
        Tool::answers_secret(self, arguments)
    }

    fn endpoints(&self, arguments: Option<&JsonObject>) -> Vec<&'static Spec> {
        Tool::endpoints(self, arguments)
    }

    fn is_bulk(&self, arguments: &JsonObject) -> bool {
        Tool::is_bulk(self, arguments)
    }

    fn touches<'a>(&'a self, context: &'a Context, arguments: &'a JsonObject) -> Touching<'a> {
        Box::pin(Tool::touches(self, context, arguments))
    }

    fn reconcile<'a>(
        &'a self,
        context: &'a Context,
        arguments: &'a JsonObject,
        begun: SystemTime,
    ) -> Reconciling<'a> {
        Box::pin(Tool::reconcile(self, context, arguments, begun))
    }

    fn call<'a>(&'a self, context: &'a Context, arguments: JsonObject) -> Calling<'a> {
        Box::pin(Tool::call(self, context, arguments))
    }
}
