//! Answers that are too large to be read are not sent: what was asked for can be asked for in smaller parts.

use std::io;

use serde_json::Value;

use crate::{
    error::{ErrorKind, ToolError},
    registry::Registered,
    tool::JsonObject,
};

/// Arguments that make an answer smaller, where a tool has them, in the order in which they are recommended.
const SMALLER: [&str; 14] = [
    "fields",
    "max_body_chars",
    "metadata_only",
    "count_only",
    "limit",
    "row_limit",
    "length",
    "cursor",
    "family",
    "action",
    "search",
    "filters",
    "search_object",
    "payload",
];
/// How many of them are named.
const NAMED: usize = 4;
/// How many things that a write made are named, at most.
const MADE: usize = 12;
/// How long each of them may be, in bytes.
const LONG: usize = 80;

/// The answer, if it has at most so many bytes as JSON.
///
/// # Errors
///
/// Otherwise, what can be done about it. Of a write, that it was done, and what it made.
pub(crate) fn bounded(
    tool: &Registered,
    wrote: bool,
    most: usize,
    answer: JsonObject,
) -> Result<JsonObject, ToolError> {
    if at_most(&answer, most) {
        return Ok(answer);
    }
    let size = exact(&answer);
    if size <= most {
        return Ok(answer);
    }
    let name = tool.name();
    let text = if wrote {
        format!(
            "{name} was done, and must not be called again for the same: what failed is only that its answer has {size} \
             bytes, and {most} are sent at most. {} Read it back with a tool that reads, if you need more.",
            made(&answer)
        )
    } else {
        format!(
            "The answer of {name} has {size} bytes, and {most} are sent at most, so none of it was. Ask for less: {}.",
            smaller(tool)
        )
    };
    Err(ToolError::new(ErrorKind::TooLarge, text))
}

/// Whether an answer is surely small, found without writing it: no byte of a text takes more than six.
fn at_most(answer: &JsonObject, most: usize) -> bool {
    fn object(object: &JsonObject, left: &mut usize) -> bool {
        take(left, 2)
            && object
                .iter()
                .all(|(name, value)| take(left, name.len() * 6 + 4) && within(value, left))
    }
    fn within(value: &Value, left: &mut usize) -> bool {
        match value {
            Value::Object(inner) => object(inner, left),
            Value::Array(items) => {
                take(left, 2) && items.iter().all(|item| take(left, 1) && within(item, left))
            }
            Value::String(text) => take(left, text.len() * 6 + 2),
            Value::Null | Value::Bool(_) => take(left, 5),
            // The longest is a fraction with its exponent.
            Value::Number(_) => take(left, 25),
        }
    }
    fn take(left: &mut usize, bytes: usize) -> bool {
        match left.checked_sub(bytes) {
            Some(rest) => {
                *left = rest;
                true
            }
            None => false,
        }
    }
    object(answer, &mut { most })
}

/// The bytes of an answer as JSON.
fn exact(answer: &JsonObject) -> usize {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Counting cannot fail, nor can a value with text keys.
    let _ = serde_json::to_writer(&mut count, answer);
    count.0
}

fn smaller(tool: &Registered) -> String {
    let properties = tool.spec().input.get("properties");
    let has = |name: &&str| properties.is_some_and(|all| all.get(*name).is_some());
    let names: Vec<String> = SMALLER
        .into_iter()
        .filter(has)
        .take(NAMED)
        .map(|name| format!("`{name}`"))
        .collect();
    if names.is_empty() {
        return "fewer fields, a page, or a filter".to_owned();
    }
    format!("fewer fields, a page, or a filter, by {}", names.join(", "))
}

/// What tells the things that a write made from others.
fn made(answer: &JsonObject) -> String {
    let mut found = Vec::new();
    identify("", answer, 0, &mut found);
    if found.is_empty() {
        return "Its answer names nothing that it made.".to_owned();
    }
    format!("What it made or changed: {}.", found.join(", "))
}

fn identify(path: &str, object: &JsonObject, depth: usize, found: &mut Vec<String>) {
    /// Deeper down are other things than what was made.
    const DEEPEST: usize = 3;
    let path_of = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    for (name, value) in object {
        if found.len() >= MADE {
            return;
        }
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => continue,
        };
        let tells = ["id", "number", "uuid", "identifier"]
            .iter()
            .any(|word| name == word || name.ends_with(&format!("_{word}")));
        if tells && text.len() <= LONG {
            found.push(format!("{} {text}", path_of(name)));
        }
    }
    if depth == DEEPEST {
        return;
    }
    for (name, value) in object {
        if let Value::Object(inner) = value {
            identify(&path_of(name), inner, depth + 1, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> JsonObject {
        match value {
            Value::Object(object) => object,
            other => panic!("not an object: {other}"),
        }
    }

    #[test]
    fn a_guess_is_never_below_the_real_size() {
        let hard = "\u{1}\"\\\n\u{7f}ñ😀\t".repeat(5);
        for value in [
            json!({}),
            json!({"a": [], "b": {}, "c": null, "d": [true, false, null]}),
            json!({(hard.clone()): hard, "n": [0, -1, 1.5e-300, f64::MIN, u64::MAX, i64::MIN, 0.1]}),
            json!({"deep": {"a": {"b": {"c": [[[["x"]]]]}}}}),
        ] {
            let value = object(value);
            let size = serde_json::to_string(&value).unwrap().len();
            assert_eq!(exact(&value), size);
            assert!(!at_most(&value, size - 1), "{value:?}");
            assert!(at_most(&value, size * 10 + 10), "{value:?}");
        }
    }

    #[test]
    fn what_was_made_is_found_near_the_top() {
        let answer = object(json!({
            "subject": "id 7", "ticket": {"id": 13, "ticket_number": "709383", "queue": {"id": 2}},
            "response_id": 99, "idle": 5, "uid": "", "note_id": "x".repeat(200),
            "rows": [{"id": 1}],
        }));
        assert_eq!(
            made(&answer),
            "What it made or changed: response_id 99, ticket.id 13, ticket.ticket_number 709383, ticket.queue.id 2."
        );
        assert!(made(&object(json!({"ok": true}))).contains("names nothing"));
        let many: JsonObject = (0..50).map(|n| (format!("a{n}_id"), json!(n))).collect();
        assert_eq!(made(&many).matches("_id").count(), MADE);
    }
}
