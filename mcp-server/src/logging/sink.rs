//! Writes to stderr on a thread of its own, so that a reader of stderr that stopped reading never stops the server.

use std::{
    io::{self, Write},
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, SyncSender, TrySendError},
    },
    thread,
    time::{Duration, Instant},
};

/// Lines that wait to be written before further ones are dropped.
const WAITING: usize = 1024;
/// How long [`Sink::flush`] waits at most.
const FLUSH: Duration = Duration::from_millis(300);

enum Entry {
    Line(Vec<u8>),
    /// Answered when everything before it is written.
    Flush(SyncSender<()>),
}

/// A writer that never blocks.
pub(super) struct Sink {
    entries: SyncSender<Entry>,
    /// Until the first line: what the thread will read from. Most runs of the program log nothing.
    unread: Mutex<Option<Receiver<Entry>>>,
    dropped: AtomicU64,
}

impl Sink {
    fn new() -> Self {
        let (entries, unread) = mpsc::sync_channel(WAITING);
        Self {
            entries,
            unread: Mutex::new(Some(unread)),
            dropped: AtomicU64::new(0),
        }
    }

    /// The one of this process, on stderr.
    pub(super) fn stderr() -> &'static Self {
        static SINK: OnceLock<Sink> = OnceLock::new();
        SINK.get_or_init(Self::new)
    }

    /// Queues a line; drops and counts it when too many wait.
    pub(super) fn line(&'static self, line: &[u8]) {
        self.start();
        if self.entries.try_send(Entry::Line(line.to_vec())).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits a moment until all lines so far are written.
    pub(super) fn flush(&self) {
        if self.waiting_reader().is_some() {
            return;
        }
        let (done, wait) = mpsc::sync_channel(1);
        let until = Instant::now() + FLUSH;
        let mut entry = Entry::Flush(done);
        while let Err(TrySendError::Full(full)) = self.entries.try_send(entry) {
            if Instant::now() >= until {
                return;
            }
            entry = full;
            thread::sleep(Duration::from_millis(5));
        }
        let left = until.saturating_duration_since(Instant::now());
        // What is not written by then is given up.
        let _ = wait.recv_timeout(left);
    }

    fn waiting_reader(&self) -> MutexGuard<'_, Option<Receiver<Entry>>> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&'static self) {
        if let Some(entries) = self.waiting_reader().take() {
            // Without a thread every line is dropped.
            let _ = thread::Builder::new()
                .name("log".to_owned())
                .spawn(move || self.write(&entries, &mut io::stderr()));
        }
    }

    fn write(&self, entries: &Receiver<Entry>, write: &mut impl Write) {
        while let Ok(entry) = entries.recv() {
            self.write_entry(entry, write);
        }
    }

    // A stderr that is closed is no fault; there is nobody to tell.
    fn write_entry(&self, entry: Entry, write: &mut impl Write) {
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            let _ = writeln!(write, "{dropped} lines of the log were dropped");
        }
        match entry {
            Entry::Line(line) => {
                let _ = write.write_all(&line);
            }
            Entry::Flush(done) => {
                let _ = done.try_send(());
            }
        }
    }
}

/// For the subscriber, which writes a line at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stderr;

impl Write for Stderr {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        Sink::stderr().line(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_dropped_and_counted() {
        let sink: &'static Sink = Box::leak(Box::new(Sink::new()));
        // As if the thread were stuck in a full pipe.
        let entries = sink.waiting_reader().take().unwrap();
        for _ in 0..WAITING + 7 {
            sink.line(b"line\n");
        }
        let started = Instant::now();
        sink.flush();
        assert!(started.elapsed() < FLUSH * 2);
        let writer = thread::spawn(move || {
            let mut written = Vec::new();
            while let Ok(entry) = entries.try_recv() {
                sink.write_entry(entry, &mut written);
            }
            String::from_utf8(written).unwrap()
        });
        let written = writer.join().unwrap();
        assert_eq!(written.matches("line\n").count(), WAITING);
        assert!(written.starts_with("7 lines of the log were dropped\n"));
    }
}
