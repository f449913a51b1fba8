use std::cell::RefCell;

mod http;
#[cfg(all(feature = "redis", feature = "sqlite"))]
mod store;

use super::*;

/// Reads variables with one readable file, `/etc/tickiti`, of this content.
fn setup_with(file: &str, variables: &[(&str, &str)]) -> Result<Setup, Mistakes> {
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Setup::read(&variables, &|path| {
        if path == Path::new("/etc/tickiti") {
            Ok(file.to_owned())
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    })
}

fn read_with(file: &str, variables: &[(&str, &str)]) -> Result<Config, Mistakes> {
    setup_with(file, variables).map(|setup| setup.default.expect("a default profile"))
}

fn read(variables: &[(&str, &str)]) -> Result<Config, Mistakes> {
    read_with("", variables)
}

fn installs(config: &Config) -> Vec<(&str, &str)> {
    let installs = config.tickiti.as_ref().unwrap();
    installs
        .iter()
        .map(|client| (client.name(), client.base().as_str()))
        .collect()
}

const BASE: (&str, &str) = ("TICKITI_API_BASE", "https://desk.example");
const TOKEN: (&str, &str) = ("TICKITI_API_TOKEN", "7|hush");
const URL: (&str, &str) = ("BACKEND_URL", "https://admon.example");
const BOT: (&str, &str) = ("BACKEND_BOT_AI_TOKEN", "hush-bot");
const STDIO: (&str, &str) = ("MCP_TRANSPORT", "stdio");

#[test]
fn the_time_for_lost_writes_can_be_set() {
    assert_eq!(read(&[BASE, TOKEN]).unwrap().settle, None);
    let settle = |value| read(&[BASE, TOKEN, ("TICKETING_MCP_SETTLE_MS", value)]);
    let set = settle("1500").unwrap().settle;
    assert_eq!(set, Some(Duration::from_millis(1500)));
    let told = settle("soon").unwrap_err().to_string();
    assert!(told.contains("TICKETING_MCP_SETTLE_MS"), "{told}");
}

fn default_install(config: &Config) -> &str {
    config.tickiti.as_ref().unwrap().default_name()
}

#[test]
fn the_pair_is_enough() {
    let config = read(&[BASE, TOKEN]).unwrap();
    assert_eq!(installs(&config), [("default", "https://desk.example/")]);
    assert_eq!(config.call_timeout, Duration::from_secs(120));
    assert!(config.envia.is_none());
}

#[test]
fn the_token_may_come_from_a_file() {
    let file = ("TICKITI_API_TOKEN_FILE", "/etc/tickiti");
    assert!(read_with("7|hush\n", &[BASE, file]).is_ok());
    let empty = read_with(" \n", &[BASE, file]).unwrap_err();
    assert_eq!(
        empty.texts(),
        ["the file that TICKITI_API_TOKEN_FILE names is empty"]
    );
    let both = read_with("7|hush", &[BASE, TOKEN, file]).unwrap_err();
    assert!(both.to_string().contains("keep one"), "{both}");
}

#[test]
fn the_pair_comes_first_then_the_object_in_its_order() {
    let more = r#"{"10": {"base": "https://ten.example/", "token": "a"}, "9": {"base": "https://nine.example", "token": "b"}}"#;
    let config = read(&[
        BASE,
        TOKEN,
        ("TICKITI_INSTANCE_NAME", "main"),
        ("TICKITI_INSTANCES", more),
    ])
    .unwrap();
    assert_eq!(
        installs(&config),
        [
            ("main", "https://desk.example/"),
            ("10", "https://ten.example/"),
            ("9", "https://nine.example/"),
        ]
    );
    assert_eq!(default_install(&config), "main");

    let config = read_with(more, &[("TICKITI_INSTANCES", "/etc/tickiti")]).unwrap();
    assert_eq!(default_install(&config), "10");
}

#[test]
fn an_empty_value_counts_as_absent() {
    let config = read(&[
        BASE,
        TOKEN,
        ("TICKITI_INSTANCES", " "),
        ("TICKITI_API_TIMEOUT_MS", ""),
    ])
    .unwrap();
    assert_eq!(installs(&config).len(), 1);
    assert!(read(&[("TICKITI_API_BASE", " "), ("TICKITI_API_TOKEN", "")]).is_err());
}

#[test]
fn a_call_may_take_longer_than_a_request() {
    let long = [BASE, TOKEN, ("TICKITI_API_TIMEOUT_MS", "300000")];
    assert_eq!(read(&long).unwrap().call_timeout, Duration::from_secs(310));
    let set = |call| {
        read(&[
            BASE,
            TOKEN,
            ("TICKITI_API_TIMEOUT_MS", "1000"),
            ("TICKETING_MCP_CALL_TIMEOUT_MS", call),
        ])
    };
    assert_eq!(
        set("1500").unwrap().call_timeout,
        Duration::from_millis(1500)
    );
    for short in ["999", "1000"] {
        let told = set(short).unwrap_err().to_string();
        for part in [
            "TICKETING_MCP_CALL_TIMEOUT_MS",
            "TICKITI_API_TIMEOUT_MS",
            "1000",
        ] {
            assert!(told.contains(part), "{told}");
        }
    }
}

#[test]
fn plain_http_only_to_this_machine_or_when_allowed() {
    let far = ("TICKITI_API_BASE", "http://desk.example");
    assert!(read(&[far, TOKEN]).is_err());
    assert!(read(&[far, TOKEN, ("TICKITI_ALLOW_HTTP", "1")]).is_ok());
    assert!(read(&[("TICKITI_API_BASE", "http://127.0.0.1:9191"), TOKEN]).is_ok());
}

#[test]
fn every_mistake_has_its_text() {
    let listed = |text| vec![("TICKITI_INSTANCES", text)];
    let pair = |name, value| vec![BASE, TOKEN, (name, value)];
    let cases: Vec<(Vec<(&str, &str)>, &str)> = vec![
        (vec![], "--sandbox"),
        (
            vec![BASE],
            "TICKITI_API_TOKEN (or TICKITI_API_TOKEN_FILE) is missing",
        ),
        (vec![TOKEN], "TICKITI_API_BASE is missing"),
        (
            vec![("TICKITI_API_TOKEN_FILE", "/etc/tickiti"), BASE],
            "is empty",
        ),
        (
            vec![("TICKITI_API_TOKEN_FILE", "/nowhere"), BASE],
            "cannot be read",
        ),
        (
            vec![("TICKITI_API_BASE", "desk.example"), TOKEN],
            "TICKITI_API_BASE is not a URL",
        ),
        (
            vec![("TICKITI_API_BASE", "ftp://desk.example"), TOKEN],
            "https://",
        ),
        (
            vec![("TICKITI_API_BASE", "https://a:b@desk.example"), TOKEN],
            "user or password",
        ),
        (
            vec![("TICKITI_API_BASE", "https://desk.example?x"), TOKEN],
            "query",
        ),
        (
            vec![("TICKITI_API_BASE", "http://desk.example"), TOKEN],
            "TICKITI_ALLOW_HTTP=1",
        ),
        (
            vec![BASE, ("TICKITI_API_TOKEN", "two words")],
            "TICKITI_API_TOKEN: the token",
        ),
        (
            vec![BASE, ("TICKITI_API_TOKEN", "\"7|hush\"")],
            "TICKITI_API_TOKEN: the token is in quotes",
        ),
        (
            vec![BASE, ("TICKITI_API_TOKEN", "'7|hush'")],
            "the token is in quotes",
        ),
        (
            listed(r#"{"a": {"base": "https://a.example", "token": "'7|hush'"}}"#),
            "`token` of instance `a` of TICKITI_INSTANCES: the token is in quotes",
        ),
        (
            listed(r#"{"a": {"base": "https://a.example", "tokn": "t"}}"#),
            "unknown member `tokn`; did you mean `token`?",
        ),
        (
            listed(r#"{"a": {"base": "https://a.example", "token": "t", "colour": 1}}"#),
            "unknown member `colour`; it takes `base` and `token`",
        ),
        (
            pair("TICKETING_MCP_CALL_TIMEOUT_MS", "30000"),
            "must be more than TICKITI_API_TIMEOUT_MS",
        ),
        (
            pair("TICKITI_API_TIMEOUT_MS", "soon"),
            "TICKITI_API_TIMEOUT_MS must be",
        ),
        (
            pair("TICKITI_API_TIMEOUT_MS", "0"),
            "TICKITI_API_TIMEOUT_MS must be",
        ),
        (
            pair("TICKITI_API_TIMEOUT_MS", "-5"),
            "TICKITI_API_TIMEOUT_MS must be",
        ),
        (
            pair("TICKETING_MCP_CALL_TIMEOUT_MS", "1.5"),
            "TICKETING_MCP_CALL_TIMEOUT_MS must be",
        ),
        (
            pair("TICKITI_ALLOW_HTTP", "yes"),
            "TICKITI_ALLOW_HTTP must be 1 or 0",
        ),
        (pair("MCP_TRANSPORT", "http"), "set MCP_API_KEY"),
        (pair("MCP_TRANSPORT", "pigeon"), "must be stdio or http"),
        (
            pair("TICKETING_MCP_LOG", "loud"),
            "off, error, warn, info, debug, trace",
        ),
        (listed("{"), "is not valid JSON (line 1, column 1)"),
        (listed("{}"), "names no instance"),
        (listed("/nowhere"), "neither a JSON object nor the path"),
        (listed("[1]"), "neither a JSON object nor the path"),
        (listed("/etc/tickiti"), "is not valid JSON"),
        (
            listed(r#"{"a": 1}"#),
            "`a` of TICKITI_INSTANCES must be an object",
        ),
        (
            listed(r#"{"a": {"token": "t"}}"#),
            "`a` of TICKITI_INSTANCES has no `base`",
        ),
        (
            listed(r#"{"a": {"base": "https://a.example"}}"#),
            "has no `token`",
        ),
        (
            listed(r#"{"": {"base": "https://a.example", "token": "t"}}"#),
            "empty name",
        ),
        (
            listed(
                r#"{"a": {"base": "https://a.example", "token": "t"}, "a": {"base": "https://b.example", "token": "t"}}"#,
            ),
            "two instances are named `a`",
        ),
        (
            vec![
                BASE,
                TOKEN,
                (
                    "TICKITI_INSTANCES",
                    r#"{"default": {"base": "https://a.example", "token": "t"}}"#,
                ),
            ],
            "two instances are named `default`",
        ),
    ];
    for (variables, expected) in cases {
        let mistakes = read(&variables).expect_err(expected);
        assert_eq!(mistakes.texts().len(), 1, "{mistakes}");
        assert!(
            mistakes.to_string().contains(expected),
            "`{expected}` is missing in: {mistakes}"
        );
        assert!(!mistakes.to_string().contains("hush"), "{mistakes}");
    }
}

#[test]
fn mistakes_come_together_and_show_no_secret() {
    let mistakes = read(&[
        ("TICKITI_API_BASE", "9|hush-a"),
        ("TICKITI_API_TOKEN", "9|hush b"),
        (
            "TICKITI_INSTANCES",
            r#"{"x": {"base": "hush-c", "token": "hush d"}, "y": "hush-e"}"#,
        ),
        ("TICKITI_API_TIMEOUT_MS", "hush-f"),
        ("TICKETING_MCP_LOG", "hush-g"),
        ("MCP_TRANSPORT", "hush-h"),
    ])
    .unwrap_err();
    assert_eq!(mistakes.texts().len(), 8, "{mistakes}");
    let told = mistakes.to_string();
    assert!(
        told.starts_with("8 mistakes in the configuration:\n- "),
        "{told}"
    );
    assert!(!told.contains("hush"), "{told}");

    for swapped in [
        vec![BASE, ("TICKITI_API_TOKEN_FILE", "7|hush")],
        vec![("TICKITI_INSTANCES", "[{\"token\": \"hush\"}]")],
        vec![("TICKITI_INSTANCES", "{\"a\": {\"token\": hush}}")],
    ] {
        let told = read(&swapped).unwrap_err().to_string();
        assert!(!told.contains("hush"), "{told}");
    }
    assert!(!format!("{:?}", read(&[BASE, TOKEN])).contains("hush"));
}

#[test]
fn a_byte_order_mark_is_no_mistake() {
    let text = "\u{feff}{\"a\": {\"base\": \"https://a.example\", \"token\": \"t\"}}";
    for variable in [text, "/etc/tickiti"] {
        let config = read_with(text, &[("TICKITI_INSTANCES", variable)]).unwrap();
        assert_eq!(default_install(&config), "a");
    }
    let file = ("TICKITI_API_TOKEN_FILE", "/etc/tickiti");
    assert!(read_with("\u{feff}7|hush\n", &[BASE, file]).is_ok());
    let quoted = read_with("\"7|hush\"\n", &[BASE, file]).unwrap_err();
    assert_eq!(
        quoted.texts(),
        ["the file that TICKITI_API_TOKEN_FILE names: the token is in quotes; leave them out"]
    );
}

#[test]
fn a_name_that_may_be_something_else_is_not_shown_whole() {
    for name in [
        "7|0123456789-hush",
        &format!("eyJhbGciOiJI{}", "hush".repeat(20)),
    ] {
        let text = serde_json::json!({name: {"base": "https://a.example"}}).to_string();
        let told = read(&[("TICKITI_INSTANCES", &text)])
            .unwrap_err()
            .to_string();
        assert!(!told.contains("hush"), "{told}");
        assert!(told.contains(&format!("`{}…`", &name[..12])), "{told}");
    }
}

#[test]
fn envia_is_served_by_its_pair() {
    let config = read(&[URL, BOT, STDIO]).unwrap();
    assert!(config.tickiti.is_none());
    assert_eq!(
        config.envia.unwrap().base().as_str(),
        "https://admon.example/"
    );

    let slash = ("BACKEND_URL", " https://admon.example/api/ ");
    let file = ("BACKEND_BOT_AI_TOKEN_FILE", "/etc/tickiti");
    let config = read_with("hush-bot\n", &[slash, file, STDIO, BASE, TOKEN]).unwrap();
    assert_eq!(installs(&config).len(), 1);
    let envia = config.envia.unwrap();
    assert_eq!(envia.base().as_str(), "https://admon.example/api");
    let tokens: Vec<&str> = config.secrets.iter().map(Secret::expose).collect();
    assert_eq!(tokens, ["7|hush", "hush-bot"]);
}

#[test]
fn every_mistake_with_envia_has_its_text() {
    let pair = |name, value| vec![URL, BOT, STDIO, (name, value)];
    let cases: Vec<(Vec<(&str, &str)>, &str)> = vec![
        (
            vec![URL, STDIO],
            "BACKEND_BOT_AI_TOKEN (or BACKEND_BOT_AI_TOKEN_FILE) is missing",
        ),
        (vec![BOT, STDIO], "BACKEND_URL is missing"),
        (
            vec![URL, ("BACKEND_BOT_AI_TOKEN_FILE", "/nowhere"), STDIO],
            "the file that BACKEND_BOT_AI_TOKEN_FILE names cannot be read",
        ),
        (
            vec![("BACKEND_URL", "admon.example"), BOT, STDIO],
            "BACKEND_URL is not a URL",
        ),
        (
            vec![("BACKEND_URL", "http://admon.example"), BOT, STDIO],
            "BACKEND_ALLOW_HTTP=1",
        ),
        (
            vec![URL, ("BACKEND_BOT_AI_TOKEN", "two hush"), STDIO],
            "BACKEND_BOT_AI_TOKEN: the token",
        ),
        (
            pair("BACKEND_TIMEOUT_MS", "soon"),
            "BACKEND_TIMEOUT_MS must be",
        ),
        (
            pair("BACKEND_ALLOW_HTTP", "yes"),
            "BACKEND_ALLOW_HTTP must be 1 or 0",
        ),
        (
            pair("TICKETING_MCP_CALL_TIMEOUT_MS", "30000"),
            "must be more than BACKEND_TIMEOUT_MS, which is 30000",
        ),
        (
            pair("TICKETING_MCP_MODULES", "envia, tickety"),
            "no module `tickety`",
        ),
        (
            pair("TICKETING_MCP_MODULES", "envia,tickiti"),
            "tickiti is named, but not configured",
        ),
        (pair("TICKETING_MCP_MODULES", ","), "names no module"),
        (vec![URL, BOT], "MCP_TRANSPORT=stdio (or --transport stdio)"),
        (
            vec![URL, BOT, ("MCP_TRANSPORT", "http")],
            "over HTTP a key is wanted",
        ),
        (vec![URL, BOT, ("MCP_TRANSPORT", "hush")], "must be stdio"),
    ];
    for (variables, expected) in cases {
        let mistakes = read(&variables).expect_err(expected);
        assert_eq!(mistakes.texts().len(), 1, "{mistakes}");
        let told = mistakes.to_string();
        assert!(
            told.contains(expected),
            "`{expected}` is missing in: {told}"
        );
        assert!(!told.contains("hush"), "{told}");
    }
    let allowed = [
        ("BACKEND_URL", "http://admon.example"),
        ("BACKEND_ALLOW_HTTP", "1"),
        BOT,
        STDIO,
    ];
    assert!(read(&allowed).is_ok());
}

#[test]
fn mistakes_of_all_modules_come_together() {
    let mistakes = read(&[
        BASE,
        URL,
        ("BACKEND_TIMEOUT_MS", "0"),
        ("TICKITI_API_TIMEOUT_MS", "0"),
        ("MCP_TRANSPORT", "http"),
        ("TICKETING_MCP_LOG", "loud"),
    ])
    .unwrap_err();
    assert_eq!(mistakes.texts().len(), 6, "{mistakes}");
}

#[test]
fn a_call_may_take_longer_than_a_request_of_any_module() {
    let long = [
        BASE,
        TOKEN,
        URL,
        BOT,
        STDIO,
        ("BACKEND_TIMEOUT_MS", "300000"),
    ];
    assert_eq!(read(&long).unwrap().call_timeout, Duration::from_secs(310));
}

#[test]
fn named_modules_are_served_and_others_not_looked_at() {
    let both = [BASE, TOKEN, URL, BOT];
    let named = |names, variables: &[(&'static str, &'static str)]| {
        let mut variables = variables.to_vec();
        variables.push(("TICKETING_MCP_MODULES", names));
        read(&variables)
    };
    // Without Envia nothing asks for HTTP.
    let config = named("tickiti", &both).unwrap();
    assert_eq!(
        (config.tickiti.is_some(), config.envia.is_some()),
        (true, false)
    );
    assert_eq!(config.secrets.len(), 1);
    let half = [BASE, URL, BOT, STDIO];
    let config = named("envia", &half).unwrap();
    assert_eq!(
        (config.tickiti.is_some(), config.envia.is_some()),
        (false, true)
    );
    let config = named(" envia , tickiti,", &[BASE, TOKEN, URL, BOT, STDIO]).unwrap();
    assert_eq!(
        (config.tickiti.is_some(), config.envia.is_some()),
        (true, true)
    );
    let absent = named("envia", &[]).unwrap_err();
    assert_eq!(absent.texts().len(), 1, "{absent}");
    assert!(absent.to_string().contains("BACKEND_URL"), "{absent}");
}

#[test]
fn calls_do_not_care_for_the_transport() {
    let variables = [URL, BOT, ("MCP_TRANSPORT", "http")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let read_file = |_: &Path| Err(io::ErrorKind::NotFound.into());
    assert!(Config::read(&variables.into(), &read_file).is_ok());
}

#[test]
fn the_state_has_a_folder() {
    let config = read(&[
        BASE,
        TOKEN,
        ("TICKETING_MCP_STATE", "here"),
        ("HOME", "/home/ana"),
    ]);
    assert_eq!(config.unwrap().state.unwrap(), Path::new("here"));
    assert_eq!(read(&[BASE, TOKEN]).unwrap().state, None);
}

#[test]
fn files_are_read_once_each() {
    let paths = RefCell::new(Vec::new());
    let variables = Variables::from([
        (
            "TICKITI_API_BASE".to_owned(),
            "https://desk.example".to_owned(),
        ),
        ("TICKITI_API_TOKEN_FILE".to_owned(), "/run/token".to_owned()),
    ]);
    let config = Config::read(&variables, &|path| {
        paths.borrow_mut().push(path.to_owned());
        Ok("t".to_owned())
    });
    assert!(config.is_ok());
    assert_eq!(paths.into_inner(), [Path::new("/run/token")]);
}
