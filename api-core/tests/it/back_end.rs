//! A small back end's dialect and one endpoint of each effect.

use std::{borrow::Cow, time::Duration};

use api_core::{
    Dialect, Endpoint, ErrorKind, Executor, FieldError, Refusal, Repeat, RetryPolicy, Reversal,
    Secret, Settings, Spec, http,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) const TOKEN: &str = "7|hush-hush";

/// Wraps payloads as `{"ok": true, "data": …}`.
#[derive(Debug)]
pub(crate) struct Desk {
    token: Secret,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::of(TOKEN)
    }

    pub(crate) fn of(token: &str) -> Self {
        Self {
            token: Secret::new(token),
        }
    }
}

impl Dialect for Desk {
    fn root(&self) -> &str {
        "api/v1"
    }

    fn key_header(&self) -> Option<http::HeaderName> {
        Some(http::HeaderName::from_static("idempotency-key"))
    }

    fn authorize(&self, headers: &mut http::HeaderMap, body: &[u8]) {
        let value = format!("Bearer {}", self.token.expose());
        headers.insert(http::header::AUTHORIZATION, value.parse().unwrap());
        headers.insert("x-signed-length", body.len().into());
    }

    fn payload<'a>(&self, _: &Spec, body: &'a [u8]) -> Result<Cow<'a, [u8]>, Refusal> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            ok: bool,
            #[serde(borrow)]
            data: Option<&'a serde_json::value::RawValue>,
            error: Option<String>,
        }
        let Ok(envelope) = serde_json::from_slice::<Envelope<'a>>(body) else {
            return Ok(Cow::Borrowed(body));
        };
        if !envelope.ok {
            return Err(Refusal {
                code: envelope.error,
                ..Refusal::default()
            });
        }
        Ok(match envelope.data {
            Some(data) => Cow::Borrowed(data.get().as_bytes()),
            None => Cow::Borrowed(b""),
        })
    }

    fn refusal(&self, _: &Spec, _: u16, content_type: Option<&str>, body: &[u8]) -> Refusal {
        let Ok(mut value) = serde_json::from_slice::<Value>(body) else {
            let kind = content_type.unwrap_or("no content type");
            return Refusal {
                message: Some(format!("{} bytes of {kind}", body.len())),
                ..Refusal::default()
            };
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let fields = value["errors"].as_object().into_iter().flatten();
        Refusal {
            code: text(&value["error"]),
            message: text(&value["message"]),
            fields: fields
                .map(|(field, messages)| FieldError {
                    field: field.clone(),
                    messages: messages
                        .as_array()
                        .unwrap()
                        .iter()
                        .filter_map(text)
                        .collect(),
                })
                .collect(),
            more_fields: 0,
            data: Some(value["data"].take())
                .filter(|data| !data.is_null())
                .map(Box::new),
        }
    }
}

macro_rules! endpoints {
    ($($name:ident: $spec:expr;)+) => {$(
        #[derive(Debug, Clone, Serialize)]
        pub(crate) struct $name {
            pub(crate) subject: String,
        }

        impl Default for $name {
            fn default() -> Self {
                Self { subject: "Lost parcel".to_owned() }
            }
        }

        impl Endpoint for $name {
            type Response = Made;
            const SPEC: Spec = $spec;
        }
    )+};
}

/// What every endpoint answers.
#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct Made {
    pub(crate) id: u64,
}

endpoints! {
    Find: Spec::read("desk.find", "find");
    List: Spec::read("desk.list", "list").method(api_core::Method::Get);
    Create: Spec::write("desk.create", "create", Repeat::Keyed, Reversal::Compensable);
    Rename: Spec::write("desk.rename", "rename", Repeat::Natural, Reversal::Reversible("rename"));
    Mail: Spec::write("desk.mail", "mail", Repeat::Never, Reversal::Irreversible);
}

/// A body that every endpoint accepts.
pub(crate) const MADE: &str = r#"{"ok":true,"data":{"id":7}}"#;

pub(crate) fn quick() -> Settings {
    let waits = Duration::from_millis(2);
    Settings::default()
        .with_deadline(Duration::from_secs(5))
        .with_max_response_bytes(1000)
        .with_retry(
            RetryPolicy::default()
                .with_attempts(2)
                .with_waits(waits, waits),
        )
}

pub(crate) fn executor(base: &str) -> Executor {
    Executor::new(base, Desk::new(), quick()).unwrap()
}

pub(crate) fn kind(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Invalid(_) => "invalid",
        ErrorKind::Encode(_) => "encode",
        ErrorKind::Path(_) => "path",
        ErrorKind::Setup(_) => "setup",
        ErrorKind::Connect(_) => "connect",
        ErrorKind::Timeout { phase, .. } => match phase {
            api_core::Phase::Connect => "timeout connect",
            api_core::Phase::Answer => "timeout answer",
            api_core::Phase::Body => "timeout body",
        },
        ErrorKind::Interrupted(_) => "interrupted",
        ErrorKind::Redirect { .. } => "redirect",
        ErrorKind::TooLarge { .. } => "too large",
        ErrorKind::Status { .. } => "status",
        ErrorKind::Logical(_) => "logical",
        ErrorKind::Decode { .. } => "decode",
        ErrorKind::Unavailable { .. } => "unavailable",
        _ => "new",
    }
}

pub(crate) fn parsed(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or(json!("not JSON"))
}
