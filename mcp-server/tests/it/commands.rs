//! The commands beside `serve`.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::support::{Folder, Raw, double, output, program, text, value};

#[tokio::test]
async fn tools_for_people_and_for_machines() {
    let shown = output(&["tools"], &[]).await;
    assert!(shown.status.success(), "{shown:?}");
    let shown = text(&shown.stdout);
    assert!(shown.starts_with("MODULE"), "{shown}");
    for (module, facts) in [
        ("tickiti", ["write, keyed", "tickets:write"]),
        ("envia", ["write, once", "compensable"]),
    ] {
        let begin = [module, "create_ticket"];
        let is_it = |line: &&str| line.split_whitespace().take(2).eq(begin);
        let line = shown.lines().find(is_it).unwrap();
        for fact in facts {
            assert!(line.contains(fact), "{line}");
        }
    }

    let tools = machine(&[], &[]).await;
    assert_eq!(tools.len(), shown.lines().count() - 3);
    let modules: Vec<&str> = tools
        .iter()
        .map(|tool| tool["module"].as_str().unwrap())
        .collect();
    assert!(modules.is_sorted_by(|one, next| one >= next), "{modules:?}");
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

async fn machine(arguments: &[&str], variables: &[(&str, &str)]) -> Vec<Value> {
    let arguments = [&["tools", "--json"], arguments].concat();
    let machine = output(&arguments, variables).await;
    assert!(machine.status.success(), "{machine:?}");
    serde_json::from_slice(&machine.stdout).unwrap()
}

#[tokio::test]
async fn tools_follow_the_settings() {
    let of = |tools: &[Value], module: &str| {
        let of = tools.iter().filter(|tool| tool["module"] == module);
        of.count()
    };
    let envia = [
        ("BACKEND_URL", "https://admon.example"),
        ("BACKEND_BOT_AI_TOKEN", "t"),
    ];
    let all = mcp_tools::tickiti::tools().names().count();
    // Neither a folder nor a transport is needed to look at tools.
    let tools = machine(&[], &envia).await;
    assert_eq!((of(&tools, "tickiti"), of(&tools, "envia")), (0, 5));
    let tools = machine(&["--modules", "tickiti", "--toolsets", "all"], &envia).await;
    assert_eq!((of(&tools, "tickiti"), of(&tools, "envia")), (all, 0));
    let two = r#"{"a": {"base": "https://a.example", "token": "t"}, "b": {"base": "https://b.example", "token": "t"}}"#;
    let tools = machine(&["--toolsets", "all"], &[("TICKITI_INSTANCES", two)]).await;
    assert_eq!((of(&tools, "tickiti"), of(&tools, "envia")), (all, 0));
    assert!(tools[0]["input_schema"]["properties"]["instance"].is_object());

    let wrong = output(&["tools", "--modules", "tickety"], &[]).await;
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stderr).contains("tickiti, envia"), "{wrong:?}");
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
        &["serve", "--sandbox", "--state", "here"],
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
    let agent = ["--sandbox", "--sandbox-token", "sandbox-agent"];
    let done = output(
        &[&["call", "tickiti_get_token_info"], &agent[..]].concat(),
        &[],
    )
    .await;
    assert!(done.status.success(), "{done:?}");
    assert!(text(&done.stdout).contains("settings:read"), "{done:?}");

    let one = [
        "call",
        "get_ticket",
        r#"{"ticket_id": 58201}"#,
        "--sandbox",
        "--modules",
        "envia",
    ];
    let done = output(&one, &[]).await;
    assert!(done.status.success(), "{done:?}");
    assert!(text(&done.stdout).contains("Caja golpeada"), "{done:?}");
}

#[tokio::test]
async fn serve_starts_its_own_sandbox() {
    let temporary = Folder::new();
    let variables = [("TMPDIR", temporary.path()), ("BACKEND_URL", "nonsense")];
    let mut raw = Raw::start(
        &["--sandbox", "--sandbox-token", "sandbox-reader"],
        &variables,
    );
    raw.initialize().await;
    let queues = raw.call(1, "tickiti_list_queues", json!({})).await;
    assert!(value(&queues).to_string().contains("Sales"), "{queues}");
    let types = raw.call(2, "envia_get_ticket_types", json!({})).await;
    assert!(value(&types).to_string().contains("damaged"), "{types}");
    assert_eq!(temporary.entries().len(), 1, "{:?}", temporary.entries());
    raw.end_input();
    let (status, _, stderr) = raw.ended().await;
    assert_eq!(status.code(), Some(0), "{stderr}");
    let told = "ticketing-mcp: the sandbox is served; BACKEND_URL is not used";
    assert_eq!(stderr.lines().next(), Some(told), "{stderr}");
    assert_eq!(
        temporary.entries(),
        [""; 0],
        "the folder of the records is removed"
    );
}

#[tokio::test]
async fn records_are_delivered_at_every_end() {
    let double = sandbox::envia::Envia::builder().start().await.unwrap();
    let (base, state) = (double.base_url(), Folder::new());
    let variables = [
        ("BACKEND_URL", base.as_str()),
        ("BACKEND_BOT_AI_TOKEN", "sandbox-bot"),
        ("MCP_TRANSPORT", "stdio"),
        ("TICKETING_MCP_STATE", state.path()),
    ];
    for signal in [false, true] {
        let mut raw = Raw::start(&[], &variables);
        raw.initialize().await;
        let shown = raw.call(1, "get_ticket", json!({"ticket_id": 58201})).await;
        assert!(value(&shown).is_object());
        if signal {
            raw.terminate().await;
        } else {
            raw.end_input();
        }
        let (status, _, stderr) = raw.ended().await;
        assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));
    }
    // A token that found its way into the arguments does not find its way out of them.
    let leaked = r#"{"tracking_number": "my sandbox-bot token"}"#;
    let done = output(&["call", "list_tickets", leaked], &variables).await;
    assert!(done.status.success(), "{done:?}");

    let log = double.activity_log();
    let told: Vec<_> = log
        .iter()
        .map(|row| (row["tool_name"].as_str().unwrap(), &row["status"]))
        .collect();
    let success = json!("success");
    assert_eq!(
        told,
        [
            ("get_ticket", &success),
            ("get_ticket", &success),
            ("list_tickets", &success)
        ]
    );
    let kept = &log[2]["input_params"]["tracking_number"];
    assert_eq!(kept, "my [secret] token");
}

#[tokio::test]
async fn one_module_of_the_sandbox_has_plain_names() {
    let mut raw = Raw::start(&["--sandbox", "--modules", "envia"], &[]);
    raw.initialize().await;
    let listed = raw.request(1, "tools/list", json!({})).await;
    let tools = listed["result"]["tools"].as_array().unwrap();
    let names: Vec<&str> = tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    let expected = [
        "create_ticket",
        "get_ticket",
        "get_ticket_types",
        "list_tickets",
        "update_ticket",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn sandbox_takes_free_ports_and_says_where_it_is() {
    let arguments = ["sandbox", "--tickiti-port", "0", "--envia-port", "0"];
    let mut child = program(&arguments, &[]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told = Vec::new();
    for name in [
        "TICKITI_API_BASE",
        "TICKITI_API_TOKEN",
        "BACKEND_URL",
        "BACKEND_BOT_AI_TOKEN",
        "MCP_TRANSPORT",
    ] {
        let mut line = lines.next_line().await.unwrap().unwrap();
        if line.starts_with('#') {
            line = lines.next_line().await.unwrap().unwrap();
        }
        let (key, value) = line.split_once('=').unwrap();
        assert_eq!(key, name);
        told.push((name, value.split_whitespace().next().unwrap().to_owned()));
    }
    let state = Folder::new();
    let mut variables: Vec<_> = told
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    variables.push(("TICKETING_MCP_STATE", state.path()));
    for (tool, arguments) in [
        ("tickiti_list_queues", "{}"),
        ("envia_get_ticket", r#"{"ticket_id": 58201}"#),
    ] {
        let done = output(&["call", tool, arguments], &variables).await;
        assert!(done.status.success(), "{done:?}");
    }
    assert_eq!(state.entries(), ["activity"]);
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
        "tickiti_create_ticket",
        "tickiti_respond_to_ticket",
        "tickiti_query_tickets",
        "tickiti_run_report",
        "2026-05-01",
        "2026-W",
        "envia_get_ticket_types",
        "amount_limit_mxn",
        "envia_list_tickets",
        "envia_create_ticket",
        "https://files.example.test/",
        "blocked for agents",
        "`shipment.status_id` is Created",
        "`variables.address_references` is missing",
        "envia_update_ticket",
        "at most 5000 MXN",
        "tickets://statuses",
        "denied",
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
