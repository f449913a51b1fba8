//! Which tools are served: by flags, by the configuration file, and by the headers of a request.

use serde_json::{Value, json};

use crate::{
    http::{Answer, Http, KEY},
    support::{Folder, Raw, double, output, refusal, text, value},
};

/// Names of the tools that an answer lists.
fn names(answer: &Value) -> Vec<&str> {
    let tools = answer["result"]["tools"].as_array().expect("a list");
    tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect()
}

fn close() -> Value {
    json!({"family": "tickets", "action": "close", "payload": {"ticket_number": "709383"}})
}

async fn ask(http: &Http, headers: &[(&str, &str)], method: &str, params: Value) -> Answer {
    let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}).to_string();
    let mut all = vec![("x-api-key", KEY)];
    all.extend_from_slice(headers);
    http.post("/mcp/tickiti", &all, &body).await
}

#[tokio::test]
async fn a_read_only_server_lists_no_write_and_refuses_those_that_are_forced() {
    let sandbox = double().await;
    let variables = [
        ("TICKITI_API_BASE", &*sandbox.base_url()),
        ("TICKITI_API_TOKEN", "sandbox-admin"),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    let variables: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let mut raw = Raw::start(&["serve", "--read-only"], &variables);
    let hello = raw.initialize().await;
    let told = hello["result"]["instructions"].as_str().unwrap();
    assert!(told.contains("read-only"), "{told}");

    let listed = raw.request(1, "tools/list", json!({})).await;
    for tool in listed["result"]["tools"].as_array().unwrap() {
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
    }
    assert!(names(&listed).contains(&"tickiti_read"));
    let staff = json!({"family": "tickets", "action": "staff"});
    let read = raw.call(2, "tickiti_read", staff).await;
    assert!(value(&read).is_object());
    let writes = |sandbox: &sandbox::tickiti::Tickiti| {
        let log = sandbox.log();
        log.iter()
            .filter(|entry| entry.path.contains("close"))
            .count()
    };
    let forced = raw.call(3, "tickiti_call", close()).await;
    assert!(refusal(&forced).contains("`read_only`"), "{forced}");
    assert_eq!(writes(&sandbox), 0);
}

#[tokio::test]
async fn headers_narrow_the_request_that_brings_them() {
    let http = Http::sandbox().await;
    let all = ask(&http, &[], "tools/list", json!({})).await.json();
    let all = names(&all);
    assert!(all.contains(&"create_ticket"));

    let reads = [("x-mcp-readonly", "true")];
    let answer = ask(&http, &reads, "tools/list", json!({})).await.json();
    let few = names(&answer);
    assert!(
        few.len() < all.len() && !few.contains(&"create_ticket"),
        "{few:?}"
    );
    let call = json!({"name": "tickiti_call", "arguments": close()});
    let refused = ask(&http, &reads, "tools/call", call).await.json();
    assert!(refusal(&refused).contains("X-MCP-Readonly"), "{refused}");

    let reports = [("X-MCP-Toolsets", "reports"), ("X-MCP-Toolsets", "lookups")];
    let answer = ask(&http, &reports, "tools/list", json!({})).await.json();
    assert!(names(&answer).contains(&"run_report") && names(&answer).contains(&"list_queues"));
    assert!(!names(&answer).contains(&"get_ticket"));
    let ticket = json!({"name": "get_ticket", "arguments": {"ticket_number": "709383"}});
    let refused = ask(&http, &reports, "tools/call", ticket.clone())
        .await
        .json();
    assert!(refusal(&refused).contains("X-MCP-Toolsets"), "{refused}");

    // The next request is not touched.
    let answer = ask(&http, &[], "tools/list", json!({})).await.json();
    assert_eq!(names(&answer), all);
    let shown = ask(&http, &[], "tools/call", ticket).await.json();
    assert!(value(&shown)["ticket"].is_object(), "{shown}");
    for headers in [
        [("x-mcp-toolsets", "tickets,reprots")],
        [("x-mcp-readonly", "please")],
    ] {
        let answer = ask(&http, &headers, "tools/list", json!({})).await.json();
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
}

#[tokio::test]
async fn headers_and_profiles_widen_nothing() {
    let folder = Folder::new();
    let path = format!("{}/config.toml", folder.path());
    // The SHA-256 of the key.
    let hash = {
        use sha2::{Digest, Sha256};
        let digest = Sha256::digest(KEY);
        digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let sandbox = double().await;
    let toml = format!(
        "tickiti_api_base = \"{}\"\nread_only = true\ntoolsets = [\"tickets\", \"lookups\"]\n\n[[profiles]]\nname = \
         \"ana\"\nkey = \"sha256:{hash}\"\ntickiti_api_token = \"sandbox-admin\"\nread_only = false\ntoolsets = \
         [\"tickets\", \"general\"]\ndeny = [\"query_tickets\"]\n",
        sandbox.base_url()
    );
    std::fs::write(&path, toml).unwrap();
    let http = Http::start(&["--config", &path], &[]).await;
    let wide = [("x-mcp-readonly", "false"), ("x-mcp-toolsets", "all")];
    for headers in [&[][..], &wide] {
        let answer = ask(&http, headers, "tools/list", json!({})).await.json();
        assert_eq!(
            names(&answer),
            [
                "get_attachment",
                "get_ticket",
                "list_responses",
                "query_responses"
            ],
            "{headers:?}"
        );
    }
    let query = json!({"name": "query_tickets", "arguments": {}});
    let refused = ask(&http, &wide, "tools/call", query).await.json();
    assert!(
        refusal(&refused).contains("the setting `deny` of the profile ana"),
        "{refused}"
    );
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_an_error() {
    let sandbox = double().await;
    let few = [
        ("TICKETING_MCP_RESULT_BYTES", "2000"),
        ("TICKETING_MCP_LOG", "info"),
    ];
    let mut raw = Raw::initialized(&sandbox.base_url(), &few).await;
    let queues = raw.call(1, "list_queues", json!({})).await;
    assert!(value(&queues)["queues"].is_array());
    let ticket = json!({"ticket_number": "709383"});
    let refused = raw.call(2, "get_ticket", ticket).await;
    let told = refusal(&refused);
    assert!(told.contains("2000 are sent at most"), "{told}");
    assert!(told.contains("`max_body_chars`"), "{told}");
    raw.end_input();
    let (_, _, stderr) = raw.ended().await;
    assert!(stderr.contains("outcome=\"too_large\""), "{stderr}");
}

#[tokio::test]
async fn names_that_do_not_exist_are_told_at_the_start() {
    let sandbox = [
        ("TICKITI_API_BASE", "http://127.0.0.1:9"),
        ("TICKITI_API_TOKEN", "sandbox-admin"),
    ];
    let flags = [
        "serve",
        "--toolsets",
        "tickets,reprots",
        "--deny",
        "creat_ticket,envia_get_ticket",
    ];
    let ended = output(&flags, &sandbox).await;
    assert_eq!(ended.status.code(), Some(1));
    let told = text(&ended.stderr);
    assert!(told.contains("2 mistakes"), "{told}");
    assert!(told.contains("did you mean `reports`?"), "{told}");
    assert!(told.contains("did you mean `create_ticket`?"), "{told}");

    let listed = output(
        &[
            "tools",
            "--modules",
            "tickiti",
            "--read-only",
            "--toolsets",
            "tickets",
        ],
        &[],
    )
    .await;
    let table = text(&listed.stdout);
    assert!(
        table.contains("get_ticket") && !table.contains("create_ticket"),
        "{table}"
    );
}

#[tokio::test]
async fn whoever_chooses_nothing_gets_the_everyday_tools() {
    let sandbox = double().await;
    let base = sandbox.base_url();
    let listed = async |more: &[(&str, &str)]| -> Vec<String> {
        let mut raw = Raw::initialized(&base, more).await;
        let answer = raw.request(1, "tools/list", json!({})).await;
        names(&answer).into_iter().map(str::to_owned).collect()
    };
    let usual = listed(&[]).await;
    let all = listed(&[("TICKETING_MCP_TOOLSETS", "all")]).await;
    assert!(
        usual.contains(&"create_ticket".to_owned()) && usual.contains(&"run_report".to_owned())
    );
    assert!(!usual.contains(&"merge_tickets".to_owned()));
    assert!(
        usual.iter().all(|name| all.contains(name)) && all.contains(&"merge_tickets".to_owned())
    );
    assert_eq!(all.len(), mcp_tools::tickiti::tools().names().count());
    let more = listed(&[("TICKETING_MCP_TOOLSETS", "default,mail")]).await;
    assert_eq!(more.len(), usual.len() + 2, "{more:?}");
    // Whoever names tools has chosen.
    let one = listed(&[("TICKETING_MCP_ALLOW", "merge_tickets")]).await;
    assert_eq!(one, ["merge_tickets"]);

    // What has no tool that is served is still within reach.
    let mut raw = Raw::initialized(&base, &[]).await;
    let link = json!({"ticket_number": "709383", "linked_ticket_numbers": ["709384"]});
    let refused = raw.call(2, "link_tickets", link.clone()).await;
    assert!(refusal(&refused).contains("ticket-operations"), "{refused}");
    let call = json!({"family": "tickets", "action": "link", "payload": link});
    let done = raw.call(3, "tickiti_call", call).await;
    assert!(value(&done).is_object(), "{done}");
}

#[tokio::test]
async fn a_profile_may_choose_where_the_server_does_not() {
    use sha2::{Digest, Sha256};
    let hash: String = Sha256::digest(KEY)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let folder = Folder::new();
    let path = format!("{}/config.toml", folder.path());
    let sandbox = double().await;
    let toml = format!(
        "tickiti_api_base = \"{}\"\n\n[[profiles]]\nname = \"ana\"\nkey = \"sha256:{hash}\"\ntickiti_api_token = \
         \"sandbox-admin\"\ntoolsets = [\"mail\"]\n",
        sandbox.base_url()
    );
    std::fs::write(&path, toml).unwrap();
    let http = Http::start(&["--config", &path], &[]).await;
    let answer = ask(&http, &[], "tools/list", json!({})).await.json();
    assert_eq!(names(&answer), ["search_sent_mail", "send_email"]);
}

#[tokio::test]
async fn a_new_key_is_in_a_file_and_over_http_is_not_made() {
    let sandbox = double().await;
    let state = Folder::new();
    let new = json!({"family": "administration", "action": "api_tokens.create", "payload": {
        "name": "nightly", "owner": "system", "abilities": ["tickets:read"]}});
    let mut raw = Raw::initialized(
        &sandbox.base_url(),
        &[("TICKETING_MCP_STATE", state.path())],
    )
    .await;
    let made = raw.call(1, "tickiti_call", new.clone()).await;
    let file = value(&made)["secret_file"].as_str().unwrap().to_owned();
    assert!(file.starts_with(state.path()), "{file}");
    let secret = std::fs::read_to_string(&file).unwrap();
    let (_, secret) = secret.trim().split_once('|').unwrap();
    assert!(!made.to_string().contains(secret));

    let http = Http::sandbox().await;
    let call = json!({"name": "tickiti_call", "arguments": new});
    let refused = ask(&http, &[], "tools/call", call).await.json();
    assert!(refusal(&refused).contains("served over HTTP"), "{refused}");
}
