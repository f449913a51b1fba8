//! Everything that a model sees, on record: a change of it shows in review.

use std::{collections::BTreeSet, fs, path::Path};

use mcp_tools::{Module, Policy, Registry, definition, envia, tickiti};
use serde_json::{Value, json};

use crate::harness::instances;

fn modules() -> [Module; 2] {
    let instances = instances(&["default"], "http://127.0.0.1:9", "sandbox-admin");
    [tickiti::module(&instances), envia::module()]
}

/// What a server of one module shows.
fn seen(module: Module) -> Value {
    let registry = Registry::new(vec![module]).unwrap();
    let tools: Vec<Value> = registry
        .iter()
        .map(|tool| serde_json::to_value(definition::tool(tool)).unwrap())
        .collect();
    let resources: Vec<Value> = registry
        .resources()
        .map(|spec| serde_json::to_value(definition::resource(&spec)).unwrap())
        .collect();
    json!({"instructions": registry.instructions(), "tools": tools, "resources": resources})
}

#[test]
fn what_the_model_sees_is_on_record() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/seen");
    for module in modules() {
        let path = folder.join(format!("{}.json", module.name));
        let seen = serde_json::to_string_pretty(&seen(module)).unwrap() + "\n";
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &seen).unwrap();
        }
        let recorded = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            recorded == seen,
            "what the model sees has changed; look at the difference after `UPDATE=1 cargo test -p mcp-tools`"
        );
    }
}

/// Tools that may cost more than others, in bytes, and why.
const LARGE: [(&str, usize, &str); 3] = [
    (
        "create_ticket",
        2_800,
        "three ways to open a ticket in one tool, and files from the user's machine",
    ),
    (
        "update_ticket",
        2_500,
        "all that may change in one call, as it is documented, and files inside the call",
    ),
    (
        "respond_to_ticket",
        3_000,
        "everything that a member of staff does with a ticket in one call, files included",
    ),
];

/// The names of the tools that are served when nobody chooses.
fn usual(module: &Module) -> BTreeSet<String> {
    let instances = instances(&["default"], "http://127.0.0.1:9", "sandbox-admin");
    let module = match module.name {
        "tickiti" => tickiti::module(&instances),
        _ => envia::module(),
    };
    let policy = Policy::default().or_default();
    let registry = Registry::new(vec![module]).unwrap();
    let listed = registry.iter().filter(|tool| policy.lists(tool));
    listed.map(|tool| tool.name().to_owned()).collect()
}

#[test]
fn it_fits_a_models_head() {
    for module in modules() {
        let name = module.name;
        let usual = usual(&module);
        let seen = seen(module);
        let instructions = seen["instructions"].as_str().unwrap().chars().count();
        assert!(
            instructions <= 2_000,
            "{name}: instructions have {instructions} characters"
        );
        let mut all = 0;
        for tool in seen["tools"].as_array().unwrap() {
            let size = tool["name"].to_string().len()
                + tool["description"].to_string().len()
                + tool["inputSchema"].to_string().len();
            let own = tool["name"].as_str().unwrap();
            let most = LARGE.iter().find(|(large, ..)| *large == own);
            let most = most.map_or(2_400, |(_, most, _)| *most);
            assert!(size <= most, "{own} costs {size} bytes");
            if usual.contains(own) {
                all += size;
            }
        }
        // About four bytes a token.
        assert!(all <= 20_000, "{name}: the usual tools cost {all} bytes");
    }
}
