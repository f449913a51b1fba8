//! Local files: no tool reads or writes outside the allowed folders, and what goes through is whole.

mod races;
mod roots;
mod tools;
mod writing;

use std::{
    fs,
    path::{Path, PathBuf},
};

use mcp_tools::Roots;

/// A fresh folder with an allowed one in it, and one beside that; all removed when this is dropped.
pub(crate) struct Place(PathBuf);

impl Place {
    pub(crate) fn new() -> Self {
        let name = format!("ticketing-mcp-test-{}", uuid::Uuid::new_v4().simple());
        let place = Self(std::env::temp_dir().canonicalize().unwrap().join(name));
        fs::create_dir_all(place.inside("")).unwrap();
        fs::create_dir_all(place.outside("")).unwrap();
        fs::write(place.outside("secret.txt"), SECRET).unwrap();
        place
    }

    /// A path in the allowed folder.
    pub(crate) fn inside(&self, name: &str) -> PathBuf {
        self.0.join("inside").join(name)
    }

    /// A path beside it.
    pub(crate) fn outside(&self, name: &str) -> PathBuf {
        self.0.join("outside").join(name)
    }

    pub(crate) fn roots(&self) -> Roots {
        Roots::open(&[self.inside("")]).unwrap()
    }

    /// Every name in the allowed folder, folders and hidden names among them, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        names(&self.inside(""))
    }

    /// Every name beside it.
    pub(crate) fn names_outside(&self) -> Vec<String> {
        names(&self.outside(""))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What stands in the file that nobody may read.
pub(crate) const SECRET: &str = "not for you";

fn names(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(here) = open.pop() {
        for entry in fs::read_dir(&here).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap();
            found.push(name.to_str().unwrap().to_owned());
            if path.is_dir() && !path.is_symlink() {
                open.push(path);
            }
        }
    }
    found.sort();
    found
}
