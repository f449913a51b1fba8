//! The invariants of the workspace, as ARCHITECTURE.md states them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Direct dependencies of each member, development ones left out.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let direct = package["dependencies"].as_array().unwrap().iter();
            let direct = direct.filter(|dependency| dependency["kind"] != "dev");
            let names = direct.map(|dependency| dependency["name"].as_str().unwrap().to_owned());
            (
                package["name"].as_str().unwrap().to_owned(),
                names.collect(),
            )
        })
        .collect()
}

/// Source files of the members' libraries and binaries: path from the root, text.
fn sources(member: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(&root().join(member).join("src"), &mut found);
    assert!(!found.is_empty(), "{member} has no sources");
    found
}

/// The same of its examples.
fn examples(member: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let folder = root().join(member).join("examples");
    if folder.is_dir() {
        walk(&folder, &mut found);
    }
    found
}

fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The lines of a file before its tests; a `mod tests;` that only names another file is left out alone.
fn without_tests(text: &str) -> impl Iterator<Item = &str> {
    let mut lines = text.lines().peekable();
    std::iter::from_fn(move || {
        loop {
            let line = lines.next()?;
            if line != "#[cfg(test)]" {
                return Some(line);
            }
            if !lines.next()?.ends_with(';') {
                return None;
            }
        }
    })
}

/// The lines of a file that are neither comments nor its tests.
fn code(text: &str) -> impl Iterator<Item = &str> {
    without_tests(text)
        .map(str::trim_start)
        .filter(|line| !line.starts_with("//"))
}

fn naming<'a>(sources: &'a [(String, String)], word: &str) -> Vec<&'a str> {
    let uses = |text: &str| {
        code(text).any(|line| {
            line.contains(&format!("{word}::"))
                || line.starts_with(&format!("use {word}"))
                || line.contains(&format!("extern crate {word}"))
        })
    };
    let files = sources.iter().filter(|(_, text)| uses(text));
    files.map(|(name, _)| name.as_str()).collect()
}

const MEMBERS: [&str; 8] = [
    "api-core",
    "tickiti-client",
    "envia-client",
    "mcp-tools",
    "mcp-server",
    "sandbox",
    "examples",
    "benches",
];

fn all_sources() -> Vec<(String, String)> {
    let all = |member: &&str| [sources(member), examples(member)].concat();
    MEMBERS.iter().flat_map(all).collect()
}

#[test]
fn nothing_below_the_tools_knows_the_protocol() {
    let dependencies = dependencies();
    for member in ["api-core", "tickiti-client", "envia-client", "sandbox"] {
        let direct = &dependencies[member];
        for above in ["rmcp", "mcp-tools", "mcp-server"] {
            assert!(
                !direct.iter().any(|name| name == above),
                "{member} uses {above}"
            );
        }
    }
    let mut sources = all_sources();
    // The measurements hold the server against the least one that the library makes, and the conformance suite is given a
    // handler of its own on the server's HTTP.
    let apart = ["benches/", "mcp-server/examples/conformance/"];
    for folder in apart {
        let known = sources.len();
        sources.retain(|(file, _)| !file.starts_with(folder));
        assert!(sources.len() < known, "{folder} holds no sources");
    }
    let naming = naming(&sources, "rmcp");
    assert!(
        !naming.is_empty() && naming.len() <= 3,
        "rmcp is named in {naming:?}"
    );
}

#[test]
fn one_place_knows_the_http_library() {
    for (member, direct) in dependencies() {
        let uses = direct.iter().any(|name| name == "reqwest");
        assert_eq!(uses, member == "api-core", "{member} and reqwest");
    }
    let sources = all_sources();
    for file in naming(&sources, "reqwest") {
        assert!(
            file.starts_with("api-core/src/transport"),
            "reqwest is named in {file}"
        );
    }
}

#[test]
fn the_clients_touch_neither_environment_nor_terminal() {
    for member in ["api-core", "tickiti-client", "envia-client"] {
        for (file, text) in sources(member) {
            for line in code(&text) {
                for forbidden in [
                    "std::env",
                    "env::var",
                    "println!",
                    "print!",
                    "dbg!",
                    "process::exit",
                ] {
                    assert!(!line.contains(forbidden), "{file}: {line}");
                }
            }
        }
    }
}

#[test]
fn the_sandbox_shares_no_type_with_the_clients() {
    let dependencies = dependencies();
    for shared in ["api-core", "tickiti-client", "envia-client", "mcp-tools"] {
        let direct = &dependencies["sandbox"];
        assert!(
            !direct.iter().any(|name| name == shared),
            "the sandbox uses {shared}"
        );
    }
}

#[test]
fn the_server_decides_nothing() {
    let sources = sources("mcp-server");
    for (file, text) in &sources {
        for line in code(text) {
            assert!(
                !line.contains("impl Tool for"),
                "{file} has a tool of its own: {line}"
            );
            assert!(
                !line.contains("impl Endpoint for"),
                "{file} has an endpoint: {line}"
            );
            assert!(
                !line.contains("tickiti_client::api") && !line.contains(" api::"),
                "{file} names an endpoint: {line}"
            );
        }
    }
    let main = sources
        .iter()
        .find(|(file, _)| file.ends_with("src/main.rs"));
    let lines = main.unwrap().1.lines().count();
    assert!(lines < 60, "main.rs has {lines} lines");
}

#[test]
fn no_file_is_long() {
    const LIMIT: usize = 600;
    for (file, text) in all_sources() {
        let lines = without_tests(&text).count();
        assert!(lines <= LIMIT, "{file} has {lines} lines without its tests");
    }
}

#[test]
fn folders_have_no_mod_files() {
    for (file, _) in all_sources() {
        assert!(!file.ends_with("/mod.rs"), "{file}");
    }
}
