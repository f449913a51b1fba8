//! Processes under measurement, and the load generator's end of their stdio.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    Outcome,
    place::{self, Place},
    wire,
    wire::Line,
};

/// How long a server may stay silent while something waits for it.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a server may take to end after its input did.
const ENDING: Duration = Duration::from_secs(2);

/// How to start a process.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// Name in the table.
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Vec<(&'static str, String)>,
    pub(crate) place: Place,
}

impl Subject {
    /// The same on a fixed processor.
    pub(crate) fn at(&self, place: Place) -> Self {
        Self {
            place,
            ..self.clone()
        }
    }

    /// The command, with pipes for the protocol.
    pub(crate) fn command(&self) -> Command {
        let mut command = if self.place == Place::Anywhere {
            Command::new(&self.program)
        } else {
            let mut command = Command::new(place::TOOL);
            command
                .args(["--cpu-list", self.place.list()])
                .arg(&self.program);
            command
        };
        command
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }
}

/// A running server that speaks over pipes. Ends with its value.
#[derive(Debug)]
pub(crate) struct Server {
    name: String,
    child: Arc<Mutex<Child>>,
    pid: u32,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    outgoing: Vec<u8>,
    line: Vec<u8>,
    last_id: u64,
}

impl Server {
    /// Starts a process; it may not be ready yet.
    pub(crate) fn spawn(subject: &Subject) -> Outcome<Self> {
        let mut child = subject
            .command()
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", subject.program.display()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the process has no pipes".into());
        };
        let pid = child.id();
        let child = Arc::new(Mutex::new(child));
        Ok(Self {
            name: subject.name.clone(),
            child,
            pid,
            input: Some(input),
            output: BufReader::with_capacity(256 * 1024, output),
            outgoing: Vec::new(),
            line: Vec::new(),
            last_id: 0,
        })
    }

    /// Starts a process and opens the conversation.
    pub(crate) fn open(subject: &Subject) -> Outcome<Self> {
        let mut server = Self::spawn(subject)?;
        watch(&server.child);
        server.initialize()?;
        Ok(server)
    }

    /// Opens the conversation; ready when the answer is there.
    pub(crate) fn initialize(&mut self) -> Outcome<()> {
        self.call(&wire::initialize())?;
        let answer = self.answer()?;
        if answer.get("result").is_none() {
            return Err(format!("{} refused to open: {answer}", self.name).into());
        }
        self.write(wire::INITIALIZED)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Sends one request and waits for its answer, whose length it returns.
    pub(crate) fn call(&mut self, line: &Line) -> Outcome<usize> {
        self.last_id += 1;
        let mut outgoing = std::mem::take(&mut self.outgoing);
        outgoing.clear();
        line.append(self.last_id, &mut outgoing);
        self.write(&outgoing)?;
        self.outgoing = outgoing;
        loop {
            let id = self.read()?;
            if id == Some(self.last_id) {
                return Ok(self.line.len());
            }
        }
    }

    /// The last answer.
    pub(crate) fn answer(&self) -> Outcome<Value> {
        Ok(serde_json::from_slice(&self.line)?)
    }

    /// Sends `calls` requests with at most `in_flight` of them unanswered, and returns how long each took, in
    /// microseconds. An answer much shorter than `expected` counts as a failure.
    pub(crate) fn flood(
        &mut self,
        line: &Line,
        calls: usize,
        in_flight: usize,
        expected: usize,
    ) -> Outcome<Vec<f64>> {
        let first = self.last_id + 1;
        let mut begins: Vec<Instant> = Vec::with_capacity(calls);
        let mut took = Vec::with_capacity(calls);
        let mut free = in_flight;
        while took.len() < calls {
            let fresh = free.min(calls - begins.len());
            if fresh > 0 {
                self.send_many(line, fresh)?;
                begins.resize(begins.len() + fresh, Instant::now());
            }
            free -= fresh;
            loop {
                let id = self.read()?;
                let begin = id
                    .and_then(|id| id.checked_sub(first))
                    .and_then(|index| begins.get(usize::try_from(index).ok()?));
                if let Some(begin) = begin {
                    took.push(begin.elapsed().as_secs_f64() * 1e6);
                    free += 1;
                    self.check(expected)?;
                }
                if free > 0 && !self.output.buffer().contains(&b'\n') {
                    break;
                }
            }
        }
        Ok(took)
    }

    fn send_many(&mut self, line: &Line, count: usize) -> Outcome<()> {
        let mut outgoing = std::mem::take(&mut self.outgoing);
        outgoing.clear();
        for _ in 0..count {
            self.last_id += 1;
            line.append(self.last_id, &mut outgoing);
        }
        self.write(&outgoing)?;
        self.outgoing = outgoing;
        Ok(())
    }

    /// Refuses an answer that is not like the one that was looked at whole.
    pub(crate) fn check(&self, expected: usize) -> Outcome<()> {
        if self.line.len() * 2 >= expected {
            return Ok(());
        }
        let begin: String = String::from_utf8_lossy(&self.line)
            .chars()
            .take(300)
            .collect();
        Err(format!("{} answered something else than before: {begin}", self.name).into())
    }

    fn write(&mut self, bytes: &[u8]) -> Outcome<()> {
        let input = self.input.as_mut().ok_or("the input is closed")?;
        input
            .write_all(bytes)
            .map_err(|error| format!("{} does not read its input: {error}", self.name).into())
    }

    /// Reads one line; its id if it is an answer.
    fn read(&mut self) -> Outcome<Option<u64>> {
        self.line.clear();
        if self.output.read_until(b'\n', &mut self.line)? == 0 {
            return Err(format!(
                "{} closed its output, or was silent for too long",
                self.name
            )
            .into());
        }
        LINES.fetch_add(1, Ordering::Relaxed);
        Ok(wire::id(&self.line))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.input.take());
        end(&self.child);
    }
}

/// Waits for the end of a process whose input is closed, or ends it.
fn end(child: &Mutex<Child>) {
    let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
    let began = Instant::now();
    while began.elapsed() < ENDING {
        match child.try_wait() {
            Ok(None) => thread::sleep(Duration::from_millis(1)),
            Ok(Some(_)) | Err(_) => return,
        }
    }
    // It may have ended meanwhile.
    let _ = child.kill();
    let _ = child.wait();
}

/// Lines that came from any server.
static LINES: AtomicU64 = AtomicU64::new(0);
static WATCHED: Mutex<Vec<Weak<Mutex<Child>>>> = Mutex::new(Vec::new());

fn watch(child: &Arc<Mutex<Child>>) {
    let mut watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
    watched.retain(|child| child.strong_count() > 0);
    watched.push(Arc::downgrade(child));
}

/// Ends all servers when none of them says anything for a minute: reading from them then fails, where it would
/// otherwise wait for ever.
pub(crate) fn start_watchdog() {
    thread::spawn(|| {
        let mut seen = (0, Instant::now());
        loop {
            thread::sleep(Duration::from_secs(1));
            let lines = LINES.load(Ordering::Relaxed);
            let mut watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
            watched.retain(|child| child.strong_count() > 0);
            if lines != seen.0 || watched.is_empty() {
                seen = (lines, Instant::now());
            } else if seen.1.elapsed() > PATIENCE {
                for child in watched.drain(..).filter_map(|child| child.upgrade()) {
                    let _ = child.lock().unwrap_or_else(PoisonError::into_inner).kill();
                }
            }
        }
    });
}
