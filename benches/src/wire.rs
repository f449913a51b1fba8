//! The lines of JSON-RPC that the load generator writes and reads. Written by hand, because every microsecond that is
//! spent here is taken from the processes that are measured.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};

/// Begins every request of ours, and the answers of most servers.
const HEAD: &[u8] = b"{\"jsonrpc\":\"2.0\",\"id\":";

/// A request whose line is ready but for its id.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    tail: Vec<u8>,
}

impl Line {
    /// A request of a method.
    pub(crate) fn request(method: &str, params: &Value) -> Self {
        let tail = format!(",\"method\":{},\"params\":{params}}}\n", json!(method));
        Self {
            tail: tail.into_bytes(),
        }
    }

    /// A call of a tool.
    pub(crate) fn call(tool: &str, arguments: &Value) -> Self {
        Self::request(
            "tools/call",
            &json!({ "name": tool, "arguments": arguments }),
        )
    }

    /// Appends the line under an id.
    pub(crate) fn append(&self, id: u64, buffer: &mut Vec<u8>) {
        buffer.extend_from_slice(HEAD);
        push_number(id, buffer);
        buffer.extend_from_slice(&self.tail);
    }
}

/// The opening request of the era that all servers know.
pub(crate) fn initialize() -> Line {
    Line::request(
        "initialize",
        &json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "benches", "version": env!("CARGO_PKG_VERSION") }
        }),
    )
}

/// Ends the opening.
pub(crate) const INITIALIZED: &[u8] =
    b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";

/// A successful answer of exactly `length` bytes with its line end, or the shortest one when that is longer.
pub(crate) fn append_padded_answer(id: u64, length: usize, buffer: &mut Vec<u8>) {
    const RESULT: &[u8] = b",\"result\":{\"pad\":\"";
    const END: &[u8] = b"\"}}\n";
    let begin = buffer.len();
    buffer.extend_from_slice(HEAD);
    push_number(id, buffer);
    buffer.extend_from_slice(RESULT);
    let padded = (begin + length).saturating_sub(END.len());
    if padded > buffer.len() {
        buffer.resize(padded, b'.');
    }
    buffer.extend_from_slice(END);
}

fn push_number(number: u64, buffer: &mut Vec<u8>) {
    buffer.extend_from_slice(number.to_string().as_bytes());
}

/// The id of a request or answer; `None` for a notification, for what the server asks of us, and for what is no
/// JSON-RPC. Looks at both ends first, where servers put it.
pub(crate) fn id(line: &[u8]) -> Option<u64> {
    let line = line.trim_ascii();
    if let Some(rest) = line.strip_prefix(HEAD) {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        return number(rest.get(..digits)?);
    }
    at_end(line).or_else(|| by_parsing(line))
}

fn at_end(line: &[u8]) -> Option<u64> {
    const BEFORE: &[u8] = b",\"jsonrpc\":\"2.0\",\"id\":";
    let line = line.strip_suffix(b"}")?;
    let digits = line
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let (rest, digits) = line.split_at_checked(line.len() - digits)?;
    rest.ends_with(BEFORE).then(|| number(digits)).flatten()
}

fn by_parsing(line: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Message {
        id: Option<u64>,
        method: Option<IgnoredAny>,
    }
    let message: Message = serde_json::from_slice(line).ok()?;
    message.id.filter(|_| message.method.is_none())
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(request: &Line, id: u64) -> String {
        let mut buffer = Vec::new();
        request.append(id, &mut buffer);
        String::from_utf8(buffer).unwrap()
    }

    #[test]
    fn a_request_is_one_line_of_json() {
        let text = line(
            &Line::call("get_ticket", &json!({ "ticket_number": 7 })),
            41,
        );
        assert_eq!(text.find('\n'), Some(text.len() - 1));
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            value,
            json!({
                "jsonrpc": "2.0", "id": 41, "method": "tools/call",
                "params": { "name": "get_ticket", "arguments": { "ticket_number": 7 } }
            })
        );
        assert_eq!(id(text.as_bytes()), Some(41));
    }

    #[test]
    fn an_id_is_found_wherever_it_stands() {
        for (text, expected) in [
            (r#"{"jsonrpc":"2.0","id":12,"result":{"id":3}}"#, Some(12)),
            (r#"{"result":{"id":3},"jsonrpc":"2.0","id":12}"#, Some(12)),
            (
                r#"{"id":12,"jsonrpc":"2.0","result":{"jsonrpc":"2.0","id":3}}"#,
                Some(12),
            ),
            (r#"{"jsonrpc": "2.0", "id": 12, "result": {}}"#, Some(12)),
            (
                r#"{"jsonrpc":"2.0","method":"notifications/message","params":{"id":3}}"#,
                None,
            ),
            (r#"{"method":"roots/list","id":12,"jsonrpc":"2.0"}"#, None),
            ("listening on stdio", None),
            ("", None),
        ] {
            assert_eq!(id(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn a_padded_answer_has_the_length_that_was_asked_for() {
        for length in [200, 4096, 100_000] {
            let mut buffer = b"before".to_vec();
            append_padded_answer(7, length, &mut buffer);
            let answer = buffer.split_off(6);
            assert_eq!(answer.len(), length);
            assert_eq!(id(&answer), Some(7));
            assert!(serde_json::from_slice::<Value>(&answer).is_ok());
        }
    }

    #[test]
    fn the_shortest_answer_is_still_an_answer() {
        let mut buffer = Vec::new();
        append_padded_answer(7, 1, &mut buffer);
        assert!(serde_json::from_slice::<Value>(&buffer).is_ok());
    }
}
