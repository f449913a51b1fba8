//! The page for a person in a browser: what it says, what it keeps to itself, and that a browser is told to be strict.

use std::{fs, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{
    http::{Answer, Http, KEY},
    support::Folder,
};

const BYTES: usize = 30 * 1024;

async fn ask(http: &Http, method: &str, headers: &str) -> Answer {
    let host = match headers.contains("host: ") {
        true => "",
        false => "host: localhost:3100\r\n",
    };
    let request = format!("{method} / HTTP/1.1\r\nconnection: close\r\n{host}{headers}\r\n");
    http.raw(request.as_bytes()).await
}

async fn page(http: &Http) -> String {
    let answer = ask(http, "GET", "").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

/// What stands between two marks.
#[track_caller]
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).expect(from);
    rest.split_once(to).expect(to).0
}

#[tokio::test]
async fn it_tells_of_every_tool_and_how_to_get_there() {
    let http = Http::sandbox().await;
    let text = page(&http).await;
    assert!(text.len() < BYTES, "{} bytes", text.len());
    for tool in http.tools("/mcp").await {
        assert!(text.contains(&format!("<code>{tool}</code>")), "{tool}");
    }
    for (tool, does) in [
        ("envia_create_ticket", "writes"),
        ("envia_list_tickets", "reads"),
    ] {
        let item = between(&text, &format!("<code>{tool}</code>"), "</li>");
        assert!(item.contains(does), "{tool}: {item}");
    }
    for place in ["/mcp", "/mcp/tickiti", "/mcp/envia"] {
        let shown = format!("<span class=\"base\">http://localhost:3100</span><wbr>{place}</code>");
        assert!(text.contains(&shown), "{place}");
    }
    for client in ["Claude Code", "Claude Desktop", "Cursor", "VS Code", "curl"] {
        assert!(
            text.contains(&format!("<summary>{client}</summary>")),
            "{client}"
        );
    }
    let snippet = "claude mcp add --transport http ticketing <span class=\"base\">http://localhost:3100</span>/mcp";
    assert!(text.contains(snippet), "{text}");
    assert!(text.contains("YOUR_KEY"), "{text}");
}

#[tokio::test]
async fn it_is_reached_as_anything_else_is() {
    let http = Http::sandbox().await;
    let whole = ask(&http, "GET", "").await;
    let head = ask(&http, "HEAD", "").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    let length = format!("content-length: {}", whole.body.len());
    assert!(head.head.contains(&length), "{}: {length}", head.head);
    for method in ["POST", "OPTIONS", "DELETE"] {
        let answer = ask(&http, method, "").await;
        assert_eq!(answer.status, 405, "{answer:?}");
        assert!(answer.head.contains("allow: get, head"), "{answer:?}");
    }
    for headers in ["host: evil.example\r\n", "origin: http://evil.example\r\n"] {
        assert_eq!(ask(&http, "GET", headers).await.status, 403, "{headers}");
    }
    let behind = ask(
        &http,
        "GET",
        "host: 10.1.2.3\r\nx-forwarded-proto: https\r\n",
    )
    .await;
    assert!(
        behind.body.contains("https://10.1.2.3</span>/mcp"),
        "{behind:?}"
    );
    assert!(!behind.body.contains("http://10.1.2.3"), "{behind:?}");
}

#[tokio::test]
async fn a_browser_takes_its_own_style_and_script_and_nothing_else() {
    let http = Http::sandbox().await;
    let answer = ask(&http, "GET", "").await;
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text)).to_ascii_lowercase();
    // The head is read in lower case.
    let script = hash(between(&answer.body, "<script>", "</script>"));
    let style = hash(between(&answer.body, "<style>", "</style>"));
    let policy = format!(
        "content-security-policy: default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; img-src data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    );
    for header in [
        policy.as_str(),
        "content-type: text/html; charset=utf-8\r\n",
        "cache-control: no-store\r\n",
        "x-content-type-options: nosniff\r\n",
        "referrer-policy: no-referrer\r\n",
        "cross-origin-opener-policy: same-origin\r\n",
        "cross-origin-resource-policy: same-origin\r\n",
    ] {
        assert!(
            format!("{}\r\n", answer.head).contains(header),
            "{header}{}",
            answer.head
        );
    }
    for kept_away in [
        " style=\"",
        " onclick",
        "javascript:",
        " src=",
        "url(",
        "@import",
    ] {
        assert!(!answer.body.contains(kept_away), "{kept_away}");
    }
    let nowhere = http
        .raw(b"GET /nowhere HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await;
    for header in [
        "x-content-type-options: nosniff",
        "content-security-policy: default-src 'none'; frame-ancestors 'none'",
    ] {
        assert!(nowhere.head.contains(header), "{nowhere:?}");
    }
}

#[tokio::test]
async fn it_keeps_to_itself_what_is_not_for_everybody() {
    let folder = Folder::new();
    let instances =
        json!({"berlin": {"base": "http://127.0.0.1:3", "token": "hush-berlin"}}).to_string();
    let variables = [
        ("MCP_API_KEY", KEY),
        ("TICKITI_API_BASE", "http://127.0.0.1:1"),
        ("TICKITI_API_TOKEN", "hush-tickiti"),
        ("TICKITI_INSTANCE_NAME", "hamburg"),
        ("TICKITI_INSTANCES", instances.as_str()),
        ("BACKEND_URL", "http://127.0.0.1:2"),
        ("BACKEND_BOT_AI_TOKEN", "hush-envia"),
        ("TICKETING_MCP_STATE", folder.path()),
    ];
    let http = Http::start(&[], &variables).await;
    let text = page(&http).await;
    for secret in [
        KEY,
        "hush",
        "hamburg",
        "berlin",
        "127.0.0.1",
        folder.path(),
        env!("CARGO_PKG_VERSION"),
    ] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(text.contains("envia_create_ticket"), "{text}");
}

#[tokio::test]
async fn without_a_default_profile_it_lists_no_tools() {
    let folder = Folder::new();
    let path = format!("{}/server.toml", folder.path());
    let file = format!(
        "tickiti_api_base = \"http://127.0.0.1:1\"\n[[profiles]]\nname = \"ana-of-hamburg\"\nkey = \"sha256:{}\"\n\
         tickiti_api_token = \"hush\"\n",
        "0f".repeat(32)
    );
    fs::write(&path, file).unwrap();
    let http = Http::start(&["--config", &path], &[]).await;
    let text = page(&http).await;
    assert!(text.contains("depends on your key"), "{text}");
    assert!(
        !text.contains("create_ticket") && !text.contains("<h3>Tickiti</h3>"),
        "{text}"
    );
    for secret in ["ana", "hush", "0f0f", "127.0.0.1"] {
        let shown = text.contains(secret);
        assert!(!shown, "{secret}");
    }
}

#[tokio::test]
async fn what_is_not_served_is_not_shown() {
    let variables = [("MCP_API_KEY", KEY), ("TICKETING_MCP_READ_ONLY", "1")];
    let http = Http::start(&["--sandbox"], &variables).await;
    let text = page(&http).await;
    assert!(text.contains("<code>envia_get_ticket</code>"), "{text}");
    assert!(
        !text.contains("envia_create_ticket") && !text.contains(">writes<"),
        "{text}"
    );
}

#[tokio::test]
async fn who_needs_no_key_is_not_asked_for_one() {
    let http = Http::start(&["--sandbox", "--no-auth"], &[]).await;
    let text = page(&http).await;
    assert!(!text.contains("YOUR_KEY"), "{text}");
    assert!(text.contains("No key is needed"), "{text}");
}

#[tokio::test]
async fn it_says_how_the_server_is() {
    let http = Http::sandbox().await;
    let readyz = b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    assert_eq!(http.raw(readyz).await.status, 200);
    let text = page(&http).await;
    assert!(text.contains("class=\"health ready\""), "{text}");

    let nobody = [
        ("MCP_API_KEY", KEY),
        ("TICKITI_API_BASE", "http://127.0.0.1:1"),
        ("TICKITI_API_TOKEN", "hush"),
    ];
    let http = Http::start(&[], &nobody).await;
    assert_eq!(http.raw(readyz).await.status, 503);
    let text = page(&http).await;
    assert!(text.contains("class=\"health failing\""), "{text}");
    assert!(text.contains("<b>Not ready</b>"), "{text}");
}

#[tokio::test]
async fn it_can_be_left_out() {
    let http = Http::start(
        &["--sandbox"],
        &[("MCP_API_KEY", KEY), ("TICKETING_MCP_LANDING", "off")],
    )
    .await;
    assert_eq!(ask(&http, "GET", "").await.status, 404);
    assert!(!http.tools("/mcp").await.is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn it_changes_when_the_configuration_does() {
    let folder = Folder::new();
    let path = format!("{}/server.toml", folder.path());
    fs::write(&path, "modules = \"tickiti\"\n").unwrap();
    let variables = [
        ("MCP_API_KEY", KEY),
        ("TICKITI_API_BASE", "http://127.0.0.1:1"),
        ("TICKITI_API_TOKEN", "hush"),
        ("BACKEND_URL", "http://127.0.0.1:2"),
        ("BACKEND_BOT_AI_TOKEN", "hush"),
        ("TICKETING_MCP_STATE", folder.path()),
    ];
    let http = Http::start(&["--config", &path], &variables).await;
    let text = page(&http).await;
    assert!(
        text.contains("/mcp/tickiti") && !text.contains("/mcp/envia"),
        "{text}"
    );

    fs::write(&path, "modules = \"envia\"\n").unwrap();
    let hangup = ["-HUP", &http.id().to_string()];
    std::process::Command::new("kill")
        .args(hangup)
        .status()
        .unwrap();
    for _ in 0..100 {
        let text = page(&http).await;
        if text.contains("/mcp/envia") && !text.contains("/mcp/tickiti") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the page stayed as it was");
}
