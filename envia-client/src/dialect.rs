//! How the back end wants to be asked, and how it refuses.

use std::{borrow::Cow, collections::BTreeMap};

use api_core::{
    Dialect, Endpoint as _, FieldError, Refusal, Secret, Spec,
    http::{HeaderMap, HeaderValue, header},
};
use serde_json::{Value, value::RawValue};

use crate::{
    api::{shipments, tickets},
    reason::{NOT_FOUND, REFUSED},
    signature, verdict,
};

/// The habits of the Admon back end, for one bot token.
#[derive(Debug)]
pub(crate) struct Admon {
    token: Secret,
    /// `Bearer …`, marked as sensitive.
    authorization: HeaderValue,
}

/// A shorter token may stand for something else in a text.
const SHORTEST_HIDDEN: usize = 8;
/// Writes that make something: where a refusal names an id, nobody knows whether it was made.
const MAKERS: [&str; 2] = [tickets::Create::SPEC.name, tickets::Upload::SPEC.name];
/// Reads of one record that may say "there is none" by an empty success.
const LOOKUPS: [&str; 2] = [tickets::Show::SPEC.name, shipments::Show::SPEC.name];

impl Admon {
    /// For a token; `None` when it is empty or cannot travel in a header.
    pub(crate) fn new(token: &Secret) -> Option<Self> {
        let text = token.expose();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let mut authorization = HeaderValue::from_str(&format!("Bearer {text}")).ok()?;
        authorization.set_sensitive(true);
        Some(Self {
            token: token.clone(),
            authorization,
        })
    }

    /// What a failure says, without the token where the back end repeats it.
    fn read(&self, body: &[u8]) -> Refusal {
        let mut refusal = read(body);
        let secret = self.token.expose();
        if secret.len() < SHORTEST_HIDDEN {
            return refusal;
        }
        let fields = refusal.fields.iter_mut().map(|field| &mut field.field);
        let spoken = refusal.code.iter_mut().chain(&mut refusal.message);
        for text in spoken.chain(fields) {
            if text.contains(secret) {
                *text = text.replace(secret, "…");
            }
        }
        refusal
    }
}

impl Dialect for Admon {
    fn root(&self) -> &'static str {
        ""
    }

    fn authorize(&self, headers: &mut HeaderMap, body: &[u8]) {
        headers.insert(header::AUTHORIZATION, self.authorization.clone());
        let signature = signature::sign(self.token.expose().as_bytes(), body);
        let signature = signature.and_then(|hex| HeaderValue::from_str(&hex).ok());
        if let Some(signature) = signature {
            headers.insert(signature::HEADER, signature);
        }
    }

    /// The body as it is: wrappers are the response types' matter, since lists carry totals beside their rows.
    fn payload<'a>(&self, spec: &Spec, body: &'a [u8]) -> Result<Cow<'a, [u8]>, Refusal> {
        let refused = || {
            let mut refusal = self.read(body);
            refusal.code.get_or_insert_with(|| REFUSED.to_owned());
            refusal
        };
        if spec.effect.is_write() {
            return if is_refused(spec, body) {
                Err(refused())
            } else {
                Ok(Cow::Borrowed(body))
            };
        }
        let entries = serde_json::from_slice::<BTreeMap<String, &RawValue>>(body);
        let entries = entries.as_ref().ok();
        if entries.is_some_and(is_failure) {
            return Err(refused());
        }
        let record = entries.and_then(|entries| entries.get("data"));
        let record = record.map_or(body.trim_ascii(), |data| data.get().as_bytes());
        if LOOKUPS.contains(&spec.name) && is_nothing(record) {
            return Err(Refusal {
                code: Some(NOT_FOUND.to_owned()),
                message: Some("there is no such record".to_owned()),
                ..Refusal::default()
            });
        }
        Ok(Cow::Borrowed(body))
    }

    fn refusal(&self, _: &Spec, _: u16, _: Option<&str>, body: &[u8]) -> Refusal {
        self.read(body)
    }
}

/// Whether the success of a write says that nothing was done, and nothing else.
fn is_refused(spec: &Spec, body: &[u8]) -> bool {
    let Ok(answer) = serde_json::from_slice(body) else {
        return false;
    };
    let both = || MAKERS.contains(&spec.name) && verdict::names_id(&answer);
    verdict::refuses(&answer) && !both()
}

/// Whether the success of a read says that it is none (inferred: no such answer is documented).
fn is_failure(entries: &BTreeMap<String, &RawValue>) -> bool {
    let success = entries.get("success").map(|raw| raw.get());
    let status = entries.get("statusCode");
    let status = status.and_then(|raw| raw.get().parse().ok());
    success == Some("false") || status.is_some_and(|status: u16| status >= 400)
}

/// Whether a JSON text is null, or an array or object without content.
fn is_nothing(json: &[u8]) -> bool {
    let inside = match json {
        b"" | b"null" => return true,
        [b'[', inside @ .., b']'] | [b'{', inside @ .., b'}'] => inside,
        _ => return false,
    };
    inside.trim_ascii().is_empty()
}

/// What a failure says: `{"statusCode", "error", "message"}`, with the fields that validation names where it does. What
/// is not there may stand in `data`, or in `error` as an object (inferred).
fn read(body: &[u8]) -> Refusal {
    let Ok(Value::Object(body)) = serde_json::from_slice(body) else {
        return Refusal::default();
    };
    let inner = |key: &str| body.get(key).and_then(Value::as_object);
    let places = [Some(&body), inner("data"), inner("error")];
    let text = |key: &str| {
        let mut found = places
            .iter()
            .flatten()
            .filter_map(|place| place.get(key)?.as_str());
        found.find(|text| !text.is_empty())
    };
    let keys = body
        .get("validation")
        .and_then(|validation| validation.get("keys"));
    let keys = keys.and_then(Value::as_array).into_iter().flatten();
    Refusal {
        code: text("error").map(str::to_owned),
        message: text("message").map(str::to_owned),
        fields: keys
            .filter_map(Value::as_str)
            .map(|key| FieldError {
                field: key.to_owned(),
                messages: Vec::new(),
            })
            .collect(),
        ..Refusal::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn dialect() -> Admon {
        Admon::new(&"test-bot-token".into()).unwrap()
    }

    #[test]
    fn proves_who_asks_with_both_headers() {
        let mut headers = HeaderMap::new();
        dialect().authorize(&mut headers, b"");
        assert_eq!(headers["authorization"], "Bearer test-bot-token");
        assert!(headers["authorization"].is_sensitive());
        assert!(
            headers["x-bot-ai-signature"]
                .to_str()
                .unwrap()
                .starts_with("b952408c")
        );
        assert!(!format!("{:?}", dialect()).contains("test-bot-token"));
        for bad in ["", "a b", "a\n", "ñ"] {
            assert!(Admon::new(&bad.into()).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_success_may_be_a_refusal() {
        const CREATE: Spec = tickets::Create::SPEC;
        const UPDATE: Spec = tickets::Update::SPEC;
        const UPLOAD: Spec = tickets::Upload::SPEC;
        const LOG: Spec = crate::api::activity_log::Create::SPEC;
        const SHOW: Spec = tickets::Show::SPEC;
        const LIST: Spec = tickets::List::SPEC;
        for (spec, body, code) in [
            (UPDATE, r#"{"data":true}"#, None),
            (UPDATE, r#"{"success":true}"#, None),
            (UPDATE, "", None),
            (UPDATE, r#"{"data":false}"#, Some(REFUSED)),
            (UPDATE, r#"{"success": false}"#, Some(REFUSED)),
            (UPDATE, "false", Some(REFUSED)),
            (UPDATE, r#""done""#, None),
            (UPDATE, "<p>done", None),
            (
                UPDATE,
                r#"{"success":false,"data":{"id":5}}"#,
                Some(REFUSED),
            ),
            (CREATE, r#"{"success":false,"message":"no"}"#, Some(REFUSED)),
            (CREATE, r#"{"success":false,"data":{"id":5}}"#, None),
            (UPLOAD, r#"{"statusCode":"409","id":5}"#, None),
            (
                UPLOAD,
                r#"{"data":{"statusCode":413,"error":"Too Large"}}"#,
                Some("Too Large"),
            ),
            (LOG, r#"{"ok":"FALSE"}"#, Some(REFUSED)),
            (
                UPDATE,
                r#"{"statusCode":409,"error":"Conflict"}"#,
                Some("Conflict"),
            ),
            (SHOW, r#"{"data":[]}"#, Some(NOT_FOUND)),
            (SHOW, r#"{"data": [ ]}"#, Some(NOT_FOUND)),
            (SHOW, r#"{"data":null}"#, Some(NOT_FOUND)),
            (SHOW, "[]", Some(NOT_FOUND)),
            (SHOW, r#"{"data":{"id":1}}"#, None),
            (SHOW, r#"{"id":1}"#, None),
            (LIST, r#"{"data":[]}"#, None),
        ] {
            let refused = dialect().payload(&spec, body.as_bytes()).err();
            let found = refused.and_then(|refusal| refusal.code);
            assert_eq!(found.as_deref(), code, "{} {body}", spec.name);
        }
    }

    #[test]
    fn reads_what_a_refusal_says_and_hides_the_token() {
        let body = json!({
            "statusCode": 400, "error": "Bad Request",
            "message": "Invalid request payload input of test-bot-token",
            "validation": {"source": "payload", "keys": ["company_id"]}});
        let refusal = dialect().read(body.to_string().as_bytes());
        assert_eq!(refusal.code.as_deref(), Some("Bad Request"));
        assert_eq!(
            refusal.message.as_deref(),
            Some("Invalid request payload input of …")
        );
        assert_eq!(refusal.fields[0].field, "company_id");
        assert_eq!(dialect().read(b"<html>"), Refusal::default());
        for body in [
            json!({"meta": "error", "error": {"code": 1129, "message": "no"}}),
            json!({"success": false, "message": "", "data": {"message": "no"}}),
        ] {
            let refusal = dialect().read(body.to_string().as_bytes());
            assert_eq!(refusal.message.as_deref(), Some("no"), "{body}");
        }
    }
}
