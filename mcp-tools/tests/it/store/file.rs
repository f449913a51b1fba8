//! What a store in a file alone can get wrong.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::Arc,
    time::Instant,
};

use super::*;

/// Makes a test of this program a process that is told a file: what it does and nothing else.
const CHILD: &str = "MCP_TOOLS_TEST_STORE";

fn in_a_process(test: &str, file: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHILD, file)
        .stdout(Stdio::piped());
    command
}

/// In a process of its own: the file that it is told.
fn told() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

#[tokio::test]
async fn nothing_is_made_before_the_first_question() {
    let folder = Folder::new();
    let file = folder.path().join("deep/er/shared.sqlite3");
    let store = Sqlite::at(&file);
    assert!(!file.exists());
    assert_eq!(store.path(), file);
    store.ping().await.unwrap();
    assert!(file.exists());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        store.swap("a", None, b"1", LONG).await.unwrap();
        for entry in fs::read_dir(file.parent().unwrap()).unwrap() {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{entry:?}");
        }
        let mode = fs::metadata(file.parent().unwrap()).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o700);
    }
}

#[tokio::test]
async fn values_outlive_the_store() {
    let folder = Folder::new();
    let store = Sqlite::at(folder.file());
    store.swap("a", None, b"1", LONG).await.unwrap();
    drop(store);
    let store = Sqlite::at(folder.file());
    assert_eq!(store.read("a").await.unwrap().as_deref(), Some(&b"1"[..]));
}

/// Counts up in its own process, and tells each count as soon as the store has it.
#[tokio::test]
async fn counting_until_killed() {
    let Some(file) = told() else { return };
    let store = Sqlite::at(file);
    let mut known: Option<Vec<u8>> = None;
    for count in 1_u32.. {
        let new = count.to_be_bytes();
        let done = store.swap("count", known.as_deref(), &new, LONG).await;
        assert_eq!(done.unwrap(), Swap::Done);
        println!("\ncounted {count}");
        known = Some(new.to_vec());
    }
}

#[tokio::test]
async fn what_was_answered_outlives_a_kill() {
    for kills in 1..=3 {
        let folder = Folder::new();
        let test = "store::file::counting_until_killed";
        let mut child = in_a_process(test, &folder.file()).spawn().unwrap();
        let mut told = 0;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            if let Some(count) = line.unwrap().strip_prefix("counted ") {
                told = count.parse().unwrap();
            }
            if told == kills * 40 {
                break;
            }
        }
        // SIGKILL, in the middle of whatever it does.
        child.kill().unwrap();
        child.wait().unwrap();
        let store = Sqlite::at(folder.file());
        let kept = number(&store.read("count").await.unwrap().unwrap());
        assert!(kept >= told && told > 0, "{kept} kept, {told} told");
    }
}

/// Counts up beside other processes.
#[tokio::test]
async fn counting_beside_others() {
    let Some(file) = told() else { return };
    let handle = || -> Arc<dyn Store> { Arc::new(Sqlite::at(&file)) };
    no_count_is_lost(&[handle(), handle()], None).await;
}

#[tokio::test]
async fn several_processes_share_a_file() {
    let folder = Folder::new();
    let test = "store::file::counting_beside_others";
    // All of them find no file, and make it.
    let children: Vec<_> = (0..3)
        .map(|_| in_a_process(test, &folder.file()).spawn().unwrap())
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}");
        assert!(text.contains("1 passed"), "{text}");
    }
    let store = Sqlite::at(folder.file());
    let count = number(&store.read("count").await.unwrap().unwrap());
    assert_eq!(count, 3 * COUNTERS * COUNTS);
}

async fn refused(file: &Path) -> String {
    let store = Sqlite::at(file);
    let reading = store.read("a").await.unwrap_err().to_string();
    let swapping = store.swap("a", None, b"1", LONG).await.unwrap_err();
    assert_eq!(swapping.to_string(), reading);
    let forgetting = store.forget("a", b"1").await.unwrap_err();
    assert_eq!(forgetting.to_string(), reading);
    assert!(store.ping().await.is_err());
    assert!(reading.contains(file.to_str().unwrap()), "{reading}");
    reading
}

#[tokio::test]
async fn a_damaged_file_is_refused_and_kept() {
    let folder = Folder::new();
    let file = folder.file();
    let noise: Vec<u8> = (0..20_000_u32).map(|n| (n * 31 % 253) as u8).collect();
    fs::write(&file, &noise).unwrap();
    let text = refused(&file).await;
    assert!(text.contains("damaged"), "{text}");
    assert!(fs::read(&file).unwrap() == noise, "it was touched");
    // As soon as it is mended, the same store works.
    let store = Sqlite::at(&file);
    assert!(store.ping().await.is_err());
    fs::remove_file(&file).unwrap();
    assert_eq!(store.swap("a", None, b"1", LONG).await.unwrap(), Swap::Done);
}

#[tokio::test]
async fn damage_in_the_middle_is_told() {
    let folder = Folder::new();
    let file = folder.file();
    let store = Sqlite::at(&file);
    for turn in 0..200 {
        let name = format!("name {turn}");
        store.swap(&name, None, &[7; 700], LONG).await.unwrap();
    }
    drop(store);
    // The last one out puts the log into the file.
    let until = Instant::now() + LONG;
    while file.with_extension("sqlite3-wal").exists() && Instant::now() < until {
        sleep(Duration::from_millis(5)).await;
    }
    let mut bytes = fs::read(&file).unwrap();
    assert!(bytes.len() > 100_000, "{}", bytes.len());
    bytes[8_192..].fill(0x5a);
    fs::write(&file, &bytes).unwrap();
    let store = Sqlite::at(&file);
    let mut told = 0;
    for turn in 0..200 {
        match store.read(&format!("name {turn}")).await {
            Ok(value) => assert!(value.is_none_or(|value| value == [7; 700])),
            Err(error) => {
                assert!(error.to_string().contains("damaged"), "{error}");
                told += 1;
            }
        }
    }
    assert!(told > 100, "{told}");
    assert_eq!(fs::read(&file).unwrap().len(), bytes.len());
}

#[tokio::test]
async fn a_newer_file_and_that_of_another_program_are_refused() {
    let folder = Folder::new();
    for (statements, word) in [
        (
            "PRAGMA application_id = 1953325936; PRAGMA user_version = 2",
            "newer version",
        ),
        (
            "CREATE TABLE photos (a); INSERT INTO photos VALUES (1)",
            "another program",
        ),
        ("PRAGMA application_id = 7", "another program"),
        ("PRAGMA user_version = 1", "another program"),
    ] {
        let file = folder.path().join(format!("{}.sqlite3", statements.len()));
        let connection = rusqlite::Connection::open(&file).unwrap();
        connection.execute_batch(statements).unwrap();
        drop(connection);
        let before = fs::read(&file).unwrap();
        let text = refused(&file).await;
        assert!(text.contains(word), "{text}");
        assert!(fs::read(&file).unwrap() == before, "it was touched");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn where_nothing_can_be_written_that_is_said() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    fs::write(folder.path().join("plain"), "").unwrap();
    let text = refused(&folder.path().join("plain/shared.sqlite3")).await;
    assert!(text.contains("cannot be made"), "{text}");
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o500)).unwrap();
    // Whoever may do everything is not stopped by this.
    if fs::write(closed.join("probe"), "").is_err() {
        let text = refused(&closed.join("shared.sqlite3")).await;
        assert!(text.contains("cannot be made"), "{text}");
    }
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
}

#[tokio::test]
async fn a_file_that_is_held_is_waited_for_and_then_told() {
    let folder = Folder::new();
    let store = Sqlite::at(folder.file());
    store.ping().await.unwrap();
    let other = rusqlite::Connection::open(folder.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = Instant::now();
    // Reading does not wait for who writes.
    assert_eq!(store.read("a").await.unwrap(), None);
    assert!(begun.elapsed() < Duration::from_millis(500));
    let freed = tokio::task::spawn_blocking(move || {
        std::thread::sleep(Duration::from_millis(100));
        other.execute_batch("COMMIT").unwrap();
        other
    });
    assert_eq!(store.swap("a", None, b"1", LONG).await.unwrap(), Swap::Done);
    assert!(begun.elapsed() >= Duration::from_millis(100));
    let other = freed.await.unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let text = store.swap("b", None, b"1", LONG).await.unwrap_err();
    assert!(text.to_string().contains("another process"), "{text}");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(store.swap("b", None, b"1", LONG).await.unwrap(), Swap::Done);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_was_moved_away_is_not_written_any_more() {
    let folder = Folder::new();
    let store = Sqlite::at(folder.file());
    store.swap("a", None, b"1", LONG).await.unwrap();
    let away = folder.path().join("away.sqlite3");
    fs::rename(folder.file(), &away).unwrap();
    assert_eq!(store.read("a").await.unwrap(), None);
    store.swap("b", None, b"2", LONG).await.unwrap();
    let other = Sqlite::at(folder.file());
    assert_eq!(other.read("b").await.unwrap().as_deref(), Some(&b"2"[..]));
}
