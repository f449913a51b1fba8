//! The toolset `administration`: API keys.

use api_core::{Effect, Operation, Spec};
use tickiti_client::api::administration::api_tokens;

use super::{Tickiti, answers, issue};
use crate::{
    arguments::Mistake,
    context::Context,
    endpoint_tool::{EndpointTool, mistakes_of},
    error::ToolError,
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

const TOOLSET: &str = "administration";

/// The tools served as they are.
pub(super) const ENDPOINTS: &[EndpointTool<Tickiti>] = &[
    EndpointTool::new(
        "list_api_tokens",
        "List API tokens",
        TOOLSET,
        Operation::of::<api_tokens::Index>(),
        "Lists the API keys with owner, abilities, allowed address and last use, without secrets. What this server's own \
         key may do: get_token_info.",
    )
    .answers(|| answers::list_of("tokens"), |payload| answers::as_list(payload, "tokens")),
    EndpointTool::new(
        "update_api_token",
        "Update API token",
        TOOLSET,
        Operation::of::<api_tokens::Update>(),
        "Renames an API key, or changes what it may do or where it is accepted from. Given abilities replace the former \
         ones. To end it use revoke_api_token.",
    )
    .answers(answers::outcome, answers::done),
    EndpointTool::new(
        "revoke_api_token",
        "Revoke API token",
        TOOLSET,
        Operation::of::<api_tokens::Revoke>(),
        "Ends an API key at once and for good: whatever uses it stops working, this server too when it is its own.",
    )
    .answers(answers::outcome, answers::done),
];

const CREATE: Operation = Operation::of::<api_tokens::Create>();

/// Creates an API key, whose secret goes into a file.
#[derive(Debug)]
pub(super) struct CreateApiToken;

impl Tool for CreateApiToken {
    fn name(&self) -> &'static str {
        "create_api_token"
    }

    fn spec(&self) -> ToolSpec {
        ToolSpec::of_endpoint(self.name(), "Create API token", TOOLSET, CREATE.spec)
            .describe(
                "Makes an API key. Its secret goes into a file that only the user of this server can read; the answer \
                 names the file: tell the user where it is. To narrow a key use update_api_token.",
            )
            .input(schema::tidy(CREATE.schema().into()))
            .output(issue::output())
    }

    fn effect(&self, _: &JsonObject) -> Effect {
        CREATE.spec.effect
    }

    fn endpoints(&self, _: Option<&JsonObject>) -> Vec<&'static Spec> {
        vec![CREATE.spec]
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        mistakes_of(&CREATE, arguments)
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        issue::issue(context, &CREATE, arguments).await
    }
}
