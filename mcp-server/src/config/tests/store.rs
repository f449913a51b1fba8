use super::*;

const STATE: (&str, &str) = ("TICKETING_MCP_STATE", "/var/lib/tickets");
const STORE: &str = "TICKETING_MCP_STORE";
const STORE_FILE: &str = "TICKETING_MCP_STORE_FILE";

fn chosen(file: &str, more: &[(&str, &str)]) -> String {
    let variables = [&[BASE, TOKEN], more].concat();
    let setup = setup_with(file, &variables).unwrap();
    let config = setup.default.unwrap();
    // It is one for all.
    assert!(Arc::ptr_eq(&config.store, &setup.store));
    format!("{:?}", setup.store)
}

fn mistakes(file: &str, more: &[(&str, &str)]) -> String {
    let variables = [&[BASE, TOKEN], more].concat();
    setup_with(file, &variables).unwrap_err().to_string()
}

#[test]
fn a_file_in_the_state_folder_unless_told_otherwise() {
    let file = "Sqlite(/var/lib/tickets/shared.sqlite3)";
    assert_eq!(chosen("", &[STATE]), file);
    assert_eq!(chosen("", &[STATE, (STORE, "sqlite")]), file);
    assert_eq!(chosen("", &[STATE, (STORE, " ")]), file);
    assert_eq!(chosen("", &[STATE, (STORE, "memory")]), "Memory(0)");
    // Without a folder nothing can be kept, which is no mistake unless it was asked for.
    assert_eq!(chosen("", &[]), "Memory(0)");
    assert!(mistakes("", &[(STORE, "sqlite")]).contains("--state"));
}

#[test]
fn a_redis_server_by_its_address() {
    let shown = "Redis(redis://cache:6379/0)";
    assert_eq!(chosen("", &[(STORE, "redis://:hush@cache")]), shown);
    let text = "redis://:hush@cache\n";
    assert_eq!(chosen(text, &[(STORE_FILE, "/etc/tickiti")]), shown);
    let socket = (STORE, "unix:///run/redis.sock");
    assert_eq!(chosen("", &[socket]), "Redis(unix:///run/redis.sock?db=0)");
    for (file, more) in [
        ("", vec![(STORE, "redis://:hush@")]),
        ("", vec![(STORE, "rediss://:hush@cache")]),
        ("", vec![(STORE, "postgres://:hush@cache")]),
        ("", vec![(STORE, "hush")]),
        ("redis://:hush@cache/x", vec![(STORE_FILE, "/etc/tickiti")]),
        ("", vec![(STORE_FILE, "/etc/tickiti")]),
        ("", vec![(STORE_FILE, "/nowhere/hush")]),
        (
            "redis://a",
            vec![(STORE_FILE, "/etc/tickiti"), (STORE, "redis://:hush@b")],
        ),
    ] {
        let text = mistakes(file, &more);
        assert!(text.contains(STORE) && !text.contains("hush"), "{text}");
        assert!(text.starts_with("1 mistake"), "{text}");
    }
}

#[test]
fn the_configuration_file_may_say_it_for_all_profiles() {
    let key = format!("sha256:{}", "ab".repeat(32));
    let file = format!(
        "store = \"redis://cache\"\ntickiti_api_base = \"https://desk.example\"\n[[profiles]]\nname = \"a\"\nkey = \
         \"{key}\"\ntickiti_api_token = \"7|hush\"\n"
    );
    let setup = setup_with(&file, &[("TICKETING_MCP_CONFIG", "/etc/tickiti")]).unwrap();
    assert_eq!(format!("{:?}", setup.store), "Redis(redis://cache:6379/0)");
    assert!(Arc::ptr_eq(&setup.profiles[0].config.store, &setup.store));
    let other: Arc<dyn Store> = Arc::new(mcp_tools::store::Memory::new());
    let setup = setup.with_store(&other);
    assert!(Arc::ptr_eq(&setup.profiles[0].config.store, &other));
    let own = file.replace("tickiti_api_token", "store = \"memory\"\ntickiti_api_token");
    let config = ("TICKETING_MCP_CONFIG", "/etc/tickiti");
    let text = setup_with(&own, &[config]).unwrap_err().to_string();
    assert!(text.contains("there is no setting `store`"), "{text}");
}
