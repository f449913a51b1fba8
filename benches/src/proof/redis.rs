//! A real Redis server.

use std::{
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::Outcome;

/// How long it may take until it listens.
const STARTING: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(5);

/// A running Redis server on loopback; ends with its value. What it has acknowledged is in its folder.
#[derive(Debug)]
pub(super) struct Redis {
    program: PathBuf,
    folder: PathBuf,
    port: u16,
    child: Child,
}

impl Redis {
    pub(super) fn start(program: &Path, folder: &Path) -> Outcome<Self> {
        let free = TcpListener::bind(("127.0.0.1", 0))?;
        let port = free.local_addr()?.port();
        drop(free);
        let redis = Self {
            child: spawn(program, folder, port)?,
            program: program.to_owned(),
            folder: folder.to_owned(),
            port,
        };
        redis.listens()?;
        Ok(redis)
    }

    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends it at once.
    pub(super) fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again where it was, with what it had.
    pub(super) fn run_again(&mut self) -> Outcome<()> {
        self.child = spawn(&self.program, &self.folder, self.port)?;
        Ok(())
    }

    fn listens(&self) -> Outcome<()> {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if began.elapsed() > STARTING {
                return Err(format!("{} does not listen", self.program.display()).into());
            }
            sleep(PAUSE);
        }
        Ok(())
    }
}

fn spawn(program: &Path, folder: &Path, port: u16) -> Outcome<Child> {
    let child = Command::new(program)
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .args(["--save", "", "--appendonly", "yes"])
        .args(["--appendfsync", "always", "--dir"])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    child.map_err(|error| format!("{} does not start: {error}", program.display()).into())
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
