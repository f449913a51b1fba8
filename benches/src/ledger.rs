//! What the ledger adds to a call: the same call with it and without, turn by turn, in this process. What the call itself does
//! is nothing, so the difference is all that is seen.

use std::{fs, sync::Arc, time::Instant};

use mcp_tools::{
    Backends, Context, JsonObject, Ledger, Module, Registry, Tool, ToolError, ToolSpec, schema,
    store::{Sqlite, Store},
};
use serde_json::json;

use crate::{
    Outcome,
    place::{self, Place},
    report::{Budget, Figure, Report, Unit},
    stats::Summary,
};

/// What the ledger may add to a write at the median, in microseconds.
const WRITE: f64 = 150.0;
/// The same for a read, which it must not touch: as little as can be told from nothing.
const READ: f64 = 2.0;
const CALLS: usize = 3_000;
const WARM_UP: usize = 200;

/// A tool that does nothing.
struct Nothing {
    name: &'static str,
    effect: api_core::Effect,
}

impl Tool for Nothing {
    fn spec(&self) -> ToolSpec {
        let number = ("number", json!({"type": "integer"}));
        let mut spec = ToolSpec::read(self.name, "Nothing", "tickets")
            .input(schema::open_object(&[number], &[]))
            .output(schema::open_object(&[], &[]));
        spec.effect = self.effect;
        spec
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn effect(&self, _: &JsonObject) -> api_core::Effect {
        self.effect
    }

    async fn call(&self, _: &Context, arguments: JsonObject) -> Result<JsonObject, ToolError> {
        Ok(arguments)
    }
}

/// Measures both kinds of calls.
pub(crate) fn measure(report: &mut Report) -> Outcome<()> {
    let folder = std::env::temp_dir().join(format!("benches-ledger-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    // The store's thread must not wake on another processor at one time and on the same at another.
    let fixed = place::is_possible();
    if fixed {
        place::this_thread(Place::Second)?;
    }
    let store: Arc<dyn Store> = Arc::new(Sqlite::at(folder.join("shared.sqlite3")));
    let measured = runtime.block_on(both(&Ledger::new(store, "benches"), report));
    if fixed {
        place::this_thread(Place::Anywhere)?;
    }
    fs::remove_dir_all(&folder)?;
    measured
}

async fn both(ledger: &Ledger, report: &mut Report) -> Outcome<()> {
    use api_core::{Effect, Repeat};

    let write = Nothing {
        name: "write",
        effect: Effect::Write(Repeat::Never),
    };
    let read = Nothing {
        name: "read",
        effect: Effect::Read,
    };
    let registry = Registry::new(vec![Module::new("bench").tool(write).tool(read)])?;
    for (tool, most) in [("write", WRITE), ("read", READ)] {
        let mut added = Vec::with_capacity(CALLS);
        for number in 0..CALLS + WARM_UP {
            let without = time(&registry, tool, None, number).await?;
            let with = time(&registry, tool, Some(ledger), number).await?;
            if number >= WARM_UP {
                added.push(with - without);
            }
        }
        let summary = Summary::of(added).ok_or("nothing was measured")?;
        report.push(
            Figure::new(
                format!("the ledger adds to a {tool}"),
                "SQLite",
                Unit::Microseconds,
                summary.median,
            )
            .budget(Budget::AtMost(most))
            .note(format!(
                "median of {CALLS} pairs; p99 {:.0} µs",
                summary.p99
            ))
            .more("p99", summary.p99),
        );
    }
    Ok(())
}

/// One call, in microseconds.
async fn time(
    registry: &Registry,
    tool: &str,
    ledger: Option<&Ledger>,
    number: usize,
) -> Outcome<f64> {
    let mut context = Context::new("bench", Backends::new());
    context.ledger = ledger.cloned();
    let mut arguments = JsonObject::new();
    arguments.insert("number".to_owned(), json!(number));
    let begun = Instant::now();
    registry.call(tool, context, arguments).await?;
    Ok(begun.elapsed().as_secs_f64() * 1e6)
}
