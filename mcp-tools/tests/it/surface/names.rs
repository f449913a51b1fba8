//! Names and arguments as the reference server has them.

use std::collections::{BTreeMap, BTreeSet};

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

/// Tools and arguments of the reference that are not here yet, or go by another way.
const ABSENT: [(&str, &str); 2] = [
    ("edit_response", "content_path"),
    ("send_email", "content_path"),
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
            let absent = ABSENT.contains(&(name.as_str(), argument.as_str()));
            assert_eq!(!takes.contains_key(argument), absent, "{name}.{argument}");
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
