//! The task that hands waiting records to their recorder, one at a time.

use std::{
    io,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures_util::FutureExt;
use mcp_tools::audit::{NotRecorded, Record, Recorder};
use tokio::time::{Instant, sleep, sleep_until};
use uuid::Uuid;

use super::{
    Shared,
    folder::{self, Backlog, Step},
    queue::Next,
    spool::Line,
};

/// The wait after the first failure; each further one doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// Longest wait, before up to a quarter is added by chance.
const LONGEST_WAIT: Duration = Duration::from_secs(48);
/// Longest wait when the process is about to end.
const LAST_WAIT: Duration = Duration::from_millis(250);
/// Attempts without success when the process is about to end; then what waits is left for the next start.
const LAST_ATTEMPTS: u32 = 4;

/// Delivers records until the journal is closed and nothing waits.
#[derive(Debug)]
pub(super) struct Delivery {
    shared: Arc<Shared>,
    recorder: Arc<dyn Recorder>,
    backlog: Backlog,
    next_scan: Instant,
    /// Attempts without success since the last one with it.
    failures: u32,
    /// The same since the process is about to end.
    last_failures: u32,
    clock: Clock,
}

/// The time of day, which goes on as the runtime's clock does.
#[derive(Debug)]
struct Clock {
    seconds: u64,
    at: Instant,
}

impl Clock {
    fn new() -> Self {
        let age = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            seconds: age.map_or(0, |age| age.as_secs()),
            at: Instant::now(),
        }
    }

    /// Seconds since 1970.
    fn now(&self) -> u64 {
        self.seconds + self.at.elapsed().as_secs()
    }
}

/// A record to deliver, and where its mark goes.
#[derive(Debug)]
enum Job {
    Backlog(Line),
    Own(Next),
}

/// What becomes of a record for now.
enum Fate {
    Done,
    Waits(String),
    Doubtful(String),
    SetAside(String),
}

impl Job {
    /// The record; else why there is none.
    fn record(&self) -> Result<Record, String> {
        let line = match self {
            Self::Backlog(line) | Self::Own(Next::Line(line)) => line,
            Self::Own(Next::Kept(text)) => return parsed(text),
        };
        if !line.whole {
            return Err("the line was cut off when its process ended".to_owned());
        }
        parsed(&line.text)
    }

    fn text(&self) -> &[u8] {
        match self {
            Self::Backlog(line) | Self::Own(Next::Line(line)) => &line.text,
            Self::Own(Next::Kept(text)) => text,
        }
    }
}

fn parsed(text: &[u8]) -> Result<Record, String> {
    serde_json::from_slice(text).map_err(|error| format!("the line is not a record: {error}"))
}

/// How long to wait after a number of failures; never less than the first wait.
fn wait(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let wait = LONGEST_WAIT.min(FIRST_WAIT * 2_u32.pow(doublings));
    // Processes that share a back end must not come back to it together.
    let (chance, _) = Uuid::new_v4().as_u64_pair();
    let part = u32::try_from(chance % 250).unwrap_or(0);
    wait + wait * part / 1_000
}

impl Delivery {
    pub(super) fn new(shared: Arc<Shared>, recorder: Arc<dyn Recorder>) -> Self {
        let backlog = Backlog::new(&shared.folder);
        Self {
            shared,
            recorder,
            backlog,
            next_scan: Instant::now(),
            failures: 0,
            last_failures: 0,
            clock: Clock::new(),
        }
    }

    pub(super) async fn run(mut self) {
        while self.last_failures < LAST_ATTEMPTS {
            self.scan().await;
            match self.next().await {
                Ok(Some(job)) => self.attempt(job).await,
                Ok(None) if self.shared.closing.is_cancelled() => return,
                Ok(None) => self.idle().await,
                Err(error) => {
                    let error = format!("the queue cannot be read: {error}");
                    self.pause(&error).await;
                }
            }
        }
    }

    async fn scan(&mut self) {
        if Instant::now() < self.next_scan {
            return;
        }
        self.next_scan = Instant::now() + self.shared.settings.scan_every;
        let own = self.shared.queue().path().map(ToOwned::to_owned);
        match self.backlog.scan(own.as_deref()).await {
            Ok(bytes) => self.shared.queue().others = bytes,
            Err(error) => {
                tracing::error!(%error, folder = %self.shared.folder.display(), "the folder of records cannot be read");
            }
        }
    }

    async fn next(&mut self) -> io::Result<Option<Job>> {
        while !self.backlog.is_empty() {
            match self.backlog.next() {
                Step::Line(line) => return Ok(Some(Job::Backlog(line))),
                Step::Gone(bytes) => {
                    let mut queue = self.shared.queue();
                    queue.others = queue.others.saturating_sub(bytes);
                }
            }
            // There may be hundreds of files, and nothing else runs meanwhile.
            tokio::task::yield_now().await;
        }
        Ok(self.shared.queue().next()?.map(Job::Own))
    }

    /// Waits for a record, and a little longer: the answer to its call goes out first.
    async fn idle(&self) {
        let closing = self.shared.closing.cancelled();
        tokio::select! {
            () = closing => {}
            () = sleep_until(self.next_scan) => {}
            () = async {
                self.shared.pushed.notified().await;
                sleep(self.shared.settings.head_start).await;
            } => {}
        }
    }

    async fn attempt(&mut self, job: Job) {
        let fate = match job.record() {
            Ok(record) => self.hand_over(&record).await,
            Err(reason) => Fate::SetAside(reason),
        };
        match fate {
            Fate::Done => self.recovered(),
            Fate::SetAside(reason) => self.set_aside(&job, &reason),
            Fate::Doubtful(reason) if self.is_settled(&job) => self.set_aside(&job, &reason),
            Fate::Waits(reason) | Fate::Doubtful(reason) => {
                self.shared.queue().put_back();
                return self.pause(&reason).await;
            }
        }
        match &job {
            Job::Backlog(line) => self.backlog.finish(line),
            Job::Own(next) => self.shared.queue().finish(next),
        }
    }

    async fn hand_over(&self, record: &Record) -> Fate {
        let attempt = AssertUnwindSafe(self.recorder.record(record)).catch_unwind();
        let failure = match attempt.await {
            Ok(Ok(())) => return Fate::Done,
            Ok(Err(failure)) => failure,
            Err(_) => NotRecorded::Doubtful("the recorder failed inside this server".to_owned()),
        };
        match failure {
            NotRecorded::Never(reason) => Fate::SetAside(reason),
            NotRecorded::Later(reason) => Fate::Waits(reason),
            NotRecorded::Doubtful(reason) => Fate::Doubtful(reason),
        }
    }

    /// Counts a doubtful answer; whether there is no doubt any more that the record is what fails.
    fn is_settled(&mut self, job: &Job) -> bool {
        let now = self.clock.now();
        let doubt = match job {
            Job::Backlog(_) => self.backlog.doubt_again(now),
            Job::Own(next) => self.shared.queue().doubt_again(next, now),
        };
        doubt.is_settled(now, self.shared.settings.doubt)
    }

    fn recovered(&mut self) {
        if self.failures > 0 {
            tracing::info!(attempts = self.failures, "records are taken again");
        }
        self.failures = 0;
    }

    fn set_aside(&self, job: &Job, reason: &str) {
        let shared = &self.shared;
        let request_id = job.record().map(|record| record.request_id);
        let request_id = request_id.unwrap_or_default();
        let large = shared.settings.bytes;
        match folder::set_aside(&shared.folder, job.text(), reason, large) {
            Ok(()) => tracing::warn!(reason, request_id, "a record was set aside"),
            Err(error) => {
                tracing::error!(reason, request_id, %error, "a record is lost: it cannot be set aside");
            }
        }
    }

    async fn pause(&mut self, reason: &str) {
        self.failures = self.failures.saturating_add(1);
        let waiting = self.shared.queue().waiting();
        if self.failures == 1 {
            tracing::warn!(reason, waiting, "records cannot be delivered; they wait");
        } else {
            tracing::debug!(reason, waiting, attempts = self.failures, "not delivered");
        }
        let wait = wait(self.failures);
        let closing = &self.shared.closing;
        if closing.is_cancelled() {
            self.last_failures += 1;
            return sleep(wait.min(LAST_WAIT)).await;
        }
        tokio::select! {
            () = closing.cancelled() => {}
            () = sleep(wait) => {}
        }
    }
}

/// Syncs the queue to the device when a record still waits a while after it was written. Records that are delivered at
/// once, as most are, cost no sync; and the waiting is done by another thread.
pub(super) async fn keep_synced(shared: &Shared) {
    loop {
        shared.written.notified().await;
        sleep(shared.settings.sync_after).await;
        sync(shared).await;
    }
}

/// The same at once.
pub(super) async fn sync(shared: &Shared) {
    let Some(file) = shared.queue().take_unsynced() else {
        return;
    };
    let folder = shared.folder.clone();
    let synced = tokio::task::spawn_blocking(move || {
        file.sync_data()?;
        // The name of a new file is on the device when its folder is.
        #[cfg(unix)]
        std::fs::File::open(folder)?.sync_all()?;
        Ok::<(), io::Error>(())
    });
    if let Ok(Err(error)) = synced.await {
        tracing::error!(%error, "the queue of records cannot be synced to the device");
    }
}
