//! While another thread swaps a folder for a link that leads out, calls run: none ever reads or writes outside.

use std::{
    fs,
    os::unix::fs::symlink,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::{Place, SECRET};

const TRIES: usize = 20_000;
const WRITES: usize = 2_000;

/// Swaps `inside/door`, a folder, and `inside/hatch`, a link to the outside, in one step, again and again until told to end.
fn swapping(place: &Place, end: &Arc<AtomicBool>) -> thread::JoinHandle<u32> {
    let (door, hatch) = (place.inside("door"), place.inside("hatch"));
    fs::create_dir(&door).unwrap();
    fs::write(door.join("secret.txt"), "harmless").unwrap();
    symlink(place.outside(""), &hatch).unwrap();
    let end = Arc::clone(end);
    thread::spawn(move || {
        let mut rounds = 0;
        while !end.load(Ordering::Relaxed) {
            renameat_with(CWD, &door, CWD, &hatch, RenameFlags::EXCHANGE).unwrap();
            rounds += 1;
        }
        rounds
    })
}

#[test]
fn a_folder_that_is_swapped_for_a_link_lets_nothing_be_read() {
    let place = Place::new();
    let end = Arc::new(AtomicBool::new(false));
    let swapper = swapping(&place, &end);
    let roots = place.roots();
    let (mut read, mut refused) = (0, 0);
    for _ in 0..TRIES {
        match roots.read("door/secret.txt", 100) {
            Ok(file) => {
                let content = file.bytes().unwrap();
                assert_ne!(content, SECRET.as_bytes());
                assert_eq!(content, "harmless");
                read += 1;
            }
            Err(_) => refused += 1,
        }
    }
    end.store(true, Ordering::Relaxed);
    let rounds = swapper.join().unwrap();
    assert!(rounds > 50, "the folder was swapped {rounds} times only");
    assert!(read > 0 && refused > 0, "{read} read, {refused} refused");
}

#[tokio::test]
async fn a_folder_that_is_swapped_for_a_link_lets_nothing_be_written() {
    let place = Place::new();
    let end = Arc::new(AtomicBool::new(false));
    let swapper = swapping(&place, &end);
    let roots = place.roots();
    let before = place.names_outside();
    let mut written = 0;
    for index in 0..WRITES {
        let path = format!("door/sub{}/new.txt", index % 7);
        let Ok(mut file) = roots.create(&path, true) else {
            continue;
        };
        if file.write("x".into()).await.is_ok() && file.finish().await.is_ok() {
            written += 1;
        }
    }
    end.store(true, Ordering::Relaxed);
    swapper.join().unwrap();
    assert_eq!(place.names_outside(), before);
    assert!(written > 0 && written < WRITES, "{written} written");
}
