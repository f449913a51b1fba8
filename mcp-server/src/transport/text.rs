//! Lines that are no message: what can be mended in them, and what is answered where nothing can.

use serde_json::{Map, Value, json};

/// The line is not JSON.
const PARSE_ERROR: i32 = -32700;
/// The line is JSON, but no request.
const INVALID_REQUEST: i32 = -32600;
/// Longest id that is looked for, in bytes of JSON.
const LONGEST_ID: usize = 1024;
const BOM: &[u8] = b"\xef\xbb\xbf";
const REPLACEMENT: &[u8] = b"\\ufffd";

/// The line without a byte order mark, a carriage return and white space around it.
pub(super) fn trimmed(line: &mut [u8]) -> &mut [u8] {
    let bom = if line.starts_with(BOM) { BOM.len() } else { 0 };
    let text = line.get(bom..).unwrap_or_default();
    let start = line.len() - text.trim_ascii_start().len();
    let end = start + text.trim_ascii().len();
    line.get_mut(start..end).unwrap_or_default()
}

/// Replaces escapes of half a character (`\ud83d` without its other half) by that of the replacement character, which
/// is as long. Programs write them for text that was cut inside a character. Tells whether there was one.
pub(super) fn mend_surrogates(line: &mut [u8]) -> bool {
    let mut mended = false;
    let mut at = 0;
    while let Some(rest) = line.get_mut(at..)
        && let Some(found) = rest.iter().position(|byte| *byte == b'\\')
    {
        at += found;
        at += match (unit(line, at), unit(line, at + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                if let Some(escape) = line.get_mut(at..at + 6) {
                    escape.copy_from_slice(REPLACEMENT);
                    mended = true;
                }
                6
            }
            // Any escape has at least two bytes; the second may be a backslash.
            _ => 2,
        };
    }
    mended
}

/// The code unit of the escape `\uXXXX` that begins here.
fn unit(line: &[u8], at: usize) -> Option<u32> {
    let digits = line.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let digits = str::from_utf8(digits).ok()?;
    u32::from_str_radix(digits, 16).ok()
}

/// The answer to a line that is no message; `None` when the line asks for none.
pub(super) fn answer(line: &[u8]) -> Option<Value> {
    match serde_json::from_slice(line) {
        Err(error) => {
            let mut id = IdFinder::default();
            id.feed(line);
            let problem = format!("the line is not valid JSON: {error}");
            Some(refusal(id.found(), PARSE_ERROR, &problem))
        }
        Ok(Value::Object(message)) => {
            let has = |member: &str| message.contains_key(member);
            let notification = !has("id") && message.get("method").is_some_and(Value::is_string);
            let response = !has("method") && (has("result") || has("error"));
            if notification || response {
                return None;
            }
            let id = message.get("id").cloned().and_then(usable);
            Some(refusal(id, INVALID_REQUEST, fault(&message)))
        }
        Ok(Value::Array(_)) => Some(refusal(
            None,
            INVALID_REQUEST,
            "a list of messages is not part of the protocol; send each on a line of its own",
        )),
        Ok(_) => Some(refusal(
            None,
            INVALID_REQUEST,
            "a message must be a JSON object",
        )),
    }
}

/// The answer to a line beyond the limit.
pub(super) fn too_long(id: Option<Value>, limit: usize) -> Value {
    let problem = format!("the line is longer than {limit} bytes and was not read");
    refusal(id, INVALID_REQUEST, &problem)
}

/// The answer to a request whose id belongs to one that is not answered yet.
pub(super) fn id_taken(id: Value) -> Value {
    let problem = "a request with this id is still running; give each request its own";
    refusal(Some(id), INVALID_REQUEST, problem)
}

fn refusal(id: Option<Value>, code: i32, problem: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": problem}})
}

/// What is wrong with an object that is no request.
fn fault(message: &Map<String, Value>) -> &'static str {
    let is_object = |value: Option<&Value>| value.is_none_or(Value::is_object);
    let params = message.get("params");
    if message.get("jsonrpc") != Some(&Value::from("2.0")) {
        "`jsonrpc` must be \"2.0\""
    } else if !message.get("method").is_some_and(Value::is_string) {
        "`method` must be there, as text"
    } else if message.get("id").cloned().and_then(usable).is_none() {
        "`id` must be text or a whole number"
    } else if !is_object(params) {
        "`params` must be an object"
    } else if !is_object(params.and_then(|params| params.get("_meta"))) {
        "`_meta` must be an object"
    } else {
        "the message does not have the form of a request"
    }
}

/// An id that an answer can carry.
fn usable(id: Value) -> Option<Value> {
    (id.is_string() || id.is_number()).then_some(id)
}

/// Finds the `id` of a message in text that need not be valid JSON, nor be there as a whole.
#[derive(Debug, Default)]
pub(super) struct IdFinder {
    depth: usize,
    /// Inside a string.
    quoted: bool,
    /// After a backslash.
    escaped: bool,
    /// The word in progress directly inside the message: a key, or the value of `id`.
    word: Vec<u8>,
    /// Whether the word is longer than an id may be, or holds other values.
    spoilt: bool,
    place: Place,
    found: Option<Value>,
}

/// Where in the message the reading is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Not in an object.
    #[default]
    Outside,
    Key,
    Id,
    OtherValue,
}

impl IdFinder {
    /// Reads on.
    pub(super) fn feed(&mut self, text: &[u8]) {
        for byte in text {
            if self.found.is_some() {
                return;
            }
            self.step(*byte);
        }
    }

    /// The id, where there was one: text or a number.
    pub(super) fn found(self) -> Option<Value> {
        self.found
    }

    fn step(&mut self, byte: u8) {
        if self.quoted {
            self.keep(byte);
            if self.escaped {
                self.escaped = false;
            } else if byte == b'\\' {
                self.escaped = true;
            } else if byte == b'"' {
                self.quoted = false;
            }
            return;
        }
        match byte {
            b'"' => {
                self.keep(byte);
                self.quoted = true;
            }
            b'{' | b'[' => {
                self.depth = self.depth.saturating_add(1);
                if self.depth == 1 && byte == b'{' {
                    self.begin(Place::Key);
                }
                self.spoilt |= self.depth > 1;
            }
            b'}' | b']' => {
                if self.depth == 1 {
                    self.end_value();
                    self.place = Place::Outside;
                }
                self.depth = self.depth.saturating_sub(1);
            }
            b',' if self.depth == 1 && self.place != Place::Outside => {
                self.end_value();
                self.begin(Place::Key);
            }
            b':' if self.depth == 1 && self.place == Place::Key => {
                let is_id = !self.spoilt && self.word.trim_ascii() == b"\"id\"";
                self.begin(if is_id { Place::Id } else { Place::OtherValue });
            }
            other => self.keep(other),
        }
    }

    fn begin(&mut self, place: Place) {
        self.place = place;
        self.word.clear();
        self.spoilt = false;
    }

    fn keep(&mut self, byte: u8) {
        if self.depth == 1 && matches!(self.place, Place::Key | Place::Id) {
            if self.word.len() < LONGEST_ID {
                self.word.push(byte);
            } else {
                self.spoilt = true;
            }
        }
    }

    fn end_value(&mut self) {
        if self.place == Place::Id && !self.spoilt {
            self.found = serde_json::from_slice(&self.word).ok().and_then(usable);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> String {
        let mut line = text.as_bytes().to_vec();
        let changed = mend_surrogates(&mut line);
        let line = String::from_utf8(line).unwrap();
        assert_eq!(changed, line != text);
        line
    }

    #[test]
    fn half_a_character_is_replaced_and_whole_ones_stay() {
        for (text, expected) in [
            (r#""half \ud83d""#, r#""half \ufffd""#),
            (r#""half \uD83D\n""#, r#""half \ufffd\n""#),
            (r#""\ude00 other half""#, r#""\ufffd other half""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ud83d\u0041""#, r#""\ufffd\u0041""#),
            (
                r#""whole \ud83d\ude00 \u00e9""#,
                r#""whole \ud83d\ude00 \u00e9""#,
            ),
            (r#""no escape: \\ud83d""#, r#""no escape: \\ud83d""#),
            (r#""\\\ud83d""#, r#""\\\ufffd""#),
            (r#""cut \ud8"#, r#""cut \ud8"#),
            (r#""\"#, r#""\"#),
            ("", ""),
        ] {
            assert_eq!(mended(text), expected);
        }
    }

    fn id(text: &str) -> Option<Value> {
        // In pieces, as it comes from a pipe.
        let mut finder = IdFinder::default();
        for piece in text.as_bytes().chunks(3) {
            finder.feed(piece);
        }
        finder.found()
    }

    #[test]
    fn the_id_is_found_in_broken_text() {
        for (text, expected) in [
            (r#"{"jsonrpc":"2.0","id":7,"method":"#, json!(7)),
            (r#"{ "id" : "a\"b" , x"#, json!("a\"b")),
            (r#"{"params":{"id":1,"x":[{"id":2}]},"id":3}"#, json!(3)),
            (r#"{"params":"\"id\":1,","id":-4}"#, json!(-4)),
            (r#"{"params":[[[,"id":5}"#, json!(null)),
            (r#"{"id":12"#, json!(null)),
            (r#"{"id":{"a":1},"b":2}"#, json!(null)),
            (r#"{"id":null}"#, json!(null)),
            (r#"[{"id":6}]"#, json!(null)),
            (r#""id":8,"#, json!(null)),
            ("]]]}{", json!(null)),
        ] {
            assert_eq!(id(text).unwrap_or_default(), expected, "{text}");
        }
        let long = format!(r#"{{"a":"{}","id":9}}"#, "x".repeat(5000));
        assert_eq!(id(&long), Some(json!(9)));
        let long = format!(r#"{{"id":"{}"}}"#, "x".repeat(5000));
        assert_eq!(id(&long), None);
        let deep = format!(r#"{{"id":10,"params":{}"#, "[".repeat(100_000));
        assert_eq!(id(&deep), Some(json!(10)));
    }

    #[test]
    fn every_request_is_answered_and_nothing_else() {
        for (text, expected) in [
            ("hello", Some((json!(null), PARSE_ERROR))),
            (r#"{"id":1,"method":"#, Some((json!(1), PARSE_ERROR))),
            ("[]", Some((json!(null), INVALID_REQUEST))),
            (
                r#"[{"id":1,"method":"ping"}]"#,
                Some((json!(null), INVALID_REQUEST)),
            ),
            ("42", Some((json!(null), INVALID_REQUEST))),
            (
                r#"{"id":1,"method":"ping"}"#,
                Some((json!(1), INVALID_REQUEST)),
            ),
            (
                r#"{"id":1.5,"method":"ping"}"#,
                Some((json!(1.5), INVALID_REQUEST)),
            ),
            (
                r#"{"id":[1],"method":"ping"}"#,
                Some((json!(null), INVALID_REQUEST)),
            ),
            (r#"{"id":"x"}"#, Some((json!("x"), INVALID_REQUEST))),
            (r#"{"method":"notifications/odd","params":5}"#, None),
            (r#"{"id":1,"result":5}"#, None),
            (r#"{"id":1,"error":5}"#, None),
        ] {
            let answer = answer(text.as_bytes());
            let told = answer.map(|answer| {
                assert_eq!(answer["jsonrpc"], "2.0");
                assert!(answer["error"]["message"].is_string());
                let code = answer["error"]["code"].as_i64().unwrap();
                (answer["id"].clone(), i32::try_from(code).unwrap())
            });
            assert_eq!(told, expected, "{text}");
        }
    }

    #[test]
    fn the_fault_is_named() {
        for (text, expected) in [
            (r#"{"id":1,"method":"ping"}"#, "jsonrpc"),
            (r#"{"jsonrpc":"2.0","id":1}"#, "method"),
            (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, "`id`"),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#,
                "`params`",
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":5}}"#,
                "`_meta`",
            ),
        ] {
            let answer = answer(text.as_bytes()).unwrap();
            let message = answer["error"]["message"].as_str().unwrap();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn what_surrounds_a_message_is_left_out() {
        let mut line = b"\xef\xbb\xbf {\"a\": 1}\r".to_vec();
        assert_eq!(trimmed(&mut line), b"{\"a\": 1}");
        assert_eq!(trimmed(&mut b" \t\r".to_vec()), b"");
    }
}
