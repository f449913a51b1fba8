//! `upload_template_image`: a picture for the content of a template or a stock response.

use api_core::{Effect, Endpoint, Operation, Spec};
use serde_json::{Value, json};
use tickiti_client::{
    File,
    api::{settings::stock_responses, templates},
    types::TemplateId,
};

use super::Tickiti;
use crate::{
    context::Context,
    endpoint_tool::as_object,
    error::ToolError,
    files::{Carry, Take},
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

const TEMPLATE: Operation = Operation::of::<templates::ImageUpload>();
const STOCK: Operation = Operation::of::<stock_responses::ImageUpload>();
/// Argument that says what the picture is for.
const FOR_STOCK: &str = "stock_response";

/// Uploads a picture.
#[derive(Debug)]
pub(super) struct UploadTemplateImage;

fn operation(arguments: &JsonObject) -> &'static Operation {
    match arguments.get(FOR_STOCK) == Some(&json!(true)) {
        true => &STOCK,
        false => &TEMPLATE,
    }
}

impl Tool for UploadTemplateImage {
    fn spec(&self) -> ToolSpec {
        let mut input = schema::tidy(TEMPLATE.schema().into());
        let own = [
            (
                "template_id",
                json!({"type": ["integer", "string"], "description": "The template or stock response."}),
            ),
            (
                "path",
                json!({"type": "string", "minLength": 1, "description": "Local picture, at most 5 MiB."}),
            ),
            (
                FOR_STOCK,
                json!({"type": "boolean", "description": "True: for a stock response."}),
            ),
        ];
        let own = own.map(|(name, schema)| (name.to_owned(), schema));
        schema::add_properties(&mut input, own.into_iter().collect());
        input.insert("required".to_owned(), json!(["template_id", "path"]));
        ToolSpec::of_endpoint("upload_template_image", "Upload template image", "templates", TEMPLATE.spec)
            .describe(
                "Uploads a picture for a template or stock response. Answers a `cid:` reference and an `<img>` tag to put \
                 into its content; nothing shows before that.",
            )
            .input(input)
            .output(schema::open_object(&[], &[]))
            .abilities(&[])
            .needs_files()
    }

    fn effect(&self, arguments: &JsonObject) -> Effect {
        operation(arguments).spec.effect
    }

    fn endpoints(&self, arguments: Option<&JsonObject>) -> Vec<&'static Spec> {
        match arguments {
            Some(arguments) => vec![operation(arguments).spec],
            None => vec![TEMPLATE.spec, STOCK.spec],
        }
    }

    fn carries(&self, arguments: &JsonObject) -> Vec<Carry> {
        let path = arguments.get("path").and_then(Value::as_str);
        let carry = path.map(|path| Carry {
            argument: "path".to_owned(),
            path: path.to_owned(),
            name: None,
            take: Take::Image,
        });
        carry.into_iter().collect()
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let tickiti = context.backend::<Tickiti>()?;
        let path = arguments.get("path").and_then(Value::as_str);
        let local = context.carried.get(path.unwrap_or_default())?;
        let operation = operation(&arguments);
        if let Some(rehearsal) = &context.rehearsal {
            let body = json!({
                "template_id": arguments.get("template_id"),
                "file": {"name": local.name(), "bytes": local.size(), "sha256": local.sha256()},
            });
            return Err(rehearsal.note(operation.spec.method, operation.spec.path, body));
        }
        let id = arguments.get("template_id").cloned().unwrap_or_default();
        let id: TemplateId = serde_json::from_value(id).map_err(|error| {
            ToolError::internal(format!("the id was judged otherwise: {error}"))
        })?;
        let file = File {
            name: local.name().to_owned(),
            content: local.stream(&context.progress),
        };
        let answer = match operation.spec.name == STOCK.spec.name {
            true => {
                sent(
                    tickiti,
                    context,
                    &stock_responses::ImageUpload::new(id, file),
                )
                .await?
            }
            false => sent(tickiti, context, &templates::ImageUpload::new(id, file)).await?,
        };
        Ok(as_object(answer))
    }
}

async fn sent<E: Endpoint<Response = Value>>(
    tickiti: &Tickiti,
    context: &Context,
    request: &E,
) -> Result<Value, ToolError> {
    tickiti.exchange_typed(context, request).await
}
