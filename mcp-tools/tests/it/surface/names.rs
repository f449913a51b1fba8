//! Names and arguments as the reference server has them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use mcp_tools::tickiti;
use serde::Deserialize;

use crate::harness::registry;

/// Names of the reference's tools, and of what each takes.
const REFERENCE: &str = include_str!("reference.json");

#[derive(Debug, Deserialize)]
struct Tool {
    required: BTreeSet<String>,
    optional: BTreeSet<String>,
}

/// Tools of our own.
const OURS: [&str; 1] = ["tickiti_read"];

/// Arguments that the reference demands and we do not, with the reason.
const NOT_DEMANDED: [(&str, &str, &str); 1] = [(
    "create_ticket",
    "is_public",
    "absent means public, as before",
)];

/// Arguments that the API demands and the reference does not.
const DEMANDED: [(&str, &str); 3] = [
    ("create_axial_skill", "title"),
    ("create_axial_skill", "description"),
    ("create_axial_skill", "instructions"),
];

fn reference() -> BTreeMap<String, Tool> {
    serde_json::from_str(REFERENCE).unwrap()
}

#[test]
fn every_tool_is_here_under_its_name_and_no_other() {
    let here: BTreeSet<String> = tickiti::tools().names().map(str::to_owned).collect();
    let mut expected: BTreeSet<String> = reference().into_keys().collect();
    expected.extend(OURS.map(str::to_owned));
    let missing: Vec<&String> = expected.difference(&here).collect();
    let more: Vec<&String> = here.difference(&expected).collect();
    assert!(
        missing.is_empty() && more.is_empty(),
        "missing {missing:?}, more {more:?}"
    );
}

#[test]
fn every_argument_is_taken_under_its_name() {
    let registry = registry(&["default"], "http://127.0.0.1:9");
    for (name, tool) in reference() {
        let Some(here) = registry.get(&name) else {
            continue;
        };
        let input = &here.spec().input;
        let takes = input["properties"].as_object().unwrap();
        for argument in tool.required.iter().chain(&tool.optional) {
            assert!(takes.contains_key(argument), "{name}.{argument}");
        }
        let demanded: BTreeSet<String> = input
            .get("required")
            .and_then(|names| serde_json::from_value(names.clone()).ok())
            .unwrap_or_default();
        let mut expected = tool.required;
        for (of, argument, _) in NOT_DEMANDED {
            if of == name {
                assert!(expected.remove(argument), "{name}.{argument}");
            }
        }
        expected.extend(
            DEMANDED
                .iter()
                .filter(|(of, _)| *of == name)
                .map(|(_, argument)| (*argument).to_owned()),
        );
        assert_eq!(demanded, expected, "{name}");
    }
}

/// All tests of this crate, except those that only count or list names.
fn tests(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            text += &tests(&path);
        } else if name.ends_with(".rs") && !["hints.rs", "names.rs"].contains(&name.as_str()) {
            text += &fs::read_to_string(&path).unwrap();
        }
    }
    text
}

#[test]
fn every_tool_is_called_by_a_test() {
    let tests = tests(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it"));
    for name in tickiti::tools().names() {
        assert!(
            tests.contains(&format!("\"{name}\"")),
            "{name} is called by no test"
        );
    }
}
