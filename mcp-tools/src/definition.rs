//! Our definitions to MCP's: the only file of this crate that names the protocol's library.

use std::sync::Arc;

use api_core::{Effect, Repeat};
use rmcp::model::{
    CallToolResult, ContentBlock, ReadResourceResult, Resource, ResourceContents, Tool,
    ToolAnnotations,
};
use rmcp::{
    RoleServer,
    service::{RxJsonRpcMessage, TxJsonRpcMessage},
};
use serde_json::Value;

use crate::{
    error::ToolError,
    registry::Registered,
    resource::ResourceSpec,
    tool::{JsonObject, ToolSpec},
};

/// A tool as `tools/list` shows it, once it was asked for.
#[derive(Debug)]
pub(crate) struct Shown(Tool);

/// A tool as `tools/list` shows it. Made once: the schemas are large.
#[must_use]
pub fn shown(registered: &Registered) -> &Tool {
    &registered.shown.get_or_init(|| Shown(tool(registered))).0
}

/// The same, made anew.
#[must_use]
pub fn tool(registered: &Registered) -> Tool {
    let spec = registered.spec();
    Tool::new(
        registered.name().to_owned(),
        spec.description.clone(),
        Arc::new(spec.input.clone()),
    )
    .with_title(spec.title)
    .with_raw_output_schema(Arc::new(spec.output.clone()))
    .with_annotations(annotations(spec))
}

/// The hints that a client shows and asks by, from the effect alone.
#[must_use]
pub fn annotations(spec: &ToolSpec) -> ToolAnnotations {
    let repeatable = matches!(spec.effect, Effect::Read | Effect::Write(Repeat::Natural));
    ToolAnnotations::new()
        .read_only(spec.effect == Effect::Read)
        .destructive(spec.is_destructive())
        .idempotent(repeatable)
        .open_world(spec.open_world)
}

/// A result as `tools/call` answers it: the structured value, and the same JSON as text for clients that read only that.
#[must_use]
pub fn result(outcome: Result<JsonObject, ToolError>) -> CallToolResult {
    match outcome {
        Ok(value) => structured(Value::Object(value)),
        Err(error) => CallToolResult::error(vec![ContentBlock::text(error.text())]),
    }
}

/// What the library's function of this name does, with a writer that takes half the time of a formatter.
fn structured(value: Value) -> CallToolResult {
    // A value with text keys always serialises.
    let text = text(&value).unwrap_or_default();
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content = Some(value);
    result
}

/// MIME type of every resource.
const JSON: &str = "application/json";

/// A resource as `resources/list` shows it.
#[must_use]
pub fn resource(spec: &ResourceSpec) -> Resource {
    Resource::new(spec.uri, spec.name)
        .with_title(spec.title)
        .with_description(spec.description)
        .with_mime_type(JSON)
}

/// The content of a resource as `resources/read` answers it.
#[must_use]
pub fn contents(spec: &ResourceSpec, content: &Value) -> ReadResourceResult {
    let contents = ResourceContents::text(content.to_string(), spec.uri).with_mime_type(JSON);
    ReadResourceResult::new(vec![contents])
}

// Every byte of every call passes through these three. They are compiled here, once and for speed, while the binary around
// them is compiled for size.

/// A message of a client, from its JSON.
///
/// # Errors
///
/// When it is no message.
#[inline(never)]
pub fn read(json: &[u8]) -> serde_json::Result<RxJsonRpcMessage<RoleServer>> {
    serde_json::from_slice(json)
}

/// Appends a message of the server as JSON.
///
/// # Errors
///
/// When it cannot be written as JSON.
#[inline(never)]
pub fn write(message: &TxJsonRpcMessage<RoleServer>, to: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(to, message)
}

#[inline(never)]
fn text(value: &Value) -> serde_json::Result<String> {
    serde_json::to_string(value)
}
