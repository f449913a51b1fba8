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
    ];
    let told = mistakes(&["serve", "--transport", "http"], &variables).await;
    for part in [
        "TICKITI_ALLOW_HTTP",
        "TICKITI_API_TIMEOUT_MS",
        "two instances are named `default`",
        "`b`",
        "HTTP transport is not in this version",
        "log level",
    ] {
        assert!(told.contains(part), "{part} is missing in: {told}");
    }
    for secret in ["hush", "quiet", "mute"] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[tokio::test]
async fn envia_is_named_as_absent() {
    use crate::support::Raw;
    let variables = [
        ("TICKITI_API_BASE", "http://127.0.0.1:9"),
        ("TICKITI_API_TOKEN", "t"),
        ("BACKEND_URL", "https://admon.example"),
    ];
    let mut raw = Raw::start(&[], &variables);
    raw.end_input();
    let (status, _, stderr) = raw.ended().await;
    assert_eq!(status.code(), Some(0));
    assert!(stderr.contains("Envia is not in this version"), "{stderr}");
}
