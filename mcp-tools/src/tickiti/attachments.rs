//! `get_attachment`, `download_attachment`, and the resource behind a link to a file.

use api_core::{Bytes, Endpoint as _, Operation, Spec};
use futures_util::{StreamExt as _, pin_mut};
use serde_json::{Value, json};
use tickiti_client::{
    Chunking, Download, Head, TransferError,
    api::tickets::{Attachment, AttachmentContent},
};

use super::{OPERATIONS, TICKETS, Tickiti, backend::INSTANCE};
use crate::{
    arguments::Mistake,
    context::Context,
    endpoint_tool::mistakes_of,
    error::{ErrorKind, ToolError},
    files::{MAX_FILE, MAX_WRITTEN, in_background},
    provenance::{Author, marked, visible},
    resource::{Content, Names, RESOURCE_LINK, Template, TemplateSpec},
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

const ATTACHMENT: Operation = Operation::of::<Attachment>();

/// Argument that takes a file of an unusual type all the same.
const CONFIRM: &str = "confirm";
const ID: &str = "response_attachment_id";

/// Where a file of a ticket can be read. A ticket is told by its number, or by [`BY_ID`] and its internal id.
const LINK: TemplateSpec = TemplateSpec::new(
    "tickiti://attachment/{ticket}/{attachment}{?instance,confirm}",
    "ticket-attachment",
    "File of a ticket",
    "A file of at most 25 MiB, by the ticket's number and the file's id. get_attachment gives the address.",
);
const BY_ID: &str = "id-";

/// Tells what a file is, and where it can be read.
#[derive(Debug)]
pub(super) struct GetAttachment;

/// Writes a file to the disk.
#[derive(Debug)]
pub(super) struct DownloadAttachment;

/// The files of tickets as resources.
#[derive(Debug)]
pub(super) struct AttachmentResource;

/// The fields that name a file, with `confirm` in place of the API's own word.
fn input(more: &[(&str, Value)]) -> JsonObject {
    let mut input = schema::tidy(ATTACHMENT.schema().into());
    schema::remove_properties(&mut input, &["intent", "offset", "length"]);
    let confirm =
        json!({"type": "boolean", "description": "True: also a file of an unusual type."});
    let mut properties = JsonObject::from_iter([(CONFIRM.to_owned(), confirm)]);
    properties.extend(
        more.iter()
            .map(|(name, schema)| ((*name).to_owned(), schema.clone())),
    );
    schema::add_properties(&mut input, properties);
    if let Some(Value::Array(required)) = input.get_mut("required") {
        let own = more.iter().filter(|(name, _)| *name == "path");
        required.extend(own.map(|(name, _)| json!(name)));
    }
    input
}

/// The request's fields.
fn fields(arguments: &JsonObject) -> JsonObject {
    let mut fields = JsonObject::new();
    for name in ["ticket_number", "ticket_id", ID] {
        if let Some(value) = arguments.get(name) {
            fields.insert(name.to_owned(), value.clone());
        }
    }
    if arguments.get(CONFIRM) == Some(&json!(true)) {
        fields.insert("intent".to_owned(), json!("review_ok"));
    }
    fields
}

fn request(arguments: &JsonObject) -> Result<Attachment, ToolError> {
    let fields = Value::Object(fields(arguments));
    serde_json::from_value(fields)
        .map_err(|error| ToolError::arguments("the call", &[Mistake::new("", error.to_string())]))
}

/// The address of the file that arguments name.
fn link(context: &Context, arguments: &JsonObject) -> String {
    let plain = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let mut names = Names::new();
    let mut put = |name: &str, value: String| names.insert(name.to_owned(), value);
    if let Some(number) = arguments.get("ticket_number") {
        put("ticket", plain(number));
    } else if let Some(id) = arguments.get("ticket_id") {
        put("ticket", format!("{BY_ID}{}", plain(id)));
    }
    put(
        "attachment",
        arguments.get(ID).map(plain).unwrap_or_default(),
    );
    if let Some(instance) = context.shared.get(INSTANCE) {
        put(INSTANCE, instance.clone());
    }
    if arguments.get(CONFIRM) == Some(&json!(true)) {
        put(CONFIRM, "true".to_owned());
    }
    LINK.uri_of(&names)
}

/// Begins to download.
async fn begun(
    tickiti: &Tickiti,
    context: &Context,
    request: Attachment,
    chunk: Option<u64>,
) -> Result<Download, ToolError> {
    let client = tickiti.client(context)?;
    let mut chunking = Chunking::default().with_options(context.transfer_options());
    if let Some(chunk) = chunk {
        chunking = chunking.with_chunk_size(chunk);
    }
    match client.download(request, chunking).await {
        Ok(download) => Ok(download),
        Err(error) => Err(reviewed(
            tickiti
                .explain(context, client, &Attachment::SPEC, &error)
                .await,
        )),
    }
}

/// Installs hold back files of unusual types until somebody says that they are wanted.
fn reviewed(error: ToolError) -> ToolError {
    match error.kind() {
        ErrorKind::Conflict => error.with_advice(
            "If the user wants a file of this type all the same, repeat the call with confirm: true.",
        ),
        _ => error,
    }
}

/// What went wrong on the way.
async fn broken(tickiti: &Tickiti, context: &Context, error: TransferError) -> ToolError {
    match error {
        TransferError::Call(error) => match tickiti.client(context) {
            Ok(client) => {
                tickiti
                    .explain(context, client, &Attachment::SPEC, &error)
                    .await
            }
            Err(error) => error,
        },
        other => ToolError::new(ErrorKind::Upstream, other.to_string()),
    }
}

/// A media type that a header of ours may repeat.
fn media_type(told: Option<&str>) -> &str {
    let word = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".+-_".contains(&byte))
    };
    let sound = |mime: &&str| {
        mime.split_once('/')
            .is_some_and(|(kind, sort)| mime.len() < 128 && word(kind) && word(sort))
    };
    told.map(str::trim)
        .filter(sound)
        .unwrap_or("application/octet-stream")
}

impl Tool for GetAttachment {
    fn spec(&self) -> ToolSpec {
        ToolSpec::of_endpoint("get_attachment", "Get attachment", TICKETS, ATTACHMENT.spec)
            .describe(
                "Tells name, type, size and hash of a file of a ticket, and the address of a resource with its content.",
            )
            .input(input(&[]))
            .output(schema::open_object(
                &[
                    ("mime_type", json!({"type": "string"})),
                    ("size", json!({"type": "integer"})),
                    ("sha256", json!({"type": "string"})),
                    (
                        RESOURCE_LINK,
                        json!({"type": "object", "description": "Read its `uri` as a resource."}),
                    ),
                ],
                &[RESOURCE_LINK],
            ))
    }

    fn endpoints(&self, _: Option<&JsonObject>) -> Vec<&'static Spec> {
        vec![ATTACHMENT.spec]
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        mistakes_of(&ATTACHMENT, &fields(arguments))
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let tickiti = context.backend::<Tickiti>()?;
        let mut request = request(&arguments)?;
        // One byte is enough to learn the rest; installs that know no ranges send the whole file.
        request.offset = Some(0);
        request.length = Some(1);
        let found: AttachmentContent = tickiti
            .exchange_typed(context, &request)
            .await
            .map_err(reviewed)?;
        let mime = media_type(found.mime_type.as_deref());
        let uri = link(context, &arguments);
        let name = format!("attachment-{}", found.id);
        let mut answer = JsonObject::new();
        let mut put = |name: &str, value: Value| answer.insert(name.to_owned(), value);
        put(ID, json!(found.id));
        if let Some(name) = &found.name {
            // Customers name files as they like.
            put("name", marked(name, Author::Outside).unwrap_or_default());
        }
        put("mime_type", json!(mime));
        if let Some(size) = found.file_size {
            put("size", json!(size));
        }
        if let Some(hash) = &found.sha256 {
            put("sha256", json!(hash));
        }
        let mut resource = json!({"uri": uri, "name": name, "mime_type": mime});
        if let Some(size) = found.file_size {
            if let Value::Object(resource) = &mut resource {
                resource.insert("size".to_owned(), json!(size));
            }
            if size > MAX_FILE {
                put(
                    "note",
                    json!("too large to be read as a resource; use download_attachment"),
                );
            }
        }
        put(RESOURCE_LINK, resource);
        Ok(answer)
    }
}

impl Tool for DownloadAttachment {
    fn spec(&self) -> ToolSpec {
        ToolSpec::of_endpoint("download_attachment", "Download attachment", OPERATIONS, ATTACHMENT.spec)
                .describe(
                    "Writes a file of a ticket to the disk, of any size, checked against its hash. It appears whole or not \
                     at all.",
                )
                .input(input(&[
                    ("path", json!({"type": "string", "description": "Where to; missing folders are made."})),
                    ("overwrite", json!({"type": "boolean", "description": "True: in place of a file there."})),
                    (
                        "chunk_bytes",
                        json!({"type": "integer", "minimum": 1, "maximum": MAX_FILE, "description": "Bytes per request of a large file; default 8 MiB."}),
                    ),
                ]))
                .output(schema::open_object(
                    &[
                        ("path", json!({"type": "string"})),
                        ("bytes", json!({"type": "integer"})),
                        ("sha256", json!({"type": "string"})),
                        (
                            "checked",
                            json!({"type": "boolean", "description": "True when the install told the hash, and it is the same."}),
                        ),
                    ],
                    &[],
                ))
                .writes_files()
    }

    fn endpoints(&self, _: Option<&JsonObject>) -> Vec<&'static Spec> {
        vec![ATTACHMENT.spec]
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        mistakes_of(&ATTACHMENT, &fields(arguments))
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let tickiti = context.backend::<Tickiti>()?;
        let target = Target::of(&arguments);
        target.check(context).await?;
        let chunk = arguments.get("chunk_bytes").and_then(Value::as_u64);
        let download = begun(tickiti, context, request(&arguments)?, chunk).await?;
        let head = download.head.clone();
        if let Some(size) = head.file_size.filter(|size| *size > MAX_WRITTEN) {
            let text = format!("the file has {size} bytes; at most {MAX_WRITTEN} are written");
            return Err(ToolError::new(ErrorKind::TooLarge, text));
        }
        let written = target.write(tickiti, context, download).await?;
        let mut answer = written_answer(&target, &written);
        answer.insert("checked".to_owned(), json!(is_same(&head, &written)?));
        answer.insert(
            "mime_type".to_owned(),
            json!(media_type(head.mime_type.as_deref())),
        );
        Ok(answer)
    }
}

/// Where a file is to be written.
#[derive(Debug)]
pub(super) struct Target {
    path: String,
    overwrite: bool,
}

impl Target {
    pub(super) fn of(arguments: &JsonObject) -> Self {
        let path = arguments.get("path").and_then(Value::as_str);
        Self {
            path: path.unwrap_or_default().to_owned(),
            overwrite: arguments.get("overwrite") == Some(&json!(true)),
        }
    }

    /// Whether it may be written, before anything is fetched.
    pub(super) async fn check(&self, context: &Context) -> Result<(), ToolError> {
        if context.policy.is_read_only() {
            let text = "this server is read-only, and writes no file either; nothing was sent";
            return Err(ToolError::new(ErrorKind::Denied, text));
        }
        let (roots, path, overwrite) = (context.roots.clone(), self.path.clone(), self.overwrite);
        let checked = in_background(move || Ok(roots.check_new(&path, overwrite))).await;
        checked
            .and_then(|checked| checked)
            .map_err(|error| error.about("path"))
    }

    /// Begins it.
    pub(super) async fn begin(
        &self,
        context: &Context,
    ) -> Result<crate::files::NewFile, ToolError> {
        let (roots, path, overwrite) = (context.roots.clone(), self.path.clone(), self.overwrite);
        let begun = in_background(move || Ok(roots.create(&path, overwrite))).await;
        begun
            .and_then(|begun| begun)
            .map_err(|error| error.about("path"))
    }

    async fn write(
        &self,
        tickiti: &Tickiti,
        context: &Context,
        download: Download,
    ) -> Result<crate::files::Written, ToolError> {
        let size = download.head.file_size;
        let mut file = self.begin(context).await?;
        let pieces = download.into_stream();
        pin_mut!(pieces);
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) => {
                    let added = file.write(piece).await;
                    added.map_err(|error| error.about("path"))?;
                    context.progress.tell(file.bytes(), size);
                }
                Err(error) => {
                    let got = file.bytes();
                    let advice =
                        format!("It broke off after {got} bytes; nothing was left on the disk.");
                    return Err(broken(tickiti, context, error).await.with_advice(&advice));
                }
            }
        }
        file.finish().await.map_err(|error| error.about("path"))
    }
}

/// What is told of a file that was written.
pub(super) fn written_answer(target: &Target, written: &crate::files::Written) -> JsonObject {
    let mut answer = JsonObject::new();
    answer.insert("path".to_owned(), json!(target.path));
    answer.insert("bytes".to_owned(), json!(written.bytes));
    answer.insert("sha256".to_owned(), json!(written.sha256));
    answer
}

/// Whether what was written has the hash that the install told; nothing was told by some.
fn is_same(head: &Head, written: &crate::files::Written) -> Result<bool, ToolError> {
    match &head.sha256 {
        None => Ok(false),
        Some(told) if told.as_str().eq_ignore_ascii_case(&written.sha256) => Ok(true),
        Some(_) => Err(ToolError::internal(
            "the file on the disk has another hash than what came",
        )),
    }
}

impl Template for AttachmentResource {
    fn spec(&self) -> TemplateSpec {
        LINK
    }

    async fn read(&self, context: &Context, names: &Names) -> Result<Content, ToolError> {
        let tickiti = context.backend::<Tickiti>()?;
        let mut context = context.clone();
        if let Some(instance) = names.get(INSTANCE) {
            context.shared.insert(INSTANCE, instance.clone());
        }
        let name = |name: &str| names.get(name).map(String::as_str).unwrap_or_default();
        let mut arguments = JsonObject::new();
        match name("ticket").strip_prefix(BY_ID) {
            Some(id) => arguments.insert("ticket_id".to_owned(), json!(id)),
            None => arguments.insert("ticket_number".to_owned(), json!(name("ticket"))),
        };
        arguments.insert(ID.to_owned(), json!(name("attachment")));
        arguments.insert(CONFIRM.to_owned(), json!(name(CONFIRM) == "true"));
        let download = begun(tickiti, &context, request(&arguments)?, None).await?;
        let head = download.head.clone();
        let bytes = whole(tickiti, &context, download).await?;
        Ok(Content::Blob {
            mime: media_type(head.mime_type.as_deref()).to_owned(),
            bytes,
        })
    }
}

/// A file in memory, if it is not too large for that.
async fn whole(
    tickiti: &Tickiti,
    context: &Context,
    download: Download,
) -> Result<Bytes, ToolError> {
    let too_large = |size: u64| {
        let name = download.head.name.as_deref().unwrap_or_default();
        let text = format!(
            "the file has {size} bytes or more ({}); at most {MAX_FILE} are read as a resource, download_attachment writes \
             any size to the disk",
            Value::from(visible(name))
        );
        ToolError::new(ErrorKind::TooLarge, text)
    };
    if let Some(size) = download.head.file_size.filter(|size| *size > MAX_FILE) {
        return Err(too_large(size));
    }
    let told = download.head.file_size;
    let error_of_size = too_large(MAX_FILE);
    let pieces = download.into_stream();
    pin_mut!(pieces);
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(piece) => bytes.extend_from_slice(&piece),
            Err(error) => return Err(broken(tickiti, context, error).await),
        }
        if bytes.len() as u64 > MAX_FILE {
            return Err(error_of_size);
        }
        context.progress.tell(bytes.len() as u64, told);
    }
    Ok(bytes.into())
}
