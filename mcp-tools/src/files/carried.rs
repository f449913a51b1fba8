//! The files that a call names: opened before it begins, so that what is on record, asked about and sent is the same.

use std::{collections::BTreeMap, sync::Arc};

use sha2::{Digest as _, Sha256};

use super::{FileError, Kind, Local, MAX_FILE, MAX_IMAGE, MAX_TEXT, Roots};
use crate::{
    arguments::Mistake,
    error::{ErrorKind, ToolError},
    ledger::hex,
};

/// A file that a call names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carry {
    /// The argument that names it: `files[0].path`.
    pub argument: String,
    /// The path in it.
    pub path: String,
    /// The name that it is sent under, where the call gives one.
    pub name: Option<String>,
    /// What is taken there.
    pub take: Take,
}

/// What files are taken at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// Any, up to [`MAX_FILE`].
    File,
    /// Pictures, up to [`MAX_IMAGE`].
    Image,
    /// Text in UTF-8, up to [`MAX_TEXT`].
    Text,
    /// These kinds, up to a number of bytes.
    Kinds(&'static [Kind], u64),
}

/// The files that a call carries, open, by their paths. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Carried(Arc<BTreeMap<String, Local>>);

impl Take {
    const fn limit(self) -> u64 {
        match self {
            Self::File => MAX_FILE,
            Self::Image => MAX_IMAGE,
            Self::Text => MAX_TEXT,
            Self::Kinds(_, limit) => limit,
        }
    }

    /// Why a file is not taken.
    fn problem(self, name: &str, local: &Local) -> Option<String> {
        let kind = local.kind();
        let found = || kind.map_or("something else", Kind::words);
        let wanted = match self {
            Self::File => return Kind::contradiction(name, kind, local.size()),
            Self::Text => return None,
            Self::Image if kind.is_some_and(Kind::is_image) => {
                return Kind::contradiction(name, kind, local.size());
            }
            Self::Image => "a picture (PNG, JPEG, GIF, WebP, BMP or SVG)".to_owned(),
            Self::Kinds(kinds, _) if kind.is_some_and(|kind| kinds.contains(&kind)) => {
                return Kind::contradiction(name, kind, local.size());
            }
            Self::Kinds(kinds, _) => {
                let words: Vec<&str> = kinds.iter().copied().map(Kind::words).collect();
                words.join(" or ")
            }
        };
        Some(format!("must be {wanted}; its content is {}", found()))
    }
}

impl Carried {
    /// Opens what a call names.
    ///
    /// # Errors
    ///
    /// With everything that is wrong with the files of `tool`, and nothing was sent.
    pub(crate) async fn open(
        roots: &Roots,
        tool: &str,
        carries: Vec<Carry>,
    ) -> Result<Self, ToolError> {
        if carries.is_empty() {
            return Ok(Self::default());
        }
        let roots = roots.clone();
        let opened = tokio::task::spawn_blocking(move || Self::open_all(&roots, &carries)).await;
        let opened = opened.map_err(|error| ToolError::internal(error.to_string()))?;
        opened.map_err(|problems| {
            let denied = problems.iter().find(|(kind, _)| *kind == ErrorKind::Denied);
            let missing = problems
                .iter()
                .all(|(kind, _)| *kind == ErrorKind::NotFound);
            let kind = match (denied, missing) {
                (Some(_), _) => ErrorKind::Denied,
                (None, true) => ErrorKind::NotFound,
                (None, false) => ErrorKind::Arguments,
            };
            let mistakes: Vec<Mistake> = problems.into_iter().map(|(_, told)| told).collect();
            ToolError::new(kind, ToolError::arguments(tool, &mistakes).text())
        })
    }

    fn open_all(roots: &Roots, carries: &[Carry]) -> Result<Self, Vec<(ErrorKind, Mistake)>> {
        let mut open = BTreeMap::new();
        let mut problems = Vec::new();
        for carry in carries {
            match Self::open_one(roots, carry) {
                Ok(local) => drop(open.insert(carry.path.clone(), local)),
                Err(error) => problems.push((
                    error.kind(),
                    Mistake::new(carry.argument.clone(), error.problem()),
                )),
            }
        }
        match problems.is_empty() {
            true => Ok(Self(Arc::new(open))),
            false => Err(problems),
        }
    }

    fn open_one(roots: &Roots, carry: &Carry) -> Result<Local, FileError> {
        let local = roots.read(&carry.path, carry.take.limit())?;
        let name = carry.name.as_deref().unwrap_or_else(|| local.name());
        match carry.take.problem(name, &local) {
            Some(problem) => Err(FileError::wrong(problem)),
            None => Ok(local),
        }
    }

    /// The file of a path.
    ///
    /// # Errors
    ///
    /// When the call did not name it: a fault of the tool.
    pub fn get(&self, path: &str) -> Result<&Local, ToolError> {
        let found = self.0.get(path);
        found.ok_or_else(|| ToolError::internal("a file was not opened before the call"))
    }

    /// What tells calls with the same words but other files apart; nothing when there are no files.
    pub(crate) fn digest(&self) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let mut digest = Sha256::new();
        for (path, local) in self.0.iter() {
            digest.update(path.len().to_be_bytes());
            digest.update(path);
            digest.update(local.sha256());
        }
        Some(hex(digest))
    }
}
