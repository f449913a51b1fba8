//! One file of records with its mark, held by one process at a time.
//!
//! `queue-….jsonl` has one record a line and only grows. `queue-….mark` has numbers of 8 bytes, least byte first, written
//! in place: how many bytes of the queue are done; how many records were dropped behind its end; since when, and how
//! often, the first line that is not done was refused in a way that leaves doubt. Whoever holds the lock of the queue file
//! may touch the two.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use uuid::Uuid;

/// What the names of queue files begin with.
const PREFIX: &str = "queue-";
/// Their extension.
const QUEUE: &str = "jsonl";
/// The extension of a file that is not locked yet.
const NEW: &str = "new";
/// The extension of the file with the numbers.
const MARK: &str = "mark";
/// How often another name is tried when a neighbour takes a new file for an abandoned one.
const ATTEMPTS: usize = 5;
/// Where the count of dropped records stands in the mark.
const DROPPED_AT: u64 = 8;
/// Where the doubt begins.
const DOUBT_AT: u64 = 16;
/// A record is not given up for fewer doubtful answers, however old the first is.
const LEAST_DOUBTS: u64 = 20;

/// A queue file that this process holds.
#[derive(Debug)]
pub(super) struct Spool {
    path: PathBuf,
    // Behind a pointer for a sync on another thread.
    file: Arc<File>,
    mark: File,
    /// Bytes of lines that are whole.
    len: u64,
    /// Bytes of lines that are done.
    done: u64,
    /// Lines between the two.
    waiting: usize,
    dropped: u64,
    /// About the first line that is not done.
    doubt: Doubt,
    /// A failed write left half a line behind `len`.
    torn: bool,
}

/// Whether a record itself may be what fails; outlives the process, as no process may run for long enough.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Doubt {
    /// The first doubtful answer, in seconds since 1970.
    since: u64,
    /// Doubtful answers.
    count: u64,
}

impl Doubt {
    /// The same after one more doubtful answer.
    pub(super) fn again(self, now: u64) -> Self {
        let fresh = self.count == 0 || self.since > now;
        Self {
            since: if fresh { now } else { self.since },
            count: self.count + 1,
        }
    }

    /// Whether it lasts for so long that the record must be what fails.
    pub(super) fn is_settled(self, now: u64, patience: Duration) -> bool {
        self.count >= LEAST_DOUBTS && now.saturating_sub(self.since) >= patience.as_secs()
    }
}

/// A line that is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The text without its end of line.
    pub(super) text: Vec<u8>,
    /// Where the next line begins.
    pub(super) end: u64,
    /// False for a last line that was cut off.
    pub(super) whole: bool,
}

/// What a folder holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// A queue file, perhaps of a process that still runs.
    Queue,
    /// A file that never became one, unless its process is about to make it one.
    Unborn,
    /// Something else.
    Other,
}

impl Entry {
    pub(super) fn of(path: &Path) -> Self {
        let name = path.file_name().and_then(|name| name.to_str());
        let ours = name.is_some_and(|name| name.starts_with(PREFIX));
        match path.extension().and_then(|extension| extension.to_str()) {
            Some(QUEUE) if ours => Self::Queue,
            Some(NEW) if ours => Self::Unborn,
            _ => Self::Other,
        }
    }
}

/// Options for files that only their owner reads.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Whether the lock was free; it is held until the file is closed.
fn lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Names sort by age; the clock alone may give two processes the same.
fn name() -> String {
    let age = SystemTime::now().duration_since(UNIX_EPOCH);
    let nanos = age.map_or(0, |age| age.as_nanos());
    let unique = Uuid::new_v4().simple().to_string();
    format!("{PREFIX}{nanos:020}-{unique}.{QUEUE}")
}

/// Removes a file that was left between its creation and its first lock.
pub(super) fn remove_unborn(path: &Path) -> io::Result<()> {
    let file = private().append(true).open(path)?;
    // Its maker, should it still run, finds its file gone and takes another.
    if lock(&file)? {
        fs::remove_file(path)?;
    }
    Ok(())
}

/// Bytes of a queue file that are not done, whoever holds it.
pub(super) fn bytes_waiting(path: &Path) -> io::Result<u64> {
    let len = fs::metadata(path)?.len();
    let done = match File::open(path.with_extension(MARK)) {
        Ok(mut mark) => number(&mut mark),
        Err(_) => 0,
    };
    Ok(len.saturating_sub(done))
}

impl Spool {
    /// Makes a file in a folder and locks it.
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        for _ in 0..ATTEMPTS {
            let path = folder.join(name());
            let unborn = path.with_extension(NEW);
            let file = private()
                .read(true)
                .append(true)
                .create_new(true)
                .open(&unborn)?;
            // Under its own name it must never be seen without a lock: it would pass for abandoned.
            if !lock(&file)? {
                continue;
            }
            match fs::rename(&unborn, &path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => {
                    let _ = fs::remove_file(&unborn);
                    return Err(error);
                }
            }
            let made = Self::locked(path.clone(), file);
            if made.is_err() {
                let _ = fs::remove_file(&path);
            }
            return made;
        }
        Err(io::Error::other(
            "other processes took every new file of the folder for abandoned",
        ))
    }

    /// Takes a file whose process is gone; `None` when it is not, or the file is.
    pub(super) fn adopt(path: &Path) -> io::Result<Option<Self>> {
        let file = match private().read(true).append(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if !lock(&file)? {
            return Ok(None);
        }
        Self::locked(path.to_owned(), file).map(Some)
    }

    fn locked(path: PathBuf, file: File) -> io::Result<Self> {
        let mut mark = private()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path.with_extension(MARK))?;
        let [done, dropped, since, count] = std::array::from_fn(|_| number(&mut mark));
        let len = file.metadata()?.len();
        let mut spool = Self {
            path,
            file: Arc::new(file),
            mark,
            len,
            // A file is emptied before it is removed, and its mark goes second.
            done: done.min(len),
            waiting: 0,
            dropped,
            doubt: Doubt { since, count },
            torn: false,
        };
        // Now, so that later there is room for it on a full disk.
        spool.write_mark()?;
        spool.waiting = spool.count()?;
        Ok(spool)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Records that are not done.
    pub(super) const fn waiting(&self) -> usize {
        self.waiting
    }

    /// Their bytes.
    pub(super) const fn bytes(&self) -> u64 {
        self.len.saturating_sub(self.done)
    }

    /// Bytes of the whole file.
    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    /// Records that were dropped and that no record tells of yet.
    pub(super) const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The file, for a sync.
    pub(super) fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    /// Writes whole lines behind the others, by one write where the system takes it as one.
    pub(super) fn append(&mut self, lines: &[u8], records: usize) -> io::Result<()> {
        if self.torn {
            self.file.set_len(self.len)?;
            self.torn = false;
        }
        if let Err(error) = (&*self.file).write_all(lines) {
            self.torn = self.file.set_len(self.len).is_err();
            return Err(error);
        }
        self.len += as_u64(lines.len());
        self.waiting += records;
        Ok(())
    }

    /// The first line that is not done.
    pub(super) fn next(&self) -> io::Result<Option<Line>> {
        if self.done >= self.len {
            return Ok(None);
        }
        let mut file = &*self.file;
        file.seek(SeekFrom::Start(self.done))?;
        let mut text = Vec::new();
        let read = BufReader::new(file.take(self.bytes())).read_until(b'\n', &mut text)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let whole = text.last() == Some(&b'\n');
        if whole {
            text.pop();
        }
        let end = self.done + as_u64(read);
        Ok(Some(Line { text, end, whole }))
    }

    /// Marks a line as done, for this process even when the disk does not take the mark.
    pub(super) fn finish(&mut self, line: &Line) -> io::Result<()> {
        // Before the mark: a kill between the two must not leave the doubt to the next line.
        let cleared = self.set_doubt(Doubt::default());
        self.done = line.end;
        self.waiting = self.waiting.saturating_sub(1);
        cleared.and(self.write_number(0, self.done))
    }

    /// Counts a doubtful answer about the first line that is not done.
    pub(super) fn doubt_again(&mut self, now: u64) -> Doubt {
        // One that the disk does not take counts for this process.
        let _ = self.set_doubt(self.doubt.again(now));
        self.doubt
    }

    fn set_doubt(&mut self, doubt: Doubt) -> io::Result<()> {
        if self.doubt == doubt {
            return Ok(());
        }
        self.doubt = doubt;
        self.write_number(DOUBT_AT, doubt.since)?;
        self.write_number(DOUBT_AT + 8, doubt.count)
    }

    /// Counts records that were dropped; 0 when a record tells of them.
    pub(super) fn set_dropped(&mut self, dropped: u64) -> io::Result<()> {
        self.dropped = dropped;
        self.write_number(DROPPED_AT, dropped)
    }

    /// Removes the file.
    pub(super) fn remove(self) -> io::Result<()> {
        // Who has opened the file already and waits for its lock must find nothing in it, whatever the mark says.
        self.file.set_len(0)?;
        fs::remove_file(self.path.with_extension(MARK))?;
        fs::remove_file(&self.path)
    }

    fn write_mark(&mut self) -> io::Result<()> {
        self.write_number(0, self.done)?;
        self.write_number(DROPPED_AT, self.dropped)?;
        self.write_number(DOUBT_AT, self.doubt.since)?;
        self.write_number(DOUBT_AT + 8, self.doubt.count)
    }

    fn write_number(&mut self, at: u64, number: u64) -> io::Result<()> {
        self.mark.seek(SeekFrom::Start(at))?;
        self.mark.write_all(&number.to_le_bytes())
    }

    /// Fails in the middle of a write, and in mending it.
    #[cfg(test)]
    pub(super) fn tear(&mut self, half: &[u8]) {
        let _ = (&*self.file).write_all(half);
        self.torn = true;
    }

    /// Counts the lines that are not done.
    fn count(&self) -> io::Result<usize> {
        let mut file = &*self.file;
        file.seek(SeekFrom::Start(self.done))?;
        let mut lines = BufReader::with_capacity(64 * 1024, file.take(self.bytes()));
        let (mut count, mut ended) = (0, true);
        loop {
            let chunk = lines.fill_buf()?;
            let Some(last) = chunk.last() else {
                return Ok(count + usize::from(!ended));
            };
            ended = *last == b'\n';
            count += chunk.iter().filter(|byte| **byte == b'\n').count();
            let read = chunk.len();
            lines.consume(read);
        }
    }
}

/// The next number of a mark; 0 when it is not there.
fn number(mark: &mut File) -> u64 {
    let mut bytes = [0; 8];
    mark.read_exact(&mut bytes)
        .map_or(0, |()| u64::from_le_bytes(bytes))
}

fn as_u64(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
