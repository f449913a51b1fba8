//! Where that is kept which several processes of this server must agree on.

use std::{path::Path, sync::Arc};

use mcp_tools::store::{Memory, Store};

use super::{pair::in_file, reader::Reader, variable};

/// The file of the default store, in the folder for what must outlive the process.
#[cfg(feature = "sqlite")]
const FILE: &str = "shared.sqlite3";

/// The store that is chosen. Nothing is opened or reached yet.
pub(super) fn store(reader: &mut Reader<'_>, state: Option<&Path>) -> Arc<dyn Store> {
    let (name, file) = (variable::STORE, variable::STORE_FILE);
    let told = match (reader.value(name), reader.value(file)) {
        (Some(_), Some(_)) => {
            reader.mistake(format!("{name} and {file} are both set; keep one"));
            None
        }
        (Some(told), None) => Some(told.to_owned()),
        (None, Some(path)) => {
            let place = format!("the file that {file} names");
            let Some(told) = in_file(reader, path, &place) else {
                return memory();
            };
            Some(told)
        }
        (None, None) => None,
    };
    match told.as_deref() {
        None => usual(state),
        Some("memory") => memory(),
        Some("sqlite") => in_state(reader, state),
        Some(url) if is_redis(url) => redis(reader, url),
        Some(_) => {
            reader.mistake(format!(
                "{name} (or --store) must be sqlite, memory, or the address of a Redis server, such as \
                 redis://127.0.0.1:6379"
            ));
            memory()
        }
    }
}

fn memory() -> Arc<dyn Store> {
    Arc::new(Memory::new())
}

fn is_redis(url: &str) -> bool {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    let scheme = scheme.to_ascii_lowercase();
    scheme.starts_with("redis") || scheme == "unix"
}

#[cfg(feature = "sqlite")]
fn usual(state: Option<&Path>) -> Arc<dyn Store> {
    match state {
        Some(state) => Arc::new(mcp_tools::store::Sqlite::at(state.join(FILE))),
        None => {
            // No warning: `call`, and a server on stdio, may well run where nothing is to be left behind.
            tracing::info!(
                "nothing tells where writes can be kept on record ({} or --state), so they are remembered by this process \
                 alone",
                variable::STATE
            );
            memory()
        }
    }
}

#[cfg(feature = "sqlite")]
fn in_state(reader: &mut Reader<'_>, state: Option<&Path>) -> Arc<dyn Store> {
    if state.is_none() {
        reader.mistake(format!(
            "there is no folder for the store; name one with --state or {}",
            variable::STATE
        ));
    }
    usual(state)
}

#[cfg(not(feature = "sqlite"))]
fn usual(_: Option<&Path>) -> Arc<dyn Store> {
    memory()
}

#[cfg(not(feature = "sqlite"))]
fn in_state(reader: &mut Reader<'_>, _: Option<&Path>) -> Arc<dyn Store> {
    reader.mistake("this program was built without SQLite; build it with the feature sqlite");
    memory()
}

#[cfg(feature = "redis")]
fn redis(reader: &mut Reader<'_>, url: &str) -> Arc<dyn Store> {
    match mcp_tools::store::Redis::at(url) {
        Ok(store) => Arc::new(store),
        Err(error) => {
            reader.mistake(format!(
                "the address of the Redis server ({}, {} or --store) {error}; an example is redis://127.0.0.1:6379",
                variable::STORE,
                variable::STORE_FILE
            ));
            memory()
        }
    }
}

#[cfg(not(feature = "redis"))]
fn redis(reader: &mut Reader<'_>, _: &str) -> Arc<dyn Store> {
    reader.mistake("this program was built without Redis; build it with the feature redis");
    memory()
}
