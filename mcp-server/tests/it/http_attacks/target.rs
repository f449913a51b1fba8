//! A server to attack, with a good client that looks how it is.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Mutex, MutexGuard},
    time::{sleep, timeout},
};

use crate::{
    http::{Http, KEY},
    support::double,
};

const PATIENCE: Duration = Duration::from_secs(10);
/// Time that the attacked servers give for anything.
pub(super) const TIME: Duration = Duration::from_millis(800);
/// What memory may differ by.
const LITTLE_KB: u64 = 6 * 1024;
/// What the allocator may keep of what an attack took, for the next time: glibc keeps up to 64 MiB free once a large
/// block was freed.
const KEPT_KB: u64 = 96 * 1024;
/// How long memory may take to return.
const RETURN: Duration = Duration::from_secs(2);
const PINGS: usize = 40;
pub(super) const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

/// One attack at a time, so that figures tell of one.
static ALONE: Mutex<()> = Mutex::const_new(());

pub(super) struct Target {
    pub(super) http: Http,
    pub(super) double: sandbox::tickiti::Tickiti,
    good: Client,
    calm: Figures,
    /// Most memory after any attack so far, where the allocator may keep some.
    kept_kb: Option<u64>,
    _alone: MutexGuard<'static, ()>,
}

/// How a server is.
#[derive(Debug, Clone, Copy)]
struct Figures {
    /// Median of some requests.
    answers_in: Duration,
    /// `VmRSS`, where the system tells.
    memory_kb: Option<u64>,
}

impl Target {
    /// A server of Tickiti alone with short times.
    pub(super) async fn start(more: &[(&str, &str)]) -> Self {
        Self::start_with(&[], more).await
    }

    pub(super) async fn start_with(arguments: &[&str], more: &[(&str, &str)]) -> Self {
        let alone = ALONE.lock().await;
        let double = double().await;
        let base = double.base_url();
        let time = TIME.as_millis().to_string();
        let mut variables = vec![
            ("TICKITI_API_BASE", base.as_str()),
            ("TICKITI_API_TOKEN", "sandbox-admin"),
            ("MCP_API_KEY", KEY),
            ("TICKETING_MCP_HEAD_TIME_MS", &time),
            ("TICKETING_MCP_BODY_TIME_MS", &time),
            ("TICKETING_MCP_WRITE_TIME_MS", &time),
        ];
        variables.extend_from_slice(more);
        let http = Http::start(arguments, &variables).await;
        let mut good = Client::new(http.port).await;
        for _ in 0..3 {
            for (method, params) in [("tools/list", json!({})), ("tools/call", ticket())] {
                let (status, answer) = good.ask(KEY, method, params).await;
                assert_eq!(status, 200, "{answer}");
            }
        }
        let mut target = Self {
            calm: Figures {
                answers_in: Duration::ZERO,
                memory_kb: None,
            },
            http,
            double,
            good,
            kept_kb: None,
            _alone: alone,
        };
        target.calm = target.figures().await;
        target
    }

    /// Median time of some requests of the good client.
    async fn answers_in(&mut self) -> Duration {
        let mut took = Vec::new();
        for _ in 0..PINGS {
            took.push(self.good.ping().await);
        }
        took.sort();
        took[PINGS / 2]
    }

    /// What each of so many connections costs.
    pub(super) fn expect_memory_each(&self, connections: u64) {
        if let (Some(now), Some(calm)) = (memory_kb(self.http.id()), self.calm.memory_kb) {
            let each = now.saturating_sub(calm) / connections;
            assert!(each < 64, "{each} kB for each");
        }
    }

    async fn figures(&mut self) -> Figures {
        // The last connection may have been idle for too long.
        self.good = Client::new(self.http.port).await;
        Figures {
            answers_in: self.answers_in().await,
            memory_kb: memory_kb(self.http.id()),
        }
    }

    /// The good client meanwhile.
    pub(super) async fn during(&mut self, attack: &str) {
        let now = self.figures().await;
        self.tell(attack, "meanwhile", now);
        self.expect_normal_time(now);
    }

    /// The good client afterwards, and memory, which has returned.
    pub(super) async fn after(&mut self, attack: &str) {
        let most = self.calm.memory_kb.map(|before| before + LITTLE_KB);
        self.rest_at(attack, most, RETURN).await;
    }

    /// The same where the allocator may keep what it was asked for: the same attacks again take nothing more.
    pub(super) async fn after_round(&mut self, round: usize, attack: &str) {
        if round == 0 {
            let most = self.calm.memory_kb.map(|before| before + KEPT_KB);
            let now = self.rest_at(attack, most, Duration::ZERO).await;
            self.kept_kb = self.kept_kb.max(now);
        } else {
            let most = self.kept_kb.map(|kept| kept + LITTLE_KB);
            self.rest_at(&format!("{attack}, again"), most, RETURN)
                .await;
        }
    }

    async fn rest_at(&mut self, attack: &str, most: Option<u64>, within: Duration) -> Option<u64> {
        let began = Instant::now();
        let mut now = self.figures().await;
        while now.memory_kb > most && began.elapsed() < within {
            sleep(Duration::from_millis(50)).await;
            now = self.figures().await;
        }
        self.tell(attack, "afterwards", now);
        self.expect_normal_time(now);
        assert!(now.memory_kb <= most, "{attack}: memory did not return");
        now.memory_kb
    }

    fn expect_normal_time(&self, now: Figures) {
        let most = self.calm.answers_in * 10 + Duration::from_millis(50);
        assert!(now.answers_in <= most, "{now:?}, calm {:?}", self.calm);
    }

    #[expect(
        clippy::print_stdout,
        reason = "the figures are what a person runs it for"
    )]
    fn tell(&self, attack: &str, when: &str, now: Figures) {
        let Figures {
            answers_in,
            memory_kb,
        } = self.calm;
        println!(
            "{attack:<46} {when:<10} answer {:>6} → {:>6} µs, memory {:>6} → {:>6} kB",
            answers_in.as_micros(),
            now.answers_in.as_micros(),
            memory_kb.unwrap_or_default(),
            now.memory_kb.unwrap_or_default(),
        );
    }
}

fn memory_kb(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// A call that reaches the back end.
pub(super) fn ticket() -> Value {
    json!({"name": "get_ticket", "arguments": {"ticket_number": 709_383}})
}

/// The head of a request with a key, without its end.
pub(super) fn head(more: &str) -> String {
    format!(
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\nx-api-key: {KEY}\r\ncontent-type: application/json\r\naccept: \
         application/json, text/event-stream\r\n{more}"
    )
}

/// A whole request.
pub(super) fn request(body: &str) -> String {
    let length = format!("content-length: {}\r\n\r\n", body.len());
    head(&length) + body
}

/// A request that ends its connection.
pub(super) fn closing(body: &str) -> String {
    request(body).replacen("\r\n", "\r\nconnection: close\r\n", 1)
}

/// A client that keeps its connection.
pub(super) struct Client {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Client {
    pub(super) async fn new(port: u16) -> Self {
        let stream = connect(port).await;
        Self {
            stream,
            read: Vec::new(),
        }
    }

    pub(super) async fn ping(&mut self) -> Duration {
        let began = Instant::now();
        let (status, answer) = self.send(&request(PING)).await;
        assert_eq!(status, 200, "{answer}");
        began.elapsed()
    }

    pub(super) async fn ask(&mut self, key: &str, method: &str, params: Value) -> (u16, String) {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        self.send(&request(&body.to_string()).replace(KEY, key))
            .await
    }

    /// Sends a request, and reads one answer.
    pub(super) async fn send(&mut self, request: &str) -> (u16, String) {
        self.send_bytes(request.as_bytes()).await
    }

    pub(super) async fn send_bytes(&mut self, request: &[u8]) -> (u16, String) {
        self.stream.write_all(request).await.unwrap();
        self.answer().await.expect("an answer before the end")
    }

    /// One answer: its status, and head and body together; `None` at the end of the connection.
    pub(super) async fn answer(&mut self) -> Option<(u16, String)> {
        timeout(PATIENCE, async {
            loop {
                if let Some(whole) = whole(&self.read) {
                    let answer: Vec<u8> = self.read.drain(..whole).collect();
                    let text = String::from_utf8_lossy(&answer).into_owned();
                    return Some((text[9..12].parse().unwrap(), text));
                }
                if self.stream.read_buf(&mut self.read).await.ok()? == 0 {
                    return None;
                }
            }
        })
        .await
        .expect("an answer in time")
    }
}

/// The length of the answer that bytes begin with, when it is there.
fn whole(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let whole = head + length.map_or(0, |length| length.trim().parse::<usize>().unwrap());
    (bytes.len() >= whole).then_some(whole)
}

pub(super) async fn connect(port: u16) -> TcpStream {
    let stream = timeout(PATIENCE, TcpStream::connect(("127.0.0.1", port))).await;
    stream.expect("it listens").unwrap()
}

/// All that comes until the connection ends, and how long that took.
pub(super) async fn rest(stream: &mut TcpStream) -> (String, Duration) {
    let began = Instant::now();
    let mut bytes = Vec::new();
    // It may also be reset.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes))
        .await
        .expect("the connection ends");
    (
        String::from_utf8_lossy(&bytes).into_owned(),
        began.elapsed(),
    )
}
