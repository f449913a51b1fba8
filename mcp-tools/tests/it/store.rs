//! What every store promises, asked of all of them; and what each alone can get wrong.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use mcp_tools::store::{Memory, Sqlite, Store, Swap};
use tokio::time::sleep;

mod file;
mod redis_server;
mod server;

const LONG: Duration = Duration::from_secs(600);
const COUNTERS: u32 = 8;
const COUNTS: u32 = 40;

/// A fresh folder, removed when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("mcp-tools-store-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("shared.sqlite3")
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Two ways to one store; what is done through one is seen through the other.
type Handles = [Arc<dyn Store>; 2];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_keeps_the_promises() {
    let store: Arc<dyn Store> = Arc::new(Memory::new());
    promises([Arc::clone(&store), store]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_keeps_the_promises() {
    let folder = Folder::new();
    let handle = || -> Arc<dyn Store> { Arc::new(Sqlite::at(folder.file())) };
    promises([handle(), handle()]).await;
}

async fn promises(handles: Handles) {
    swaps_depend_on_what_is_there(&handles).await;
    only_what_is_known_is_forgotten(&handles).await;
    any_name_and_any_value(&handles).await;
    values_expire(&handles).await;
    one_of_many_wins(&handles).await;
    no_count_is_lost(&handles, Some(COUNTERS * COUNTS)).await;
    for store in &handles {
        store.ping().await.unwrap();
    }
}

async fn swaps_depend_on_what_is_there([one, other]: &Handles) {
    assert_eq!(one.read("a").await.unwrap(), None);
    let wrong = one.swap("a", Some(b"1"), b"2", LONG).await.unwrap();
    assert_eq!(wrong, Swap::Other(None));
    assert_eq!(one.swap("a", None, b"1", LONG).await.unwrap(), Swap::Done);
    assert_eq!(other.read("a").await.unwrap().as_deref(), Some(&b"1"[..]));
    for old in [None, Some(&b""[..]), Some(b"10"), Some(b"2")] {
        let refused = other.swap("a", old, b"3", LONG).await.unwrap();
        assert_eq!(refused, Swap::Other(Some(b"1".to_vec())), "{old:?}");
    }
    let done = other.swap("a", Some(b"1"), b"2", LONG).await.unwrap();
    assert_eq!(done, Swap::Done);
    assert_eq!(one.read("a").await.unwrap().as_deref(), Some(&b"2"[..]));
    assert_eq!(one.read("b").await.unwrap(), None);
}

async fn only_what_is_known_is_forgotten([one, other]: &Handles) {
    one.swap("gone", None, b"1", LONG).await.unwrap();
    assert!(!other.forget("gone", b"2").await.unwrap());
    assert!(!other.forget("never", b"").await.unwrap());
    assert!(other.forget("gone", b"1").await.unwrap());
    assert!(!one.forget("gone", b"1").await.unwrap());
    assert_eq!(one.read("gone").await.unwrap(), None);
    let again = one.swap("gone", None, b"3", LONG).await.unwrap();
    assert_eq!(again, Swap::Done);
}

async fn any_name_and_any_value([one, other]: &Handles) {
    let large: Vec<u8> = (0..4_000_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    let values: [&[u8]; 5] = [
        b"",
        b"\0",
        &[0, 255, 128, b'\r', b'\n'],
        b"\xff\xfe",
        &large,
    ];
    let long = "n".repeat(2_000);
    let names = [
        "",
        " ",
        "a b",
        "a:b/c{d}",
        "*?[x]\\",
        "'; DROP TABLE kept; --",
        "ñandú 🐦",
        "nul\0here",
        "nul\0there",
        "line\r\nbreak",
        "%s%n",
        "Case",
        "case",
        &long,
    ];
    for (turn, name) in names.into_iter().enumerate() {
        let value = values[turn % values.len()];
        let done = one.swap(name, None, value, LONG).await.unwrap();
        assert_eq!(done, Swap::Done, "{name:?}");
    }
    for (turn, name) in names.into_iter().enumerate() {
        let value = values[turn % values.len()];
        let read = other.read(name).await.unwrap();
        assert!(read.as_deref() == Some(value), "{name:?}");
        let done = other.swap(name, Some(value), b"next", LONG).await.unwrap();
        assert_eq!(done, Swap::Done, "{name:?}");
        assert!(one.forget(name, b"next").await.unwrap(), "{name:?}");
    }
}

async fn values_expire([one, other]: &Handles) {
    let short = Duration::from_millis(80);
    one.swap("soon", None, b"1", short).await.unwrap();
    one.swap("kept", None, b"1", short).await.unwrap();
    // A change gives a new life.
    let done = other.swap("kept", Some(b"1"), b"2", LONG).await.unwrap();
    assert_eq!(done, Swap::Done);
    assert!(other.read("soon").await.unwrap().is_some());
    sleep(Duration::from_millis(120)).await;
    assert_eq!(other.read("soon").await.unwrap(), None);
    assert!(!other.forget("soon", b"1").await.unwrap());
    let refused = one.swap("soon", Some(b"1"), b"2", LONG).await.unwrap();
    assert_eq!(refused, Swap::Other(None));
    let done = one.swap("soon", None, b"3", LONG).await.unwrap();
    assert_eq!(done, Swap::Done);
    assert!(one.read("kept").await.unwrap().is_some());
    // Lives of any length are taken.
    for (name, lives) in [("none", Duration::ZERO), ("ever", Duration::MAX)] {
        assert_eq!(one.swap(name, None, b"1", lives).await.unwrap(), Swap::Done);
    }
    sleep(Duration::from_millis(2)).await;
    assert_eq!(other.read("none").await.unwrap(), None);
    assert!(other.read("ever").await.unwrap().is_some());
}

/// Of many that see the same, one changes it, and all others are told by whom.
async fn one_of_many_wins(handles: &Handles) {
    for round in 0..5_u8 {
        let name = format!("race {round}");
        let racers = (0..16_u8).map(|racer| {
            let store = Arc::clone(&handles[usize::from(racer % 2)]);
            let name = name.clone();
            tokio::spawn(async move { store.swap(&name, None, &[racer], LONG).await.unwrap() })
        });
        let racers: Vec<_> = racers.collect();
        let (mut winners, mut told) = (Vec::new(), Vec::new());
        for (racer, task) in (0..16_u8).zip(racers) {
            match task.await.unwrap() {
                Swap::Done => winners.push(vec![racer]),
                Swap::Other(there) => told.push(there.unwrap()),
            }
        }
        assert_eq!(winners.len(), 1);
        assert!(told.iter().all(|there| *there == winners[0]));
    }
}

/// Everybody counts up by what they see: each count was made once.
async fn no_count_is_lost(handles: &Handles, expected: Option<u32>) {
    let counters = (0..COUNTERS).map(|counter| {
        let store = Arc::clone(&handles[(counter % 2) as usize]);
        tokio::spawn(async move {
            for _ in 0..COUNTS {
                let mut known: Option<Vec<u8>> = None;
                loop {
                    let count = known.as_deref().map_or(0, number);
                    let new = (count + 1).to_be_bytes();
                    match store.swap("count", known.as_deref(), &new, LONG).await {
                        Ok(Swap::Done) => break,
                        Ok(Swap::Other(there)) => known = there,
                        Err(error) => panic!("{error}"),
                    }
                }
            }
        })
    });
    for counter in counters.collect::<Vec<_>>() {
        counter.await.unwrap();
    }
    let count = handles[0].read("count").await.unwrap().unwrap();
    if let Some(expected) = expected {
        assert_eq!(number(&count), expected);
    }
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes.try_into().unwrap())
}
