//! Where what must outlive the process is kept.

use std::path::{Path, PathBuf};

use super::{reader::Reader, variable};

const OWN: &str = "ticketing-mcp";

/// The folder that is set, or else the one where this system keeps such things for its user.
pub(super) fn folder(reader: &Reader<'_>) -> Option<PathBuf> {
    match reader.value(variable::STATE) {
        Some(path) => Some(path.into()),
        None => usual(std::env::consts::OS, &|name| reader.value(name)),
    }
}

/// By the rules of each system; a path that is not absolute does not count.
fn usual<'a>(system: &str, value: &dyn Fn(&str) -> Option<&'a str>) -> Option<PathBuf> {
    let absolute = |name| value(name).map(Path::new).filter(|path| path.is_absolute());
    let parent = match system {
        "windows" => absolute("LOCALAPPDATA")?.to_owned(),
        "macos" => absolute("HOME")?.join("Library/Application Support"),
        _ => match absolute("XDG_STATE_HOME") {
            Some(folder) => folder.to_owned(),
            None => absolute("HOME")?.join(".local/state"),
        },
    };
    Some(parent.join(OWN))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn each_system_has_its_place() {
        let all = |name: &str| match name {
            "HOME" => Some("/home/ana"),
            "XDG_STATE_HOME" => Some("/state"),
            "LOCALAPPDATA" => Some("/local"),
            _ => None,
        };
        let home = |name: &str| (name == "HOME").then_some("/home/ana");
        let odd = |name: &str| match name {
            "HOME" => Some("/home/ana"),
            "XDG_STATE_HOME" => Some("state"),
            _ => None,
        };
        type Values<'a> = &'a dyn Fn(&str) -> Option<&'static str>;
        let cases: [(&str, Values<'_>, Option<&str>); 7] = [
            ("linux", &all, Some("/state/ticketing-mcp")),
            ("linux", &home, Some("/home/ana/.local/state/ticketing-mcp")),
            ("linux", &odd, Some("/home/ana/.local/state/ticketing-mcp")),
            ("linux", &|_| None, None),
            (
                "macos",
                &all,
                Some("/home/ana/Library/Application Support/ticketing-mcp"),
            ),
            ("windows", &all, Some("/local/ticketing-mcp")),
            ("windows", &home, None),
        ];
        for (system, values, expected) in cases {
            let found = usual(system, values);
            assert_eq!(found.as_deref(), expected.map(Path::new), "{system}");
        }
    }
}
