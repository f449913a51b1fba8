//! A file appears whole, under its name, or not at all.

use std::{fs, os::unix::fs::symlink};

use mcp_tools::ErrorKind;

use super::Place;

#[tokio::test]
async fn a_file_appears_when_it_is_finished() {
    let place = Place::new();
    let mut file = place.roots().create("new/deep/a.txt", false).unwrap();
    file.write("hel".into()).await.unwrap();
    assert!(!place.inside("new/deep/a.txt").exists());
    file.write("lo".into()).await.unwrap();
    assert_eq!(file.bytes(), 5);
    let written = file.finish().await.unwrap();
    assert_eq!(written.bytes, 5);
    assert!(written.sha256.starts_with("2cf24dba"), "{}", written.sha256);
    assert_eq!(place.names(), ["new", "new/deep", "new/deep/a.txt"]);
    assert_eq!(
        fs::read_to_string(place.inside("new/deep/a.txt")).unwrap(),
        "hello"
    );
}

#[tokio::test]
async fn a_file_that_is_given_up_leaves_nothing() {
    let place = Place::new();
    fs::create_dir(place.inside("kept")).unwrap();
    let mut file = place.roots().create("kept/new/a.txt", false).unwrap();
    file.write("half".into()).await.unwrap();
    assert_eq!(place.names().len(), 3);
    drop(file);
    assert_eq!(place.names(), ["kept"]);
}

#[tokio::test]
async fn nothing_is_overwritten_unless_it_is_wanted() {
    let place = Place::new();
    fs::write(place.inside("a.txt"), "old").unwrap();
    let roots = place.roots();
    assert_eq!(
        roots.create("a.txt", false).unwrap_err().kind(),
        ErrorKind::Conflict
    );
    let file = roots.create("a.txt", true).unwrap();
    assert_eq!(fs::read_to_string(place.inside("a.txt")).unwrap(), "old");
    drop(file);
    assert_eq!(fs::read_to_string(place.inside("a.txt")).unwrap(), "old");
    let mut file = roots.create("a.txt", true).unwrap();
    file.write("new".into()).await.unwrap();
    file.finish().await.unwrap();
    assert_eq!(fs::read_to_string(place.inside("a.txt")).unwrap(), "new");
    assert_eq!(place.names(), ["a.txt"]);
}

#[tokio::test]
async fn a_name_that_is_taken_meanwhile_is_not_overwritten() {
    let place = Place::new();
    let mut file = place.roots().create("a.txt", false).unwrap();
    file.write("mine".into()).await.unwrap();
    fs::write(place.inside("a.txt"), "theirs").unwrap();
    assert_eq!(file.finish().await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(fs::read_to_string(place.inside("a.txt")).unwrap(), "theirs");
    assert_eq!(place.names(), ["a.txt"]);
}

#[tokio::test]
async fn a_link_that_appears_meanwhile_is_not_written_through() {
    let place = Place::new();
    for overwrite in [false, true] {
        let mut file = place.roots().create("a.txt", overwrite).unwrap();
        file.write("mine".into()).await.unwrap();
        symlink(place.outside("secret.txt"), place.inside("a.txt")).unwrap();
        assert!(file.finish().await.is_err());
        assert_eq!(
            fs::read_to_string(place.outside("secret.txt")).unwrap(),
            super::SECRET
        );
        fs::remove_file(place.inside("a.txt")).unwrap();
        assert!(place.names().is_empty());
    }
}

/// A folder on a file system of at most a few MiB.
const SMALL_DISK: &str = "TICKETING_TEST_SMALL_DISK";

#[tokio::test]
async fn a_disk_that_is_full_is_told_and_nothing_is_left() {
    let Some(folder) = std::env::var_os(SMALL_DISK) else {
        eprintln!(
            "NOT RUN: a test that needs {SMALL_DISK}, a folder on a file system of a few MiB"
        );
        return;
    };
    let roots = mcp_tools::Roots::open(&[&folder]).unwrap();
    let mut file = roots.create("new/large.bin", false).unwrap();
    let piece = vec![7_u8; 256 * 1024];
    let full = loop {
        if let Err(error) = file.write(piece.clone().into()).await {
            break error;
        }
        assert!(file.bytes() < 64 * 1024 * 1024, "the disk is not small");
    };
    assert!(
        full.problem().contains("could not be written whole"),
        "{full}"
    );
    drop(file);
    assert_eq!(super::names(folder.as_ref()), Vec::<String>::new());
}
