//! The calls of the system: beneath an open folder, never through a link.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io,
    os::fd::{AsFd, OwnedFd},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags},
    io::Errno,
};

/// An open folder.
#[derive(Debug)]
pub(super) struct Folder(OwnedFd);

/// How folders are opened.
const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC);
/// How files are opened to be read: a pipe must not be waited for, and a terminal not be taken over.
const FILE: OFlags = OFlags::RDONLY
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);
/// How files are begun.
const NEW: OFlags = OFlags::WRONLY
    .union(OFlags::CREATE)
    .union(OFlags::EXCL)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

impl Folder {
    /// Opens a folder by its path, links and all: for folders that the operator names.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(rustix::fs::open(path, FOLDER, Mode::empty())?))
    }

    /// Where the last of these names points, if it is a link. A name that is not there is none.
    pub(super) fn link(&self, names: &[OsString]) -> io::Result<Option<PathBuf>> {
        use std::os::unix::ffi::OsStringExt as _;
        match rustix::fs::readlinkat(&self.0, path_of(names), Vec::new()) {
            Ok(target) => Ok(Some(OsString::from_vec(target.into_bytes()).into())),
            Err(Errno::INVAL | Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens an ordinary file to read. None of the names may be a link.
    pub(super) fn open_file(&self, names: &[OsString]) -> io::Result<File> {
        // Opening some devices does something to them; this keeps away from those that are no trap, and what was opened is
        // looked at again.
        let found = rustix::fs::statat(&self.0, path_of(names), AtFlags::SYMLINK_NOFOLLOW)?;
        ordinary(FileType::from_raw_mode(found.st_mode))?;
        let file = File::from(self.opened(names, FILE)?);
        let found = rustix::fs::fstat(&file)?;
        ordinary(FileType::from_raw_mode(found.st_mode))?;
        refuse_views(&file)?;
        Ok(file)
    }

    /// Opens a folder below. None of the names may be a link.
    pub(super) fn below(&self, names: &[OsString]) -> io::Result<Self> {
        if names.is_empty() {
            return Ok(Self(self.0.try_clone()?));
        }
        Ok(Self(self.opened(names, FOLDER)?))
    }

    /// Makes a folder here; true when it was not there.
    pub(super) fn make(&self, name: &OsStr) -> io::Result<bool> {
        match rustix::fs::mkdirat(&self.0, name, Mode::from_raw_mode(0o777)) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// What a name here stands for; nothing when there is none.
    pub(super) fn look(&self, names: &[OsString]) -> io::Result<Option<Found>> {
        match rustix::fs::statat(&self.0, path_of(names), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(Some(match FileType::from_raw_mode(found.st_mode) {
                FileType::RegularFile => Found::File,
                FileType::Directory => Found::Folder,
                _ => Found::Other,
            })),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Begins a file here that was not there.
    pub(super) fn begin(&self, name: &OsStr) -> io::Result<File> {
        let mode = Mode::from_raw_mode(0o666);
        Ok(File::from(rustix::fs::openat(&self.0, name, NEW, mode)?))
    }

    /// Gives a file here another name, which must be free.
    pub(super) fn name(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
        {
            use rustix::fs::{RenameFlags, renameat_with};
            match renameat_with(&self.0, from, &self.0, to, RenameFlags::NOREPLACE) {
                // Some file systems cannot.
                Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
                done => return Ok(done?),
            }
        }
        rustix::fs::linkat(&self.0, from, &self.0, to, AtFlags::empty())?;
        self.remove(from)
    }

    /// Gives a file here another name, in place of what has it.
    pub(super) fn replace(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.0, from, &self.0, to)?)
    }

    /// Removes a file here.
    pub(super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Removes an empty folder here.
    pub(super) fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    /// Brings the names here to the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.0)?)
    }

    #[cfg(target_os = "linux")]
    fn opened(&self, names: &[OsString], flags: OFlags) -> io::Result<OwnedFd> {
        use rustix::fs::{ResolveFlags, openat2};
        let resolve =
            ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        match openat2(&self.0, path_of(names), flags, Mode::empty(), resolve) {
            // Kernels before 5.6 lack the call, and some sandboxes forbid what they do not know.
            Err(Errno::NOSYS | Errno::PERM) => self.walked(names, flags),
            opened => Ok(opened?),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn opened(&self, names: &[OsString], flags: OFlags) -> io::Result<OwnedFd> {
        self.walked(names, flags)
    }

    /// The same name by name, each beneath the handle of the one before.
    fn walked(&self, names: &[OsString], flags: OFlags) -> io::Result<OwnedFd> {
        let Some((last, folders)) = names.split_last() else {
            return Err(Errno::INVAL.into());
        };
        let mut folder = None::<OwnedFd>;
        for name in folders {
            let from = folder.as_ref().unwrap_or(&self.0).as_fd();
            let next = rustix::fs::openat(from, name, FOLDER | OFlags::NOFOLLOW, Mode::empty())?;
            folder = Some(next);
        }
        let from = folder.as_ref().unwrap_or(&self.0).as_fd();
        Ok(rustix::fs::openat(
            from,
            last,
            flags | OFlags::NOFOLLOW,
            Mode::empty(),
        )?)
    }
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    File,
    Folder,
    Other,
}

fn path_of(names: &[OsString]) -> PathBuf {
    names.iter().collect()
}

fn ordinary(kind: FileType) -> io::Result<()> {
    match kind {
        FileType::RegularFile => Ok(()),
        FileType::Directory => Err(io::ErrorKind::IsADirectory.into()),
        FileType::Symlink => Err(Errno::LOOP.into()),
        _ => Err(Errno::NXIO.into()),
    }
}

/// Files through which a system shows itself (`/proc`, `/sys`) look ordinary and hold secrets of processes.
#[cfg(target_os = "linux")]
fn refuse_views(file: &File) -> io::Result<()> {
    const SYSFS: u32 = 0x6265_6572;
    let found = u32::try_from(rustix::fs::fstatfs(file)?.f_type).unwrap_or_default();
    match found == SYSFS || Ok(found) == u32::try_from(rustix::fs::PROC_SUPER_MAGIC) {
        true => Err(Errno::NXIO.into()),
        false => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn refuse_views(_: &File) -> io::Result<()> {
    Ok(())
}

/// True when a link was met, or the way led out.
pub(super) fn is_refusal(error: &io::Error) -> bool {
    [Errno::LOOP, Errno::XDEV, Errno::AGAIN, Errno::MLINK]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// True for what is no ordinary file.
pub(super) fn is_special(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::NXIO.raw_os_error())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{
        fs,
        io::Read as _,
        os::unix::fs::symlink,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
    };

    use rustix::fs::{CWD, RenameFlags, renameat_with};

    use super::*;

    /// The way of systems that cannot do it in one step.
    #[test]
    fn name_by_name_no_link_is_followed_either() {
        let name = format!("ticketing-mcp-test-{}", uuid::Uuid::new_v4().simple());
        let place = std::env::temp_dir().join(name);
        let (door, hatch, outside) = (
            place.join("in/door"),
            place.join("in/hatch"),
            place.join("out"),
        );
        fs::create_dir_all(&door).unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(door.join("a"), "inside").unwrap();
        fs::write(outside.join("a"), "outside").unwrap();
        symlink(&outside, &hatch).unwrap();
        symlink(outside.join("a"), place.join("in/file")).unwrap();
        let folder = Folder::open(&place.join("in")).unwrap();
        assert!(folder.walked(&["file".into()], FILE).is_err());
        assert!(folder.walked(&["hatch".into(), "a".into()], FILE).is_err());

        let end = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&end);
        let swapper = std::thread::spawn(move || {
            while !told.load(Ordering::Relaxed) {
                renameat_with(CWD, &door, CWD, &hatch, RenameFlags::EXCHANGE).unwrap();
            }
        });
        let mut opened = 0;
        for _ in 0..2_000 {
            if let Ok(file) = folder.walked(&["door".into(), "a".into()], FILE) {
                let mut text = String::new();
                File::from(file).read_to_string(&mut text).unwrap();
                assert_eq!(text, "inside");
                opened += 1;
            }
        }
        end.store(true, Ordering::Relaxed);
        swapper.join().unwrap();
        fs::remove_dir_all(&place).unwrap();
        assert!(opened > 0);
    }
}
