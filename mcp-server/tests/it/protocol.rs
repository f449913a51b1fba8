//! What MCP asks of a server, in both eras.

use std::process::Stdio;

use rmcp::{
    model::{CallToolRequestParams, ProtocolVersion},
    service::{ClientLifecycleMode, ClientServiceExt},
};
use serde_json::{Value, json};

use crate::support::{Raw, double, program, refusal, value};

const TICKET: &str = "709383";

fn object(value: Value) -> serde_json::Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[tokio::test]
async fn a_client_of_either_era_is_served() {
    let double = double().await;
    let modern = ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    };
    for lifecycle in [ClientLifecycleMode::Initialize, modern] {
        let base = double.base_url();
        let variables = [
            ("TICKITI_API_BASE", base.as_str()),
            ("TICKITI_API_TOKEN", "sandbox-admin"),
        ];
        let mut child = program(&[], &variables)
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let pipes = (child.stdout.take().unwrap(), child.stdin.take().unwrap());
        let client = ().serve_with_lifecycle(pipes, lifecycle).await.unwrap();

        let tools = client.list_all_tools().await.unwrap();
        let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
        assert!(names.is_sorted(), "{names:?}");
        assert!(
            names.contains(&"create_ticket") && names.contains(&"tickiti_call"),
            "{names:?}"
        );
        for tool in &tools {
            let hints = tool.annotations.as_ref().unwrap();
            assert!(
                hints.read_only_hint.is_some() && hints.destructive_hint.is_some(),
                "{}",
                tool.name
            );
            assert_eq!(
                tool.input_schema["additionalProperties"], false,
                "{}",
                tool.name
            );
            assert!(tool.output_schema.is_some(), "{}", tool.name);
        }

        let show = CallToolRequestParams::new("get_ticket")
            .with_arguments(object(json!({"ticket_number": TICKET})));
        let answer = client.call_tool(show).await.unwrap();
        assert_ne!(answer.is_error, Some(true), "{answer:?}");
        let structured = answer.structured_content.unwrap();
        let shown: Value =
            serde_json::from_str(&answer.content[0].as_text().unwrap().text).unwrap();
        assert_eq!(
            structured, shown,
            "clients that read only text get the same"
        );

        let wrong = CallToolRequestParams::new("get_ticket")
            .with_arguments(object(json!({"tiket_number": TICKET})));
        let answer = client.call_tool(wrong).await.unwrap();
        assert_eq!(answer.is_error, Some(true));
        let text = &answer.content[0].as_text().unwrap().text;
        assert!(text.contains("did you mean `ticket_number`"), "{text}");

        let unknown = client
            .call_tool(CallToolRequestParams::new("get_tickets"))
            .await
            .unwrap_err();
        assert!(
            unknown.to_string().contains("did you mean `get_ticket`"),
            "{unknown}"
        );

        client.cancel().await.unwrap();
        assert!(child.wait().await.unwrap().success());
    }
}

#[tokio::test]
async fn initialize_names_the_server_and_what_it_answers() {
    let double = double().await;
    let mut raw = Raw::start(
        &[],
        &[
            ("TICKITI_API_BASE", double.base_url().as_str()),
            ("TICKITI_API_TOKEN", "sandbox-admin"),
        ],
    );
    let answer = raw.initialize().await;
    let result = &answer["result"];
    assert_eq!(result["protocolVersion"], "2025-11-25");
    assert_eq!(result["serverInfo"]["name"], "ticketing-mcp");
    assert_eq!(
        result["capabilities"],
        json!({"tools": {}, "resources": {}, "prompts": {}, "completions": {}})
    );
    let instructions = result["instructions"].as_str().unwrap();
    assert!(instructions.contains("create_ticket"), "{instructions}");
    assert!(instructions.len() < 2000, "{} bytes", instructions.len());

    let list = raw.request(2, "tools/list", json!({})).await;
    assert!(
        list["result"].get("ttlMs").is_none(),
        "cache hints are of the newer era"
    );
    assert!(list["result"].get("resultType").is_none());
    let ping = raw.request(3, "ping", json!({})).await;
    assert_eq!(ping["result"], json!({}));
    let missing = raw.request(4, "prompts/nothing", json!({})).await;
    assert_eq!(missing["error"]["code"], -32601);
    let prompts = raw.request(7, "prompts/list", json!({})).await;
    assert_eq!(prompts["result"], json!({"prompts": []}));
    let prompt = raw
        .request(8, "prompts/get", json!({"name": "nothing"}))
        .await;
    assert_eq!(prompt["error"]["code"], -32602);
    let cursor = raw
        .request(5, "tools/list", json!({"cursor": "nonsense"}))
        .await;
    assert_eq!(cursor["error"]["code"], -32602);
    let beyond = raw
        .request(6, "tools/list", json!({"cursor": "o5000"}))
        .await;
    assert_eq!(beyond["result"]["tools"], json!([]));
}

#[tokio::test]
async fn the_newer_era_needs_no_opening_and_gets_cache_hints() {
    let double = double().await;
    let mut raw = Raw::modern(&double.base_url());
    let discover = raw.request(1, "server/discover", json!({})).await;
    let result = &discover["result"];
    let versions = result["supportedVersions"].as_array().unwrap();
    assert!(
        versions.contains(&json!("2026-07-28")) && versions.contains(&json!("2025-03-26")),
        "{result}"
    );
    assert_eq!(result["cacheScope"], "private");
    assert_eq!(
        result["capabilities"],
        json!({"tools": {}, "resources": {}, "prompts": {}, "completions": {}})
    );

    let list = raw.request(2, "tools/list", json!({})).await;
    assert_eq!(list["result"]["cacheScope"], "private");
    assert!(list["result"]["ttlMs"].as_u64().unwrap() > 0);

    let show = raw
        .call(3, "get_ticket", json!({"ticket_number": TICKET}))
        .await;
    assert_eq!(show["result"]["resultType"], "complete");
    assert_eq!(
        value(&show)["ticket"]["number"]
            .to_string()
            .trim_matches('"'),
        TICKET
    );
    let unknown = raw.call(4, "get_tikket", json!({})).await;
    assert_eq!(unknown["error"]["code"], -32602);
}

#[tokio::test]
async fn arguments_as_text_are_understood_and_others_refused() {
    let double = double().await;
    for mut raw in [
        Raw::initialized(&double.base_url(), &[]).await,
        Raw::modern(double.base_url().as_str()),
    ] {
        let arguments = json!({"ticket_number": TICKET}).to_string();
        let show = raw.call(1, "get_ticket", json!(arguments)).await;
        assert!(value(&show)["ticket"].is_object(), "{show}");
        let list = raw.call(2, "get_ticket", json!([TICKET])).await;
        assert!(refusal(&list).contains("must be a JSON object"), "{list}");
        let half = raw
            .call(3, "get_ticket", json!("{\"ticket_number\":"))
            .await;
        assert!(refusal(&half).contains("must be a JSON object"), "{half}");
        let nameless = raw.request(4, "tools/call", json!({"arguments": {}})).await;
        assert_eq!(nameless["error"]["code"], -32602);
        let unknown = raw.call(5, "nope", json!("{}")).await;
        assert_eq!(unknown["error"]["code"], -32602);
    }
}

#[tokio::test]
async fn noise_on_the_input_does_not_end_the_conversation() {
    let double = double().await;
    let mut raw = Raw::initialized(&double.base_url(), &[]).await;
    raw.line("").await;
    raw.line("this is not JSON").await;
    raw.line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/unheard-of\"}")
        .await;
    raw.line("{\"jsonrpc\":\"2.0\",\"id\":77,\"result\":{}}")
        .await;
    let ping = raw.request(1, "ping", json!({})).await;
    assert_eq!(ping["result"], json!({}));
    raw.end_input();
    let (status, rest, _) = raw.ended().await;
    assert!(status.success());
    assert!(rest.is_empty(), "{rest:?}");
}

#[tokio::test]
async fn thirty_two_calls_at_once_are_all_answered() {
    let double = double().await;
    let mut raw = Raw::initialized(&double.base_url(), &[]).await;
    for id in 0..32 {
        let params = json!({"name": "get_ticket", "arguments": {"ticket_number": TICKET}});
        raw.post(id, "tools/call", params).await;
    }
    let mut answered = Vec::new();
    for _ in 0..32 {
        let answer = raw.receive().await.unwrap();
        assert!(value(&answer)["ticket"].is_object());
        answered.push(answer["id"].as_i64().unwrap());
    }
    answered.sort_unstable();
    assert!(answered.iter().copied().eq(0..32), "{answered:?}");
}

#[tokio::test]
async fn a_call_chooses_its_instance() {
    let (first, second) = (double().await, double().await);
    let instances = json!({
        "berlin": {"base": first.base_url(), "token": "sandbox-admin"},
        "lima": {"base": second.base_url(), "token": "sandbox-reader"},
    });
    let mut raw = Raw::start(&[], &[("TICKITI_INSTANCES", &instances.to_string())]);
    raw.initialize().await;
    let list = raw.request(1, "tools/list", json!({})).await;
    for tool in list["result"]["tools"].as_array().unwrap() {
        let instance = &tool["inputSchema"]["properties"]["instance"];
        assert_eq!(
            instance["enum"],
            json!(["berlin", "lima"]),
            "{}",
            tool["name"]
        );
    }
    let ticket = json!({"originator_email_address": "a@b.example", "subject": "s", "content": "c"});
    let opened = raw.call(2, "create_ticket", ticket.clone()).await;
    assert!(
        value(&opened)["ticket_number"].is_string() || value(&opened)["ticket_number"].is_number()
    );
    let mut elsewhere = ticket;
    elsewhere["instance"] = json!("lima");
    let refused = raw.call(3, "create_ticket", elsewhere).await;
    assert!(refusal(&refused).contains("tickets:write"), "{refused}");
    let unknown = raw
        .call(4, "list_queues", json!({"instance": "limo"}))
        .await;
    assert!(
        refusal(&unknown).contains("did you mean `lima`"),
        "{unknown}"
    );
    assert!(
        first
            .log()
            .iter()
            .any(|entry| entry.endpoint.as_deref() == Some("tickets.create"))
    );
}

#[tokio::test]
async fn resources_are_read_by_their_uri_alone() {
    let mut raw = Raw::start(&["--sandbox", "--modules", "envia"], &[]);
    raw.initialize().await;
    let uri = json!({"uri": "tickets://statuses"});
    let read = raw.request(1, "resources/read", uri).await;
    let text = read["result"]["contents"][0]["text"].as_str().unwrap();
    let rows: Value = serde_json::from_str(text).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 10, "{rows}");
    // The older era has a code of its own for what does not exist.
    let unknown = json!({"uri": "tickets://types"});
    let unknown = raw.request(2, "resources/read", unknown).await;
    assert_eq!(unknown["error"]["code"], -32_002, "{unknown}");
    assert_eq!(unknown["error"]["data"]["uri"], "tickets://types");
    for (id, params) in [(3, json!({})), (4, json!({"uri": 5}))] {
        let wrong = raw.request(id, "resources/read", params).await;
        assert_eq!(wrong["error"]["code"], -32_602, "{wrong}");
    }
}
