//! Our definitions to MCP's: the only file of this crate that names the protocol's library.

use std::sync::Arc;

use api_core::{Effect, Repeat};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rmcp::model::{
    CallToolResult, ContentBlock, JsonRpcMessage, ReadResourceResult, Resource, ResourceContents,
    ResourceTemplate, ServerResult, Tool, ToolAnnotations,
};
use rmcp::{RoleServer, service::TxJsonRpcMessage};
use serde_json::Value;

use crate::{
    error::ToolError,
    registry::Registered,
    resource::{Content, RESOURCE_LINK, ResourceSpec, TemplateSpec},
    schema,
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
        Arc::new(schema::slim(spec.input.clone())),
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
        .read_only(spec.effect == Effect::Read && !spec.writes_files)
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
    let mut blocks = vec![ContentBlock::text(text)];
    blocks.extend(link(&value));
    let mut result = CallToolResult::success(blocks);
    result.structured_content = Some(value);
    result
}

/// A resource that the answer refers to, in the form that clients follow.
fn link(value: &Value) -> Option<ContentBlock> {
    let told = value.get(RESOURCE_LINK)?;
    let text = |name: &str| told.get(name).and_then(Value::as_str);
    let mut resource = Resource::new(text("uri")?, text("name")?);
    if let Some(mime) = text("mime_type") {
        resource = resource.with_mime_type(mime);
    }
    resource.size = told.get("size").and_then(Value::as_u64);
    Some(ContentBlock::resource_link(resource))
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

/// Resources of one form as `resources/templates/list` shows them.
#[must_use]
pub fn template(spec: &TemplateSpec) -> ResourceTemplate {
    let template = ResourceTemplate::new(spec.uri, spec.name)
        .with_title(spec.title)
        .with_description(spec.description);
    match spec.mime {
        Some(mime) => template.with_mime_type(mime),
        None => template,
    }
}

/// The content of a resource as `resources/read` answers it.
#[must_use]
pub fn contents(uri: &str, content: &Content) -> ReadResourceResult {
    let (contents, mime) = match content {
        Content::Json(value) => (ResourceContents::text(value.to_string(), uri), JSON),
        Content::Text { mime, text } => (ResourceContents::text(text, uri), mime.as_str()),
        Content::Blob { mime, bytes } => (
            ResourceContents::blob(STANDARD.encode(bytes), uri),
            mime.as_str(),
        ),
    };
    ReadResourceResult::new(vec![contents.with_mime_type(mime)])
}

// Every byte of every answer passes through these two. They are compiled here, once and for speed, while the binary around
// them is compiled for size.

/// Appends a message of the server as JSON.
///
/// The structured value of a tool's result is the JSON that the first block of the result quotes, see [`result`]: it is
/// copied from there, because to write it again takes longer than all the rest.
///
/// # Errors
///
/// When it cannot be written as JSON.
#[inline(never)]
pub fn write(
    message: &mut TxJsonRpcMessage<RoleServer>,
    to: &mut Vec<u8>,
) -> serde_json::Result<()> {
    /// A message ends with its result, and that with the member that is added.
    const END: &[u8] = b"}}";
    let begun = to.len();
    let taken = quoting(message).and_then(|result| result.structured_content.take());
    serde_json::to_writer(&mut *to, message)?;
    let Some(taken) = taken else {
        return Ok(());
    };
    let result = quoting(message);
    let text = result.and_then(|result| result.content.first()?.as_text());
    if let Some(text) = text
        && to.ends_with(END)
    {
        to.truncate(to.len() - END.len());
        to.extend_from_slice(b",\"structuredContent\":");
        to.extend_from_slice(text.text.as_bytes());
        to.extend_from_slice(END);
        return Ok(());
    }
    // Of another form than this library has today.
    if let Some(result) = quoting(message) {
        result.structured_content = Some(taken);
    }
    to.truncate(begun);
    serde_json::to_writer(to, message)
}

/// The result of a tool whose first block is its structured value as JSON.
fn quoting(message: &mut TxJsonRpcMessage<RoleServer>) -> Option<&mut CallToolResult> {
    let JsonRpcMessage::Response(response) = message else {
        return None;
    };
    let ServerResult::CallToolResult(result) = &mut response.result else {
        return None;
    };
    let quotes = result.content.first().and_then(|block| block.as_text());
    let quotes = quotes.is_some_and(|text| text.text.starts_with('{') && text.text.ends_with('}'));
    (quotes && result.is_error != Some(true)).then_some(result)
}

#[inline(never)]
fn text(value: &Value) -> serde_json::Result<String> {
    serde_json::to_string(value)
}

#[cfg(test)]
mod tests {
    use rmcp::model::{JsonRpcResponse, JsonRpcVersion2_0, NumberOrString};
    use serde_json::json;

    use super::*;

    fn message(result: CallToolResult) -> TxJsonRpcMessage<RoleServer> {
        JsonRpcMessage::Response(JsonRpcResponse {
            jsonrpc: JsonRpcVersion2_0,
            id: NumberOrString::Number(7),
            result: ServerResult::CallToolResult(result),
        })
    }

    #[test]
    fn a_result_is_written_as_the_library_writes_it() {
        let value = json!({"a": "quotes \" and \\ and \u{202e}", "b": [1, {"c": null}], "d": {}});
        let Value::Object(value) = value else {
            unreachable!()
        };
        for outcome in [
            Ok(value),
            Ok(JsonObject::new()),
            Err(ToolError::internal("{no}")),
        ] {
            let mut message = message(result(outcome));
            let expected = serde_json::to_value(&message).unwrap();
            let mut written = b"before".to_vec();
            write(&mut message, &mut written).unwrap();
            let written: Value = serde_json::from_slice(&written[6..]).unwrap();
            assert_eq!(written, expected);
        }
    }
}
