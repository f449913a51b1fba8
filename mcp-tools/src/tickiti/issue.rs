//! Calls whose answers hold a secret: it goes into a file, and the model reads where that is.

use api_core::Operation;
use serde_json::{Value, json};

use super::Tickiti;
use crate::{
    context::Context,
    error::{ErrorKind, ToolError},
    schema,
    tool::JsonObject,
};

/// Where the answer tells the file.
const FILE: &str = "secret_file";
/// Parts of such an answer that are shown; what else it holds may be the secret under another name.
const SHOWN: &[&str] = &[
    "id",
    "name",
    "owner",
    "abilities",
    "allowed_ip",
    "created_at",
    "expires_at",
];

pub(super) fn output() -> JsonObject {
    schema::open_object(
        &[
            (
                "id",
                json!({"type": ["integer", "string"], "description": "Id for update_api_token and revoke_api_token."}),
            ),
            (
                FILE,
                json!({"type": "string", "description": "File that holds the secret, for the user alone."}),
            ),
            ("note", json!({"type": "string"})),
        ],
        &[],
    )
}

/// Calls the endpoint, and keeps what it answers out of the answer.
pub(super) async fn issue(
    context: &Context,
    operation: &Operation,
    fields: JsonObject,
) -> Result<JsonObject, ToolError> {
    let endpoint = operation.spec.name;
    let tickiti = context.backend::<Tickiti>()?;
    let Some(secrets) = &context.secrets else {
        return Err(nowhere(endpoint));
    };
    if context.rehearsal.is_some() {
        return tickiti
            .send(context, operation, fields)
            .await
            .map(|_| JsonObject::new());
    }
    // The place is made first: a secret that cannot be put down would be lost.
    let place = secrets.begin(endpoint).map_err(|error| {
        ToolError::new(
            ErrorKind::Upstream,
            format!(
                "nothing was sent: the answer of {endpoint} holds a secret, and no file could be made for it ({error}); the \
                 operator must look at the state folder"
            ),
        )
    })?;
    let payload = tickiti.send(context, operation, fields).await?;
    let mut answer = JsonObject::new();
    for name in SHOWN {
        if let Some(value) = payload.get(name).filter(|value| !value.is_null()) {
            answer.insert((*name).to_owned(), value.clone());
        }
    }
    match place.put(&text(&payload)) {
        Ok(path) => {
            answer.insert(FILE.to_owned(), json!(path));
            answer.insert(
                "note".to_owned(),
                json!("the secret is in this file on the machine of this server and is shown nowhere else; tell the user, who \
                       should move it where it is needed and delete the file"),
            );
        }
        Err(error) => {
            answer.insert(
                "note".to_owned(),
                json!(format!(
                    "it was made, but its secret could not be written ({error}) and is lost: revoke it and make another"
                )),
            );
        }
    }
    Ok(answer)
}

/// The secret alone where it stands under its usual name; otherwise everything that came, so that nothing is lost.
fn text(payload: &Value) -> String {
    match payload.get("token").and_then(Value::as_str) {
        Some(token) => format!("{token}\n"),
        None => format!("{payload}\n"),
    }
}

fn nowhere(endpoint: &str) -> ToolError {
    ToolError::new(
        ErrorKind::Denied,
        format!(
            "nothing was sent: the answer of {endpoint} holds a secret that no model may read, and this server has no place \
             for it that only its user can reach, because it is served over HTTP. Ask the user to make it in Tickiti under \
             Administration, or with `ticketing-mcp call create_api_token` or a server on stdio on their own machine"
        ),
    )
}
