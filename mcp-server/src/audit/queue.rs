//! The queue that one process fills: its file, the bounds, and what is kept in memory while the disk takes nothing.

use std::{
    collections::VecDeque,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use mcp_tools::{
    JsonObject,
    audit::{Outcome, Record},
};
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Settings,
    spool::{Doubt, Line, Spool},
};

/// The name under which the queue itself speaks in a record.
const GAP_TOOL: &str = "activity_log";
/// How often a lasting trouble is told in the log.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// What waits in this process.
#[derive(Debug)]
pub(super) struct Queue {
    folder: PathBuf,
    settings: Settings,
    /// None after a flush, until the next record.
    spool: Option<Spool>,
    /// Lines behind those of the file, while the disk takes none.
    memory: VecDeque<Vec<u8>>,
    /// The first of them is being delivered.
    lent: bool,
    /// About the first of them.
    doubt: Doubt,
    /// Records that were dropped without a file to count them in.
    dropped: u64,
    /// Records that were dropped, told or not.
    dropped_ever: u64,
    /// Bytes that wait in files of other processes.
    pub(super) others: u64,
    /// Something was written since the last sync.
    unsynced: bool,
    full: Seldom,
    broken: Seldom,
}

/// The next record of a queue.
#[derive(Debug)]
pub(super) enum Next {
    /// A line of its file.
    Line(Line),
    /// One that only memory holds.
    Kept(Vec<u8>),
}

/// Lets the first of many messages through, and one a while later.
#[derive(Debug, Default)]
pub(super) struct Seldom(Option<Instant>);

impl Seldom {
    pub(super) fn is_due(&mut self) -> bool {
        let due = self.0.is_none_or(|last| last.elapsed() >= TELL_EVERY);
        if due {
            self.0 = Some(Instant::now());
        }
        due
    }
}

/// The record that stands for dropped ones.
fn gap(dropped: u64) -> Record {
    let id = Uuid::new_v4().simple().to_string();
    let mut record = Record::new(id, GAP_TOOL, JsonObject::new(), Outcome::Error);
    record.message = Some(format!(
        "{dropped} records were dropped because the queue was full"
    ));
    record
}

/// A record as a line.
fn line(record: &Record) -> serde_json::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(record)?;
    line.push(b'\n');
    Ok(line)
}

/// Tells of dropped records behind the last line of a file.
pub(super) fn close_gap(spool: &mut Spool) -> io::Result<()> {
    let dropped = spool.dropped();
    if dropped > 0 {
        spool.append(&line(&gap(dropped))?, 1)?;
        spool.set_dropped(0)?;
    }
    Ok(())
}

impl Queue {
    /// Takes a file in a folder.
    pub(super) fn open(folder: &Path, settings: Settings) -> io::Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            settings,
            spool: Some(Spool::create(folder)?),
            memory: VecDeque::new(),
            lent: false,
            doubt: Doubt::default(),
            dropped: 0,
            dropped_ever: 0,
            others: 0,
            unsynced: false,
            full: Seldom::default(),
            broken: Seldom::default(),
        })
    }

    /// The file that belongs to this queue.
    pub(super) fn path(&self) -> Option<&Path> {
        self.spool.as_ref().map(Spool::path)
    }

    /// Records that wait.
    pub(super) fn waiting(&self) -> usize {
        self.spool.as_ref().map_or(0, Spool::waiting) + self.memory.len()
    }

    fn bytes(&self) -> u64 {
        let kept: usize = self.memory.iter().map(Vec::len).sum();
        let kept = u64::try_from(kept).unwrap_or(u64::MAX);
        let written = self.spool.as_ref().map_or(0, Spool::bytes);
        self.others.saturating_add(written).saturating_add(kept)
    }

    fn dropped(&self) -> u64 {
        self.dropped + self.spool.as_ref().map_or(0, Spool::dropped)
    }

    /// Puts a record behind the others, or counts it when there is no room.
    pub(super) fn push(&mut self, record: &Record) {
        let line = match line(record) {
            Ok(line) => line,
            Err(error) => {
                tracing::error!(%error, record.request_id, "a record cannot be written as JSON");
                return;
            }
        };
        if !self.has_room(line.len()) {
            self.drop_one();
        } else if self.lent {
            self.keep(line);
        } else if let Err(error) = self.write(&line) {
            self.tell_broken(&error);
            self.keep(line);
        }
    }

    /// Once records are dropped, a tenth of the room must be free before others are taken: else, under steady load, every
    /// second record would tell of a dropped one.
    fn has_room(&self, bytes: usize) -> bool {
        let Settings {
            records: most,
            bytes: most_bytes,
            ..
        } = self.settings;
        let (records, free) = if self.dropped() > 0 {
            (self.waiting() + 2, (most / 10, most_bytes / 10))
        } else {
            (self.waiting() + 1, (0, 0))
        };
        let bytes = self
            .bytes()
            .saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        records.saturating_add(free.0) <= most && bytes.saturating_add(free.1) <= most_bytes
    }

    pub(super) const fn dropped_ever(&self) -> u64 {
        self.dropped_ever
    }

    fn drop_one(&mut self) {
        self.dropped_ever += 1;
        match &mut self.spool {
            Some(spool) => {
                let dropped = spool.dropped() + 1;
                if let Err(error) = spool.set_dropped(dropped) {
                    self.tell_broken(&error);
                }
            }
            None => self.dropped += 1,
        }
        if self.full.is_due() {
            tracing::warn!(
                dropped = self.dropped(),
                waiting = self.waiting(),
                "the queue of records is full; new ones are dropped and counted"
            );
        }
    }

    fn keep(&mut self, line: Vec<u8>) {
        if self.memory.len() < self.settings.memory {
            self.memory.push_back(line);
        } else {
            self.drop_one();
        }
    }

    /// Writes what memory holds, the record of a gap, and a line.
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let (dropped, kept) = (self.dropped(), self.memory.len());
        let spool = match &mut self.spool {
            Some(spool) => spool,
            none => none.insert(Spool::create(&self.folder)?),
        };
        self.unsynced = true;
        if dropped == 0 && kept == 0 {
            return spool.append(line, 1);
        }
        let mut lines: Vec<u8> = self.memory.iter().flatten().copied().collect();
        let mut records = kept + usize::from(!line.is_empty());
        if dropped > 0 {
            lines.extend(self::line(&gap(dropped))?);
            records += 1;
        }
        lines.extend(line);
        spool.append(&lines, records)?;
        self.memory.clear();
        // Should the count stay on disk, the gap is told once more after a kill; the lines are written in any case.
        let counted = spool.set_dropped(0);
        self.dropped = 0;
        if dropped > 0 {
            tracing::warn!(dropped, "the queue of records has room again");
        }
        if let Err(error) = counted {
            self.tell_broken(&error);
        }
        Ok(())
    }

    /// Writes what only memory holds, and tells of a gap behind the last line.
    fn settle(&mut self) {
        let unsaid = self.dropped() > 0 && self.waiting() == self.memory.len();
        if (!self.memory.is_empty() || unsaid)
            && let Err(error) = self.write(&[])
        {
            self.tell_broken(&error);
        }
    }

    /// The first record that is not done.
    pub(super) fn next(&mut self) -> io::Result<Option<Next>> {
        self.settle();
        if let Some(spool) = &self.spool
            && let Some(line) = spool.next()?
        {
            return Ok(Some(Next::Line(line)));
        }
        if let Some(line) = self.memory.front() {
            self.lent = true;
            return Ok(Some(Next::Kept(line.clone())));
        }
        self.start_anew();
        Ok(None)
    }

    /// Another file when nothing waits in a large one.
    fn start_anew(&mut self) {
        let large = |spool: &Spool| spool.len() >= self.settings.large;
        if !self.spool.as_ref().is_some_and(large) || self.dropped() > 0 {
            return;
        }
        match Spool::create(&self.folder) {
            Ok(new) => self.remove(Some(new)),
            Err(error) => self.tell_broken(&error),
        }
    }

    fn remove(&mut self, next: Option<Spool>) {
        let old = std::mem::replace(&mut self.spool, next);
        if let Some(Err(error)) = old.map(Spool::remove) {
            self.tell_broken(&error);
        }
    }

    /// Gives back the record that [`Self::next`] gave, because it was not delivered.
    pub(super) fn put_back(&mut self) {
        self.lent = false;
    }

    /// Counts a doubtful answer about the record that [`Self::next`] gave.
    pub(super) fn doubt_again(&mut self, next: &Next, now: u64) -> Doubt {
        match (next, &mut self.spool) {
            (Next::Line(_), Some(spool)) => spool.doubt_again(now),
            _ => {
                self.doubt = self.doubt.again(now);
                self.doubt
            }
        }
    }

    /// Marks the record that [`Self::next`] gave as done.
    pub(super) fn finish(&mut self, next: &Next) {
        match next {
            Next::Kept(_) => {
                self.lent = false;
                self.doubt = Doubt::default();
                self.memory.pop_front();
            }
            Next::Line(line) => {
                let finished = self.spool.as_mut().map(|spool| spool.finish(line));
                if let Some(Err(error)) = finished {
                    self.tell_broken(&error);
                }
            }
        }
    }

    /// The file, when it holds something that waits and was not synced.
    pub(super) fn take_unsynced(&mut self) -> Option<Arc<File>> {
        let spool = self.spool.as_ref()?;
        if spool.waiting() == 0 || !std::mem::take(&mut self.unsynced) {
            return None;
        }
        Some(spool.file())
    }

    /// Lets the file go: removes it when nothing waits in it, else leaves it to others. Gives the number of records that
    /// wait.
    pub(super) fn close(&mut self) -> usize {
        self.lent = false;
        self.settle();
        let waiting = self.waiting().max(usize::from(self.dropped() > 0));
        if !self.memory.is_empty() {
            tracing::error!(
                lost = self.memory.len(),
                "records were neither delivered nor written to disk"
            );
            self.memory.clear();
        }
        if waiting == 0 {
            self.remove(None);
        } else {
            self.spool = None;
        }
        waiting
    }

    fn tell_broken(&mut self, error: &io::Error) {
        if self.broken.is_due() {
            tracing::error!(
                %error,
                folder = %self.folder.display(),
                kept = self.memory.len(),
                "the queue of records cannot be written; records are kept in memory as far as there is room"
            );
        }
    }
}
