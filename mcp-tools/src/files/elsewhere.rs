//! On a system without calls that hold a path beneath a folder, no folder can be allowed.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io,
    path::{Path, PathBuf},
};

/// There is none.
#[derive(Debug)]
pub(super) enum Folder {}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    File,
    Folder,
    Other,
}

impl Folder {
    pub(super) fn open(_: &Path) -> io::Result<Self> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "this system has no way to hold a path inside a folder, so that none can be allowed",
        ))
    }

    pub(super) fn link(&self, _: &[OsString]) -> io::Result<Option<PathBuf>> {
        match *self {}
    }

    pub(super) fn open_file(&self, _: &[OsString]) -> io::Result<File> {
        match *self {}
    }

    pub(super) fn below(&self, _: &[OsString]) -> io::Result<Self> {
        match *self {}
    }

    pub(super) fn make(&self, _: &OsStr) -> io::Result<bool> {
        match *self {}
    }

    pub(super) fn look(&self, _: &[OsString]) -> io::Result<Option<Found>> {
        match *self {}
    }

    pub(super) fn begin(&self, _: &OsStr) -> io::Result<File> {
        match *self {}
    }

    pub(super) fn name(&self, _: &OsStr, _: &OsStr) -> io::Result<()> {
        match *self {}
    }

    pub(super) fn replace(&self, _: &OsStr, _: &OsStr) -> io::Result<()> {
        match *self {}
    }

    pub(super) fn remove(&self, _: &OsStr) -> io::Result<()> {
        match *self {}
    }

    pub(super) fn remove_folder(&self, _: &OsStr) -> io::Result<()> {
        match *self {}
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        match *self {}
    }
}

pub(super) fn is_refusal(_: &io::Error) -> bool {
    false
}

pub(super) fn is_special(_: &io::Error) -> bool {
    false
}
