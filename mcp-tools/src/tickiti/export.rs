//! `export_responses`: messages across tickets into a file, one JSON object on each line.

use api_core::{Endpoint as _, Operation, Spec};
use futures_util::{StreamExt as _, pin_mut};
use serde_json::{Value, json};
use tickiti_client::{
    Paging, TransferError,
    api::tickets::{ResponseFilters, ResponsesQuery},
};

use super::{
    OPERATIONS, Tickiti,
    attachments::{Target, written_answer},
};
use crate::{
    arguments::Mistake,
    context::Context,
    endpoint_tool::mistakes_of,
    error::{ErrorKind, ToolError},
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

const QUERY: Operation = Operation::of::<ResponsesQuery>();

/// The arguments that are none of the filters.
const OWN: [&str; 4] = ["path", "overwrite", "page_size", "max_records"];

/// Writes messages to the disk.
#[derive(Debug)]
pub(super) struct ExportResponses;

/// The filters alone.
fn filters(arguments: &JsonObject) -> JsonObject {
    let mut filters = arguments.clone();
    filters.retain(|name, _| !OWN.contains(&name.as_str()));
    filters
}

impl Tool for ExportResponses {
    fn spec(&self) -> ToolSpec {
        let mut input = schema::tidy(QUERY.schema().into());
        schema::remove_properties(&mut input, &["count_only", "group_by", "limit", "cursor"]);
        let own = [
            (
                "path",
                json!({"type": "string", "description": "Where to; missing folders are made."}),
            ),
            (
                "overwrite",
                json!({"type": "boolean", "description": "True: in place of a file there."}),
            ),
            (
                "page_size",
                json!({"type": "integer", "minimum": 1, "maximum": 1_000, "description": "Rows per request; default 500."}),
            ),
            (
                "max_records",
                json!({"type": "integer", "minimum": 1, "description": "Rows in all."}),
            ),
        ];
        let own = own.map(|(name, schema)| (name.to_owned(), schema));
        schema::add_properties(&mut input, own.into_iter().collect());
        input.insert("required".to_owned(), json!(["path"]));
        ToolSpec::of_endpoint(
            "export_responses",
            "Export responses",
            OPERATIONS,
            QUERY.spec,
        )
        .describe(
            "Writes messages across tickets to a file, one JSON object on each line, oldest first; filters as in \
             query_responses.",
        )
        .input(input)
        .output(schema::open_object(
            &[
                ("path", json!({"type": "string"})),
                ("count", json!({"type": "integer", "description": "Rows that were written."})),
                ("bytes", json!({"type": "integer"})),
                ("sha256", json!({"type": "string"})),
            ],
            &[],
        ))
        .writes_files()
    }

    fn endpoints(&self, _: Option<&JsonObject>) -> Vec<&'static Spec> {
        vec![QUERY.spec]
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        mistakes_of(&QUERY, &filters(arguments))
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let tickiti = context.backend::<Tickiti>()?;
        let target = Target::of(&arguments);
        target.check(context).await?;
        let filters = filters(&arguments);
        let filters: ResponseFilters =
            serde_json::from_value(Value::Object(filters)).map_err(|error| {
                ToolError::arguments("export_responses", &[Mistake::new("", error.to_string())])
            })?;
        let number = |name: &str| arguments.get(name).and_then(Value::as_u64);
        let most = number("max_records");
        let mut paging = Paging::default().with_options(context.options());
        if let Some(size) = number("page_size").and_then(|size| u32::try_from(size).ok()) {
            paging = paging.with_page_size(size);
        }
        if let Some(most) = most {
            paging = paging.with_max_records(most);
        }
        let pages = tickiti.client(context)?.export(filters, paging);
        pin_mut!(pages);
        let mut file = None;
        let (mut count, mut turned) = (0_u64, 0_u64);
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                Err(error) => return Err(broken(tickiti, context, error, count).await),
            };
            // A refused export leaves nothing: the file is begun with the first answer.
            let file = match &mut file {
                Some(file) => file,
                none => none.insert(target.begin(context).await?),
            };
            let added = file.write(page.lines).await;
            added.map_err(|error| error.about("path"))?;
            count = count.saturating_add(page.rows);
            turned = turned.saturating_add(1);
            context.progress.tell(count, most);
        }
        let file = match file {
            Some(file) => file,
            None => target.begin(context).await?,
        };
        let written = file.finish().await.map_err(|error| error.about("path"))?;
        let mut answer = written_answer(&target, &written);
        answer.insert("count".to_owned(), json!(count));
        answer.insert("pages".to_owned(), json!(turned));
        answer.insert("format".to_owned(), json!("ndjson"));
        Ok(answer)
    }
}

async fn broken(
    tickiti: &Tickiti,
    context: &Context,
    error: TransferError,
    count: u64,
) -> ToolError {
    let error = match (error, tickiti.client(context)) {
        (TransferError::Call(error), Ok(client)) => {
            tickiti
                .explain(context, client, &ResponsesQuery::SPEC, &error)
                .await
        }
        (error, _) => ToolError::new(ErrorKind::Upstream, error.to_string()),
    };
    error.with_advice(&format!(
        "The export broke off after {count} rows; nothing was left on the disk."
    ))
}
