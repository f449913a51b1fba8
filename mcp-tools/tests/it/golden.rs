//! Everything that a model sees, on record: a change of it shows in review.

use std::{fs, path::Path};

use mcp_tools::definition;
use serde_json::{Value, json};

use crate::harness::registry;

fn seen() -> Value {
    let registry = registry(&["default"], "http://127.0.0.1:9");
    let tools: Vec<Value> = registry
        .iter()
        .map(|tool| serde_json::to_value(definition::tool(tool)).unwrap())
        .collect();
    json!({"instructions": registry.instructions(), "tools": tools})
}

#[test]
fn what_the_model_sees_is_on_record() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/tools.json");
    let seen = serde_json::to_string_pretty(&seen()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &seen).unwrap();
    }
    let recorded = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        recorded == seen,
        "what the model sees has changed; look at the difference after `UPDATE=1 cargo test -p mcp-tools`"
    );
}

#[test]
fn it_fits_a_models_head() {
    let seen = seen();
    let instructions = seen["instructions"].as_str().unwrap().chars().count();
    assert!(
        instructions <= 2_000,
        "instructions have {instructions} characters"
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
    assert!(all <= 30_000, "the tools cost {all} bytes");
}
