//! Everything that a model sees, on record: a change of it shows in review.

use std::{fs, path::Path};

use mcp_tools::{Module, Registry, definition, envia, tickiti};
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

#[test]
fn it_fits_a_models_head() {
    for module in modules() {
        let name = module.name;
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
            // query_responses and the two writers have many fields; all others stay small.
            assert!(size <= 6_000, "{} costs {size} bytes", tool["name"]);
            all += size;
        }
        // About four bytes a token.
        assert!(all <= 20_000, "{name}: the tools cost {all} bytes");
    }
}
