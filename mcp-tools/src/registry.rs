//! Names to tools: add, list, call.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use api_core::{Effect, Spec};
use serde_json::{Value, json};

use crate::{
    arguments,
    confirm::{self, Confirm},
    context::{Backends, Context},
    definition::Shown,
    error::{ErrorKind, ToolError},
    ledger::{self, Ledger},
    provenance,
    rehearsal::{self, DRY_RUN},
    resource::{
        Content, DynResource, DynTemplate, Names, Resource, ResourceSpec, Template, TemplateSpec,
    },
    schema, size,
    tool::{DynTool, JsonObject, Tool, ToolSpec},
};

mod call;

/// The argument by which a caller names a write.
pub const IDEMPOTENCY_KEY: &str = "idempotency_key";

/// Texts name tools as a server of one module has them.
const PREFIXED: &str = "\n\nTools carry the name of their system as a prefix; where a text names a tool without one, \
                        the tool of the same system is meant.";

/// A set of tools and resources that belong to one back end.
#[derive(Default)]
pub struct Module {
    /// Prefix of the tools when several modules are served: `tickiti`.
    pub name: &'static str,
    /// What the server tells a model about this back end.
    pub instructions: String,
    tools: Vec<Arc<dyn DynTool>>,
    resources: Vec<Arc<dyn DynResource>>,
    templates: Vec<Arc<dyn DynTemplate>>,
    /// An optional argument that every tool of the module takes.
    shared: Option<SharedArgument>,
    /// Whether its answers hold marked texts from outside.
    marks: bool,
}

/// An optional argument that all tools of a module take, and that chooses among a few words.
#[derive(Debug, Clone)]
pub struct SharedArgument {
    /// Name of the argument.
    pub name: &'static str,
    /// What it chooses, and what happens without it.
    pub description: String,
    /// The words it takes.
    pub words: Vec<String>,
    /// The one that holds without it.
    pub default: String,
}

impl Module {
    /// A module without tools.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    /// The same with one more tool.
    #[must_use]
    pub fn tool(mut self, tool: impl Tool) -> Self {
        self.tools.push(Arc::new(tool));
        self
    }

    /// Names of its tools, without the prefix.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.tools.iter().map(|tool| tool.name())
    }

    /// The same with one more resource.
    #[must_use]
    pub fn resource(mut self, resource: impl Resource) -> Self {
        self.resources.push(Arc::new(resource));
        self
    }

    /// The same with resources of one more form.
    #[must_use]
    pub fn template(mut self, template: impl Template) -> Self {
        self.templates.push(Arc::new(template));
        self
    }

    /// The same with instructions for the model.
    #[must_use]
    pub fn instructions(mut self, text: impl Into<String>) -> Self {
        self.instructions = text.into();
        self
    }

    /// What tells it from other modules of its name: two that agree in it offer the same.
    #[must_use]
    pub fn distinction(&self) -> String {
        format!("{}: {:?}", self.name, self.shared)
    }

    /// The same, with answers in which texts from outside are marked, see [`crate::provenance`].
    #[must_use]
    pub fn marks(mut self) -> Self {
        self.marks = true;
        self
    }

    /// The same with an argument that every tool takes.
    #[must_use]
    pub fn shared(mut self, argument: SharedArgument) -> Self {
        self.shared = Some(argument);
        self
    }
}

impl std::fmt::Debug for Module {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Module")
            .field("name", &self.name)
            .field("tools", &self.tools.len())
            .field("resources", &self.resources.len())
            .finish_non_exhaustive()
    }
}

/// All tools that a server offers, by name, and all resources, by URI; both in that order.
#[derive(Default)]
pub struct Registry {
    tools: BTreeMap<String, Registered>,
    resources: BTreeMap<&'static str, Readable>,
    templates: BTreeMap<&'static str, Templated>,
    instructions: String,
}

/// One tool under the name it is served by.
pub struct Registered {
    name: String,
    module: &'static str,
    tool: Arc<dyn DynTool>,
    shared: Option<SharedArgument>,
    /// What callers will be asked about.
    confirm: Confirm,
    definition: OnceLock<Definition>,
    pub(crate) shown: OnceLock<Shown>,
}

/// One resource, and the module that it belongs to.
struct Readable {
    module: &'static str,
    resource: Arc<dyn DynResource>,
}

/// Resources of one form, and the module that they belong to.
struct Templated {
    module: &'static str,
    template: Arc<dyn DynTemplate>,
}

/// A tool's spec, and its schemas as values, ready for checks.
#[derive(Debug)]
struct Definition {
    spec: ToolSpec,
    input: Value,
    output: Value,
    /// Whether the tool shows by itself what it would do.
    own_rehearsal: bool,
}

/// Two tools claim one name, or two resources one URI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("two tools or resources are named `{name}`")]
pub struct Duplicate {
    /// The name or URI.
    pub name: String,
}

impl Registry {
    /// The tools and resources of these modules. With several modules, every tool carries its module's prefix, unless
    /// its name begins with it already; resources keep their URIs.
    ///
    /// # Errors
    ///
    /// When two tools would have the same name, or two resources the same URI.
    pub fn new(modules: Vec<Module>) -> Result<Self, Duplicate> {
        let prefixed = modules.len() > 1;
        let marks = modules.iter().any(|module| module.marks);
        let mut registry = Self::default();
        for module in modules {
            for tool in module.tools {
                let own = tool.name();
                let name = if prefixed && !own.starts_with(module.name) {
                    format!("{}_{own}", module.name)
                } else {
                    own.to_owned()
                };
                registry.add(Registered {
                    name,
                    module: module.name,
                    tool,
                    shared: module.shared.clone(),
                    confirm: Confirm::default(),
                    definition: OnceLock::new(),
                    shown: OnceLock::new(),
                })?;
            }
            for resource in module.resources {
                let uri = resource.spec().uri;
                let module = module.name;
                let readable = Readable { module, resource };
                if registry.resources.insert(uri, readable).is_some() {
                    return Err(Duplicate {
                        name: uri.to_owned(),
                    });
                }
            }
            for template in module.templates {
                let uri = template.spec().uri;
                let module = module.name;
                let templated = Templated { module, template };
                if registry.templates.insert(uri, templated).is_some() {
                    return Err(Duplicate {
                        name: uri.to_owned(),
                    });
                }
            }
            if !registry.instructions.is_empty() {
                registry.instructions.push_str("\n\n");
            }
            registry.instructions.push_str(&module.instructions);
        }
        if marks {
            registry.instructions.push_str("\n\n");
            registry.instructions.push_str(provenance::INSTRUCTIONS);
        }
        if prefixed {
            registry.instructions.push_str(PREFIXED);
        }
        Ok(registry)
    }

    /// The same for callers who will be asked about this: their tools show the argument that carries the answer.
    #[must_use]
    pub fn asking_about(mut self, confirm: Confirm) -> Self {
        for tool in self.tools.values_mut() {
            tool.confirm = confirm;
            tool.definition = OnceLock::new();
        }
        self
    }

    fn add(&mut self, tool: Registered) -> Result<(), Duplicate> {
        let name = tool.name.clone();
        match self.tools.insert(name.clone(), tool) {
            None => Ok(()),
            Some(_) => Err(Duplicate { name }),
        }
    }

    /// What a model should know before it uses the tools.
    #[must_use]
    pub fn instructions(&self) -> &str {
        &self.instructions
    }

    /// The tools in name order.
    pub fn iter(&self) -> impl Iterator<Item = &Registered> {
        self.tools.values()
    }

    /// The tool of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Registered> {
        self.tools.get(name)
    }

    /// Calls a tool by name.
    ///
    /// # Errors
    ///
    /// When there is no such tool, when the caller may not use it, when the arguments are wrong (all mistakes at once), or
    /// what the tool itself answers. Before that, nothing is sent.
    pub async fn call(
        &self,
        name: &str,
        context: Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let Some(tool) = self.tools.get(name) else {
            let hint = self
                .meant(name)
                .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(ToolError::new(
                ErrorKind::UnknownTool,
                format!("there is no tool `{name}`{hint}"),
            ));
        };
        if let Some(refusal) = context.policy.refusal(self, tool, &arguments) {
            return Err(refusal);
        }
        if let Some(refusal) = tool.closed(&context, &arguments).await {
            return Err(refusal);
        }
        let writes = tool.effect(&arguments).is_write();
        let wrote = writes && arguments.get(DRY_RUN) != Some(&Value::Bool(true));
        let most = context.result_bytes;
        let answer = tool.call(context, arguments).await?;
        match most {
            Some(most) => size::bounded(tool, wrote, most, answer),
            None => Ok(answer),
        }
    }

    /// The tool that a wrong name is for: the same one with or without a module's prefix, or else the nearest.
    fn meant(&self, name: &str) -> Option<&str> {
        let named = |tool: &&Registered| tool.is_named(name);
        let mut same = self.tools.values().filter(named).map(Registered::name);
        match (same.next(), same.next()) {
            (Some(one), None) => Some(one),
            _ => arguments::nearest(name, self.tools.keys().map(String::as_str)),
        }
    }

    /// The resources in the order of their URIs.
    pub fn resources(&self) -> impl Iterator<Item = ResourceSpec> {
        self.resources.values().map(|known| known.resource.spec())
    }

    /// The resource of a URI.
    #[must_use]
    pub fn resource(&self, uri: &str) -> Option<ResourceSpec> {
        self.resources.get(uri).map(|known| known.resource.spec())
    }

    /// The forms of resources in the order of their URIs.
    pub fn templates(&self) -> impl Iterator<Item = TemplateSpec> {
        self.templates.values().map(|known| known.template.spec())
    }

    /// How long a client may keep what it reads at a URI, in seconds; `None` when nothing is there.
    #[must_use]
    pub fn ttl_of(&self, uri: &str) -> Option<u64> {
        let fixed = self.resource(uri).map(|spec| spec.ttl_s);
        fixed.or_else(|| Some(self.templated(uri)?.0.template.spec().ttl_s))
    }

    /// The module of the resource of a URI.
    #[must_use]
    pub fn module_of(&self, uri: &str) -> Option<&'static str> {
        let fixed = self.resources.get(uri).map(|known| known.module);
        fixed.or_else(|| Some(self.templated(uri)?.0.module))
    }

    /// The form that a URI has, and what it says.
    fn templated(&self, uri: &str) -> Option<(&Templated, Names)> {
        let mut all = self.templates.values();
        all.find_map(|known| Some((known, known.template.spec().names(uri)?)))
    }

    /// Reads a resource; `None` when there is none of that URI.
    ///
    /// # Errors
    ///
    /// What the resource itself answers.
    pub async fn read(&self, uri: &str, context: &Context) -> Option<Result<Content, ToolError>> {
        if let Some(known) = self.resources.get(uri) {
            return Some(known.resource.read(context).await.map(Content::Json));
        }
        let (known, names) = self.templated(uri)?;
        Some(known.template.read(context, &names).await)
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry")
            .field("tools", &self.tools)
            .field("resources", &self.resources.keys())
            .field("templates", &self.templates.keys())
            .finish_non_exhaustive()
    }
}

impl Registered {
    /// The module it belongs to.
    #[must_use]
    pub const fn module(&self) -> &'static str {
        self.module
    }

    /// Its own name, without a prefix: what it is called in documentation and in records.
    #[must_use]
    pub fn own_name(&self) -> &'static str {
        self.tool.name()
    }

    /// The name it is served by, prefix and all.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the tool says of itself, its input closed and with the shared argument of its module.
    #[must_use]
    pub fn spec(&self) -> &ToolSpec {
        &self.definition().spec
    }

    /// What a call with these arguments does to the back end.
    #[must_use]
    pub fn effect(&self, arguments: &JsonObject) -> Effect {
        match self.spec().effect {
            Effect::Read => Effect::Read,
            Effect::Write(_) => self.tool.effect(arguments),
        }
    }

    /// The endpoints that a call with these arguments is for, or without them the tool; see [`Tool::endpoints`].
    #[must_use]
    pub fn endpoints(&self, arguments: Option<&JsonObject>) -> Vec<&'static Spec> {
        self.tool.endpoints(arguments)
    }

    /// Whether a caller's tokens may use it, as far as that is known.
    #[must_use]
    pub fn is_open(&self, backends: &Backends) -> bool {
        let gate = backends.gate(self.module);
        gate.is_none_or(|gate| match self.endpoints(None) {
            any if any.is_empty() => true,
            endpoints => gate.is_open(&endpoints),
        })
    }

    /// Why the caller's token may not make a call.
    async fn closed(&self, context: &Context, arguments: &JsonObject) -> Option<ToolError> {
        let gate = context.backends.gate(self.module)?;
        let endpoints = self.endpoints(Some(arguments));
        let shared = self.shared.as_ref();
        let chosen = shared.and_then(|shared| arguments.get(shared.name)?.as_str());
        gate.refusal(&self.name, chosen, &endpoints).await
    }

    /// Whether a name is this tool's, with or without the prefix of its module.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        let rest = name
            .strip_prefix(self.module)
            .and_then(|rest| rest.strip_prefix('_'));
        let own = self.own_name();
        name == own || rest == Some(own)
    }

    fn definition(&self) -> &Definition {
        // Built at first use: schemas of a whole surface would cost more than the start may take.
        self.definition.get_or_init(|| {
            let mut spec = self.tool.spec();
            if let Some(shared) = &self.shared {
                schema::add_properties(&mut spec.input, shared.property());
                schema::add_properties(&mut spec.output, shared.told());
            }
            let own_rehearsal = own_rehearsal(&spec);
            if spec.effect.is_write() {
                if !own_rehearsal {
                    schema::add_properties(
                        &mut spec.input,
                        [rehearsal::property()].into_iter().collect(),
                    );
                    schema::add_properties(&mut spec.output, rehearsal::properties());
                    // Such an answer has nothing else.
                    spec.output.remove("required");
                }
                if self.confirm.may_ask(&spec) {
                    let property = [confirm::property()];
                    schema::add_properties(&mut spec.input, property.into_iter().collect());
                }
            }
            if Ledger::keeps(spec.effect) {
                schema::add_properties(&mut spec.input, key_property());
                schema::add_properties(&mut spec.output, ledger::properties());
            }
            schema::bound(&mut spec.input, spec.open_input);
            let input = Value::Object(spec.input.clone());
            let output = Value::Object(spec.output.clone());
            Definition {
                spec,
                input,
                output,
                own_rehearsal,
            }
        })
    }
}

impl std::fmt::Debug for Registered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registered")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl SharedArgument {
    fn property(&self) -> JsonObject {
        let mut property = JsonObject::new();
        property.insert(
            self.name.to_owned(),
            json!({"type": "string", "enum": self.words, "description": self.description}),
        );
        property
    }

    /// The same in an answer, which tells what was chosen.
    fn told(&self) -> JsonObject {
        JsonObject::from_iter([(self.name.to_owned(), json!({"type": "string"}))])
    }
}

/// Whether a tool shows by itself what it would do.
fn own_rehearsal(spec: &ToolSpec) -> bool {
    let properties = spec.input.get("properties");
    properties.is_some_and(|all| all.get(rehearsal::DRY_RUN).is_some())
}

/// The argument that names a write, on tools that would act again.
fn key_property() -> JsonObject {
    let mut property = JsonObject::new();
    property.insert(
        IDEMPOTENCY_KEY.to_owned(),
        json!({
            "type": "string",
            "maxLength": 255,
            "description": "Names this write: done once per name in 24 h; unnamed, once per identical call in 10 min.",
        }),
    );
    property
}

/// Whether a tool only reads.
#[must_use]
pub fn is_read_only(spec: &ToolSpec) -> bool {
    spec.effect == Effect::Read
}
