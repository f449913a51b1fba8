//! The commands beside `serve`.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::support::{Raw, double, output, program, text, value};

#[tokio::test]
async fn tools_for_people_and_for_machines() {
    let shown = output(&["tools"], &[]).await;
    assert!(shown.status.success(), "{shown:?}");
    let shown = text(&shown.stdout);
    assert!(shown.starts_with("TOOL"), "{shown}");
    let line = shown
        .lines()
        .find(|line| line.starts_with("create_ticket "))
        .unwrap();
    assert!(
        line.contains("write, keyed") && line.contains("tickets:write"),
        "{line}"
    );

    let machine = output(&["tools", "--json"], &[]).await;
    let tools: Vec<Value> = serde_json::from_slice(&machine.stdout).unwrap();
    assert_eq!(tools.len(), shown.lines().count() - 3);
    let total: u64 = tools
        .iter()
        .map(|tool| tool["tokens"].as_u64().unwrap())
        .sum();
    assert!(shown.contains(&format!("about {total} tokens")), "{shown}");
    for tool in &tools {
        assert!(
            tool["input_schema"]["properties"].get("instance").is_none(),
            "{}",
            tool["name"]
        );
        assert_eq!(
            tool["reversal"].is_null(),
            tool["effect"] == "read",
            "{}",
            tool["name"]
        );
    }
}

#[tokio::test]
async fn call_answers_on_stdout_and_fails_on_stderr() {
    let double = double().await;
    let base = double.base_url();
    let variables = [
        ("TICKITI_API_BASE", base.as_str()),
        ("TICKITI_API_TOKEN", "sandbox-reader"),
    ];

    let done = output(
        &["call", "get_ticket", r#"{"ticket_number": 709383}"#],
        &variables,
    )
    .await;
    assert_eq!(
        (done.status.code(), done.stderr.len()),
        (Some(0), 0),
        "{done:?}"
    );
    let result: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert!(result["ticket"].is_object());

    let refused = output(
        &["call", "get_ticket", r#"{"ticket_number": 1, "x": 2}"#],
        &variables,
    )
    .await;
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(1), 0));
    assert!(text(&refused.stderr).contains("`x`"));

    for misuse in [
        &["call"][..],
        &["call", "get_ticket", "{"],
        &["call", "get_ticket", "[]"],
        &["call", "no_such_tool"],
        &["serve", "--nonsense"],
        &["serve", "--sandbox-token", "sandbox-reader"],
    ] {
        let output = output(misuse, &variables).await;
        assert_eq!(
            (output.status.code(), output.stdout.len()),
            (Some(2), 0),
            "{misuse:?} {output:?}"
        );
    }
}

#[tokio::test]
async fn call_works_with_the_sandbox_alone() {
    let done = output(
        &[
            "call",
            "get_token_info",
            "--sandbox",
            "--sandbox-token",
            "sandbox-agent",
        ],
        &[],
    )
    .await;
    assert!(done.status.success(), "{done:?}");
    assert!(text(&done.stdout).contains("settings:read"), "{done:?}");
}

#[tokio::test]
async fn serve_starts_its_own_sandbox() {
    let mut raw = Raw::start(&["--sandbox", "--sandbox-token", "sandbox-reader"], &[]);
    raw.initialize().await;
    let queues = raw.call(1, "list_queues", json!({})).await;
    assert!(value(&queues).to_string().contains("Sales"), "{queues}");
    raw.end_input();
    let (status, _, stderr) = raw.ended().await;
    assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn sandbox_takes_a_free_port_and_says_where_it_is() {
    let mut child = program(&["sandbox", "--tickiti-port", "0"], &[])
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().unwrap();
    let base = first.strip_prefix("TICKITI_API_BASE=").unwrap();
    let variables = [
        ("TICKITI_API_BASE", base),
        ("TICKITI_API_TOKEN", "sandbox-admin"),
    ];
    let done = output(&["call", "list_queues"], &variables).await;
    assert!(done.status.success(), "{done:?}");
    let id = child.id().unwrap().to_string();
    assert!(
        tokio::process::Command::new("kill")
            .arg(id)
            .status()
            .await
            .unwrap()
            .success()
    );
    let ended = child.wait_with_output().await.unwrap();
    assert!(ended.status.success());
    assert_eq!(text(&ended.stderr), "");
}

#[tokio::test]
async fn sandbox_says_that_envia_is_absent_when_it_is_asked_for() {
    let arguments = ["sandbox", "--tickiti-port", "0", "--envia-port", "3002"];
    let mut child = program(&arguments, &[]).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let told = lines.next_line().await.unwrap().unwrap();
    assert!(
        told.contains("Envia is not in this version") && told.contains("3002"),
        "{told}"
    );
}

#[tokio::test]
async fn demo_keeps_its_promises() {
    let shown = output(&["demo"], &[]).await;
    assert_eq!(
        (shown.status.code(), text(&shown.stderr).as_str()),
        (Some(0), "")
    );
    let shown = text(&shown.stdout);
    for part in [
        "tools/list",
        "marcus@trailblazers-club.example",
        "Sales",
        "create_ticket",
        "respond_to_ticket",
        "query_tickets",
        "run_report",
        "2026-05-01",
        "2026-W",
        "refused",
        "tickets:write",
    ] {
        assert!(shown.contains(part), "{part} is missing in:\n{shown}");
    }
    assert!(!shown.contains('\u{1b}'), "no colour where no terminal is");
    for line in shown.lines() {
        assert!(line.chars().count() <= 120, "{line}");
        assert_eq!(line, line.trim_end());
    }
}
