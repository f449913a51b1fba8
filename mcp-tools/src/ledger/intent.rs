//! What a caller means to do, by name.

use std::{collections::BTreeMap, fmt::Write as _};

use api_core::Effect;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::tool::JsonObject;

/// One write that a caller means to make: the same intent is the same write.
#[derive(Debug)]
pub(crate) struct Intent {
    module: &'static str,
    /// The tool's own name: it may be served with a prefix and without.
    own_name: &'static str,
    /// Its name, as the caller knows it.
    pub(crate) tool: String,
    /// The caller's own name for it.
    pub(crate) name: Option<String>,
    /// Digest of everything that the call says.
    pub(crate) arguments: String,
    pub(crate) effect: Effect,
    /// Whether the answer holds a secret and is not kept.
    pub(crate) secret_answer: bool,
}

impl Intent {
    /// The intent of a call with these arguments.
    pub(crate) fn new(
        (module, own_name, tool): (&'static str, &'static str, &str),
        name: Option<String>,
        (shared, arguments): (&BTreeMap<&'static str, String>, &JsonObject),
        effect: Effect,
    ) -> Self {
        let mut digest = Sha256::new();
        for (name, value) in shared {
            text(&mut digest, name);
            text(&mut digest, value);
        }
        object(&mut digest, arguments);
        Self {
            module,
            own_name,
            tool: tool.to_owned(),
            name,
            arguments: hex(digest),
            effect,
            secret_answer: false,
        }
    }

    /// The same with files of this digest: with others, it is another one.
    pub(crate) fn carrying(mut self, files: &str) -> Self {
        let mut digest = Sha256::new();
        text(&mut digest, &self.arguments);
        text(&mut digest, files);
        self.arguments = hex(digest);
        self
    }

    /// Where its record lies. An intent without a name is named by its arguments.
    pub(super) fn place(&self, scope: &str) -> String {
        let mut digest = Sha256::new();
        text(&mut digest, scope);
        text(&mut digest, self.module);
        text(&mut digest, self.own_name);
        match &self.name {
            Some(name) => {
                digest.update([1]);
                text(&mut digest, name);
            }
            None => {
                digest.update([0]);
                text(&mut digest, &self.arguments);
            }
        }
        format!("ledger/{}", hex(digest))
    }

    /// Everything that a caller must repeat for it to be the same call.
    pub(crate) fn subject(&self) -> String {
        let name = self.name.as_deref();
        let named = if name.is_some() { "named" } else { "" };
        let parts = [
            self.module,
            self.own_name,
            named,
            name.unwrap_or_default(),
            &self.arguments,
        ];
        Self::place_of("subject", &parts)
    }

    /// A name in the store for what these texts name together.
    pub(crate) fn place_of(kind: &str, parts: &[&str]) -> String {
        let mut digest = Sha256::new();
        for part in parts {
            text(&mut digest, part);
        }
        format!("{kind}/{}", hex(digest))
    }
}

/// A digest as text.
pub(crate) fn hex(digest: Sha256) -> String {
    let mut text = String::with_capacity(64);
    for byte in digest.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Length first, so that no two sequences of texts are alike.
fn text(digest: &mut Sha256, text: &str) {
    digest.update(text.len().to_be_bytes());
    digest.update(text);
}

fn object(digest: &mut Sha256, object: &JsonObject) {
    // The order of names means nothing.
    let sorted: BTreeMap<&String, &Value> = object.iter().collect();
    digest.update(*b"{");
    digest.update(sorted.len().to_be_bytes());
    for (name, value) in sorted {
        text(digest, name);
        self::value(digest, value);
    }
}

fn value(digest: &mut Sha256, value: &Value) {
    match value {
        Value::Null => digest.update(*b"0"),
        Value::Bool(true) => digest.update(*b"t"),
        Value::Bool(false) => digest.update(*b"f"),
        Value::Number(number) => {
            digest.update(*b"n");
            text(digest, &number.to_string());
        }
        Value::String(string) => {
            digest.update(*b"s");
            text(digest, string);
        }
        Value::Array(items) => {
            digest.update(*b"[");
            digest.update(items.len().to_be_bytes());
            for item in items {
                self::value(digest, item);
            }
        }
        Value::Object(inner) => object(digest, inner),
    }
}

#[cfg(test)]
mod tests {
    use api_core::Repeat;
    use serde_json::json;

    use super::*;

    fn intent(tool: &'static str, name: Option<&str>, arguments: Value) -> Intent {
        let Value::Object(arguments) = arguments else {
            unreachable!()
        };
        let effect = Effect::Write(Repeat::Never);
        let name = name.map(str::to_owned);
        let own = tool.trim_start_matches("shop_");
        let said = (&BTreeMap::new(), &arguments);
        Intent::new(("shop", own, tool), name, said, effect)
    }

    #[test]
    fn the_same_call_has_the_same_place() {
        let one = intent("open", None, json!({"a": 1, "b": {"c": [1, 2], "d": null}}));
        let again = intent(
            "shop_open",
            None,
            json!({"b": {"d": null, "c": [1, 2]}, "a": 1}),
        );
        assert_eq!(one.place("me"), again.place("me"));
        assert_ne!(one.place("me"), one.place("you"));
    }

    #[test]
    fn other_calls_have_other_places() {
        let calls = [
            intent("open", None, json!({"a": 1})),
            intent("open", None, json!({"a": "1"})),
            intent("open", None, json!({"a": [1]})),
            intent("open", None, json!({"a": 1, "b": null})),
            intent("open", None, json!({"a": [[], 1]})),
            intent("open", None, json!({"a": [[1]]})),
            intent("close", None, json!({"a": 1})),
            intent("open", Some("x"), json!({"a": 1})),
            intent("open", Some("y"), json!({"a": 1})),
        ];
        for (index, one) in calls.iter().enumerate() {
            for other in calls.iter().skip(index + 1) {
                assert_ne!(one.place("me"), other.place("me"), "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_name_has_one_place_whatever_is_said() {
        let one = intent("open", Some("x"), json!({"a": 1}));
        let other = intent("open", Some("x"), json!({"a": 2}));
        assert_eq!(one.place("me"), other.place("me"));
        assert_ne!(one.arguments, other.arguments);
    }
}
