//! Files: who holds them, who takes them over, and what is in them.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use serde_json::Value;
use tokio::time::sleep;

use super::{Folder, LONG, Scripted, ids, kill, line, open, open_with, push, record, until};
use crate::audit::{
    Settings, folder,
    spool::{self, Spool},
};

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
