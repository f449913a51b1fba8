//! Mistakes in the configuration: all at once, on stderr, with exit code 1 and a clean stdout.

use crate::support::{output, text};

async fn mistakes(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let output = output(arguments, variables).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    text(&output.stderr)
}

#[tokio::test]
async fn nothing_set_shows_the_ways() {
    let told = mistakes(&[], &[]).await;
    for way in [
        "TICKITI_API_BASE",
        "TICKITI_API_TOKEN_FILE",
        "TICKITI_INSTANCES",
        "BACKEND_URL",
        "BACKEND_BOT_AI_TOKEN_FILE",
        "--sandbox",
    ] {
        assert!(told.contains(way), "{told}");
    }
}

#[tokio::test]
async fn all_mistakes_are_told_at_once_without_secrets() {
    let variables = [
        ("TICKITI_API_BASE", "http://desk.example"),
        ("TICKITI_API_TOKEN", "7|hush hush"),
        ("TICKITI_API_TIMEOUT_MS", "soon"),
        (
            "TICKITI_INSTANCES",
            r#"{"default": {"base": "https://a.example", "token": "8|quiet"}, "b": {"token": "9|mute"}}"#,
        ),
        ("TICKETING_MCP_LOG", "loud"),
        ("BACKEND_BOT_AI_TOKEN", "silent night"),
        ("BACKEND_TIMEOUT_MS", "later"),
    ];
    let told = mistakes(&["serve", "--transport", "http"], &variables).await;
    for part in [
        "TICKITI_ALLOW_HTTP",
        "TICKITI_API_TIMEOUT_MS",
        "two instances are named `default`",
        "`b`",
        "MCP_API_KEY",
        "log level",
        "BACKEND_URL is missing",
        "BACKEND_BOT_AI_TOKEN: the token",
        "BACKEND_TIMEOUT_MS",
    ] {
        assert!(told.contains(part), "{part} is missing in: {told}");
    }
    for secret in ["hush", "quiet", "mute", "silent"] {
        assert!(!told.contains(secret), "{told}");
    }
}

const ENVIA: [(&str, &str); 2] = [
    ("BACKEND_URL", "http://127.0.0.1:9"),
    ("BACKEND_BOT_AI_TOKEN", "hush-bot"),
];

#[tokio::test]
async fn with_envia_stdio_must_be_chosen() {
    let told = mistakes(&[], &ENVIA).await;
    for part in ["MCP_API_KEY", "MCP_TRANSPORT=stdio", "--transport stdio"] {
        assert!(told.contains(part), "{told}");
    }
    assert!(!told.contains("hush"), "{told}");
}

#[tokio::test]
async fn a_state_folder_that_cannot_be_is_named() {
    let file = tempfile();
    let told = mistakes(&["--transport", "stdio", "--state", &file], &ENVIA).await;
    assert!(told.contains("--state") && told.contains(&file), "{told}");
    let told = mistakes(&["--transport", "stdio"], &ENVIA).await;
    assert!(told.contains("--state"), "{told}");
    std::fs::remove_file(file).unwrap();
}

/// The path of a file, where no folder can be.
fn tempfile() -> String {
    let name = format!("ticketing-mcp-test-{}", uuid::Uuid::new_v4().simple());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, "").unwrap();
    path.to_str().unwrap().to_owned()
}
