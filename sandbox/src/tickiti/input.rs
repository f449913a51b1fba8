//! Reads a request body: JSON, or the parts of a multipart form.

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Map, Value};

use super::call::Upload;
use super::facts::Endpoint;
use super::reply::Reply;

/// What the body held.
#[derive(Debug, Default)]
pub(crate) struct Input {
    pub(crate) body: Map<String, Value>,
    pub(crate) files: Vec<Upload>,
}

impl Input {
    /// Reads the body in the form that the endpoint wants.
    ///
    /// # Errors
    ///
    /// 422 when the form is another one.
    pub(crate) async fn read(
        endpoint: &Endpoint,
        headers: &HeaderMap,
        bytes: &Bytes,
    ) -> Result<Self, Reply> {
        let content_type = headers
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if endpoint.multipart {
            let Ok(boundary) = multer::parse_boundary(content_type) else {
                return Err(Reply::invalid(
                    "file",
                    "The file field is required: send multipart/form-data.",
                ));
            };
            return Self::read_parts(boundary, bytes.clone())
                .await
                .map_err(|error| {
                    Reply::invalid("file", &format!("The form cannot be read: {error}."))
                });
        }
        // The framework takes a body as JSON only when it says so; else it sees no fields (inferred).
        if bytes.is_empty() || !content_type.contains("json") {
            return Ok(Self::default());
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(body)) => Ok(Self {
                body,
                files: Vec::new(),
            }),
            Ok(Value::Array(list)) if list.is_empty() => Ok(Self::default()),
            _ => Err(Reply::invalid("body", "The body must be a JSON object.")),
        }
    }

    async fn read_parts(boundary: String, bytes: Bytes) -> Result<Self, multer::Error> {
        let stream =
            futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(bytes) });
        let mut form = multer::Multipart::new(stream, boundary);
        let mut input = Self::default();
        while let Some(part) = form.next_field().await? {
            let name = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(str::to_owned) {
                Some(file_name) => {
                    let content = part.bytes().await?.to_vec();
                    input.files.push(Upload {
                        part: name,
                        file_name,
                        content,
                    });
                }
                None => {
                    // Not `text()`, which brings the tables of every character set along.
                    let text = String::from_utf8_lossy(&part.bytes().await?).into_owned();
                    input.body.insert(name, Value::String(text));
                }
            }
        }
        Ok(input)
    }
}
