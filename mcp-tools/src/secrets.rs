//! Secrets that answers hold, such as a new API key: they go into files that their user alone can read, and no model sees
//! them.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use uuid::Uuid;

/// A folder of files that hold a secret each. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Secrets(Arc<Path>);

/// A file that waits for its secret, and goes when it gets none.
#[derive(Debug)]
pub(crate) struct Place {
    path: PathBuf,
    file: Option<File>,
}

impl Secrets {
    /// Secrets go into this folder, which is made when it is first needed.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self(folder.into())
    }

    /// Makes a file for a secret, named after what it is.
    pub(crate) fn begin(&self, what: &str) -> io::Result<Place> {
        make_folder(&self.0)?;
        let name = format!("{what}-{}.txt", Uuid::new_v4().simple());
        let path = self.0.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        Ok(Place {
            path,
            file: Some(file),
        })
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

impl Place {
    /// Writes the secret, and answers where it is.
    pub(crate) fn put(mut self, secret: &str) -> io::Result<String> {
        if let Some(file) = &mut self.file {
            file.write_all(secret.as_bytes())?;
            file.sync_all()?;
        }
        self.file = None;
        Ok(self.path.display().to_string())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // It holds nothing; if it stays, it is an empty file.
            let _ = fs::remove_file(&self.path);
        }
    }
}
