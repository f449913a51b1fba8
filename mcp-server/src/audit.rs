//! What the calls of a module leave behind: records that wait on disk until their recorder has taken them.
//!
//! # The way of a record
//!
//! [`Journal::push`] appends the record, one line of JSON, to the queue file of this process by one `write` and returns; the
//! answer to the call goes out then. A task on the same runtime hands the records to their [`Recorder`], one at a time and
//! in order, and marks each as done in a small file beside the queue, again by one `write` in place. No call waits for
//! that task, and no failure of the disk or the recorder is the call's.
//!
//! Every process has its own file, so several may share a folder. A file is held by an advisory lock, which the system
//! frees when the process ends, however it ends. At its start, and every few minutes, a process takes over the files that
//! nobody holds, oldest first, and delivers what they have before its own.
//!
//! # What survives
//!
//! - *The process is killed.* What `push` was given is in the system's file cache and is found by the next process. A
//!   half-written last line, of a call that was never answered, is set aside.
//! - *The machine loses power.* What was synced to the device is found. The queue is synced by another thread about 1 s
//!   after a record was written, if that record still waits then; so about the last second of records may be missing, of
//!   those that the recorder had not taken at once. Marks are not synced: some records may be delivered again.
//! - *The recorder takes nothing for hours.* Records wait; attempts go on with growing pauses, 1 s to 60 s.
//!
//! # What may come twice
//!
//! A record is delivered again when the recorder took it and this process did not get to know (the answer was lost, or
//! the process was killed or ran out of time while it waited for the answer), or was killed between the answer and the
//! mark. Nothing else doubles a record. The record of a gap may also come twice, when a kill falls between its line and
//! the count's return to 0.
//!
//! # What is not delivered
//!
//! A record that its recorder refuses for good goes to `refused.jsonl` in the folder with the reason, and the log has a
//! warning; so does one that is still refused doubtfully an hour after the first time and after twenty times, of this
//! process or of others; so do lines that are no records. That file grows to the size of a full queue and then
//! becomes `refused.before.jsonl`, in place of the former one. While the queue is full, new records are dropped, oldest
//! ones kept; the count is on disk, and one record of the tool `activity_log` tells of it where they are missing.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use mcp_tools::audit::{Record, Recorder};
use tokio::{
    runtime::Handle,
    sync::Notify,
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

use self::{delivery::Delivery, queue::Queue};

mod delivery;
mod folder;
mod queue;
mod spool;
#[cfg(test)]
mod tests;

/// How long the end of the process may be held up by the device.
const LAST_SYNC: Duration = Duration::from_millis(500);

/// Bounds and times of a journal.
#[derive(Debug, Clone, Copy)]
struct Settings {
    /// Records that may wait in the file of one process.
    records: usize,
    /// Bytes that may wait in all files of the folder, as far as this process knows.
    bytes: u64,
    /// Records that are kept in memory while the disk takes none.
    memory: usize,
    /// A file of at least these bytes, all done, is replaced by a new one.
    large: u64,
    /// How often files of other processes are looked for.
    scan_every: Duration,
    /// What the answer to a call is ahead of its record.
    head_start: Duration,
    /// How long a record may wait before the queue is synced to the device.
    sync_after: Duration,
    /// How long, at least, a record is tried that may itself be what fails.
    doubt: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            records: 10_000,
            bytes: 32 * 1024 * 1024,
            memory: 256,
            large: 1024 * 1024,
            scan_every: Duration::from_secs(120),
            head_start: Duration::from_millis(5),
            sync_after: Duration::from_secs(1),
            doubt: Duration::from_secs(3_600),
        }
    }
}

/// The queue of one recorder. Cheap to clone; the delivery ends with the last clone.
#[derive(Debug, Clone)]
pub struct Journal {
    shared: Arc<Shared>,
    task: Arc<Task>,
}

/// What callers and the delivery share.
#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    settings: Settings,
    queue: Mutex<Queue>,
    /// A record was pushed, for the delivery.
    pushed: Notify,
    /// The same, for the sync.
    written: Notify,
    closing: CancellationToken,
}

/// The delivery; ends when this is dropped.
#[derive(Debug)]
struct Task(Mutex<Option<JoinHandle<()>>>);

impl Task {
    fn take(&self) -> Option<JoinHandle<()>> {
        let mut task = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        task.take()
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if let Some(task) = self.take() {
            task.abort();
        }
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal {
    /// Takes a queue of its own in a folder, which is made if there is none, and starts to deliver. Several processes
    /// may share the folder.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written, or its file system has no locks; when there is no tokio runtime.
    pub fn open(folder: &Path, recorder: Arc<dyn Recorder>) -> io::Result<Self> {
        Self::with(folder, recorder, Settings::default())
    }

    fn with(folder: &Path, recorder: Arc<dyn Recorder>, settings: Settings) -> io::Result<Self> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        folder::make(folder)?;
        let shared = Arc::new(Shared {
            folder: folder.to_owned(),
            settings,
            queue: Mutex::new(Queue::open(folder, settings)?),
            pushed: Notify::new(),
            written: Notify::new(),
            closing: CancellationToken::new(),
        });
        let delivery = Delivery::new(Arc::clone(&shared), recorder);
        let synced = Arc::clone(&shared);
        let task = runtime.spawn(async move {
            tokio::select! {
                () = delivery.run() => {}
                () = delivery::keep_synced(&synced) => {}
            }
        });
        Ok(Self {
            shared,
            task: Arc::new(Task(Mutex::new(Some(task)))),
        })
    }

    /// Keeps a record; it is delivered later. Never fails for the caller: what cannot be kept is told in the log.
    pub fn push(&self, record: &Record) {
        self.shared.queue().push(record);
        self.shared.pushed.notify_one();
        self.shared.written.notify_one();
    }

    /// Records that wait to be delivered by this process, and those that it dropped since it opened the queue.
    #[must_use]
    pub fn state(&self) -> (usize, u64) {
        let queue = self.shared.queue();
        (queue.waiting(), queue.dropped_ever())
    }

    /// Delivers what waits, as far as that is possible within a time, and ends the delivery. Gives the number of records
    /// that wait on disk for another process, of this one's and of those that are gone; with none of its own, the file
    /// of this process is removed.
    ///
    /// What is pushed later waits on disk too.
    pub async fn flush(&self, limit: Duration) -> usize {
        let until = Instant::now() + limit;
        self.shared.closing.cancel();
        if let Some(mut task) = self.task.take()
            && timeout_at(until, &mut task).await.is_err()
        {
            task.abort();
            // Until then the task may hold the file of another process.
            let _ = task.await;
        }
        let _ = timeout(LAST_SYNC, delivery::sync(&self.shared)).await;
        let own = self.shared.queue().close();
        folder::waiting(&self.shared.folder).max(own)
    }
}
