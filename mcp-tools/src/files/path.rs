//! Paths as callers give them: what is refused for its form, and where one leads.

use std::{
    collections::VecDeque,
    ffi::{OsStr, OsString},
    io,
    path::{Component, Path},
};

use super::FileError;

/// Most bytes of a path.
const MAX_PATH: usize = 4_096;
/// Most bytes of one name in it.
const MAX_NAME: usize = 255;
/// Most links on the way.
const MAX_LINKS: usize = 40;

/// A path that has a form which is looked at.
pub(super) fn checked(path: &str) -> Result<&Path, FileError> {
    let wrong = |problem| Err(FileError::wrong(problem));
    if path.is_empty() {
        return wrong("is empty; give the path of a file");
    }
    if path.len() > MAX_PATH || path.split('/').any(|name| name.len() > MAX_NAME) {
        return wrong("is too long");
    }
    if path.chars().any(misleads) {
        return wrong("has control characters in it");
    }
    let drive = path.as_bytes().get(..2).is_some_and(|start| {
        start.first().is_some_and(u8::is_ascii_alphabetic) && start.get(1) == Some(&b':')
    });
    if drive || path.contains('\\') {
        return wrong("has the form of a Windows path; write it with `/`, as folder/file.txt");
    }
    if path.starts_with("file:") {
        return wrong("is a URL; give the path alone");
    }
    if path == "~" || path.starts_with("~/") {
        return wrong("starts with `~`, which is not replaced; give the whole path");
    }
    if path.ends_with('/') {
        return wrong("is a folder; name a file");
    }
    Ok(Path::new(path))
}

/// Characters that make a path look like another one, or end it early.
fn misleads(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// Hidden names hold settings and keys, and often programs that others run. Some file systems pass over characters that
/// show nothing.
fn is_hidden(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let seen = name.trim_start_matches(|character| {
        matches!(character, '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
    });
    seen.starts_with('.')
}

/// Where a path leads inside its folder, by names without links.
///
/// `link` tells where the link of these names points, `below` what of an absolute path is inside the folder.
pub(super) fn followed<'a>(
    path: &Path,
    link: &dyn Fn(&[OsString]) -> io::Result<Option<std::path::PathBuf>>,
    below: &'a dyn for<'p> Fn(&'p Path) -> Option<&'p Path>,
) -> Result<Vec<OsString>, FileError> {
    let mut rest: VecDeque<OsString> = names(path);
    let mut done: Vec<OsString> = Vec::new();
    let mut links = 0;
    while let Some(name) = rest.pop_front() {
        if name == ".." {
            done.pop().ok_or_else(FileError::outside)?;
            continue;
        }
        if is_hidden(&name) {
            return Err(FileError::denied(
                "goes to a hidden file or folder (its name begins with a dot), and those are left alone",
            ));
        }
        done.push(name);
        let Some(target) = link(&done).map_err(FileError::of_io)? else {
            continue;
        };
        links += 1;
        if links > MAX_LINKS {
            return Err(FileError::wrong("goes through too many links"));
        }
        done.pop();
        let target = if target.is_absolute() {
            done.clear();
            below(&target).ok_or_else(FileError::outside)?
        } else {
            target.as_path()
        };
        for name in names(target).into_iter().rev() {
            rest.push_front(name);
        }
    }
    if done.is_empty() {
        return Err(FileError::wrong("is the folder itself; name a file in it"));
    }
    Ok(done)
}

/// The names of a path, `..` among them.
fn names(path: &Path) -> VecDeque<OsString> {
    path.components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some(OsString::from("..")),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
        })
        .collect()
}
