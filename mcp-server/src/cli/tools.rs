//! `tools`: what is served, for people and for machines.

use std::{fmt::Write as _, path::Path, process::ExitCode};

use api_core::{Effect, Repeat, Reversal};
use clap::Args;
use mcp_tools::{Duplicate, Registered, Registry, schema};
use serde_json::{Value, json};

use super::{FAILED, Modules, environment, fail, print, set};
use crate::config::{Config, ModuleName, Variables, variable};

/// Columns of the table.
const COLUMNS: [&str; 7] = [
    "MODULE",
    "TOOL",
    "TOOLSET",
    "EFFECT",
    "REVERSAL",
    "ABILITIES",
    "TOKENS",
];

/// Flags of `tools`.
#[derive(Debug, Args)]
pub(super) struct Tools {
    /// Print JSON, schemas included.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    modules: Modules,
}

impl Tools {
    pub(super) fn run(self) -> ExitCode {
        let mut variables = environment();
        self.modules.put_over(&mut variables);
        pretend(&mut variables);
        let read = |path: &Path| std::fs::read_to_string(path);
        let config = match Config::read(&variables, &read) {
            Ok(config) => config,
            Err(mistakes) => return fail(mistakes, FAILED),
        };
        // Each module by itself, so that names are the ones of its documentation.
        let registries: Result<Vec<Registry>, Duplicate> = crate::modules(&config)
            .into_iter()
            .map(|module| Registry::new(vec![module]))
            .collect();
        let registries = match registries {
            Ok(registries) => registries,
            Err(error) => return fail(error, FAILED),
        };
        let tools = registries.iter().flat_map(Registry::iter);
        let policy = config.policy.or_default();
        let tools = tools.filter(|tool| policy.lists(tool));
        let text = if self.json {
            let tools: Vec<Value> = tools.map(described).collect();
            serde_json::to_string_pretty(&tools)
        } else {
            Ok(table(tools))
        };
        match text {
            Ok(text) => {
                print(&format!("{}\n", text.trim_end()));
                ExitCode::SUCCESS
            }
            Err(error) => fail(error, FAILED),
        }
    }
}

/// Gives an address to the modules that are shown without being configured: those that are named, or all when none is
/// configured. Only definitions are looked at, so nothing need be there.
fn pretend(variables: &mut Variables) {
    let configured = |module: &ModuleName| {
        let mut names = module.variables().iter();
        names.any(|name| set(variables, name).is_some())
    };
    let (here, absent): (Vec<_>, Vec<_>) = ModuleName::ALL.into_iter().partition(configured);
    let named = set(variables, variable::MODULES).map(ModuleName::named);
    let wanted = |module: &ModuleName| match &named {
        Some(named) => named.contains(module),
        None => here.is_empty(),
    };
    for module in absent.into_iter().filter(wanted).collect::<Vec<_>>() {
        let (base, token) = match module {
            ModuleName::Tickiti => (variable::API_BASE, variable::API_TOKEN),
            ModuleName::Envia => (variable::BACKEND_URL, variable::BACKEND_TOKEN),
        };
        variables.insert(base.to_owned(), "http://127.0.0.1:9".to_owned());
        variables.insert(token.to_owned(), "none".to_owned());
    }
}

fn described(tool: &Registered) -> Value {
    let spec = tool.spec();
    json!({
        "module": tool.module(),
        "name": tool.name(),
        "title": spec.title,
        "description": spec.description,
        "toolset": spec.toolset,
        "effect": effect(spec.effect),
        "reversal": reversal(spec.reversal),
        "reversed_by": match spec.reversal {
            Some(Reversal::Reversible(by)) => Some(by),
            _ => None,
        },
        "destructive": spec.is_destructive(),
        "abilities": spec.abilities.iter().map(|ability| ability.as_str()).collect::<Vec<_>>(),
        "tokens": tokens(tool),
        "input_schema": spec.input,
        "output_schema": spec.output,
    })
}

fn table<'a>(tools: impl Iterator<Item = &'a Registered>) -> String {
    let mut rows = vec![COLUMNS.map(str::to_owned)];
    let mut total = 0;
    for tool in tools {
        let spec = tool.spec();
        let abilities: Vec<&str> = spec
            .abilities
            .iter()
            .map(|ability| ability.as_str())
            .collect();
        let tokens = tokens(tool);
        total += tokens;
        rows.push([
            tool.module().to_owned(),
            tool.name().to_owned(),
            spec.toolset.to_owned(),
            effect(spec.effect).to_owned(),
            reversal(spec.reversal).unwrap_or("-").to_owned(),
            if abilities.is_empty() {
                "-".to_owned()
            } else {
                abilities.join(" or ")
            },
            tokens.to_string(),
        ]);
    }
    let count = rows.len() - 1;
    let mut widths = [0; COLUMNS.len()];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.len().max(*width);
        }
    }
    let [module, name, toolset, effect, reversal, abilities, tokens] = widths;
    let mut text = String::new();
    for [a, b, c, d, e, f, g] in &rows {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{a:module$}  {b:name$}  {c:toolset$}  {d:effect$}  {e:reversal$}  {f:abilities$}  {g:>tokens$}"
        );
    }
    let _ = writeln!(
        text,
        "\n{count} tools, about {total} tokens for a model that reads them all"
    );
    text
}

const fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::Write(Repeat::Keyed) => "write, keyed",
        Effect::Write(Repeat::Natural) => "write, repeatable",
        Effect::Write(Repeat::Never) => "write, once",
    }
}

const fn reversal(reversal: Option<Reversal>) -> Option<&'static str> {
    match reversal {
        None => None,
        Some(Reversal::Reversible(_)) => Some("reversible"),
        Some(Reversal::Compensable) => Some("compensable"),
        Some(Reversal::Irreversible) => Some("irreversible"),
    }
}

/// About four bytes a token, for what a model reads before it calls.
fn tokens(tool: &Registered) -> usize {
    let spec = tool.spec();
    let input = schema::slim(spec.input.clone());
    let schema = serde_json::to_string(&input).map_or(0, |schema| schema.len());
    (tool.name().len() + spec.description.len() + schema) / 4
}
