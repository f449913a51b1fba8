//! A file that is written: under a name of its own until it is whole.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{self, Write as _},
    sync::Arc,
};

use api_core::Bytes;
use sha2::{Digest as _, Sha256};

use super::{
    FileError, MAX_WRITTEN,
    beneath::{Folder, Found},
};
use crate::ledger::hex;

/// A file under way. Dropped before it is finished, it leaves nothing: no part of itself, and no folder that was made for it.
#[derive(Debug)]
pub struct NewFile {
    begun: Arc<Begun>,
    digest: Sha256,
    bytes: u64,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Number of its bytes.
    pub bytes: u64,
    /// SHA-256 of its content, in hexadecimal digits.
    pub sha256: String,
}

/// What is on the disk so far. The last holder cleans up.
#[derive(Debug)]
struct Begun {
    folder: Folder,
    /// Folders that were made, each with the one that it is in.
    made: Vec<(Folder, OsString)>,
    file: File,
    /// The name until it is finished; hidden, so that no other call touches it.
    part: OsString,
    name: OsString,
    overwrite: bool,
}

impl NewFile {
    pub(super) fn begin(
        root: &Folder,
        names: Vec<OsString>,
        overwrite: bool,
    ) -> Result<Self, FileError> {
        check(root, &names, overwrite)?;
        let Some((name, folders)) = names.split_last() else {
            return Err(FileError::wrong("names no file"));
        };
        let mut made = Made::default();
        let folder = made.way(root, folders).map_err(FileError::of_io)?;
        let part = OsString::from(format!(
            ".ticketing-mcp-{}.part",
            uuid::Uuid::new_v4().simple()
        ));
        let file = folder.begin(&part).map_err(FileError::of_io)?;
        Ok(Self {
            begun: Arc::new(Begun {
                folder,
                made: made.keep(),
                file,
                part,
                name: name.clone(),
                overwrite,
            }),
            digest: Sha256::new(),
            bytes: 0,
        })
    }

    /// Number of bytes so far.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds to its end.
    ///
    /// # Errors
    ///
    /// When the disk takes no more, or the file would have more than [`MAX_WRITTEN`] bytes.
    pub async fn write(&mut self, piece: Bytes) -> Result<(), FileError> {
        self.bytes = self.bytes.saturating_add(piece.len() as u64);
        if self.bytes > MAX_WRITTEN {
            return Err(FileError::wrong(format!(
                "would have more than {MAX_WRITTEN} bytes, which is more than is written"
            )));
        }
        let begun = Arc::clone(&self.begun);
        let mut digest = std::mem::take(&mut self.digest);
        self.digest = in_background(move || {
            (&begun.file).write_all(&piece)?;
            digest.update(&piece);
            Ok(digest)
        })
        .await?;
        Ok(())
    }

    /// Gives it its name, once everything is on the disk.
    ///
    /// # Errors
    ///
    /// When the disk does not take it, or another file has the name by now and is not to be overwritten.
    pub async fn finish(self) -> Result<Written, FileError> {
        let begun = self.begun;
        in_background(move || begun.finish()).await?;
        Ok(Written {
            bytes: self.bytes,
            sha256: hex(self.digest),
        })
    }
}

/// Whether a file may be begun here.
pub(super) fn check(root: &Folder, names: &[OsString], overwrite: bool) -> Result<(), FileError> {
    match root.look(names) {
        Ok(None) => Ok(()),
        Ok(Some(Found::File)) if overwrite => Ok(()),
        Ok(Some(Found::File)) => Err(FileError::exists()),
        Ok(Some(Found::Folder)) => Err(FileError::of_io(io::ErrorKind::IsADirectory.into())),
        Ok(Some(Found::Other)) => Err(FileError::not_ordinary()),
        Err(error) => Err(FileError::of_io(error)),
    }
}

impl Begun {
    fn finish(&self) -> io::Result<()> {
        self.file.sync_all()?;
        if self.overwrite {
            // Whatever has the name is replaced itself; what it may link to by now is not touched.
            let found = self.folder.look(std::slice::from_ref(&self.name))?;
            if !matches!(found, None | Some(Found::File)) {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            self.folder.replace(&self.part, &self.name)?;
        } else {
            self.folder.name(&self.part, &self.name)?;
        }
        // The file is there; a system that cannot bring its name to the disk at once does so later.
        let _ = self.folder.sync();
        Ok(())
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        // After the file got its name, there is no part, and the folders are not empty: both fail then, as they should.
        let _ = self.folder.remove(&self.part);
        remove_folders(&self.made);
    }
}

/// Folders that were made on the way; removed again unless the file was begun.
#[derive(Default)]
struct Made(Vec<(Folder, OsString)>);

impl Made {
    /// The folder at the end of the way; what is missing is made.
    fn way(&mut self, root: &Folder, names: &[OsString]) -> io::Result<Folder> {
        match root.below(names) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            found => return found,
        }
        let mut folder = root.below(&[])?;
        for name in names {
            let here = std::slice::from_ref(name);
            let next = match folder.below(here) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.make(&folder, name)?;
                    folder.below(here)?
                }
                found => found?,
            };
            folder = next;
        }
        Ok(folder)
    }

    fn make(&mut self, folder: &Folder, name: &OsStr) -> io::Result<()> {
        if folder.make(name)? {
            self.0.push((folder.below(&[])?, name.to_owned()));
        }
        Ok(())
    }

    fn keep(mut self) -> Vec<(Folder, OsString)> {
        std::mem::take(&mut self.0)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        remove_folders(&self.0);
    }
}

/// The innermost first; one that others use meanwhile is not empty and stays.
fn remove_folders(made: &[(Folder, OsString)]) {
    for (folder, name) in made.iter().rev() {
        if folder.remove_folder(name).is_err() {
            return;
        }
    }
}

/// Runs what waits for the disk where nothing else waits for it.
pub(crate) async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, FileError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(io::Error::other)
        .and_then(|done| done)
        .map_err(FileError::of_io)
}
