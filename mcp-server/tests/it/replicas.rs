//! Three servers of one configuration behind a load balancer: clients take no notice, whichever of them answers, and
//! whichever goes and comes back. What a client can notice is a request whose server was killed while it had it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sandbox::tickiti::Tickiti;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinHandle,
    time::{sleep, timeout},
};

use self::{fleet::Fleet, redis_server::RedisServer};
use crate::support::Folder;

pub(crate) mod balancer;
pub(crate) mod fleet;
#[path = "../../../mcp-tools/tests/it/store/redis_server.rs"]
pub(crate) mod redis_server;

const KEY: &str = "correct-horse-battery-staple";
const PATIENCE: Duration = Duration::from_secs(20);
const CLIENTS: usize = 6;

/// A client on a connection of its own, which it keeps.
struct Client {
    stream: TcpStream,
    modern: bool,
}

/// Status, head in lower case, and body.
struct Answer(u16, String, Value);

impl Client {
    async fn connect(port: u16, modern: bool) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        Self { stream, modern }
    }

    /// One request, in its era.
    async fn ask(&mut self, method: &str, mut params: Value) -> Answer {
        let mut era = "mcp-protocol-version: 2025-11-25\r\n".to_owned();
        if self.modern {
            era = format!("mcp-protocol-version: 2026-07-28\r\nmcp-method: {method}\r\n");
            if let Some(name) = params["name"].as_str() {
                era.push_str(&format!("mcp-name: {name}\r\n"));
            }
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            });
        }
        let body =
            json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}).to_string();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nhost: localhost\r\nx-api-key: {KEY}\r\n{era}content-type: application/json\r\naccept: \
             application/json, text/event-stream\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let asked = format!("{head}{body}");
        self.stream.write_all(asked.as_bytes()).await.unwrap();
        timeout(PATIENCE, self.answer()).await.expect("an answer")
    }

    async fn answer(&mut self) -> Answer {
        let mut come = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&come);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let head = head.to_ascii_lowercase();
                let (_, length) = head.split_once("content-length: ").unwrap();
                let length: usize = length.lines().next().unwrap().parse().unwrap();
                if body.len() >= length {
                    let status = head[9..12].parse().unwrap();
                    let body = serde_json::from_str(body).unwrap_or_default();
                    return Answer(status, head, body);
                }
            }
            let read = self.stream.read_buf(&mut come).await.unwrap();
            assert!(read > 0, "the balancer closed the connection");
        }
    }
}

/// What clients saw of one kind of request.
#[derive(Debug, Default)]
struct Seen {
    done: AtomicU64,
    /// Its server was killed meanwhile.
    cut: AtomicU64,
}

/// Clients that list, read and write until they are stopped.
struct Crowd {
    stop: Arc<AtomicBool>,
    seen: Arc<BTreeMap<&'static str, Seen>>,
    /// Subjects of new tickets.
    intents: Arc<Mutex<BTreeSet<String>>>,
    clients: Vec<JoinHandle<()>>,
}

impl Crowd {
    async fn start(port: u16) -> Self {
        let kinds = ["list", "read", "write"].map(|kind| (kind, Seen::default()));
        let mut crowd = Self {
            stop: Arc::default(),
            seen: Arc::new(kinds.into()),
            intents: Arc::default(),
            clients: Vec::new(),
        };
        for number in 0..CLIENTS {
            let client = Client::connect(port, number % 2 == 0).await;
            let (stop, seen) = (Arc::clone(&crowd.stop), Arc::clone(&crowd.seen));
            let working = work(number, client, stop, seen, Arc::clone(&crowd.intents));
            crowd.clients.push(tokio::spawn(working));
        }
        crowd
    }

    fn done(&self, kind: &str) -> u64 {
        self.seen[kind].done.load(Ordering::SeqCst)
    }

    fn cut(&self, kind: &str) -> u64 {
        self.seen[kind].cut.load(Ordering::SeqCst)
    }

    fn all_cut(&self) -> u64 {
        ["list", "read", "write"]
            .map(|kind| self.cut(kind))
            .iter()
            .sum()
    }

    async fn end(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        for client in self.clients.drain(..) {
            client.await.unwrap();
        }
    }
}

async fn work(
    number: usize,
    mut client: Client,
    stop: Arc<AtomicBool>,
    seen: Arc<BTreeMap<&'static str, Seen>>,
    intents: Arc<Mutex<BTreeSet<String>>>,
) {
    let ticket = json!({"name": "get_ticket", "arguments": {"ticket_number": "709383"}});
    for turn in 0_u64.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let subject = format!("ticket {turn} of client {number}");
        let new = json!({"name": "create_ticket", "arguments": {
            "originator_email_address": "ana@example.com", "is_public": true, "subject": subject, "content": "<p>c</p>"}});
        let (kind, method, params) = match turn % 4 {
            0 => ("list", "tools/list", json!({})),
            1 => ("write", "tools/call", new),
            _ => ("read", "tools/call", ticket.clone()),
        };
        if kind == "write" {
            intents.lock().unwrap().insert(subject);
        }
        let Answer(status, head, body) = loop {
            let answer = client.ask(method, params.clone()).await;
            if answer.0 != 502 {
                break answer;
            }
            // What was cut is asked again, as it was: also a write, of which nobody knows whether it was made.
            seen[kind].cut.fetch_add(1, Ordering::SeqCst);
        };
        assert_eq!(status, 200, "{head} {body}");
        let result = &body["result"];
        assert_ne!(result["isError"], true, "{body}");
        match kind {
            "list" => {
                let tools = result["tools"].as_array();
                assert!(tools.is_some_and(|tools| tools.len() > 10), "{body}");
            }
            "write" => assert!(result["structuredContent"].is_object(), "{body}"),
            _ => assert_eq!(result["structuredContent"]["ticket"]["number"], 709_383),
        }
        seen[kind].done.fetch_add(1, Ordering::SeqCst);
        sleep(Duration::from_millis(2)).await;
    }
}

async fn helpdesk() -> Tickiti {
    let builder = Tickiti::builder().port(0).log_capacity(100_000).whole_log();
    builder.start().await.unwrap()
}

/// How many tickets of each subject were made.
fn made(tickiti: &Tickiti) -> BTreeMap<String, u32> {
    let mut made = BTreeMap::new();
    for entry in tickiti.log() {
        if entry.endpoint.as_deref() == Some("tickets.create") && entry.executed {
            let body = entry.body.unwrap();
            let subject = body["data"]["subject"].as_str();
            let subject = subject.unwrap_or_else(|| panic!("{body}")).to_owned();
            *made.entry(subject).or_default() += 1;
        }
    }
    made
}

/// One is killed and started again, one is told to end and started again, while clients work.
async fn nobody_takes_notice(arguments: &[&str], store: &str) {
    let tickiti = helpdesk().await;
    let base = tickiti.base_url();
    let mut variables = vec![
        ("TICKITI_API_BASE", base.as_str()),
        ("TICKITI_API_TOKEN", "sandbox-admin"),
        ("MCP_API_KEY", KEY),
    ];
    if !store.is_empty() {
        variables.push(("TICKETING_MCP_STORE", store));
    }
    let mut fleet = Fleet::start(3, arguments, &variables).await;
    let mut crowd = Crowd::start(fleet.balancer.port).await;
    fleet.all_answer().await;
    // Told to end: it answers what it has, and says that it is not ready. Nobody notices anything.
    for index in [0, 1] {
        assert_eq!(fleet.terminate(index).await, Some(0));
        sleep(Duration::from_millis(100)).await;
        fleet.run(index).await;
        fleet.all_answer().await;
    }
    assert_eq!(crowd.all_cut(), 0);
    // Killed: what it had is cut, one request for each client at most; everything else is answered by the others. A write
    // that was cut is made once, however often it is asked for.
    for index in [2, 0, 1] {
        let before = crowd.all_cut();
        fleet.kill(index).await;
        sleep(Duration::from_millis(200)).await;
        assert!(crowd.all_cut() - before <= CLIENTS as u64);
        fleet.run(index).await;
        fleet.all_answer().await;
    }
    crowd.end().await;
    let made = made(&tickiti);
    let intents = crowd.intents.lock().unwrap();
    for subject in intents.iter() {
        assert_eq!(made.get(subject), Some(&1), "{subject}");
    }
    assert_eq!(made.len(), intents.len());
    assert_eq!(crowd.all_cut(), fleet.balancer.refused_and_cut().1);
    for kind in ["list", "read", "write"] {
        assert!(crowd.done(kind) > 20, "{kind}: {}", crowd.done(kind));
    }
    assert!(!fleet.log().contains("panicked"), "{}", fleet.log());
    let told = |kind| format!("{} {kind}s and {} cut", crowd.done(kind), crowd.cut(kind));
    let told = format!(
        "three replicas, two told to end, three killed: {}, {}, {}; answered by each: {:?}\n",
        told("list"),
        told("read"),
        told("write"),
        fleet.balancer.answered()
    );
    // Past the test harness, which shows nothing of tests that pass.
    let _ = std::io::stderr().write_all(told.as_bytes());
}

#[tokio::test]
async fn three_replicas_with_a_redis_server() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    nobody_takes_notice(&[], &redis.url()).await;
}

/// On one machine a file does.
#[tokio::test]
async fn three_replicas_with_a_file() {
    let state = Folder::new();
    nobody_takes_notice(&["--state", state.path()], "").await;
}

const PER_MINUTE: u32 = 300;
const BURST: u32 = 50;

/// Requests of all clients for a while: how many were let in, and how many refused.
async fn pressed(port: u16, time: Duration) -> (u32, u32) {
    let until = Instant::now() + time;
    let clients = (0..CLIENTS).map(|_| {
        tokio::spawn(async move {
            let mut client = Client::connect(port, true).await;
            let mut counted = (0, 0);
            while Instant::now() < until {
                let Answer(status, head, body) = client.ask("tools/list", json!({})).await;
                match status {
                    200 => counted.0 += 1,
                    429 => {
                        let (_, wait) = head.split_once("retry-after: ").unwrap();
                        let wait: u32 = wait.lines().next().unwrap().parse().unwrap();
                        assert!((1..=2).contains(&wait), "{head}");
                        counted.1 += 1;
                    }
                    _ => panic!("{head} {body}"),
                }
                sleep(Duration::from_millis(5)).await;
            }
            counted
        })
    });
    let (mut let_in, mut refused) = (0, 0);
    for client in clients.collect::<Vec<_>>() {
        let counted = client.await.unwrap();
        let_in += counted.0;
        refused += counted.1;
    }
    (let_in, refused)
}

fn configuration(folder: &Folder, base: &str) -> String {
    let key: String = mcp_server::http::hash(KEY)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let file = format!("{}/config.toml", folder.path());
    let text = format!(
        "tickiti_api_base = \"{base}\"\n[[profiles]]\nname = \"ana\"\nkey = \"sha256:{key}\"\ntickiti_api_token = \
         \"sandbox-admin\"\nrequests_per_minute = {PER_MINUTE}\n"
    );
    std::fs::write(&file, text).unwrap();
    file
}

/// The rate of one server, give or take; three that know nothing of each other would let in three times as many.
fn is_one_rate(let_in: u32, burst: u32, time: Duration) -> bool {
    let steady = PER_MINUTE * u32::try_from(time.as_millis()).unwrap() / 60_000;
    (burst + steady - 3..=burst + steady + 6).contains(&let_in)
}

async fn one_rate(arguments: &[&str], store: &str) -> (Tickiti, Folder, Fleet) {
    let tickiti = helpdesk().await;
    let folder = Folder::new();
    let file = configuration(&folder, &tickiti.base_url());
    let mut all = vec!["--config", &file];
    all.extend_from_slice(arguments);
    if !store.is_empty() {
        all.extend(["--store", store]);
    }
    let mut fleet = Fleet::start(3, &all, &[]).await;
    let time = Duration::from_millis(1_200);
    let (let_in, refused) = pressed(fleet.balancer.port, time).await;
    assert!(is_one_rate(let_in, BURST, time), "{let_in} let in");
    assert!(refused > 100, "{refused} refused");
    // One that comes back does not begin with a full bucket.
    fleet.kill(1).await;
    fleet.run(1).await;
    let begun = Instant::now();
    let (let_in, _) = pressed(fleet.balancer.port, Duration::from_millis(800)).await;
    let time = begun.elapsed() + Duration::from_millis(400);
    assert!(
        u64::from(let_in) <= 5 * time.as_secs() + 12,
        "{let_in} let in"
    );
    (tickiti, folder, fleet)
}

#[tokio::test]
async fn three_replicas_keep_one_rate_with_a_file() {
    let state = Folder::new();
    one_rate(&["--state", state.path()], "").await;
}

#[tokio::test]
async fn three_replicas_keep_one_rate_with_a_redis_server() {
    let Some(mut redis) = RedisServer::start(&[]) else {
        return;
    };
    let (_tickiti, _folder, fleet) = one_rate(&[], &redis.url()).await;
    // Without it, each keeps the rate alone: nobody is shut out, nor does anything go without bound.
    redis.kill();
    let (let_in, refused) = pressed(fleet.balancer.port, Duration::from_millis(1_200)).await;
    assert!(
        (BURST..=3 * (BURST + 6) + 6).contains(&let_in),
        "{let_in} let in"
    );
    assert!(refused > 50, "{refused} refused");
    let told = fleet
        .log()
        .matches("the rate is kept by each server alone")
        .count();
    assert_eq!(told, 3, "{}", fleet.log());
}
