//! What leads out of the allowed folders is refused, whatever it looks like.

use std::{fs, os::unix::fs::symlink, time::Instant};

use mcp_tools::{ErrorKind, Roots};

use super::{Place, SECRET};

const LIMIT: u64 = 1_000;

/// Tries a path in both directions; what is refused must be refused in both, and leave no trace.
#[track_caller]
fn refused(place: &Place, path: &str) -> String {
    let roots = place.roots();
    let (inside, outside) = (place.names(), place.names_outside());
    let begun = Instant::now();
    let read = roots.read(path, LIMIT).map(|file| file.bytes());
    let written = roots.create(path, true).map(drop);
    assert!(begun.elapsed().as_secs() < 2, "{path} was waited for");
    assert_eq!(place.names(), inside, "{path}");
    assert_eq!(place.names_outside(), outside, "{path}");
    assert_eq!(
        fs::read_to_string(place.outside("secret.txt")).unwrap(),
        SECRET
    );
    let (read, written) = (read.unwrap_err(), written.unwrap_err());
    assert!(
        matches!(read.kind(), ErrorKind::Denied | ErrorKind::Arguments),
        "{path}: {read}"
    );
    assert_eq!(read.kind(), written.kind(), "{path}: {read} / {written}");
    read.to_string()
}

fn read(place: &Place, path: &str) -> String {
    let file = place.roots().read(path, LIMIT).unwrap();
    String::from_utf8(file.bytes().unwrap().to_vec()).unwrap()
}

#[test]
fn files_inside_are_read_by_relative_and_absolute_paths() {
    let place = Place::new();
    fs::create_dir(place.inside("a")).unwrap();
    fs::write(place.inside("a/b.txt"), "hello").unwrap();
    let absolute = place.inside("a/b.txt").to_str().unwrap().to_owned();
    for path in [
        "a/b.txt",
        "./a/b.txt",
        "a/../a/b.txt",
        "a//b.txt",
        &absolute,
    ] {
        assert_eq!(read(&place, path), "hello", "{path}");
    }
    let file = place.roots().read("a/b.txt", LIMIT).unwrap();
    assert_eq!((file.name(), file.size()), ("b.txt", 5));
    assert_eq!(
        file.sha256(),
        "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    );
}

#[test]
fn dots_do_not_lead_out() {
    let place = Place::new();
    fs::create_dir(place.inside("a")).unwrap();
    for path in [
        "../outside/secret.txt",
        "a/../../outside/secret.txt",
        "a/../../inside/../outside/secret.txt",
        "..",
        "../outside/nothing.txt",
    ] {
        let told = refused(&place, path);
        assert!(told.contains("leads out"), "{path}: {told}");
    }
    let above = format!("{}/../outside/secret.txt", place.inside("").display());
    refused(&place, &above);
    refused(&place, place.outside("secret.txt").to_str().unwrap());
    refused(&place, "/etc/passwd");
    refused(&place, ".");
    // A folder whose name begins like the allowed one's is not that one.
    let beside = format!(
        "{}side.txt",
        place.inside("").to_str().unwrap().trim_end_matches('/')
    );
    refused(&place, &beside);
}

#[test]
fn whether_something_is_there_outside_is_not_told() {
    let place = Place::new();
    let there = refused(&place, "../outside/secret.txt");
    let not = refused(&place, "../outside/nothing.txt");
    assert_eq!(there, not);
    symlink(place.outside("secret.txt"), place.inside("one")).unwrap();
    symlink(place.outside("nothing.txt"), place.inside("two")).unwrap();
    assert_eq!(refused(&place, "one"), refused(&place, "two"));
}

#[test]
fn links_that_lead_out_are_refused() {
    let place = Place::new();
    let link = |target: &str, name: &str| symlink(target, place.inside(name)).unwrap();
    link(
        place.outside("secret.txt").to_str().unwrap(),
        "file_absolute",
    );
    link("../outside/secret.txt", "file_relative");
    link(place.outside("").to_str().unwrap(), "folder_absolute");
    link("../outside", "folder_relative");
    link("folder_relative", "link_to_link");
    link("file_relative", "link_to_file_link");
    link("..", "up");
    link("/", "top");
    link("/proc/self/fd", "fds");
    for path in [
        "file_absolute",
        "file_relative",
        "folder_absolute/secret.txt",
        "folder_relative/secret.txt",
        "folder_relative/new.txt",
        "link_to_link/secret.txt",
        "link_to_file_link",
        "up/outside/secret.txt",
        "top/etc/passwd",
        "fds/0",
        "folder_relative/../inside/x",
    ] {
        let told = refused(&place, path);
        assert!(told.contains("leads out"), "{path}: {told}");
    }
    link("round", "round");
    assert!(refused(&place, "round").contains("too many links"));
    link("b", "a");
    link("a", "b");
    refused(&place, "a/x");
}

#[test]
fn links_that_stay_inside_are_followed() {
    let place = Place::new();
    fs::create_dir_all(place.inside("deep/er")).unwrap();
    fs::write(place.inside("deep/er/file.txt"), "found").unwrap();
    symlink("deep/er/file.txt", place.inside("relative")).unwrap();
    symlink(place.inside("deep"), place.inside("absolute")).unwrap();
    symlink("../../relative", place.inside("deep/er/back")).unwrap();
    for path in [
        "relative",
        "absolute/er/file.txt",
        "deep/er/back",
        "absolute/er/../er/back",
    ] {
        assert_eq!(read(&place, path), "found", "{path}");
    }
}

#[test]
fn what_is_no_ordinary_file_is_refused_at_once() {
    let place = Place::new();
    fs::create_dir(place.inside("folder")).unwrap();
    let pipe = place.inside("pipe");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    let _socket = std::os::unix::net::UnixListener::bind(place.inside("socket")).unwrap();
    assert!(refused(&place, "pipe").contains("no ordinary file"));
    assert!(refused(&place, "socket").contains("no ordinary file"));
    refused(&place, "folder");
    refused(&place, "folder/");
    for name in ["null", "zero", "tty"] {
        symlink(format!("/dev/{name}"), place.inside(name)).unwrap();
        refused(&place, name);
    }
    // A device inside, where the system lets us make one.
    let device = std::process::Command::new("mknod")
        .arg(place.inside("device"))
        .args(["c", "1", "5"])
        .status();
    if device.is_ok_and(|status| status.success()) {
        assert!(refused(&place, "device").contains("no ordinary file"));
    }
}

#[test]
fn views_of_the_system_are_refused_even_as_folders_that_are_allowed() {
    if !std::path::Path::new("/proc/self/environ").exists() {
        return;
    }
    let roots = Roots::open(&["/proc"]).unwrap();
    for path in [
        "self/environ",
        "self/fd/0",
        "self/root/etc/passwd",
        "self/cwd/Cargo.toml",
        "version",
    ] {
        assert!(roots.read(path, LIMIT).is_err(), "{path}");
    }
    let whole = Roots::open(&["/"]).unwrap_err().to_string();
    assert!(whole.contains("whole file system"), "{whole}");
}

#[test]
fn hidden_names_are_left_alone() {
    let place = Place::new();
    fs::create_dir(place.inside(".git")).unwrap();
    fs::write(place.inside(".env"), "KEY=1").unwrap();
    fs::write(place.inside(".git/config"), "x").unwrap();
    symlink(".env", place.inside("plain")).unwrap();
    for path in [
        ".env",
        ".git/config",
        "a/../.env",
        "plain",
        "\u{200c}.env",
        "\u{feff}.git/hooks",
        ".new/file",
    ] {
        let told = refused(&place, path);
        assert!(told.contains("hidden"), "{path}: {told}");
    }
    // A hidden folder that is allowed itself is another matter.
    let roots = Roots::open(&[place.inside(".git")]).unwrap();
    assert!(roots.read("config", LIMIT).is_ok());
}

#[test]
fn odd_forms_are_refused_with_a_reason() {
    let place = Place::new();
    fs::write(place.inside("a.txt"), "x").unwrap();
    let long = "x".repeat(300);
    let very_long = "x/".repeat(3_000) + "x";
    for (path, why) in [
        ("", "empty"),
        ("a.txt\0", "control characters"),
        ("a\n.txt", "control characters"),
        ("\u{202e}txt.a", "control characters"),
        ("C:\\Users\\ana\\a.txt", "Windows"),
        ("c:/a.txt", "Windows"),
        ("\\\\server\\share\\a.txt", "Windows"),
        ("a\\..\\..\\secret.txt", "Windows"),
        ("file:///etc/passwd", "URL"),
        ("~/a.txt", "not replaced"),
        (&long, "too long"),
        (&very_long, "too long"),
        ("a.txt/../../outside/secret.txt", "leads out"),
    ] {
        let told = refused(&place, path);
        assert!(told.contains(why), "{path:?}: {told}");
    }
}

#[test]
fn names_are_compared_byte_by_byte() {
    let place = Place::new();
    fs::write(place.inside("caf\u{e9}.txt"), "composed").unwrap();
    assert_eq!(read(&place, "caf\u{e9}.txt"), "composed");
    // Look-alikes of the way up, and of the separator, are names like others.
    for path in [
        "\u{ff0e}\u{ff0e}/outside/secret.txt",
        "\u{2024}\u{2024}/outside/secret.txt",
        "..\u{2215}outside\u{2215}secret.txt",
        "..\u{ff0f}outside\u{ff0f}secret.txt",
        "%2e%2e/outside/secret.txt",
    ] {
        let told = place.roots().read(path, LIMIT).unwrap_err();
        assert!(
            matches!(told.kind(), ErrorKind::NotFound | ErrorKind::Denied),
            "{path}: {told}"
        );
    }
    // Another case of the folder's own name is another folder, or the same one: never one outside.
    let upper = place.outside("SECRET.TXT").to_str().unwrap().to_uppercase();
    refused(&place, &upper);
}

#[test]
fn a_hard_link_is_the_file_itself() {
    let place = Place::new();
    fs::write(place.outside("shared.txt"), "two names").unwrap();
    fs::hard_link(place.outside("shared.txt"), place.inside("shared.txt")).unwrap();
    // Whoever could give it a name here has put it here.
    assert_eq!(read(&place, "shared.txt"), "two names");
}

#[tokio::test]
async fn overwriting_a_hard_link_leaves_the_other_name_alone() {
    let place = Place::new();
    fs::write(place.outside("shared.txt"), "two names").unwrap();
    fs::hard_link(place.outside("shared.txt"), place.inside("shared.txt")).unwrap();
    let mut file = place.roots().create("shared.txt", true).unwrap();
    file.write("new".into()).await.unwrap();
    file.finish().await.unwrap();
    assert_eq!(
        fs::read_to_string(place.inside("shared.txt")).unwrap(),
        "new"
    );
    assert_eq!(
        fs::read_to_string(place.outside("shared.txt")).unwrap(),
        "two names"
    );
}

#[test]
fn a_folder_that_is_a_link_is_what_it_links_to() {
    let place = Place::new();
    fs::write(place.inside("a.txt"), "x").unwrap();
    let link = place.outside("door");
    symlink(place.inside(""), &link).unwrap();
    let roots = Roots::open(&[&link]).unwrap();
    for path in [
        "a.txt",
        link.join("a.txt").to_str().unwrap(),
        place.inside("a.txt").to_str().unwrap(),
    ] {
        assert!(roots.read(path, LIMIT).is_ok(), "{path}");
    }
    assert!(roots.read("../outside/secret.txt", LIMIT).is_err());
    // The link is looked at once: turned elsewhere, it does not move the folder.
    fs::remove_file(&link).unwrap();
    symlink(place.outside(""), &link).unwrap();
    assert!(roots.read("secret.txt", LIMIT).is_err());
    assert!(
        roots
            .read(link.join("secret.txt").to_str().unwrap(), LIMIT)
            .is_err()
    );
    assert!(roots.read("a.txt", LIMIT).is_ok());
}

#[test]
fn a_folder_that_vanishes_holds_nothing() {
    let place = Place::new();
    fs::create_dir(place.inside("root")).unwrap();
    fs::write(place.inside("root/a.txt"), "x").unwrap();
    let roots = Roots::open(&[place.inside("root")]).unwrap();
    fs::remove_dir_all(place.inside("root")).unwrap();
    assert_eq!(
        roots.read("a.txt", LIMIT).unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert_eq!(
        roots.create("b.txt", false).unwrap_err().kind(),
        ErrorKind::NotFound
    );
    // Another folder in its place is another folder.
    symlink(place.outside(""), place.inside("root")).unwrap();
    assert!(roots.read("secret.txt", LIMIT).is_err());
    let absolute = place.inside("root/secret.txt");
    assert!(roots.read(absolute.to_str().unwrap(), LIMIT).is_err());
}

#[test]
fn several_folders_and_none() {
    let place = Place::new();
    fs::write(place.inside("a.txt"), "x").unwrap();
    let both = Roots::open(&[place.inside(""), place.outside("")]).unwrap();
    assert!(both.read("a.txt", LIMIT).is_ok());
    assert!(
        both.read("secret.txt", LIMIT).is_err(),
        "relative paths start from the first"
    );
    assert!(
        both.read(place.outside("secret.txt").to_str().unwrap(), LIMIT)
            .is_ok()
    );
    let none = Roots::default().read("a.txt", LIMIT).unwrap_err();
    assert!(none.problem().contains("--files"), "{none}");
    assert!(Roots::open(&[place.inside("missing")]).is_err());
    assert!(Roots::open(&[place.inside("a.txt")]).is_err());
}

#[test]
fn what_is_too_large_is_not_read() {
    let place = Place::new();
    fs::write(place.inside("a.txt"), vec![b'x'; 1_001]).unwrap();
    let told = place.roots().read("a.txt", LIMIT).unwrap_err();
    assert!(
        told.problem().contains("1001 bytes; at most 1000"),
        "{told}"
    );
}
