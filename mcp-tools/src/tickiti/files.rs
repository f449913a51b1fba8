//! Local files that go out with a ticket or a response: text that becomes its body, pictures inside that, files beside it.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use tickiti_client::{
    File,
    api::tickets::AttachmentUpload,
    types::{Sha256, UploadedFile},
};

use super::Tickiti;
use crate::{
    arguments::Mistake,
    context::Context,
    error::{ErrorKind, ToolError},
    files::{Carry, Local, Take},
    tool::JsonObject,
};

/// The file whose text is the body.
const CONTENT_PATH: &str = "content_path";
/// Pictures in the body.
const IMAGES: &str = "attachments";
/// Files beside the body.
const FILES: &str = "files";
/// What a request calls files that were uploaded.
const REFERENCES: &str = "attachments";

/// Files of one call, and pictures of one.
const MOST: usize = 20;
/// Bytes of all pictures of one call: 10 MiB.
const MOST_BYTES: u64 = 10 * 1024 * 1024;

/// The argument for text that becomes the content.
pub(super) fn content_property() -> JsonObject {
    let about = "Local file with the content, instead.";
    let schema = json!({"type": "string", "description": about});
    JsonObject::from_iter([(CONTENT_PATH.to_owned(), schema)])
}

/// The arguments.
pub(super) fn properties() -> JsonObject {
    let path = json!({"type": "string", "minLength": 1});
    let list = |more: &[&str], about: &str| {
        let mut properties = Map::from_iter([("path".to_owned(), path.clone())]);
        properties.extend(more.iter().map(|name| ((*name).to_owned(), path.clone())));
        json!({
            "type": "array",
            "maxItems": MOST,
            "items": {"type": "object", "properties": properties, "required": ["path"], "additionalProperties": false},
            "description": about,
        })
    };
    let mut arguments = content_property();
    let mut put = |name: &str, schema| arguments.insert(name.to_owned(), schema);
    put(
        IMAGES,
        list(
            &["name", "placeholder"],
            "Local pictures shown in the content, for `{{attach:<name>}}` or the placeholder in it, or at its end.",
        ),
    );
    put(FILES, list(&["name"], "Local files to attach."));
    arguments
}

/// The rows of a list that are objects.
fn rows<'a>(arguments: &'a JsonObject, list: &str) -> impl Iterator<Item = &'a JsonObject> {
    let rows = arguments.get(list).and_then(Value::as_array);
    rows.into_iter().flatten().filter_map(Value::as_object)
}

fn text<'a>(row: &'a JsonObject, name: &str) -> Option<&'a str> {
    row.get(name).and_then(Value::as_str)
}

/// The path in an argument that may be empty, which counts as absent.
fn content_path(arguments: &JsonObject) -> Option<&str> {
    text(arguments, CONTENT_PATH).filter(|path| !path.is_empty())
}

/// What a call with these arguments reads.
pub(super) fn carries(arguments: &JsonObject) -> Vec<Carry> {
    let content = content_path(arguments).map(|path| Carry {
        argument: CONTENT_PATH.to_owned(),
        path: path.to_owned(),
        name: None,
        take: Take::Text,
    });
    let of = |list: &'static str, take| {
        let row = move |(index, row): (usize, &JsonObject)| {
            Some(Carry {
                argument: format!("{list}[{index}].path"),
                path: text(row, "path")?.to_owned(),
                // A picture's own name decides what it is; the other one is shown.
                name: (list == FILES)
                    .then(|| text(row, "name").map(str::to_owned))
                    .flatten(),
                take,
            })
        };
        rows(arguments, list).enumerate().filter_map(row)
    };
    let lists = of(IMAGES, Take::Image).chain(of(FILES, Take::File));
    content.into_iter().chain(lists).collect()
}

/// What the files' own arguments say together.
pub(super) fn mistakes(arguments: &JsonObject) -> Vec<Mistake> {
    let content = text(arguments, "content").is_some_and(|content| !content.is_empty());
    let both = content && content_path(arguments).is_some();
    let both =
        both.then(|| Mistake::new(CONTENT_PATH, "does not go with `content`; give one of them"));
    both.into_iter().collect()
}

/// The arguments as they are judged before any file is read.
pub(super) fn stand_in(arguments: &JsonObject) -> JsonObject {
    let mut fields = arguments.clone();
    let body = content_path(arguments).is_some() || rows(arguments, IMAGES).next().is_some();
    for name in [CONTENT_PATH, IMAGES, FILES] {
        fields.remove(name);
    }
    if body && text(&fields, "content").is_none_or(str::is_empty) {
        fields.insert("content".to_owned(), json!("…"));
    }
    fields
}

/// The arguments with the body that the files make.
pub(super) fn with_body(
    context: &Context,
    arguments: &JsonObject,
) -> Result<JsonObject, ToolError> {
    let mut fields = arguments.clone();
    for name in [CONTENT_PATH, IMAGES, FILES] {
        fields.remove(name);
    }
    if let Some(path) = content_path(arguments) {
        let bytes = context.carried.get(path)?.bytes();
        let bytes = bytes.map_err(|error| error.about(CONTENT_PATH))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| {
            ToolError::arguments(
                "the call",
                &[Mistake::new(CONTENT_PATH, "is no text in UTF-8")],
            )
        })?;
        let text = text.trim_start_matches('\u{feff}');
        fields.insert("content".to_owned(), json!(text));
    }
    let images = images(context, arguments)?;
    if !images.is_empty() {
        let content = text(&fields, "content").unwrap_or_default();
        let content = placed(content, &images);
        fields.insert("content".to_owned(), json!(content));
    }
    Ok(fields)
}

/// A picture, and what stands for it in the body.
#[derive(Debug)]
struct Image {
    token: String,
    html: String,
}

fn images(context: &Context, arguments: &JsonObject) -> Result<Vec<Image>, ToolError> {
    let mut images = Vec::new();
    let mut all = 0_u64;
    for (index, row) in rows(arguments, IMAGES).enumerate() {
        let path = text(row, "path").unwrap_or_default();
        let local = context.carried.get(path)?;
        let argument = format!("{IMAGES}[{index}].path");
        all = all.saturating_add(local.size());
        if all > MOST_BYTES {
            let problem = format!("makes the pictures more than {MOST_BYTES} bytes together");
            return Err(ToolError::arguments(
                "the call",
                &[Mistake::new(argument, problem)],
            ));
        }
        let name = text(row, "name").unwrap_or_else(|| local.name());
        let token = text(row, "placeholder");
        images.push(Image {
            token: token.map_or_else(|| format!("{{{{attach:{name}}}}}"), str::to_owned),
            html: html(local, name, context.rehearsal.is_some())
                .map_err(|error| error.about(&argument))?,
        });
    }
    Ok(images)
}

/// A picture as the body carries it; what is only shown goes without its bytes.
fn html(local: &Local, name: &str, shown: bool) -> Result<String, crate::files::FileError> {
    let data = match shown {
        true => format!("({} bytes)", local.size()),
        false => STANDARD.encode(local.bytes()?),
    };
    let mime = local
        .kind()
        .map_or("application/octet-stream", |kind| kind.mime());
    let name = name
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;");
    Ok(format!(
        "<img src=\"data:{mime};base64,{data}\" alt=\"{name}\">"
    ))
}

/// The body with its pictures. Only the body itself is searched for what stands for them, not what was put in.
fn placed(content: &str, images: &[Image]) -> String {
    let mut placed = String::new();
    let mut used = vec![false; images.len()];
    let mut rest = content;
    loop {
        let found = images.iter().enumerate().filter_map(|(index, image)| {
            let at = rest.find(&image.token)?;
            Some((at, std::cmp::Reverse(image.token.len()), index))
        });
        let Some((at, _, index)) = found.min() else {
            break;
        };
        let (Some(image), Some(before)) = (images.get(index), rest.get(..at)) else {
            break;
        };
        placed.push_str(before);
        placed.push_str(&image.html);
        if let Some(used) = used.get_mut(index) {
            *used = true;
        }
        rest = rest.get(at + image.token.len()..).unwrap_or_default();
    }
    placed.push_str(rest);
    for (image, _) in images.iter().zip(used).filter(|(_, used)| !used) {
        let _ = write!(placed, "<p>{}</p>", image.html);
    }
    placed
}

/// Uploads the files, one after the other, and puts what stands for them into the request. Nobody sees an uploaded file
/// before a request names it, and the same bytes again change nothing.
pub(super) async fn upload(
    tickiti: &Tickiti,
    context: &Context,
    arguments: &JsonObject,
    fields: &mut JsonObject,
) -> Result<(), ToolError> {
    let mut references: Vec<Value> = Vec::new();
    for (index, row) in rows(arguments, FILES).enumerate() {
        let path = text(row, "path").unwrap_or_default();
        let local = context.carried.get(path)?;
        let name = text(row, "name").unwrap_or_else(|| local.name());
        let reference = match context.rehearsal {
            Some(_) => {
                Ok(json!({"sha256": local.sha256(), "name": name, "file_size": local.size()}))
            }
            None => one(tickiti, context, local, name).await,
        };
        match reference {
            Ok(reference) => references.push(reference),
            Err(error) => return Err(broken_off(arguments, index, name, &error)),
        }
    }
    if !references.is_empty() {
        fields.insert(REFERENCES.to_owned(), Value::Array(references));
    }
    Ok(())
}

async fn one(
    tickiti: &Tickiti,
    context: &Context,
    local: &Local,
    name: &str,
) -> Result<Value, ToolError> {
    let request = AttachmentUpload::new(File {
        name: name.to_owned(),
        content: local.stream(&context.progress),
    });
    let stored: UploadedFile = tickiti.exchange_typed(context, &request).await?;
    let same = stored.sha256.as_str().eq_ignore_ascii_case(local.sha256());
    if !same || stored.file_size != local.size() {
        let text = "the install stored other bytes than the file has: it changed meanwhile, or was damaged on the way";
        return Err(ToolError::new(ErrorKind::Upstream, text));
    }
    Ok(json!({
        "sha256": Sha256::as_str(&stored.sha256),
        "name": name,
        "file_size": stored.file_size,
    }))
}

/// Some files are there, one is not, and nothing was written.
fn broken_off(arguments: &JsonObject, index: usize, name: &str, error: &ToolError) -> ToolError {
    let names: Vec<&str> = rows(arguments, FILES)
        .map(|row| {
            text(row, "name")
                .or_else(|| text(row, "path"))
                .unwrap_or_default()
        })
        .collect();
    let listed = |names: Option<&[&str]>| match names {
        None | Some([]) => "none".to_owned(),
        Some(names) => names.join(", "),
    };
    let kind = match error.kind() {
        // Whether the file is there or not, nothing names it.
        ErrorKind::Unknown | ErrorKind::Internal => ErrorKind::Upstream,
        kind => kind,
    };
    let text = format!(
        "`{FILES}[{index}]` ({name}) could not be uploaded, and nothing was written on the ticket: {}\nUploaded, and seen by \
         nobody: {}. Not tried: {}. Mend it and repeat the call with all files; what was uploaded is not sent twice over.",
        error.text(),
        listed(names.get(..index)),
        listed(names.get(index + 1..)),
    );
    ToolError::new(kind, text)
}

/// Schema of what an answer tells of files.
pub(super) fn told() -> Value {
    json!({"type": "array", "items": {"type": "object"}, "description": "Files that were attached: name, file_size, sha256."})
}

/// Tells in the answer which files went with it.
pub(super) fn tell(answer: &mut JsonObject, references: Option<Value>) {
    if let Some(references) = references {
        answer.insert(FILES.to_owned(), references);
    }
}

/// What a request says of its files.
pub(super) fn references(fields: &JsonObject) -> Option<Value> {
    fields.get(REFERENCES).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(token: &str) -> Image {
        Image {
            token: token.to_owned(),
            html: format!("<{token}{token}>"),
        }
    }

    #[test]
    fn pictures_stand_where_they_are_wanted_or_at_the_end() {
        let placed = |content: &str, tokens: &[&str]| {
            let images: Vec<Image> = tokens.iter().map(|token| image(token)).collect();
            super::placed(content, &images)
        };
        assert_eq!(placed("see A and A", &["A"]), "see <AA> and <AA>");
        assert_eq!(placed("see", &["A", "B"]), "see<p><AA></p><p><BB></p>");
        assert_eq!(placed("BA", &["A", "B"]), "<BB><AA>");
        assert_eq!(placed("AB", &["A", "AB"]), "<ABAB><p><AA></p>");
        assert_eq!(placed("", &["A"]), "<p><AA></p>");
    }
}
