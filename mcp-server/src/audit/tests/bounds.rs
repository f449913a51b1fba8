//! Bounds: what happens when there is no room, or no disk.

use std::{fs, time::Duration};

use mcp_tools::audit::{Outcome, Record};
use tokio::time::sleep;

use super::{Folder, LONG, Scripted, ids, kill, line, open, open_with, push, record, until};
use crate::audit::{
    Settings, folder,
    queue::{Next, Queue},
};

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
