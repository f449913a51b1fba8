//! Names to tools: add, list, call.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use api_core::Effect;
use serde_json::{Value, json};

use crate::{
    arguments::{self, Mistake, Unknown},
    context::Context,
    error::{ErrorKind, ToolError},
    output, schema,
    tool::{DynTool, JsonObject, Tool, ToolSpec},
};

/// The argument by which a caller names a keyed write.
pub const IDEMPOTENCY_KEY: &str = "idempotency_key";

/// A set of tools that belong to one back end.
#[derive(Default)]
pub struct Module {
    /// Prefix of the tools when several modules are served: `tickiti`.
    pub name: &'static str,
    /// What the server tells a model about this back end.
    pub instructions: String,
    /// The tools.
    tools: Vec<Arc<dyn DynTool>>,
    /// An optional argument that every tool of the module takes.
    shared: Option<SharedArgument>,
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

    /// The same with instructions for the model.
    #[must_use]
    pub fn instructions(mut self, text: impl Into<String>) -> Self {
        self.instructions = text.into();
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
            .finish_non_exhaustive()
    }
}

/// All tools that a server offers, by name, in name order.
#[derive(Debug, Default)]
pub struct Registry {
    tools: BTreeMap<String, Registered>,
    instructions: String,
}

/// One tool under the name it is served by.
pub struct Registered {
    name: String,
    tool: Arc<dyn DynTool>,
    shared: Option<SharedArgument>,
    definition: OnceLock<Definition>,
}

/// A tool's spec, and its schemas as values, ready for checks.
#[derive(Debug)]
struct Definition {
    spec: ToolSpec,
    input: Value,
    output: Value,
}

/// Two tools claim one name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("two tools are named `{name}`")]
pub struct DuplicateTool {
    /// The name.
    pub name: String,
}

impl Registry {
    /// The tools of these modules. With several modules, every tool carries its module's prefix, unless its name
    /// begins with it already.
    ///
    /// # Errors
    ///
    /// When two tools would have the same name.
    pub fn new(modules: Vec<Module>) -> Result<Self, DuplicateTool> {
        let prefixed = modules.len() > 1;
        let mut registry = Self::default();
        for module in modules {
            for tool in module.tools {
                let own = tool.name();
                let name = if prefixed && !own.starts_with(module.name) {
                    format!("{}_{own}", module.name)
                } else {
                    own.to_owned()
                };
                registry.add(name, tool, module.shared.clone())?;
            }
            if !registry.instructions.is_empty() {
                registry.instructions.push_str("\n\n");
            }
            registry.instructions.push_str(&module.instructions);
        }
        Ok(registry)
    }

    fn add(
        &mut self,
        name: String,
        tool: Arc<dyn DynTool>,
        shared: Option<SharedArgument>,
    ) -> Result<(), DuplicateTool> {
        if self.tools.contains_key(&name) {
            return Err(DuplicateTool { name });
        }
        let registered = Registered {
            name: name.clone(),
            tool,
            shared,
            definition: OnceLock::new(),
        };
        self.tools.insert(name, registered);
        Ok(())
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
    /// When there is no such tool, when the arguments are wrong (all mistakes at once, nothing was sent), or what the
    /// tool itself answers.
    pub async fn call(
        &self,
        name: &str,
        context: Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let Some(tool) = self.tools.get(name) else {
            let hint = arguments::nearest(name, self.tools.keys().map(String::as_str))
                .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(ToolError::new(
                ErrorKind::UnknownTool,
                format!("there is no tool `{name}`{hint}"),
            ));
        };
        tool.call(context, arguments).await
    }
}

impl Registered {
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

    fn definition(&self) -> &Definition {
        // Built at first use: schemas of a whole surface would cost more than the start may take.
        self.definition.get_or_init(|| {
            let mut spec = self.tool.spec();
            if let Some(shared) = &self.shared {
                schema::add_properties(&mut spec.input, shared.property());
            }
            if spec.effect.is_keyed() {
                schema::add_properties(&mut spec.input, key_property());
            }
            schema::close(&mut spec.input);
            let input = Value::Object(spec.input.clone());
            let output = Value::Object(spec.output.clone());
            Definition {
                spec,
                input,
                output,
            }
        })
    }

    async fn call(
        &self,
        mut context: Context,
        mut arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let mistakes = self.mistakes(&mut arguments);
        if !mistakes.is_empty() {
            return Err(ToolError::arguments(&self.name, &mistakes));
        }
        if let Some(shared) = &self.shared
            && let Some(Value::String(chosen)) = arguments.remove(shared.name)
        {
            context.shared.insert(shared.name, chosen);
        }
        if self.spec().effect.is_keyed()
            && let Some(Value::String(key)) = arguments.remove(IDEMPOTENCY_KEY)
        {
            context.idempotency_key = Some(key);
        }
        let mut answer = self.tool.call(&context, arguments).await?;
        output::fit(&self.definition().output, &mut answer);
        Ok(answer)
    }

    /// Mistakes of form and mistakes between arguments, told together.
    fn mistakes(&self, arguments: &mut JsonObject) -> Vec<Mistake> {
        let input = &self.definition().input;
        let mut mistakes = arguments::check(input, arguments, Unknown::Refuse);
        if mistakes.is_empty() {
            return self.tool.mistakes(arguments);
        }
        // Rules between arguments are judged without the malformed ones, and say nothing about those.
        let wrong: Vec<String> = mistakes.iter().map(|m| m.argument().to_owned()).collect();
        let mut sound = arguments.clone();
        sound.retain(|name, _| !wrong.contains(name));
        let more = self.tool.mistakes(&sound);
        mistakes.extend(more.into_iter().filter(|mistake| {
            !wrong
                .iter()
                .any(|name| mistake.argument() == name || mistake.problem.contains(name.as_str()))
        }));
        mistakes
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
}

/// The argument that names a write, on tools whose endpoint honours a key.
fn key_property() -> JsonObject {
    let mut property = JsonObject::new();
    property.insert(
        IDEMPOTENCY_KEY.to_owned(),
        json!({
            "type": "string",
            "minLength": 1,
            "maxLength": 255,
            "description": "Your own name for this write. The same key with the same arguments acts once, however often it is sent. Leave it out unless you repeat a call whose outcome is unknown.",
        }),
    );
    property
}

/// Whether a tool only reads.
#[must_use]
pub fn is_read_only(spec: &ToolSpec) -> bool {
    spec.effect == Effect::Read
}
