//! A file that is sent: open, its digest taken.

use std::{
    ffi::OsString,
    fs::File,
    io::{self, Read as _, Seek as _},
    sync::{Arc, Mutex, PoisonError},
};

use api_core::{Bytes, FileContent};
use futures_util::{StreamExt as _, stream};
use sha2::{Digest as _, Sha256};

use super::{FileError, HEAD, Kind};
use crate::{ledger::hex, progress::Progress};

/// Bytes that are read at once.
const PIECE: usize = 256 * 1024;

/// A file that is open to be read. What is sent of it later is what was looked at: the same open file, and by its digest
/// the same bytes.
#[derive(Debug, Clone)]
pub struct Local {
    name: String,
    size: u64,
    sha256: String,
    kind: Option<Kind>,
    file: Arc<Mutex<File>>,
}

impl Local {
    pub(super) fn of(mut file: File, names: Vec<OsString>, limit: u64) -> Result<Self, FileError> {
        let name = names.last().map(|name| name.to_string_lossy().into_owned());
        let size = file.metadata().map_err(FileError::of_io)?.len();
        let too_large = |size| {
            FileError::wrong(format!(
                "is a file of {size} bytes; at most {limit} are taken here"
            ))
        };
        if size > limit {
            return Err(too_large(size));
        }
        let mut digest = Sha256::new();
        let mut head = Vec::with_capacity(HEAD);
        let mut piece = vec![0; PIECE];
        let mut got = 0_u64;
        loop {
            let count = file.read(&mut piece).map_err(FileError::of_io)?;
            let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else {
                break;
            };
            let wanted = HEAD.saturating_sub(head.len()).min(read.len());
            head.extend(read.iter().take(wanted));
            digest.update(read);
            got = got.saturating_add(read.len() as u64);
            if got > size {
                break;
            }
        }
        if got != size {
            return Err(FileError::wrong(
                "changed while it was read; try again when it is complete",
            ));
        }
        Ok(Self {
            name: name.unwrap_or_default(),
            size,
            sha256: hex(digest),
            kind: Kind::of(&head),
            file: Arc::new(Mutex::new(file)),
        })
    }

    /// Its own name, without folders; where links led to it, that of the file itself.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of its bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// SHA-256 of its content, in hexadecimal digits.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// What it is, by its content, where that is known.
    #[must_use]
    pub const fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// Its content in memory. Waits for the disk.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is not what it was.
    pub fn bytes(&self) -> Result<Bytes, FileError> {
        let mut bytes = Vec::new();
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.rewind().map_err(FileError::of_io)?;
        (&mut *file)
            .take(self.size.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(FileError::of_io)?;
        match hex(Sha256::new_with_prefix(&bytes)) == self.sha256 {
            true => Ok(bytes.into()),
            false => Err(FileError::wrong(
                "changed while it was read; nothing was sent",
            )),
        }
    }

    /// Its content, read while it is sent, and told to `progress`.
    #[must_use]
    pub fn stream(&self, progress: &Progress) -> FileContent {
        let file = Arc::clone(&self.file);
        let (size, progress) = (self.size, progress.clone());
        let open = move || {
            let (file, progress) = (Arc::clone(&file), progress.clone());
            let pieces = stream::try_unfold(0_u64, move |at| {
                let (file, progress) = (Arc::clone(&file), progress.clone());
                async move {
                    let read = tokio::task::spawn_blocking(move || piece(&file, at, size));
                    let read = read.await.map_err(io::Error::other)??;
                    let next = at.saturating_add(read.len() as u64);
                    progress.tell(next, Some(size));
                    Ok((!read.is_empty()).then_some((read, next)))
                }
            });
            pieces.boxed()
        };
        FileContent::Stream {
            length: size,
            open: Arc::new(open),
        }
    }
}

/// The piece of a file from a place on.
fn piece(file: &Mutex<File>, at: u64, size: u64) -> io::Result<Bytes> {
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    file.seek(io::SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    let most = size.saturating_sub(at).min(PIECE as u64);
    (&mut *file).take(most).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}
