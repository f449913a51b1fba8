//! An endpoint served as it is, whose content may come from a local file.

use api_core::{Effect, Spec};

use super::{Tickiti, files};
use crate::{
    arguments::Mistake,
    context::Context,
    endpoint_tool::EndpointTool,
    error::ToolError,
    files::Carry,
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

/// The endpoint's own tool, with `content_path`.
#[derive(Debug)]
pub(super) struct WithBody(pub(super) EndpointTool<Tickiti>);

impl Tool for WithBody {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn spec(&self) -> ToolSpec {
        let mut spec = self.0.spec();
        schema::add_properties(&mut spec.input, files::content_property());
        spec
    }

    fn effect(&self, arguments: &JsonObject) -> Effect {
        self.0.effect(arguments)
    }

    fn endpoints(&self, arguments: Option<&JsonObject>) -> Vec<&'static Spec> {
        self.0.endpoints(arguments)
    }

    fn carries(&self, arguments: &JsonObject) -> Vec<Carry> {
        files::carries(arguments)
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        let mut mistakes = self.0.mistakes(&files::stand_in(arguments));
        mistakes.extend(files::mistakes(arguments));
        mistakes
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let fields = files::with_body(context, &arguments)?;
        self.0.call(context, fields).await
    }
}
