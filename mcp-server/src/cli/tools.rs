//! `tools`: what is served, for people and for machines.

use std::{fmt::Write as _, process::ExitCode};

use api_core::{Effect, Repeat, Reversal};
use clap::Args;
use mcp_tools::Registered;
use serde_json::{Value, json};

use super::{FAILED, fail, print};
use crate::config::{Config, Variables};

/// Flags of `tools`.
#[derive(Debug, Args)]
pub(super) struct Tools {
    /// Print JSON, schemas included.
    #[arg(long)]
    json: bool,
}

impl Tools {
    pub(super) fn run(self) -> ExitCode {
        // Only definitions are looked at, so the install need not exist.
        let config =
            match Config::with_install(&Variables::new(), "none", "http://127.0.0.1:9", "none") {
                Ok(config) => config,
                Err(mistakes) => return fail(mistakes, FAILED),
            };
        let server = match crate::build(&config) {
            Ok(server) => server,
            Err(error) => return fail(error, FAILED),
        };
        let tools = server.registry().iter();
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

fn described(tool: &Registered) -> Value {
    let spec = tool.spec();
    json!({
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
    let mut rows = vec![["TOOL", "EFFECT", "REVERSAL", "ABILITIES", "TOKENS"].map(str::to_owned)];
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
            tool.name().to_owned(),
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
    let mut widths = [0; 5];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.len().max(*width);
        }
    }
    let [name, effect, reversal, abilities, tokens] = widths;
    let mut text = String::new();
    for [a, b, c, d, e] in &rows {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{a:name$}  {b:effect$}  {c:reversal$}  {d:abilities$}  {e:>tokens$}"
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
    let schema = serde_json::to_string(&spec.input).map_or(0, |schema| schema.len());
    (tool.name().len() + spec.description.len() + schema) / 4
}
