//! The journal against recorders that do as they are told, on folders of their own.

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    path::{Path, PathBuf},
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

use super::{
    Journal, Settings, folder,
    queue::{Next, Queue},
    spool::{self, Spool},
};

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

#[cfg(unix)]
#[tokio::test]
async fn only_their_owner_reads_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, recorder) = (Folder::new(), Scripted::new([]));
    let inner = Folder(folder.0.join("a").join("b"));
    let journal = open(&inner, &recorder);
    journal.push(&record("one"));
    folder::set_aside(&inner.0, b"{}", "why", 1_000).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.0), 0o700);
    assert_eq!(mode(&inner.0), 0o700);
    let mut files = 0;
    for entry in fs::read_dir(&inner.0).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
        files += 1;
    }
    assert_eq!(files, 3);
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

#[test]
fn a_new_file_is_never_taken_for_abandoned() {
    let folder = Folder::new();
    folder::make(&folder.0).unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                for path in folder.files("new") {
                    let _ = spool::remove_unborn(&path);
                }
                for path in folder.files("jsonl") {
                    if let Ok(Some(abandoned)) = Spool::adopt(&path) {
                        let _ = abandoned.remove();
                    }
                }
            }
        });
        let removed = (0..1_000).any(|_| {
            let held = Spool::create(&folder.0);
            !held.is_ok_and(|held| held.path().exists())
        });
        stop.store(true, Ordering::SeqCst);
        assert!(!removed, "a neighbour took it");
    });
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

#[test]
fn the_file_of_refused_records_does_not_grow_for_ever() {
    let folder = Folder::new();
    folder::make(&folder.0).unwrap();
    for number in 0..10 {
        let text = line(&number.to_string());
        folder::set_aside(&folder.0, text.trim().as_bytes(), "why", 500).unwrap();
    }
    let before = fs::read_to_string(folder.0.join("refused.before.jsonl")).unwrap();
    let newest = folder.refused();
    assert!(
        before.len() >= 500 && before.len() < 1_000,
        "{}",
        before.len()
    );
    assert_eq!(newest.last().unwrap()["record"]["request_id"], "9");
    let last = before.lines().last().unwrap();
    let last: Value = serde_json::from_str(last).unwrap();
    let (last, first) = (
        &last["record"]["request_id"],
        &newest[0]["record"]["request_id"],
    );
    let number = |id: &Value| id.as_str().unwrap().parse::<u8>().unwrap();
    assert_eq!(number(last) + 1, number(first));
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
async fn files_are_taken_over_oldest_first() {
    let folder = Folder::new();
    for number in 0..20 {
        let journal = open(&folder, &Scripted::down());
        push(&journal, number..number + 1);
        // Before the next looks around.
        kill(journal).await;
    }
    let last = Scripted::new([]);
    let journal = open(&folder, &last);
    push(&journal, 20..21);
    assert_eq!(journal.flush(LONG).await, 0);
    assert_eq!(last.taken(), ids(0..21));
    assert!(folder.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_file_is_taken_over_only_when_its_process_is_gone() {
    let (folder, down, up) = (Folder::new(), Scripted::down(), Scripted::new([]));
    let one = open(&folder, &down);
    push(&one, 0..3);
    let two = open(&folder, &up);
    push(&two, 3..5);
    sleep(Duration::from_secs(600)).await;
    assert_eq!(up.taken(), ids(3..5), "the other file is held");
    kill(one).await;
    assert_eq!(up.taken(), ids(3..5));
    sleep(Duration::from_secs(121)).await;
    assert_eq!(up.taken(), ["3", "4", "0", "1", "2"]);
    assert_eq!(two.flush(LONG).await, 0);
    assert!(folder.is_clean());
}

#[tokio::test]
async fn two_journals_share_a_folder() {
    let (folder, recorder) = (Folder::new(), Scripted::new([]));
    let (one, two) = (open(&folder, &recorder), open(&folder, &recorder));
    for number in 0..40 {
        let journal = if number % 2 == 0 { &one } else { &two };
        push(journal, number..number + 1);
        tokio::task::yield_now().await;
    }
    assert_eq!(one.flush(LONG).await, 0);
    assert_eq!(two.flush(LONG).await, 0);
    let taken: Vec<usize> = recorder
        .taken()
        .iter()
        .map(|id| id.parse().unwrap())
        .collect();
    for parity in 0..2 {
        let own: Vec<usize> = taken
            .iter()
            .copied()
            .filter(|id| id % 2 == parity)
            .collect();
        let expected: Vec<usize> = (0..40).filter(|id| id % 2 == parity).collect();
        assert_eq!(own, expected);
    }
    assert_eq!(taken.len(), 40);
    assert!(folder.is_clean());
}

#[tokio::test]
async fn cut_and_broken_lines_are_set_aside() {
    let (folder, recorder) = (Folder::new(), Scripted::new([]));
    let whole = line("2");
    let cut = &whole[..whole.len() / 2];
    let almost = whole.trim();
    folder.abandoned(&format!(
        "{}no record\n\n\0\0\0\n{}{cut}",
        line("0"),
        line("1")
    ));
    folder.abandoned(almost);
    folder.abandoned("");
    let journal = open(&folder, &recorder);
    assert_eq!(journal.flush(LONG).await, 0);
    assert_eq!(recorder.taken(), ids(0..2));
    let mut refused = folder.refused();
    assert_eq!(refused.len(), 5);
    refused.retain(|line| line["reason"].as_str().unwrap().contains("cut off"));
    let texts: Vec<&Value> = refused.iter().map(|line| &line["record"]).collect();
    assert!(texts.contains(&&Value::from(cut)), "{texts:?}");
    assert!(
        texts.iter().any(|text| text["request_id"] == "2"),
        "{texts:?}"
    );
    assert!(folder.files("jsonl").is_empty());
    assert!(folder.files("mark").is_empty());
}

#[tokio::test]
async fn files_that_were_never_locked_are_removed() {
    let (folder, recorder) = (Folder::new(), Scripted::new([]));
    folder::make(&folder.0).unwrap();
    fs::write(folder.0.join("queue-1-a.new"), "").unwrap();
    fs::write(folder.0.join("notes.txt"), "").unwrap();
    let journal = open(&folder, &recorder);
    assert_eq!(journal.flush(LONG).await, 0);
    assert!(folder.files("new").is_empty());
    assert_eq!(folder.files("txt").len(), 1);
}

#[tokio::test]
async fn who_waited_for_a_file_that_was_removed_finds_it_empty() {
    let folder = Folder::new();
    folder::make(&folder.0).unwrap();
    let mut spool = Spool::create(&folder.0).unwrap();
    spool.append(line("0").as_bytes(), 1).unwrap();
    // Another name for the same file stands for a neighbour that has opened it already.
    let opened = folder.0.join("queue-opened.jsonl");
    fs::hard_link(spool.path(), &opened).unwrap();
    assert!(
        Spool::adopt(&opened).unwrap().is_none(),
        "the lock is of the file"
    );
    let only = spool.next().unwrap().unwrap();
    spool.finish(&only).unwrap();
    spool.remove().unwrap();
    let late = Spool::adopt(&opened).unwrap().unwrap();
    assert_eq!((late.waiting(), late.next().unwrap()), (0, None));
}

fn small() -> Settings {
    Settings {
        records: 5,
        memory: 3,
        ..Settings::default()
    }
}

fn messages(recorder: &Scripted) -> Vec<String> {
    let taken = recorder.taken.lock().unwrap();
    let text = |record: &Record| match &record.message {
        Some(message) => {
            assert_eq!(record.tool, "activity_log");
            assert_eq!(record.outcome, Outcome::Error);
            message.clone()
        }
        None => record.request_id.clone(),
    };
    taken.iter().map(text).collect()
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_keeps_the_oldest_and_tells_how_many_it_dropped() {
    let (folder, recorder) = (Folder::new(), Scripted::down());
    let journal = open_with(&folder, &recorder, small());
    push(&journal, 0..9);
    sleep(Duration::from_secs(10)).await;
    recorder.up();
    until(|| recorder.taken().len() == 6).await;
    push(&journal, 9..11);
    assert_eq!(journal.flush(LONG).await, 0);
    let gap = "4 records were dropped because the queue was full";
    assert_eq!(
        messages(&recorder),
        ["0", "1", "2", "3", "4", gap, "9", "10"]
    );
    assert!(folder.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_gap_is_told_before_the_next_record() {
    let folder = Folder::new();
    folder::make(&folder.0).unwrap();
    let mut queue = Queue::open(&folder.0, small()).unwrap();
    for number in ids(0..7) {
        queue.push(&record(number));
    }
    let mut told = Vec::new();
    let mut take = |queue: &mut Queue| {
        let next = queue.next().unwrap().unwrap();
        let Next::Line(line) = &next else {
            panic!("memory is not used")
        };
        let record: Record = serde_json::from_slice(&line.text).unwrap();
        told.push(record.message.unwrap_or(record.request_id));
        queue.finish(&next);
    };
    take(&mut queue);
    // One place is not enough for the gap and the record.
    queue.push(&record("7"));
    take(&mut queue);
    queue.push(&record("8"));
    queue.push(&record("9"));
    while queue.waiting() > 0 {
        take(&mut queue);
    }
    assert_eq!(
        queue.next().unwrap().map(|_| ()),
        Some(()),
        "the second gap"
    );
    let gap = "3 records were dropped because the queue was full";
    assert_eq!(told, ["0", "1", "2", "3", "4", gap, "8"]);
}

#[tokio::test]
async fn the_count_of_dropped_records_survives() {
    let folder = Folder::new();
    let journal = open_with(&folder, &Scripted::down(), small());
    push(&journal, 0..12);
    kill(journal).await;
    let recorder = Scripted::new([]);
    let journal = open_with(&folder, &recorder, small());
    assert_eq!(journal.flush(LONG).await, 0);
    let gap = "7 records were dropped because the queue was full";
    assert_eq!(messages(&recorder), ["0", "1", "2", "3", "4", gap]);
    assert!(folder.is_clean());
}

#[tokio::test]
async fn bytes_of_other_processes_count() {
    let folder = Folder::new();
    let settings = Settings {
        bytes: 3 * u64::try_from(line("0").len()).unwrap(),
        ..Settings::default()
    };
    let one = open_with(&folder, &Scripted::down(), settings);
    push(&one, 0..2);
    let recorder = Scripted::down();
    let two = open_with(&folder, &recorder, settings);
    sleep(Duration::from_millis(20)).await;
    push(&two, 2..5);
    assert_eq!(two.shared.queue().waiting(), 1);
    // When the other is gone and its records are delivered, there is room.
    kill(one).await;
    recorder.up();
    assert_eq!(two.flush(LONG).await, 2, "the next look comes later");
    let three = open_with(&folder, &recorder, settings);
    assert_eq!(three.flush(LONG).await, 0);
    let gap = "2 records were dropped because the queue was full";
    assert_eq!(messages(&recorder), ["2", gap, "0", "1"]);
}

#[tokio::test(start_paused = true)]
async fn a_large_file_is_replaced_when_it_is_done() {
    let (folder, recorder) = (Folder::new(), Scripted::new([]));
    let settings = Settings {
        large: 1_000,
        ..Settings::default()
    };
    let journal = open_with(&folder, &recorder, settings);
    let mut names = Vec::new();
    for number in 0..100 {
        push(&journal, number..number + 1);
        until(|| recorder.taken().len() > number).await;
        let files = folder.files("jsonl");
        assert_eq!((files.len(), folder.files("mark").len()), (1, 1));
        assert!(fs::metadata(&files[0]).unwrap().len() < 1_300);
        names.extend(files);
    }
    names.dedup();
    assert!(names.len() > 5, "{} files", names.len());
    assert_eq!(journal.flush(LONG).await, 0);
    assert_eq!(recorder.taken(), ids(0..100));
}

#[tokio::test]
async fn records_are_kept_in_memory_while_the_disk_takes_none() {
    let folder = Folder::new();
    folder::make(&folder.0).unwrap();
    let mut queue = Queue::open(
        &folder.0,
        Settings {
            memory: 3,
            ..small()
        },
    )
    .unwrap();
    queue.close();
    fs::remove_dir_all(&folder.0).unwrap();
    for id in ids(0..5) {
        queue.push(&record(id));
    }
    assert_eq!(queue.waiting(), 3, "two found no room");
    let next = queue.next().unwrap().unwrap();
    assert!(matches!(next, Next::Kept(_)), "{next:?}");
    // While it is delivered, the rest cannot be written behind it.
    fs::create_dir_all(&folder.0).unwrap();
    queue.finish(&next);
    let mut rest = Vec::new();
    while let Some(next) = queue.next().unwrap() {
        let Next::Line(line) = &next else {
            panic!("the disk is back")
        };
        let record: Record = serde_json::from_slice(&line.text).unwrap();
        rest.push(record.message.unwrap_or(record.request_id));
        queue.finish(&next);
    }
    let gap = "2 records were dropped because the queue was full";
    assert_eq!(rest, ["1", "2", gap]);
    assert_eq!(queue.close(), 0);
    assert!(folder.is_clean());
}

#[tokio::test]
async fn what_memory_delivers_is_not_written_meanwhile() {
    let folder = Folder::new();
    folder::make(&folder.0).unwrap();
    let mut queue = Queue::open(&folder.0, Settings::default()).unwrap();
    queue.close();
    fs::remove_dir_all(&folder.0).unwrap();
    queue.push(&record("0"));
    let first = queue.next().unwrap().unwrap();
    assert!(matches!(first, Next::Kept(_)), "{first:?}");
    folder::make(&folder.0).unwrap();
    queue.push(&record("1"));
    queue.push(&record("2"));
    queue.finish(&first);
    let mut rest = Vec::new();
    while let Some(next) = queue.next().unwrap() {
        let Next::Line(line) = &next else {
            panic!("the disk is back")
        };
        let record: Record = serde_json::from_slice(&line.text).unwrap();
        rest.push(record.request_id);
        queue.finish(&next);
    }
    assert_eq!(rest, ["1", "2"]);
}

#[tokio::test]
async fn memory_is_delivered_without_any_disk() {
    let (folder, recorder) = (Folder::new(), Scripted::new([]));
    let journal = open(&folder, &recorder);
    journal.shared.queue().close();
    fs::remove_dir_all(&folder.0).unwrap();
    push(&journal, 0..10);
    assert_eq!(journal.flush(LONG).await, 0);
    assert_eq!(recorder.taken(), ids(0..10));
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

#[test]
fn a_write_that_failed_leaves_no_half_line() {
    let folder = Folder::new();
    folder::make(&folder.0).unwrap();
    let mut spool = Spool::create(&folder.0).unwrap();
    spool.append(line("0").as_bytes(), 1).unwrap();
    spool.tear(b"{\"half");
    spool.append(line("1").as_bytes(), 1).unwrap();
    let text = fs::read_to_string(spool.path()).unwrap();
    assert_eq!(text, line("0") + &line("1"));
    assert_eq!(spool::bytes_waiting(spool.path()).unwrap(), spool.len());
}
