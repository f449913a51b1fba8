//! The floors as the processes that they are, and the command line.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and so may the helpers that its cases share"
)]

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

fn benches(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_benches"));
    command.args(arguments);
    command
}

/// What a floor answers to some lines, and whether it ended well with its input.
fn converse(flag: &str, length: usize, lines: &[String]) -> Vec<String> {
    let mut child = benches(&[flag, &length.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut answers = Vec::new();
    for line in lines {
        writeln!(input, "{line}").unwrap();
        if line.contains("\"id\":") {
            let mut answer = String::new();
            output.read_line(&mut answer).unwrap();
            answers.push(answer);
        }
    }
    drop(input);
    assert!(
        child.wait().unwrap().success(),
        "{flag} must end with its input"
    );
    answers
}

/// Lines as the load generator writes them, the id where it puts it.
fn request(id: u64, method: &str, params: &Value) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#)
}

fn opening() -> [String; 2] {
    let params = json!({
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" }
    });
    [
        request(1, "initialize", &params),
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#.to_owned(),
    ]
}

fn call(id: u64) -> String {
    let params = json!({ "name": "get_ticket", "arguments": { "ticket_number": 709_383 } });
    request(id, "tools/call", &params)
}

#[test]
fn the_bare_hop_answers_each_request_with_the_length_that_was_asked_for() {
    let [initialize, initialized] = opening();
    let answers = converse(
        "--bare-hop",
        3000,
        &[initialize, initialized, call(2), call(3)],
    );
    for (answer, id) in answers.iter().zip(1..) {
        assert_eq!(answer.len(), 3000);
        assert_eq!(serde_json::from_str::<Value>(answer).unwrap()["id"], id);
    }
    assert_eq!(answers.len(), 3);
}

#[test]
fn the_bare_library_server_answers_calls_about_as_long() {
    let [initialize, initialized] = opening();
    let answers = converse("--bare-rmcp", 3000, &[initialize, initialized, call(2)]);
    let answer: Value = serde_json::from_str(&answers[1]).unwrap();
    assert_eq!(answer["result"]["isError"], false);
    assert!(
        answers[1].len().abs_diff(3000) < 100,
        "{}",
        answers[1].len()
    );
}

#[test]
fn what_cannot_be_measured_ends_with_two_and_says_why() {
    let output = benches(&["--binary", "/nowhere/ticketing-mcp"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("/nowhere/ticketing-mcp")
    );
    assert!(output.stdout.is_empty());
}
