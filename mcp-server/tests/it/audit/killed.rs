//! The program is killed at random moments while the activity log fails and hangs. What was answered must be in the log,
//! in order, and twice only where nobody could know better.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    future::pending,
    path::PathBuf,
    process::Stdio,
    str::FromStr,
    sync::Arc,
    time::{Duration, Instant},
};

use sandbox::envia::{Envia, Fault, FaultKind, LogEntry, Outcome};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout},
    sync::Semaphore,
    time::{sleep, timeout},
};

use super::{LOG, logged, variables};
use crate::support::{Folder, program};

/// Unless the environment says another number.
const RUNS: usize = 320;
const RUNS_SET: &str = "TICKETING_MCP_TEST_RUNS";
/// Programs that run at the same time.
const TOGETHER: usize = 4;
const MOST_CALLS: u64 = 6;
/// A seed to repeat the test with, as far as two runs of it are alike at all.
const SEED_SET: &str = "TICKETING_MCP_TEST_SEED";

/// Numbers by chance, the same for the same seed (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn milliseconds(&mut self, end: u64) -> Duration {
        Duration::from_micros(self.below(end * 1_000))
    }
}

/// When a run is killed.
#[derive(Debug, Clone, Copy)]
enum End {
    /// This long after its start.
    AfterStart(Duration),
    /// This long after its last call was sent.
    InACall(Duration),
    /// This long after the answer to its last call.
    AfterAnswers(Duration),
    /// This long after it was told to end.
    AtTheLast(Duration),
    /// Never: it is told to end, and waited for.
    Clean,
}

fn set<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// What became of a run.
#[derive(Debug, Default)]
struct Seen {
    sent: Vec<String>,
    answered: Vec<String>,
    killed: bool,
}

/// Faults for the next requests to the activity log.
fn faults(chance: &mut Chance) -> Vec<Fault> {
    let status = |status| FaultKind::Status {
        status,
        body: r#"{"message": "not now"}"#.to_owned(),
        content_type: "application/json".to_owned(),
        retry_after: None,
    };
    let mut faults = Vec::new();
    for _ in 0..chance.below(3) {
        let fault = match chance.below(10) {
            0 => Fault::on(LOG, status(503)),
            1 => Fault::on(LOG, status(422)),
            2 => Fault::on(LOG, status(500)).after_effect(),
            3 => Fault::on(LOG, FaultKind::StallHeaders),
            4 => Fault::on(LOG, FaultKind::StallHeaders).after_effect(),
            5 => Fault::on(LOG, FaultKind::StallBody),
            6 => Fault::on(LOG, FaultKind::DropBeforeEffect),
            7 => Fault::on(LOG, FaultKind::DropAfterEffect),
            8 => Fault::on(
                LOG,
                FaultKind::Delay {
                    ms: chance.below(40),
                },
            )
            .after_effect(),
            _ => Fault::on(
                LOG,
                FaultKind::Delay {
                    ms: chance.below(40),
                },
            ),
        };
        faults.push(fault.skip(chance.below(6)).times(1 + chance.below(2)));
    }
    faults
}

/// A running program, driven line by line.
struct Driven {
    child: Child,
    input: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    name: usize,
    calls: u64,
    answers: u64,
    seen: Seen,
}

impl Driven {
    fn start(base: &str, state: &str, name: usize) -> Self {
        let mut command = program(&[], &variables(base, state, "400"));
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let input = child.stdin.take();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            child,
            input,
            lines,
            name,
            calls: 0,
            answers: 0,
            seen: Seen::default(),
        }
    }

    /// Asks, in the protocol's newer era; every fourth call is refused for its arguments.
    async fn ask(&mut self) {
        let key = format!("R{}C{}", self.name, self.calls);
        let mut arguments = json!({"tracking_number": key});
        if self.calls % 4 == 3 {
            arguments["lenght"] = json!(1);
        }
        let message = json!({
            "jsonrpc": "2.0", "id": self.calls, "method": "tools/call",
            "params": {"name": "list_tickets", "arguments": arguments, "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            }},
        });
        self.calls += 1;
        self.seen.sent.push(key);
        if let Some(input) = &mut self.input {
            // It may be dead already.
            let _ = input.write_all(format!("{message}\n").as_bytes()).await;
            let _ = input.flush().await;
        }
    }

    /// Reads one answer; false at the end of the output.
    async fn read(&mut self) -> bool {
        let Ok(Some(line)) = self.lines.next_line().await else {
            return false;
        };
        let answer: Value = serde_json::from_str(&line).expect("a whole line of JSON");
        assert!(answer["result"].is_object(), "{answer}");
        assert_eq!(answer["id"], self.answers, "one call after the other");
        let key = self.seen.sent[usize::try_from(self.answers).unwrap()].clone();
        let refused = answer["result"]["isError"] == true;
        assert_eq!(refused, self.answers % 4 == 3, "{answer}");
        self.answers += 1;
        self.seen.answered.push(key);
        true
    }

    async fn calls(&mut self, calls: u64) {
        for _ in 0..calls {
            self.ask().await;
            if !self.read().await {
                return;
            }
        }
    }

    async fn kill(mut self) -> Seen {
        self.child.start_kill().unwrap();
        // What it wrote before counts as answered too.
        while self.read().await {}
        self.child.wait().await.unwrap();
        self.seen.killed = true;
        self.seen
    }

    async fn run(mut self, calls: u64, end: End) -> Seen {
        match end {
            End::AfterStart(after) => {
                let _ = timeout(after, async {
                    self.calls(calls).await;
                    pending::<()>().await;
                })
                .await;
                self.kill().await
            }
            End::InACall(after) => {
                self.calls(calls - 1).await;
                self.ask().await;
                sleep(after).await;
                self.kill().await
            }
            End::AfterAnswers(after) => {
                self.calls(calls).await;
                sleep(after).await;
                self.kill().await
            }
            End::AtTheLast(after) => {
                self.calls(calls).await;
                self.input = None;
                sleep(after).await;
                self.kill().await
            }
            End::Clean => {
                self.calls(calls).await;
                self.input = None;
                let status = timeout(Duration::from_secs(20), self.child.wait()).await;
                assert_eq!(status.unwrap().unwrap().code(), Some(0));
                self.seen
            }
        }
    }
}

async fn one(chance: &mut Chance, double: &Envia, state: &str, name: usize) -> Seen {
    // Else they would pile up: a process that meets one asks less than there are new ones.
    if chance.below(2) == 0 {
        double.clear_faults();
    }
    for fault in faults(chance) {
        double.add_fault(fault);
    }
    let calls = 1 + chance.below(MOST_CALLS);
    let end = match chance.below(100) {
        0..20 => End::AfterStart(chance.milliseconds(250)),
        20..50 => End::InACall(chance.milliseconds(6)),
        50..75 => End::AfterAnswers(chance.milliseconds(30)),
        75..97 => End::AtTheLast(chance.milliseconds(40)),
        _ => End::Clean,
    };
    Driven::start(&double.base_url(), state, name)
        .run(calls, end)
        .await
}

/// What the log of requests says of one record: how often it was written down, and how often nobody was told.
#[derive(Debug, Default)]
struct Told {
    written: usize,
    answers_lost: usize,
}

fn told(double: &Envia) -> BTreeMap<String, Told> {
    let mut told = BTreeMap::<String, Told>::new();
    let written = |entry: &LogEntry| entry.endpoint.as_deref() == Some(LOG) && entry.executed;
    for entry in double.log().into_iter().filter(written) {
        let body = entry.body.unwrap();
        let key = body["input_params"]["tracking_number"].as_str().unwrap();
        let told = told.entry(key.to_owned()).or_default();
        told.written += 1;
        let whole = entry.outcome == Outcome::Answered && entry.status == Some(201);
        told.answers_lost += usize::from(!whole);
    }
    told
}

/// Places in the rows of each run, in the order of the rows.
fn places(rows: &[String]) -> BTreeMap<usize, Vec<usize>> {
    let mut places = BTreeMap::<usize, Vec<usize>>::new();
    for row in rows {
        let (run, call) = row.trim_start_matches('R').split_once('C').unwrap();
        let run = places.entry(run.parse().unwrap()).or_default();
        run.push(call.parse().unwrap());
    }
    places
}

#[tokio::test]
async fn no_record_is_lost_whenever_the_program_is_killed() {
    let seed = set(SEED_SET).unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0);
    println!("{SEED_SET}={seed}");
    let count = set(RUNS_SET).unwrap_or(RUNS);
    let double = Arc::new(
        Envia::builder()
            .log_capacity(100_000)
            .start()
            .await
            .unwrap(),
    );
    let state = Arc::new(Folder::new());
    let started = Instant::now();
    let (places, mut runs) = (Arc::new(Semaphore::new(TOGETHER)), Vec::new());
    for name in 0..count {
        let mut chance = Chance(seed ^ (name as u64) << 32);
        let (double, state, free) = (double.clone(), state.clone(), places.clone());
        runs.push(tokio::spawn(async move {
            let _place = free.acquire().await.unwrap();
            one(&mut chance, &double, state.path(), name).await
        }));
    }
    let mut seen = Vec::new();
    for run in runs {
        seen.push(run.await.unwrap());
    }
    let chaos = started.elapsed();
    let before = double.activity_log().len();

    double.clear_faults();
    let mut last = 0;
    while last == 0 || (last < 5 && !left(&state).is_empty()) {
        Driven::start(&double.base_url(), state.path(), count)
            .run(0, End::Clean)
            .await;
        last += 1;
    }
    let findings = Findings::new(&double, &seen);
    println!(
        "{findings}\n{before} rows in {chaos:?}; the rest by {last} run(s) until {:?}",
        started.elapsed()
    );
    findings.check();
    assert_eq!(left(&state), Vec::<String>::new());
}

/// Files below the folder.
fn left(state: &Folder) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(state.path())];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

/// What was logged, held against what was seen.
#[derive(Debug)]
struct Findings {
    runs: usize,
    kills: usize,
    sent: BTreeSet<String>,
    answered: BTreeSet<String>,
    /// The rows of the log, in their order.
    rows: Vec<String>,
    recorded: BTreeSet<String>,
    answers_lost: usize,
    /// Rows too many that no lost answer explains: the program was told, and was killed before the mark.
    untold: usize,
}

impl Findings {
    fn new(double: &Envia, seen: &[Seen]) -> Self {
        let rows = logged(double);
        let told = told(double);
        let untold = |told: &Told| (told.written - 1).saturating_sub(told.answers_lost);
        Self {
            runs: seen.len(),
            kills: seen.iter().filter(|run| run.killed).count(),
            sent: seen.iter().flat_map(|run| run.sent.clone()).collect(),
            answered: seen.iter().flat_map(|run| run.answered.clone()).collect(),
            recorded: rows.iter().cloned().collect(),
            rows,
            answers_lost: told.values().map(|told| told.answers_lost).sum(),
            untold: told.values().map(untold).sum(),
        }
    }

    fn doubles(&self) -> usize {
        self.rows.len() - self.recorded.len()
    }

    fn check(&self) {
        let missing: Vec<_> = self.answered.difference(&self.recorded).collect();
        assert!(missing.is_empty(), "answered and not recorded: {missing:?}");
        let invented: Vec<_> = self.recorded.difference(&self.sent).collect();
        assert!(invented.is_empty(), "recorded and never sent: {invented:?}");
        for (run, calls) in places(&self.rows) {
            assert!(calls.is_sorted(), "run {run} is not in order: {calls:?}");
        }
        assert!(self.untold <= self.kills);
        assert!(self.doubles() <= self.kills + self.answers_lost);
        // Else the test proves little.
        assert!(self.kills > self.runs * 9 / 10);
        assert!(self.answered.len() > self.runs);
        assert!(self.answers_lost > self.runs / 20);
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} runs, {} killed; {} calls sent, {} answered; {} records in {} rows; {} doubles: {} after one of {} lost \
             answers, {} after a kill between the answer and the mark",
            self.runs,
            self.kills,
            self.sent.len(),
            self.answered.len(),
            self.recorded.len(),
            self.rows.len(),
            self.doubles(),
            self.doubles() - self.untold,
            self.answers_lost,
            self.untold
        )
    }
}
