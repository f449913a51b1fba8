//! What a folder holds beside the queue of this process: files of processes that are gone, and records set aside.

use std::{
    collections::VecDeque,
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};

use super::{
    queue::close_gap,
    spool::{self, Doubt, Entry, Line, Spool},
};

/// Where records go that will not be delivered.
const REFUSED: &str = "refused.jsonl";
/// Where the older ones of them are.
const REFUSED_BEFORE: &str = "refused.before.jsonl";
/// Files that are looked at before others may run.
const AT_ONCE: usize = 8;

/// Makes a folder, and those above it, that only their owner reads.
pub(super) fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The files of processes that are gone, oldest first; one at a time is held.
#[derive(Debug)]
pub(super) struct Backlog {
    folder: PathBuf,
    /// Files to try, with the bytes that waited in them.
    files: VecDeque<(PathBuf, u64)>,
    held: Option<(Spool, u64)>,
}

/// One step through the backlog.
#[derive(Debug)]
pub(super) enum Step {
    /// Something to deliver.
    Line(Line),
    /// Nothing in this file: the next may have something. So many bytes do not wait any more.
    Gone(u64),
}

impl Backlog {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            files: VecDeque::new(),
            held: None,
        }
    }

    /// Looks at the folder; `own` is not part of the backlog. Gives the bytes that wait in all the others.
    pub(super) async fn scan(&mut self, own: Option<&Path>) -> io::Result<u64> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            match Entry::of(&path) {
                Entry::Queue if Some(path.as_path()) != own => paths.push(path),
                Entry::Unborn => {
                    // One that its process takes now, or that is gone.
                    let _ = spool::remove_unborn(&path);
                }
                Entry::Queue | Entry::Other => {}
            }
        }
        paths.sort_unstable();
        self.files.clear();
        for (index, path) in paths.into_iter().enumerate() {
            if index % AT_ONCE == AT_ONCE - 1 {
                tokio::task::yield_now().await;
            }
            if let Ok(bytes) = spool::bytes_waiting(&path) {
                self.files.push_back((path, bytes));
            }
        }
        Ok(self.files.iter().map(|(_, bytes)| bytes).sum())
    }

    /// Whether there may be something.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_none() && self.files.is_empty()
    }

    /// The first line that is not done, of the oldest file that nobody holds. A file without one is removed.
    pub(super) fn next(&mut self) -> Step {
        if self.held.is_none() {
            let Some((path, bytes)) = self.files.pop_front() else {
                return Step::Gone(0);
            };
            match Spool::adopt(&path) {
                Ok(Some(spool)) => self.held = Some((spool, bytes)),
                Ok(None) => {}
                Err(error) => tell(&path, &error),
            }
        }
        let Some((spool, _)) = &mut self.held else {
            return Step::Gone(0);
        };
        let line = match spool.next() {
            Ok(None) => close_gap(spool).and_then(|()| spool.next()),
            line => line,
        };
        match line {
            Ok(Some(line)) => Step::Line(line),
            Ok(None) => Step::Gone(self.remove()),
            Err(error) => {
                // Let go until the next scan.
                tell(spool.path(), &error);
                self.held = None;
                Step::Gone(0)
            }
        }
    }

    /// Removes the file that is held; gives the bytes that waited in it once.
    fn remove(&mut self) -> u64 {
        let Some((spool, bytes)) = self.held.take() else {
            return 0;
        };
        let path = spool.path().to_owned();
        if let Err(error) = spool.remove() {
            tell(&path, &error);
        }
        bytes
    }

    /// Counts a doubtful answer about the line that [`Self::next`] gave.
    pub(super) fn doubt_again(&mut self, now: u64) -> Doubt {
        match &mut self.held {
            Some((spool, _)) => spool.doubt_again(now),
            None => Doubt::default(),
        }
    }

    /// Marks the line that [`Self::next`] gave as done.
    pub(super) fn finish(&mut self, line: &Line) {
        if let Some((spool, _)) = &mut self.held
            && let Err(error) = spool.finish(line)
        {
            tell(spool.path(), &error);
        }
    }
}

/// Records that wait in files that nobody holds.
pub(super) fn waiting(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    let paths = entries.flatten().map(|entry| entry.path());
    paths
        .filter(|path| Entry::of(path) == Entry::Queue)
        .filter_map(|path| Spool::adopt(&path).ok().flatten())
        .map(|spool| spool.waiting())
        .sum()
}

fn tell(path: &Path, error: &io::Error) {
    tracing::error!(%error, file = %path.display(), "a queue of records cannot be read or marked");
}

/// Appends what will not be delivered, and why, to the file for such records, which goes aside itself when it is large.
pub(super) fn set_aside(folder: &Path, text: &[u8], reason: &str, large: u64) -> io::Result<()> {
    let path = folder.join(REFUSED);
    let mut file = spool::private().append(true).create(true).open(&path)?;
    // The lock keeps two processes from moving the file at once: the second would move the new one over the old.
    if file.try_lock().is_ok() && fs::metadata(&path)?.len() >= large {
        fs::rename(&path, folder.join(REFUSED_BEFORE))?;
        file = spool::private().append(true).create(true).open(&path)?;
    }
    let record = serde_json::from_slice::<Value>(text);
    let record = record.unwrap_or_else(|_| json!(String::from_utf8_lossy(text)));
    let age = SystemTime::now().duration_since(UNIX_EPOCH);
    let line = json!({
        "set_aside_at": age.map_or(0, |age| age.as_secs()),
        "reason": reason,
        "record": record,
    });
    file.write_all(format!("{line}\n").as_bytes())
}
