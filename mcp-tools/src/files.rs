//! Local files: read and written beneath allowed folders, and nowhere else.
//!
//! A path is first followed to its end inside the folder (links, `..`), and must stay there. What it then names is opened in
//! one step that follows no link at all, beneath a handle of the folder that has been open since the start. Whatever is
//! swapped in between is refused, never followed.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

mod carried;
mod kind;
mod path;
mod read;
mod write;

#[cfg(unix)]
mod beneath;
#[cfg(not(unix))]
#[path = "files/elsewhere.rs"]
mod beneath;

use beneath::Folder;
pub use carried::{Carried, Carry, Take};
pub use kind::Kind;
pub use read::Local;
pub(crate) use write::in_background;
pub use write::{NewFile, Written};

use crate::error::{ErrorKind, ToolError};

/// Largest file that is sent, in bytes: 25 MiB, as much as Tickiti takes.
pub const MAX_FILE: u64 = 25 * 1024 * 1024;
/// Largest picture inside a body, in bytes: 5 MiB.
pub const MAX_IMAGE: u64 = 5 * 1024 * 1024;
/// Largest text that becomes a body, in bytes: 1 MiB.
pub const MAX_TEXT: u64 = 1024 * 1024;
/// Largest file that is written, in bytes: 1 GiB.
pub const MAX_WRITTEN: u64 = 1024 * 1024 * 1024;

/// Bytes that the kind of a file is judged by.
const HEAD: usize = 1_024;

/// The allowed folders; none by default. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Roots(Arc<Vec<Root>>);

/// One allowed folder.
#[derive(Debug)]
struct Root {
    /// The path as it was given, absolute.
    given: PathBuf,
    /// The same without links.
    path: PathBuf,
    folder: Folder,
}

/// Why a folder cannot be one of the allowed.
#[derive(Debug, thiserror::Error)]
#[error("files cannot be allowed in {}: {problem}", folder.display())]
pub struct RootError {
    folder: PathBuf,
    problem: String,
}

/// Why a file is not read or written. The path in its text is the caller's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    kind: ErrorKind,
    /// Reads on after the name of an argument: `is not …`.
    problem: String,
}

impl Roots {
    /// Opens folders, the first of which relative paths start from.
    ///
    /// # Errors
    ///
    /// When one is no folder, cannot be opened, or is the whole file system.
    pub fn open<P: AsRef<Path>>(folders: &[P]) -> Result<Self, RootError> {
        let open = |folder: &P| {
            let folder = folder.as_ref();
            Root::open(folder).map_err(|problem| RootError {
                folder: folder.to_owned(),
                problem,
            })
        };
        let roots = folders.iter().map(open).collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(roots)))
    }

    /// True when no folder is allowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The folders, without links.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(|root| root.path.as_path())
    }

    /// Opens a file to read and takes the digest of its content. Waits for the disk.
    ///
    /// # Errors
    ///
    /// When the path leads out of the allowed folders or to no ordinary file, or the file is larger than `limit` bytes.
    pub fn read(&self, path: &str, limit: u64) -> Result<Local, FileError> {
        let (root, names) = self.find(path)?;
        let file = root.folder.open_file(&names).map_err(FileError::of_io)?;
        Local::of(file, names, limit)
    }

    /// Begins a file; it appears under its name when it is finished, and never when it is not. Missing folders are made.
    /// Waits for the disk.
    ///
    /// # Errors
    ///
    /// When the path leads out of the allowed folders, or there is a file already and `overwrite` is not wanted.
    pub fn create(&self, path: &str, overwrite: bool) -> Result<NewFile, FileError> {
        let (root, names) = self.find(path)?;
        NewFile::begin(&root.folder, names, overwrite)
    }

    /// Whether a file could be begun; makes nothing. Waits for the disk.
    ///
    /// # Errors
    ///
    /// As [`Self::create`], as far as it can be told.
    pub fn check_new(&self, path: &str, overwrite: bool) -> Result<(), FileError> {
        let (root, names) = self.find(path)?;
        write::check(&root.folder, &names, overwrite)
    }

    /// The folder that a path is in, and the way to it there, without links.
    fn find(&self, path: &str) -> Result<(&Root, Vec<std::ffi::OsString>), FileError> {
        if self.0.is_empty() {
            return Err(FileError::no_roots());
        }
        let path = path::checked(path)?;
        let (root, below) = if path.is_absolute() {
            let found = self
                .0
                .iter()
                .find_map(|root| Some((root, root.below(path)?)));
            found.ok_or_else(FileError::outside)?
        } else {
            (self.0.first().ok_or_else(FileError::no_roots)?, path)
        };
        let links = |names: &[std::ffi::OsString]| root.folder.link(names);
        let names = path::followed(below, &links, &|target| root.below(target))?;
        Ok((root, names))
    }
}

impl Root {
    fn open(folder: &Path) -> Result<Self, String> {
        let told = |error: io::Error| error.to_string();
        let given = std::path::absolute(folder).map_err(told)?;
        let path = given.canonicalize().map_err(told)?;
        if path.parent().is_none() {
            return Err("it is the whole file system; name a folder in it".to_owned());
        }
        let folder = Folder::open(&path).map_err(told)?;
        Ok(Self {
            given,
            path,
            folder,
        })
    }

    /// The rest of an absolute path in this folder, by its names alone.
    fn below<'a>(&self, path: &'a Path) -> Option<&'a Path> {
        let below = path.strip_prefix(&self.path);
        below.or_else(|_| path.strip_prefix(&self.given)).ok()
    }
}

impl FileError {
    fn new(kind: ErrorKind, problem: impl Into<String>) -> Self {
        let problem = problem.into();
        Self { kind, problem }
    }

    fn wrong(problem: impl Into<String>) -> Self {
        Self::new(ErrorKind::Arguments, problem)
    }

    fn denied(problem: impl Into<String>) -> Self {
        Self::new(ErrorKind::Denied, problem)
    }

    fn no_roots() -> Self {
        Self::denied(
            "cannot be used: this server may touch no local file. Whoever runs it allows a folder with --files DIR or \
             TICKETING_MCP_FILES",
        )
    }

    fn outside() -> Self {
        Self::denied(
            "leads out of the folders that this server may use; give a path inside them (links and `..` are followed first)",
        )
    }

    fn not_ordinary() -> Self {
        Self::denied("is no ordinary file")
    }

    fn swapped() -> Self {
        Self::denied(
            "was changed while it was opened, or a link stands in its way; nothing was touched",
        )
    }

    fn of_io(error: io::Error) -> Self {
        use io::ErrorKind as Io;
        match error.kind() {
            Io::NotFound => Self::new(ErrorKind::NotFound, "does not exist"),
            Io::PermissionDenied => {
                Self::denied("is closed to this server by the permissions of the system")
            }
            Io::NotADirectory => Self::wrong("goes through something that is no folder"),
            Io::IsADirectory => Self::wrong("is a folder; name a file"),
            Io::InvalidFilename => Self::wrong("has a name that is too long"),
            Io::AlreadyExists => Self::exists(),
            Io::StorageFull | Io::QuotaExceeded | Io::FileTooLarge => Self::new(
                ErrorKind::Internal,
                format!("could not be written whole, and nothing was left of it: {error}"),
            ),
            _ if beneath::is_refusal(&error) => Self::swapped(),
            _ if beneath::is_special(&error) => Self::not_ordinary(),
            _ => Self::new(ErrorKind::Internal, format!("could not be used: {error}")),
        }
    }

    fn exists() -> Self {
        Self::new(
            ErrorKind::Conflict,
            "exists already and was left as it is; choose another name, or give overwrite: true",
        )
    }

    /// The class of the failure.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What is wrong, to be read on after the name of an argument.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// The failure of a tool whose argument named the file.
    #[must_use]
    pub fn about(self, argument: &str) -> ToolError {
        ToolError::new(self.kind, format!("`{argument}` {}", self.problem))
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for FileError {}
