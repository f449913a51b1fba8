//! A real Redis server, where there is one: the tests that need it are told its program, and say so when they are not.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

/// The program.
const PROGRAM: &str = "TICKETING_TEST_REDIS";

/// A server on loopback, with a folder of its own; ended and removed when this is dropped.
pub(crate) struct RedisServer {
    program: PathBuf,
    folder: PathBuf,
    pub(crate) port: u16,
    arguments: Vec<String>,
    child: Option<Child>,
}

impl RedisServer {
    /// Nothing where there is no program: the test is not run then, and that is told.
    pub(crate) fn start(arguments: &[&str]) -> Option<Self> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let Some(program) = std::env::var_os(PROGRAM) else {
            let told =
                format!("NOT RUN: a test that needs {PROGRAM}, the path of a redis-server\n");
            // Past the test harness, which shows nothing of tests that pass.
            let _ = std::io::stderr().write_all(told.as_bytes());
            return None;
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ticketing-redis-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut server = Self {
            program: program.into(),
            folder,
            port: free.local_addr().unwrap().port(),
            arguments: arguments.iter().map(|&a| a.to_owned()).collect(),
            child: None,
        };
        drop(free);
        server.run();
        Some(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn socket(&self) -> String {
        self.folder.join("socket").to_str().unwrap().to_owned()
    }

    /// Starts it, on the same port and with the same folder as before. What it is told is on disk before it answers.
    pub(crate) fn run(&mut self) {
        let mut command = Command::new(&self.program);
        command
            .args(["--bind", "127.0.0.1", "--port", &self.port.to_string()])
            .args(["--unixsocket", &self.socket()])
            .args([
                "--save",
                "",
                "--appendonly",
                "yes",
                "--appendfsync",
                "always",
            ])
            .arg("--dir")
            .arg(&self.folder)
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let told = self.program.display();
        let child = command.spawn();
        self.child = Some(child.unwrap_or_else(|error| panic!("{told}: {error}")));
        let until = Instant::now() + Duration::from_secs(10);
        while !self.is_up() {
            assert!(Instant::now() < until, "{told} does not answer");
            sleep(Duration::from_millis(5));
        }
    }

    /// Whether it answers, and not only that it still reads what it has on disk.
    fn is_up(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else {
            return false;
        };
        let mut answer = [0; 8];
        let asked = stream.write_all(b"PING\r\n").is_ok();
        asked && stream.read_exact(&mut answer[..5]).is_ok() && !answer.starts_with(b"-LOAD")
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
