//! The table of all tools in `docs/tools.md`.

use std::{fmt::Write as _, fs, path::Path};

use api_core::{Effect, Repeat, Reversal};
use mcp_tools::{Module, Registered, Registry, definition, envia, tickiti};

use crate::harness::instances;

const BEGIN: &str = "<!-- tools: made by `UPDATE=1 cargo test -p mcp-tools` -->\n";
const END: &str = "<!-- end of tools -->\n";

fn table(module: Module) -> String {
    let registry = Registry::new(vec![module]).unwrap();
    let mut tools: Vec<&Registered> = registry.iter().collect();
    let place = |tool: &Registered| {
        let own = tool.spec().toolset;
        mcp_tools::policy::TOOLSETS
            .iter()
            .position(|known| *known == own)
    };
    tools.sort_by_key(|tool| (place(tool), tool.name()));
    let mut text = String::from(
        "| Toolset | Tool | Effect | Can be taken back | Ability | Tokens |\n|---|---|---|---|---|---:|\n",
    );
    let mut total = 0;
    for tool in &tools {
        let tokens = tokens(tool);
        total += tokens;
        writeln!(
            text,
            "| {} | `{}` | {} | {} | {} | {tokens} |",
            tool.spec().toolset,
            tool.name(),
            effect(tool.spec().effect),
            reversal(tool),
            abilities(tool),
        )
        .unwrap();
    }
    writeln!(text, "\n{} tools, about {total} tokens.", tools.len()).unwrap();
    text
}

/// About four bytes a token, for what a model reads before it calls.
fn tokens(tool: &Registered) -> usize {
    let shown = definition::tool(tool);
    let schema = serde_json::to_string(&*shown.input_schema).unwrap();
    (shown.name.len() + tool.spec().description.len() + schema.len()) / 4
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "reads",
        Effect::Write(Repeat::Keyed) => "writes, once by key",
        Effect::Write(Repeat::Natural) => "writes, may be repeated",
        Effect::Write(Repeat::Never) => "writes, once",
    }
}

fn reversal(tool: &Registered) -> String {
    match tool.spec().reversal {
        None => String::new(),
        Some(Reversal::Reversible(by)) => format!("by `{by}`"),
        Some(Reversal::Compensable) => "by hand".to_owned(),
        Some(Reversal::Irreversible) => "no".to_owned(),
    }
}

fn abilities(tool: &Registered) -> String {
    let spec = tool.spec();
    if tool.module() == "tickiti" && spec.name.starts_with("tickiti_") {
        return "that of the endpoint".to_owned();
    }
    let names: Vec<String> = spec
        .abilities
        .iter()
        .map(|one| format!("`{one}`"))
        .collect();
    names.join(" or ")
}

#[test]
fn the_table_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/tools.md");
    let instances = instances(&["default"], "http://127.0.0.1:9", "sandbox-admin");
    let tables = format!(
        "{BEGIN}\n## Tickiti\n\n{}\n## Envia\n\n{}\n{END}",
        table(tickiti::module(&instances)),
        table(envia::module())
    );
    let document = fs::read_to_string(&path).unwrap();
    let (before, rest) = document
        .split_once(BEGIN)
        .expect("the table has a beginning");
    let (_, after) = rest.split_once(END).expect("the table has an end");
    let expected = format!("{before}{tables}{after}");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let recorded = fs::read_to_string(&path).unwrap();
    assert!(
        recorded == expected,
        "the tools have changed; look at docs/tools.md after `UPDATE=1 cargo test -p mcp-tools`"
    );
}
