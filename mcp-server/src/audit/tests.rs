//! The journal against recorders that do as they are told, on folders of their own.

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use mcp_tools::{
    JsonObject,
    audit::{NotRecorded, Outcome, Record, Recorder},
};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{Journal, Settings};

mod bounds;
mod files;

const LONG: Duration = Duration::from_secs(5);

/// A folder that goes when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("journal-{}", uuid::Uuid::new_v4().simple());
        Self(std::env::temp_dir().join(name))
    }

    fn files(&self, extension: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.0).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let mut found: Vec<PathBuf> = paths
            .filter(|path| path.extension().is_some_and(|own| own == extension))
            .filter(|path| !path.ends_with("refused.jsonl"))
            .collect();
        found.sort_unstable();
        found
    }

    fn is_clean(&self) -> bool {
        fs::read_dir(&self.0).unwrap().next().is_none()
    }

    fn refused(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.0.join("refused.jsonl")).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// A queue file as a killed process leaves it.
    fn abandoned(&self, text: &str) {
        fs::create_dir_all(&self.0).unwrap();
        let name = format!("queue-{}.jsonl", uuid::Uuid::new_v4().simple());
        fs::write(self.0.join(name), text).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Fails as its script says, else as `default` says, and keeps what it saw.
#[derive(Debug)]
struct Scripted {
    script: Mutex<VecDeque<Result<(), NotRecorded>>>,
    poison: Mutex<BTreeMap<String, NotRecorded>>,
    down: AtomicBool,
    stalls: AtomicBool,
    panics: AtomicBool,
    attempts: Mutex<Vec<(String, Instant)>>,
    taken: Mutex<Vec<Record>>,
}

impl Scripted {
    fn new(script: impl IntoIterator<Item = Result<(), NotRecorded>>) -> Arc<Self> {
        Arc::new(Self {
            script: Mutex::new(script.into_iter().collect()),
            poison: Mutex::default(),
            down: AtomicBool::new(false),
            stalls: AtomicBool::new(false),
            panics: AtomicBool::new(false),
            attempts: Mutex::default(),
            taken: Mutex::default(),
        })
    }

    fn down() -> Arc<Self> {
        let down = Self::new([]);
        down.down.store(true, Ordering::SeqCst);
        down
    }

    fn up(&self) {
        self.down.store(false, Ordering::SeqCst);
    }

    fn poisoned(id: &str, answer: NotRecorded) -> Arc<Self> {
        let scripted = Self::new([]);
        let mut poison = scripted.poison.lock().unwrap();
        poison.insert(id.to_owned(), answer);
        drop(poison);
        scripted
    }

    fn taken(&self) -> Vec<String> {
        let taken = self.taken.lock().unwrap();
        taken
            .iter()
            .map(|record| record.request_id.clone())
            .collect()
    }

    fn attempts(&self) -> Vec<(String, Instant)> {
        self.attempts.lock().unwrap().clone()
    }
}

impl Scripted {
    fn answer(&self, record: &Record) -> Result<(), NotRecorded> {
        let id = record.request_id.clone();
        self.attempts.lock().unwrap().push((id, Instant::now()));
        assert!(!self.panics.swap(false, Ordering::SeqCst), "on purpose");
        if self.down.load(Ordering::SeqCst) {
            return Err(later());
        }
        if let Some(answer) = self.poison.lock().unwrap().get(&record.request_id) {
            return Err(answer.clone());
        }
        if let Some(Err(answer)) = self.script.lock().unwrap().pop_front() {
            return Err(answer);
        }
        self.taken.lock().unwrap().push(record.clone());
        Ok(())
    }
}

impl Recorder for Scripted {
    // What the attribute on the trait makes of an `async fn`.
    fn record<'a, 'b, 'c>(&'a self, record: &'b Record) -> BoxFuture<'c, Result<(), NotRecorded>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(async {
            if self.stalls.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            self.answer(record)
        })
    }
}

fn later() -> NotRecorded {
    NotRecorded::Later("the back end is down".to_owned())
}

fn record(id: impl Into<String>) -> Record {
    Record::new(id, "list_tickets", JsonObject::new(), Outcome::Success)
}

fn line(id: &str) -> String {
    format!("{}\n", serde_json::to_string(&record(id)).unwrap())
}

fn ids(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|number| number.to_string()).collect()
}

fn open(folder: &Folder, recorder: &Arc<Scripted>) -> Journal {
    open_with(folder, recorder, Settings::default())
}

fn open_with(folder: &Folder, recorder: &Arc<Scripted>, settings: Settings) -> Journal {
    Journal::with(&folder.0, Arc::clone(recorder) as _, settings).unwrap()
}

fn push(journal: &Journal, numbers: std::ops::Range<usize>) {
    for id in ids(numbers) {
        journal.push(&record(id));
    }
}

/// Ends a journal as a kill does: nothing is said to anybody.
async fn kill(journal: Journal) {
    drop(journal);
    tokio::task::yield_now().await;
}

/// Waits, in paused time, until something is so.
async fn until(what: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(100_000);
    while !what() {
        assert!(Instant::now() < end, "it never comes");
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn records_are_delivered_in_order_and_leave_nothing_behind() {
    let (folder, recorder) = (Folder::new(), Scripted::new([]));
    let journal = open(&folder, &recorder);
    push(&journal, 0..50);
    assert_eq!(journal.flush(LONG).await, 0);
    assert_eq!(recorder.taken(), ids(0..50));
    assert!(folder.is_clean(), "{:?}", folder.files("jsonl"));
    assert_eq!(journal.clone().flush(LONG).await, 0);
}

#[tokio::test]
async fn a_record_is_whole_when_it_comes_back() {
    let (folder, recorder) = (Folder::new(), Scripted::new([]));
    let journal = open(&folder, &recorder);
    let mut full = record("one");
    full.arguments
        .insert("text".to_owned(), "a\nb \u{1f4e6} \"".into());
    full.message = Some("refused\nand why".to_owned());
    full.outcome = Outcome::Denied;
    full.duration_ms = 17;
    journal.push(&full);
    assert_eq!(journal.flush(LONG).await, 0);
    assert_eq!(*recorder.taken.lock().unwrap(), [full]);
}

#[tokio::test]
async fn a_record_is_on_disk_when_push_returns() {
    let (folder, recorder) = (Folder::new(), Scripted::new([]));
    let journal = open(&folder, &recorder);
    journal.push(&record("one"));
    // Nothing else has run since.
    let files = folder.files("jsonl");
    assert_eq!(files.len(), 1);
    assert_eq!(fs::read_to_string(&files[0]).unwrap(), line("one"));
}

#[tokio::test(start_paused = true)]
async fn the_answer_goes_first() {
    let (folder, recorder) = (Folder::new(), Scripted::new([]));
    let journal = open(&folder, &recorder);
    sleep(Duration::from_millis(10)).await;
    let pushed = Instant::now();
    journal.push(&record("one"));
    until(|| !recorder.taken().is_empty()).await;
    let (_, attempted) = recorder.attempts()[0];
    assert!(attempted - pushed >= Duration::from_millis(5));
    assert!(attempted - pushed < Duration::from_millis(20));
}

#[tokio::test(start_paused = true)]
async fn a_back_end_that_is_down_is_asked_less_and_less() {
    let failures = 9;
    let (folder, recorder) = (Folder::new(), Scripted::new(vec![Err(later()); failures]));
    let journal = open(&folder, &recorder);
    push(&journal, 0..1);
    // Further records change nothing.
    for second in 1..60 {
        sleep(Duration::from_secs(1)).await;
        push(&journal, second..second + 1);
    }
    until(|| recorder.taken().len() == 60).await;
    assert_eq!(recorder.taken(), ids(0..60));
    let attempts = recorder.attempts();
    assert_eq!(attempts.len(), 60 + failures);
    let seconds = [1, 2, 4, 8, 16, 32, 48, 48, 48];
    for (pair, expected) in attempts.windows(2).zip(seconds.map(Duration::from_secs)) {
        assert_eq!(pair[1].0, "0", "the first stays the first");
        let waited = pair[1].1 - pair[0].1;
        let least = expected.max(Duration::from_secs(1));
        assert!(waited >= least, "{waited:?} instead of {expected:?}");
        assert!(
            waited <= expected + expected / 4 + Duration::from_millis(5),
            "{waited:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_in_doubt_is_set_aside_after_an_hour() {
    let (folder, recorder) = (
        Folder::new(),
        Scripted::poisoned("0", NotRecorded::Doubtful("422, who knows why".to_owned())),
    );
    let journal = open(&folder, &recorder);
    push(&journal, 0..3);
    until(|| recorder.taken().len() == 2).await;
    assert_eq!(recorder.taken(), ids(1..3));
    let tries = recorder.attempts();
    let tries: Vec<_> = tries.iter().filter(|(id, _)| id == "0").collect();
    let tried = tries.last().unwrap().1 - tries[0].1;
    let hour = Duration::from_secs(3_600);
    assert!(
        tried >= hour && tried < hour + Duration::from_secs(61),
        "{tried:?}"
    );
    let refused = folder.refused();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["reason"], "422, who knows why");
    assert_eq!(refused[0]["record"]["request_id"], "0");
    assert!(refused[0]["set_aside_at"].is_u64());
}

#[tokio::test(start_paused = true)]
async fn a_doubt_outlives_the_process() {
    let (folder, poison) = (Folder::new(), NotRecorded::Doubtful("422".to_owned()));
    let recorder = Scripted::poisoned("0", poison.clone());
    recorder
        .poison
        .lock()
        .unwrap()
        .insert("1".to_owned(), poison);
    let settings = Settings {
        doubt: Duration::ZERO,
        ..Settings::default()
    };
    let mut processes = 0;
    while recorder.taken().is_empty() {
        assert!(recorder.attempts().len() < 60, "it is never given up");
        let journal = open_with(&folder, &recorder, settings);
        if processes == 0 {
            push(&journal, 0..3);
        }
        processes += 1;
        sleep(Duration::from_secs(20)).await;
        kill(journal).await;
    }
    for poisoned in ["0", "1"] {
        let tries = recorder.attempts();
        let tries = tries.iter().filter(|(id, _)| id == poisoned);
        assert_eq!(tries.count(), 20, "{poisoned}");
    }
    assert!(processes > 4, "{processes}");
    assert_eq!(recorder.taken(), ["2"]);
    let refused = folder.refused();
    assert_eq!(refused[0]["record"]["request_id"], "0");
    assert_eq!(refused[1]["record"]["request_id"], "1");
}

#[tokio::test]
async fn a_refused_record_is_set_aside_at_once() {
    let (folder, recorder) = (
        Folder::new(),
        Scripted::poisoned("1", NotRecorded::Never("400".to_owned())),
    );
    let journal = open(&folder, &recorder);
    push(&journal, 0..3);
    assert_eq!(journal.flush(LONG).await, 0);
    assert_eq!(recorder.taken(), ["0", "2"]);
    assert_eq!(recorder.attempts().len(), 3);
    assert_eq!(folder.refused()[0]["record"]["request_id"], "1");
}

#[tokio::test]
async fn what_a_killed_process_leaves_is_delivered_once() {
    let folder = Folder::new();
    let first = Scripted::new([Ok(()), Ok(()), Err(later())]);
    let journal = open(&folder, &first);
    push(&journal, 0..5);
    while first.attempts().len() < 3 {
        sleep(Duration::from_millis(1)).await;
    }
    kill(journal).await;
    assert_eq!(first.taken(), ids(0..2));

    let second = Scripted::new([]);
    let journal = open(&folder, &second);
    push(&journal, 5..7);
    assert_eq!(journal.flush(LONG).await, 0);
    assert_eq!(second.taken(), ids(2..7));
    assert!(folder.is_clean());
}

#[tokio::test]
async fn a_flush_ends_in_time() {
    let folder = Folder::new();
    let stalls = Scripted::new([]);
    stalls.stalls.store(true, Ordering::SeqCst);
    let journal = open(&folder, &stalls);
    push(&journal, 0..4);
    sleep(Duration::from_millis(20)).await;
    let started = std::time::Instant::now();
    assert_eq!(journal.flush(Duration::from_millis(100)).await, 4);
    assert!(started.elapsed() < Duration::from_secs(1));
    // And what comes after it waits with the others.
    push(&journal, 4..5);
    drop(journal);
    let recorder = Scripted::new([]);
    assert_eq!(open(&folder, &recorder).flush(LONG).await, 0);
    assert_eq!(recorder.taken(), ids(0..5));
}

#[tokio::test(start_paused = true)]
async fn a_flush_does_not_sit_out_a_long_pause() {
    let (folder, recorder) = (Folder::new(), Scripted::down());
    let journal = open(&folder, &recorder);
    push(&journal, 0..3);
    sleep(Duration::from_secs(300)).await;
    recorder.up();
    let started = Instant::now();
    assert_eq!(journal.flush(LONG).await, 0);
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_eq!(recorder.taken(), ids(0..3));
}

#[tokio::test(start_paused = true)]
async fn a_recorder_that_panics_is_asked_again() {
    let (folder, recorder) = (Folder::new(), Scripted::new([]));
    recorder.panics.store(true, Ordering::SeqCst);
    let journal = open(&folder, &recorder);
    push(&journal, 0..2);
    until(|| recorder.taken().len() == 2).await;
    assert_eq!(journal.flush(LONG).await, 0);
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_synced_and_what_does_not_is_not() {
    let (folder, recorder) = (Folder::new(), Scripted::new([]));
    let journal = open(&folder, &recorder);
    push(&journal, 0..1);
    until(|| recorder.taken().len() == 1).await;
    sleep(Duration::from_secs(2)).await;
    assert!(journal.shared.queue().take_unsynced().is_none());
    recorder.down.store(true, Ordering::SeqCst);
    push(&journal, 1..2);
    sleep(Duration::from_millis(500)).await;
    assert!(journal.shared.queue().take_unsynced().is_some(), "not yet");
    push(&journal, 2..3);
    sleep(Duration::from_millis(1_500)).await;
    assert!(journal.shared.queue().take_unsynced().is_none(), "synced");
}

#[test]
fn a_runtime_is_needed() {
    let folder = Folder::new();
    assert!(Journal::open(&folder.0, Scripted::new([])).is_err());
}
