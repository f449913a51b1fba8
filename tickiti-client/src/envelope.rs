//! How Tickiti wraps what it answers, and how it refuses.
//!
//! The tickets family answers `{"ok": true, "data": …}`; the other families answer whatever their screen needs, bare.
//! Both may carry a failure inside a 200.

use std::{borrow::Cow, collections::BTreeMap};

use api_core::{
    Dialect, FieldError, Refusal, Secret, Spec,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};
use serde_json::{Map, Value, value::RawValue};

/// Keys of a failure inside a 200, when their value is one that counts as true.
const ERROR_KEYS: [&str; 3] = ["my_error", "amf_error", "error"];

/// The habits of a Tickiti install, for one token.
#[derive(Debug)]
pub(crate) struct Tickiti {
    /// `Bearer …`, marked as sensitive.
    authorization: HeaderValue,
    /// The token, and the part of it behind a bar: what no refusal may repeat.
    hidden: Vec<Secret>,
}

/// A shorter text may stand for something else.
const SHORTEST_HIDDEN: usize = 8;

impl Tickiti {
    /// For a token; `None` when it is empty or cannot travel in a header.
    pub(crate) fn new(token: &Secret) -> Option<Self> {
        let text = token.expose();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let mut authorization = HeaderValue::from_str(&format!("Bearer {text}")).ok()?;
        authorization.set_sensitive(true);
        let behind_the_bar = text.split_once('|').map(|(_, secret)| secret);
        let hidden = [Some(text), behind_the_bar].into_iter().flatten();
        Some(Self {
            authorization,
            hidden: hidden
                .filter(|text| text.len() >= SHORTEST_HIDDEN)
                .map(Secret::from)
                .collect(),
        })
    }

    /// What a failure says, without the token where the install repeats it.
    fn read(&self, body: &[u8]) -> Refusal {
        let mut refusal = read(body);
        let spoken = [&mut refusal.code, &mut refusal.message];
        for text in spoken.into_iter().flatten() {
            self.hide(text);
        }
        for field in &mut refusal.fields {
            self.hide(&mut field.field);
            for message in &mut field.messages {
                self.hide(message);
            }
        }
        if let Some(data) = &mut refusal.data {
            self.hide_in(data);
        }
        refusal
    }

    fn hide(&self, text: &mut String) {
        for secret in &self.hidden {
            if text.contains(secret.expose()) {
                *text = text.replace(secret.expose(), "…");
            }
        }
    }

    fn hide_in(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.hide(text),
            Value::Array(items) => {
                for item in items {
                    self.hide_in(item);
                }
            }
            Value::Object(entries) => {
                for (mut key, mut value) in std::mem::take(entries) {
                    self.hide(&mut key);
                    self.hide_in(&mut value);
                    entries.insert(key, value);
                }
            }
            _ => {}
        }
    }
}

impl Dialect for Tickiti {
    fn root(&self) -> &'static str {
        "api/v1"
    }

    fn key_header(&self) -> Option<HeaderName> {
        Some(HeaderName::from_static("idempotency-key"))
    }

    fn authorize(&self, headers: &mut HeaderMap, _: &[u8]) {
        headers.insert(header::AUTHORIZATION, self.authorization.clone());
    }

    fn payload<'a>(&self, _: &Spec, body: &'a [u8]) -> Result<Cow<'a, [u8]>, Refusal> {
        // Only objects are wrapped; the values inside are not looked at.
        let Ok(entries) = serde_json::from_slice::<BTreeMap<String, &RawValue>>(body) else {
            return Ok(Cow::Borrowed(body));
        };
        if is_refusal(&entries) {
            return Err(self.read(body));
        }
        Ok(unwrap(&entries).unwrap_or(Cow::Borrowed(body)))
    }

    fn refusal(&self, _: &Spec, _: u16, _: Option<&str>, body: &[u8]) -> Refusal {
        self.read(body)
    }
}

fn is_refusal(entries: &BTreeMap<String, &RawValue>) -> bool {
    let carries = |key: &&str| entries.get(*key).is_some_and(|value| is_true(value.get()));
    entries.get("ok").is_some_and(|ok| ok.get() == "false") || ERROR_KEYS.iter().any(carries)
}

/// Whether a JSON text counts as true in the sense of the product's own scripts.
fn is_true(json: &str) -> bool {
    !matches!(json, "null" | "false" | "0" | "-0" | "0.0" | "\"\"")
}

/// The content of `data`, when the object is the wrapper of the tickets family.
fn unwrap<'a>(entries: &BTreeMap<String, &'a RawValue>) -> Option<Cow<'a, [u8]>> {
    let data = entries.get("data")?;
    let wrapped = entries.contains_key("ok") || entries.len() == 1;
    if !wrapped {
        return None;
    }
    let beside = |key: &str| !matches!(key, "ok" | "data") && !ERROR_KEYS.contains(&key);
    if !entries.keys().any(|key| beside(key)) {
        return Some(Cow::Borrowed(data.get().as_bytes()));
    }
    // Warnings may stand beside the data (inferred): they move inside, where a caller sees them. Nothing moves into a
    // list: then data and what is beside it stay together.
    let inner = serde_json::from_str::<BTreeMap<String, &RawValue>>(data.get());
    let mut inner = inner.unwrap_or_else(|_| BTreeMap::from([("data".to_owned(), *data)]));
    for (key, value) in entries {
        if beside(key) {
            inner.entry(key.clone()).or_insert(*value);
        }
    }
    serde_json::to_vec(&inner).ok().map(Cow::Owned)
}

/// What a failure says: `error`, `message`, `errors` and `data`, each when it is there.
fn read(body: &[u8]) -> Refusal {
    let Ok(Value::Object(mut body)) = serde_json::from_slice(body) else {
        return Refusal::default();
    };
    let mut refusal = Refusal {
        code: None,
        message: text(body.get("message")),
        fields: fields(body.get("errors")),
        more_fields: 0,
        data: body
            .remove("data")
            .filter(|data| !data.is_null())
            .map(Box::new),
    };
    for key in ERROR_KEYS {
        match body.get(key) {
            Some(Value::String(said)) if !said.is_empty() => note(&mut refusal, said),
            Some(Value::Object(said)) => nested(&mut refusal, said),
            _ => {}
        }
    }
    refusal
}

/// A code has no spaces, a sentence has: the API uses the same keys for both.
fn note(refusal: &mut Refusal, said: &str) {
    let slot = if said.contains(char::is_whitespace) {
        &mut refusal.message
    } else {
        &mut refusal.code
    };
    slot.get_or_insert_with(|| said.to_owned());
}

/// An error that is an object (form inferred): its `code` and `message`.
fn nested(refusal: &mut Refusal, said: &Map<String, Value>) {
    if let Some(code) = text(said.get("code")) {
        refusal.code.get_or_insert(code);
    }
    if let Some(message) = text(said.get("message")) {
        refusal.message.get_or_insert(message);
    }
}

fn text(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

/// `{"field": ["sentence", …]}`; a bare sentence counts as a list of one.
fn fields(errors: Option<&Value>) -> Vec<FieldError> {
    let Some(Value::Object(errors)) = errors else {
        return Vec::new();
    };
    let sentences = |messages: &Value| match messages {
        Value::Array(messages) => messages.iter().filter_map(|m| text(Some(m))).collect(),
        message => text(Some(message)).into_iter().collect(),
    };
    errors
        .iter()
        .map(|(field, messages)| FieldError {
            field: field.clone(),
            messages: sentences(messages),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SPEC: Spec = Spec::read("tickets.show", "tickets/show");

    fn dialect() -> Tickiti {
        Tickiti::new(&"7|exampletoken".into()).unwrap()
    }

    fn payload(body: &str) -> Value {
        let payload = dialect().payload(&SPEC, body.as_bytes()).unwrap();
        serde_json::from_slice(&payload).unwrap()
    }

    fn refused(body: Value) -> Refusal {
        dialect()
            .payload(&SPEC, body.to_string().as_bytes())
            .unwrap_err()
    }

    #[test]
    fn takes_the_envelope_off_where_there_is_one() {
        for (body, expected) in [
            (r#"{"ok": true, "data": {"a": 1}}"#, json!({"a": 1})),
            (r#"{"data": {"a": 1}}"#, json!({"a": 1})),
            (r#"{"ok": true, "data": null}"#, json!(null)),
            (r#"{"ok": true, "data": [1], "error": null}"#, json!([1])),
            (
                r#"{"data": [1], "total": 3}"#,
                json!({"data": [1], "total": 3}),
            ),
            (
                r#"{"ok": true, "perspective_id": 3}"#,
                json!({"ok": true, "perspective_id": 3}),
            ),
            (r#"[{"id": 9}]"#, json!([{"id": 9}])),
            (r#"{"queues": []}"#, json!({"queues": []})),
            (
                r#"{"ok": true, "data": {"a": 1, "b": 2}, "ignored_params": ["x"], "b": 3}"#,
                json!({"a": 1, "b": 2, "ignored_params": ["x"]}),
            ),
            (
                r#"{"ok": true, "data": [1], "next_cursor": {"id": 2}, "error": null}"#,
                json!({"data": [1], "next_cursor": {"id": 2}}),
            ),
            (
                r#"{"ok": true, "data": null, "ignored_params": ["x"]}"#,
                json!({"data": null, "ignored_params": ["x"]}),
            ),
        ] {
            assert_eq!(payload(body), expected, "{body}");
        }
    }

    #[test]
    fn what_is_not_json_passes_to_the_decoder() {
        let body = b"<html>";
        assert_eq!(&*dialect().payload(&SPEC, body).unwrap(), body);
    }

    #[test]
    fn a_failure_inside_a_200_is_a_failure() {
        let refusal = refused(json!({"my_error": "This queue cannot be deleted."}));
        assert_eq!(
            refusal.message.as_deref(),
            Some("This queue cannot be deleted.")
        );
        assert_eq!(refusal.code, None);
        let refusal = refused(json!({"error": "not_found"}));
        assert_eq!(refusal.code.as_deref(), Some("not_found"));
        let refusal = refused(json!({"amf_error": {"code": "x", "message": "Said no."}}));
        assert_eq!(
            (refusal.code, refusal.message),
            (Some("x".into()), Some("Said no.".into()))
        );
        refused(json!({"ok": false}));
        refused(json!({"error": 1, "data": []}));

        for harmless in [
            json!({"error": ""}),
            json!({"error": null}),
            json!({"my_error": 0}),
            json!({"ok": 0}),
        ] {
            assert_eq!(payload(&harmless.to_string()), harmless);
        }
    }

    #[test]
    fn reads_refusals_of_every_kind() {
        let read = |body: &str| dialect().refusal(&SPEC, 422, None, body.as_bytes());
        let refusal = read(
            r#"{"ok":false,"error":"validation_failed","message":"The given data was invalid.",
                "errors":{"ticket_number":["The ticket number field is required."],"x":"bad"}}"#,
        );
        assert_eq!(refusal.code.as_deref(), Some("validation_failed"));
        assert_eq!(refusal.fields.len(), 2);
        assert_eq!(
            refusal.fields[0].messages,
            ["The ticket number field is required."]
        );
        let refusal =
            read(r#"{"error":"attachment_too_large","data":{"file_size":7,"ranged":true}}"#);
        assert_eq!(
            refusal.data.as_deref(),
            Some(&json!({"file_size": 7, "ranged": true}))
        );
        let refusal = read(r#"{"message":"Unauthenticated."}"#);
        assert_eq!(refusal.message.as_deref(), Some("Unauthenticated."));
        for empty in ["<html>Bad gateway</html>", "", "[]", "7", "{}"] {
            assert_eq!(read(empty), Refusal::default(), "{empty}");
        }
    }

    #[test]
    fn a_refusal_does_not_repeat_the_token() {
        let said = json!({
            "message": "No token 7|exampletoken here.",
            "error": "bad-exampletoken",
            "errors": {"7|exampletoken": ["Bearer 7|exampletoken"]},
            "data": {"a": [{"exampletoken": "x exampletoken"}, 7]},
        });
        for refusal in [
            refused(said.clone()),
            dialect().refusal(&SPEC, 401, None, said.to_string().as_bytes()),
        ] {
            assert_eq!(refusal.message.as_deref(), Some("No token … here."));
            assert_eq!(refusal.code.as_deref(), Some("bad-…"));
            assert_eq!(
                (&*refusal.fields[0].field, &*refusal.fields[0].messages[0]),
                ("…", "Bearer …")
            );
            let data = refusal.data.unwrap();
            assert_eq!(*data, json!({"a": [{"…": "x …"}, 7]}));
        }
        let short = Tickiti::new(&"9|short".into()).unwrap();
        let refusal = short.refusal(&SPEC, 401, None, br#"{"message":"In short: 9|short."}"#);
        assert_eq!(refusal.message.as_deref(), Some("In short: 9|short."));
    }

    #[test]
    fn the_token_travels_and_never_shows() {
        let mut headers = HeaderMap::new();
        dialect().authorize(&mut headers, b"");
        assert_eq!(headers["authorization"], "Bearer 7|exampletoken");
        assert!(!format!("{:?} {headers:?}", dialect()).contains("exampletoken"));
        for bad in ["", "a b", "a\n", "ä"] {
            assert!(Tickiti::new(&bad.into()).is_none(), "{bad:?}");
        }
    }
}
