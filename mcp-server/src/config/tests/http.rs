//! How clients reach the server.

use super::*;

/// The HTTP settings of a configuration that is sound.
fn http(more: &[(&'static str, &'static str)]) -> Http {
    let mut variables = vec![URL, BOT];
    variables.extend_from_slice(more);
    match setup_with("", &variables).unwrap().transport {
        Transport::Http(http) => *http,
        Transport::Stdio => panic!("not over HTTP"),
    }
}

#[test]
fn the_transport_is_http_where_envia_is_served() {
    const KEY: (&str, &str) = ("MCP_API_KEY", "a-key-that-is-long-enough");
    let told = http(&[KEY]);
    assert_eq!(told.address.to_string(), "127.0.0.1:3100");
    assert!(told.key.is_some() && told.names.hosts.is_empty());
    let told = http(&[
        KEY,
        ("TICKETING_MCP_BIND", "::"),
        ("PORT", "8080"),
        ("TICKETING_MCP_ALLOWED_HOSTS", "a.example, b.example"),
        ("TICKETING_MCP_ALLOWED_ORIGINS", "https://chat.example/"),
    ]);
    assert_eq!(told.address.to_string(), "[::]:8080");
    assert_eq!(told.names.hosts, ["a.example", "b.example"]);
    assert_eq!(told.names.origins, ["https://chat.example"]);
    let open = http(&[("TICKETING_MCP_NO_AUTH", "1")]);
    assert!(open.key.is_none());
    assert!(matches!(
        setup_with("", &[BASE, TOKEN]).unwrap().transport,
        Transport::Stdio
    ));
    assert!(matches!(
        setup_with("", &[URL, BOT, STDIO]).unwrap().transport,
        Transport::Stdio
    ));
}

#[test]
fn limits_are_set_one_by_one() {
    const KEY: (&str, &str) = ("MCP_API_KEY", "a-key-that-is-long-enough");
    let defaults = http(&[KEY]).limits;
    let told = http(&[
        KEY,
        ("TICKETING_MCP_CONNECTIONS", "10"),
        ("TICKETING_MCP_IN_FLIGHT", "4"),
        ("TICKETING_MCP_PROFILE_IN_FLIGHT", "3"),
        ("TICKETING_MCP_BODY_BYTES", "1000"),
        ("TICKETING_MCP_BODY_TIME_MS", "2"),
        ("TICKETING_MCP_HEAD_TIME_MS", "1"),
        ("TICKETING_MCP_DRAIN_MS", "5"),
    ])
    .limits;
    assert_eq!((told.connections, told.body_bytes), (10, 1000));
    assert_eq!((told.in_flight, told.per_profile), (4, 3));
    let times = [told.head_time, told.body_time, told.drain].map(|time| time.as_millis());
    assert_eq!(times, [1, 2, 5]);
    assert_eq!(told.write_time, defaults.write_time);
}

#[test]
fn mistakes_of_an_http_server() {
    const OPEN: (&str, &str) = ("TICKETING_MCP_NO_AUTH", "1");
    const KEY: (&str, &str) = ("MCP_API_KEY", "hush-hush-hush-hush");
    for (more, expected) in [
        (vec![], "over HTTP a key is wanted: set MCP_API_KEY"),
        (vec![KEY, OPEN], "exclude each other"),
        (
            vec![OPEN, ("TICKETING_MCP_BIND", "0.0.0.0")],
            "--no-auth is for this machine alone",
        ),
        (vec![KEY, ("PORT", "port")], "PORT must be a port"),
        (vec![KEY, ("PORT", "70000")], "PORT must be a port"),
        (
            vec![KEY, ("TICKETING_MCP_CONNECTIONS", "0")],
            "must be a whole number, 1 to 1000000",
        ),
        (
            vec![KEY, ("TICKETING_MCP_IN_FLIGHT", "9223372036854775807")],
            "must be a whole number, 1 to 1000000",
        ),
        (
            vec![KEY, ("TICKETING_MCP_BODY_TIME_MS", "30s")],
            "must be a whole number of milliseconds",
        ),
        (
            vec![KEY, ("TICKETING_MCP_BIND", "tickets.example:80")],
            "must be an address of this machine",
        ),
        (
            vec![KEY, ("TICKETING_MCP_LANDING", "maybe")],
            "TICKETING_MCP_LANDING must be on or off",
        ),
        (vec![KEY, ("MCP_API_KEY_FILE", "/nowhere")], "keep one"),
        (vec![("MCP_API_KEY_FILE", "/nowhere")], "cannot be read"),
    ] {
        let mut variables = vec![URL, BOT];
        variables.extend(more);
        let told = read(&variables).expect_err(expected).to_string();
        assert!(
            told.contains(expected),
            "`{expected}` is missing in: {told}"
        );
        assert!(!told.contains("hush"), "{told}");
    }
}

const FILE: (&str, &str) = ("TICKETING_MCP_CONFIG", "/etc/tickiti");
const HASH: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn a_file_holds_settings_and_profiles() {
    let file = format!(
        r#"
        tickiti_api_base = "https://desk.example"
        port = 8080
        allowed_hosts = ["a.example", "b.example"]
        landing = false

        [[profiles]]
        name = "ana"
        key = "{HASH}"
        tickiti_api_token = "7|hush-ana"
        in_flight = 4
        requests_per_minute = 120

        [[profiles]]
        name = "bot"
        key = "{}"
        modules = "envia"
        backend_url = "https://admon.example"
        backend_bot_ai_token = "hush-bot"
        "#,
        HASH.replace('0', "f"),
    );
    let setup = setup_with(&file, &[FILE, ("PORT", "9090")]).unwrap();
    let Transport::Http(http) = &setup.transport else {
        panic!("profiles are served over HTTP");
    };
    assert_eq!(
        http.address.port(),
        9090,
        "the environment wins over the file"
    );
    assert_eq!(http.names.hosts, ["a.example", "b.example"]);
    assert!(!http.landing);
    assert!(setup.default.is_none());
    let names: Vec<&str> = setup
        .profiles
        .iter()
        .map(|profile| profile.name.as_str())
        .collect();
    assert_eq!(names, ["ana", "bot"]);
    let ana = &setup.profiles[0];
    assert_eq!(
        (ana.in_flight, ana.requests_per_minute),
        (Some(4), Some(120))
    );
    assert_eq!(ana.key[..2], [0x01, 0x23]);
    assert!(ana.config.tickiti.is_some() && ana.config.envia.is_none());
    assert!(setup.profiles[1].config.tickiti.is_none());
    assert!(setup.profiles[1].config.envia.is_some());
}

#[test]
fn mistakes_of_a_file_come_together() {
    let file = r#"
        tickiti_api_bose = "https://desk.example"
        port = "hush"
        profiles_of = 1.5

        [[profiles]]
        key = "hush-key"
        tickiti_api_token = "7|hush hush"
        tickiti_api_base = "https://desk.example"
        bind = "::"
        in_flight = 0

        [[profiles]]
        name = "bot"
        modules = "envia"
        "#;
    let told = setup_with(file, &[FILE]).unwrap_err().to_string();
    for part in [
        "there is no setting `tickiti_api_bose`; did you mean `tickiti_api_base`?",
        "PORT must be a port",
        "there is no setting `profiles_of`",
        "profile 1 has no `name`",
        "profile `1`: `key` must be the hash of a key",
        "profile `1`: there is no setting `bind`",
        "profile `1`: `in_flight` must be a whole number above 0",
        "profile `1`: TICKITI_API_TOKEN",
        "profile `bot`: `key` is missing",
        "profile `bot`: the module envia is named, but not configured",
    ] {
        assert!(told.contains(part), "`{part}` is missing in: {told}");
    }
    assert!(!told.contains("hush"), "{told}");
    // With a key of its own, what is served without profiles has a name that none of them may have.
    let file = format!("[[profiles]]\nname = \"default\"\nkey = \"{HASH}\"");
    let settings = [
        FILE,
        ("MCP_API_KEY", "0123456789abcdef"),
        ("TICKITI_API_BASE", "https://desk.example"),
        ("TICKITI_API_TOKEN", "7|hush"),
        ("MCP_TRANSPORT", "http"),
    ];
    let told = setup_with(&file, &settings).unwrap_err();
    assert!(
        told.to_string()
            .contains("profile `default`: so is called what is served without profiles"),
        "{told}"
    );
    let told = setup_with("a = [", &[FILE]).unwrap_err().to_string();
    assert!(told.contains("no TOML: line 1"), "{told}");
    let told = setup_with("", &[("TICKETING_MCP_CONFIG", "/nowhere")]).unwrap_err();
    assert!(told.to_string().contains("cannot be read"), "{told}");
}
