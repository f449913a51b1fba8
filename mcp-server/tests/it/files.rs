//! Local files through the built program: which folders, over which transport, and how far a transfer is.

use std::{fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    http::Http,
    support::{Folder, Raw, double, program, refusal, text, value},
};

const ALL: (&str, &str) = ("TICKETING_MCP_TOOLSETS", "all");

fn ticket(more: Value) -> Value {
    let mut arguments = json!({
        "originator_email_address": "dana@customer.example", "subject": "Box", "content": "<p>See.</p>",
    });
    let Value::Object(more) = more else { panic!() };
    arguments.as_object_mut().unwrap().extend(more);
    arguments
}

async fn on_stdio(base: &str, folder: &str, more: &[(&str, &str)]) -> (Raw, Value) {
    let mut variables = vec![
        ("TICKITI_API_BASE", base),
        ("TICKITI_API_TOKEN", "sandbox-admin"),
        ("TICKETING_MCP_STORE", "memory"),
        ALL,
    ];
    variables.extend_from_slice(more);
    let mut raw = Raw::start(&["--files", folder], &variables);
    let hello = raw.initialize().await;
    (raw, hello)
}

async fn names(raw: &mut Raw) -> Vec<String> {
    let mut names = Vec::new();
    let mut params = json!({});
    loop {
        let listed = raw
            .request(format!("list{}", names.len()), "tools/list", params)
            .await;
        let result = &listed["result"];
        for tool in result["tools"].as_array().unwrap() {
            names.push(tool["name"].as_str().unwrap().to_owned());
        }
        match result.get("nextCursor") {
            Some(cursor) => params = json!({"cursor": cursor}),
            None => return names,
        }
    }
}

/// Opens a ticket with a file of the folder; the arguments that name the file.
async fn with_file(raw: &mut Raw, folder: &Folder, content: &[u8]) -> Value {
    fs::write(Path::new(folder.path()).join("data.csv"), content).unwrap();
    let opened = raw
        .call(
            "open",
            "create_ticket",
            ticket(json!({"files": [{"path": "data.csv"}]})),
        )
        .await;
    let number = value(&opened)["ticket_number"].clone();
    let shown = raw
        .call("show", "get_ticket", json!({"ticket_number": number}))
        .await;
    let id = value(&shown)["responses"][0]["attachments"][0]["id"].clone();
    json!({"ticket_number": number, "response_attachment_id": id})
}

#[tokio::test]
async fn tools_that_need_a_folder_are_there_when_there_is_one() {
    const THREE: [&str; 3] = [
        "download_attachment",
        "export_responses",
        "upload_template_image",
    ];
    let (double, folder) = (double().await, Folder::new());
    let (mut raw, hello) = on_stdio(&double.base_url(), folder.path(), &[]).await;
    let told = hello["result"]["instructions"].as_str().unwrap();
    assert!(
        told.contains(&format!("paths start from {}", folder.path())),
        "{told}"
    );
    let listed = names(&mut raw).await;
    assert!(
        THREE
            .iter()
            .all(|name| listed.iter().any(|other| other == name)),
        "{listed:?}"
    );

    let (mut raw, hello) = on_stdio(&double.base_url(), "none", &[]).await;
    let told = hello["result"]["instructions"].as_str().unwrap();
    assert!(!told.contains("paths start"), "{told}");
    let listed = names(&mut raw).await;
    assert!(
        !THREE
            .iter()
            .any(|name| listed.iter().any(|other| other == name)),
        "{listed:?}"
    );
    let refused = raw
        .call("export", "export_responses", json!({"path": "a"}))
        .await;
    assert!(refusal(&refused).contains("--files"), "{refused}");

    let read_only = [("TICKETING_MCP_READ_ONLY", "1")];
    let (mut raw, _) = on_stdio(&double.base_url(), folder.path(), &read_only).await;
    let listed = names(&mut raw).await;
    assert!(
        !THREE
            .iter()
            .any(|name| listed.iter().any(|other| other == name)),
        "{listed:?}"
    );
}

#[tokio::test]
async fn a_folder_that_is_none_is_told_at_the_start() {
    let output = program(
        &[
            "--sandbox",
            "--modules",
            "tickiti",
            "--files",
            "/nowhere/at/all",
        ],
        &[],
    )
    .stdin(std::process::Stdio::null())
    .output()
    .await
    .unwrap();
    assert!(!output.status.success());
    let told = text(&output.stderr);
    assert!(
        told.contains("files cannot be allowed in /nowhere/at/all"),
        "{told}"
    );
}

#[tokio::test]
async fn by_default_it_is_the_folder_that_somebody_works_in() {
    let double = double().await;
    let (work, home) = (Folder::new(), Folder::new());
    let export = |folder: &str, home: &str| {
        let base = double.base_url();
        let variables = [
            ("TICKITI_API_BASE", base.as_str()),
            ("TICKITI_API_TOKEN", "sandbox-admin"),
            ("TICKETING_MCP_STORE", "memory"),
            ALL,
            ("HOME", home),
        ];
        let arguments = r#"{"path": "all.ndjson", "max_records": 3}"#;
        program(&["call", "export_responses", arguments], &variables)
            .current_dir(folder)
            .output()
    };
    let output = export(work.path(), home.path()).await.unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(work.entries(), ["all.ndjson"]);
    for folder in [home.path(), "/"] {
        let output = export(folder, home.path()).await.unwrap();
        assert!(!output.status.success(), "{folder}");
        let told = text(&output.stderr);
        assert!(told.contains("--files DIR"), "{told}");
    }
    assert!(!home.entries().contains(&"all.ndjson".to_owned()));
}

#[tokio::test]
async fn how_far_a_download_is_is_told_to_those_who_ask() {
    let (double, folder) = (double().await, Folder::new());
    let (mut raw, _) = on_stdio(&double.base_url(), folder.path(), &[]).await;
    let content = vec![b'x'; 400_000];
    let mut arguments = with_file(&mut raw, &folder, &content).await;
    double.change_switches(|switches| switches.attachment_cap = 100_000);
    arguments["chunk_bytes"] = json!(50_000);
    arguments["path"] = json!("out/one.csv");
    let params = json!({
        "name": "download_attachment", "arguments": arguments, "_meta": {"progressToken": "far"},
    });
    raw.post("told", "tools/call", params).await;
    let mut notices: Vec<f64> = Vec::new();
    let answer = loop {
        let message = raw.receive().await.unwrap();
        if message["id"] == "told" {
            break message;
        }
        assert_eq!(message["method"], "notifications/progress", "{message}");
        assert_eq!(message["params"]["progressToken"], "far");
        assert_eq!(message["params"]["total"], json!(400_000.0));
        notices.push(message["params"]["progress"].as_f64().unwrap());
    };
    assert_eq!(value(&answer)["bytes"], json!(400_000));
    assert!(!notices.is_empty() && notices.is_sorted(), "{notices:?}");
    let written = fs::read(Path::new(folder.path()).join("out/one.csv")).unwrap();
    assert_eq!(written, content);

    arguments["path"] = json!("out/two.csv");
    raw.post(
        "untold",
        "tools/call",
        json!({"name": "download_attachment", "arguments": arguments}),
    )
    .await;
    let answer = raw.receive().await.unwrap();
    assert_eq!(answer["id"], "untold", "{answer}");
}

#[tokio::test]
async fn a_download_that_the_client_cancels_leaves_nothing() {
    let (double, folder) = (double().await, Folder::new());
    let (mut raw, _) = on_stdio(&double.base_url(), folder.path(), &[]).await;
    let mut arguments = with_file(&mut raw, &folder, &vec![b'x'; 400_000]).await;
    double.change_switches(|switches| switches.attachment_cap = 100_000);
    let stall = sandbox::tickiti::FaultKind::StallHeaders;
    double.add_fault(sandbox::tickiti::Fault::on("tickets.attachment", stall).skip(3));
    arguments["chunk_bytes"] = json!(50_000);
    arguments["path"] = json!("out/one.csv");
    let params = json!({
        "name": "download_attachment", "arguments": arguments, "_meta": {"progressToken": 7},
    });
    raw.post("cut", "tools/call", params).await;
    let notice = raw.receive().await.unwrap();
    assert_eq!(notice["method"], "notifications/progress", "{notice}");
    assert!(folder.entries().contains(&"out".to_owned()));
    raw.send(&json!({
        "jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "cut"},
    }))
    .await;
    for _ in 0..100 {
        if folder.entries() == ["data.csv"] {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("left: {:?}", folder.entries());
}

#[tokio::test]
async fn over_http_files_are_links_that_can_be_read() {
    let (double, folder) = (double().await, Folder::new());
    let (mut raw, _) = on_stdio(&double.base_url(), folder.path(), &[]).await;
    let file = with_file(&mut raw, &folder, b"a,b\n1,2\n").await;
    let base = double.base_url();
    let variables = [
        ("TICKITI_API_BASE", base.as_str()),
        ("TICKITI_API_TOKEN", "sandbox-admin"),
        ("TICKETING_MCP_STORE", "memory"),
        ALL,
    ];
    let http = Http::start(&["--no-auth"], &variables).await;
    let listed = http.tools("/mcp").await;
    assert!(
        !listed.contains(&"download_attachment".to_owned()),
        "{listed:?}"
    );

    let params = json!({"name": "get_attachment", "arguments": file});
    let answer = http.ask("/mcp", "tools/call", params).await.json();
    let result = &answer["result"];
    let uri = result["structuredContent"]["resource"]["uri"]
        .as_str()
        .unwrap();
    let link = &result["content"][1];
    assert_eq!(
        (link["type"].as_str(), link["uri"].as_str()),
        (Some("resource_link"), Some(uri))
    );
    assert!(
        !answer.to_string().contains(&STANDARD.encode("a,b\n1,2\n")),
        "{answer}"
    );

    let read = http
        .ask("/mcp", "resources/read", json!({"uri": uri}))
        .await
        .json();
    let contents = &read["result"]["contents"][0];
    let blob = contents["blob"].as_str().unwrap();
    assert_eq!(STANDARD.decode(blob).unwrap(), b"a,b\n1,2\n");
    assert_eq!(contents["uri"], uri);

    let templates = http
        .ask("/mcp", "resources/templates/list", json!({}))
        .await
        .json();
    let form = &templates["result"]["resourceTemplates"][0]["uriTemplate"];
    assert!(
        form.as_str().unwrap().starts_with("tickiti://attachment/"),
        "{templates}"
    );

    let wrong = json!({"uri": "tickiti://attachment/709383/99999999"});
    let wrong = http.ask("/mcp", "resources/read", wrong).await.json();
    assert!(wrong["error"]["code"].is_number(), "{wrong}");

    let arguments = ticket(json!({"files": [{"path": "/etc/passwd"}]}));
    let params = json!({"name": "create_ticket", "arguments": arguments});
    let refused = http.ask("/mcp", "tools/call", params).await.json();
    assert!(
        refusal(&refused).contains("this server may touch no local file"),
        "{refused}"
    );
}

#[tokio::test]
async fn over_http_progress_makes_the_answer_a_stream() {
    let (double, folder) = (double().await, Folder::new());
    let base = double.base_url();
    let variables = [
        ("TICKITI_API_BASE", base.as_str()),
        ("TICKITI_API_TOKEN", "sandbox-admin"),
        ("TICKETING_MCP_STORE", "memory"),
        ALL,
    ];
    let http = Http::start(&["--no-auth", "--files", folder.path()], &variables).await;
    let arguments = json!({"path": "all.ndjson", "metadata_only": true, "page_size": 100});
    let params = json!({
        "name": "export_responses", "arguments": arguments, "_meta": {"progressToken": "far"},
    });
    let answer = http.ask("/mcp", "tools/call", params).await;
    assert!(answer.body.contains("notifications/progress"), "{answer:?}");
    assert!(answer.body.contains("ndjson"), "{answer:?}");
    assert_eq!(folder.entries(), ["all.ndjson"]);
}
