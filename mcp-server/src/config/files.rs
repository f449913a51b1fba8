//! The folders whose files may be read and written.

use std::path::{Path, PathBuf};

use super::{Variables, reader::Reader, variable};

/// Stands for no folder at all.
const NONE: &str = "none";
/// Between two paths, as this system has it.
pub(super) const BETWEEN: &str = if cfg!(windows) { ";" } else { ":" };

/// The folders that are set; nothing where nothing is said.
pub(super) fn folders(reader: &Reader<'_>) -> Option<Vec<PathBuf>> {
    let value = reader.value(variable::FILES)?;
    if value == NONE {
        return Some(Vec::new());
    }
    let named = std::env::split_paths(value);
    Some(named.filter(|path| !path.as_os_str().is_empty()).collect())
}

/// The working folder, where it is one that a person chose to work in: not the whole file system, not the home folder, and
/// none above that.
#[must_use]
pub fn working_folder(variables: &Variables) -> Option<PathBuf> {
    if !cfg!(unix) {
        return None;
    }
    let folder = std::env::current_dir().ok()?.canonicalize().ok()?;
    let home = variables.get("HOME").map(Path::new);
    let home = home.and_then(|home| home.canonicalize().ok());
    is_narrow(&folder, home.as_deref()).then_some(folder)
}

fn is_narrow(folder: &Path, home: Option<&Path>) -> bool {
    folder.parent().is_some() && !home.is_some_and(|home| home.starts_with(folder))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_home_folder_is_too_wide() {
        let home = Some(Path::new("/home/ana"));
        for (folder, narrow) in [
            ("/", false),
            ("/home", false),
            ("/home/ana", false),
            ("/home/ana/work", true),
            ("/home/anabel", true),
            ("/srv/reports", true),
        ] {
            assert_eq!(is_narrow(Path::new(folder), home), narrow, "{folder}");
        }
        assert!(!is_narrow(Path::new("/"), None));
        assert!(is_narrow(Path::new("/srv"), None));
    }

    #[test]
    fn a_list_or_none() {
        let read = |value: &str| {
            let variables = Variables::from([(variable::FILES.to_owned(), value.to_owned())]);
            folders(&Reader::new(&variables, &|_| {
                Err(std::io::ErrorKind::NotFound.into())
            }))
        };
        assert_eq!(read(""), None);
        assert_eq!(read("none"), Some(Vec::new()));
        assert_eq!(read("/a:b:"), Some(vec!["/a".into(), "b".into()]));
    }
}
