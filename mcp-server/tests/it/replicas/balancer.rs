//! A load balancer as there are many: it knows nothing of the protocol, hands one request after the other to the next
//! server in turn, leaves out those that say they are not ready, and tries another one only where the connection was
//! refused, so that nothing had left.

use std::{
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::{sleep, timeout},
};

/// How often servers are asked whether they are ready.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(20);
/// Answered when a server went away in the middle of a request, and when there is none.
const CUT: &str = "502 Bad Gateway";
const NOBODY: &str = "503 Service Unavailable";

pub(crate) struct Balancer {
    pub(crate) port: u16,
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

struct Shared {
    targets: Mutex<Vec<Target>>,
    turn: AtomicUsize,
    refused: AtomicU64,
    cut: AtomicU64,
}

#[derive(Clone, Copy, Default)]
struct Target {
    port: Option<u16>,
    ready: bool,
    answered: u64,
}

impl Balancer {
    pub(crate) async fn start(targets: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            targets: Mutex::new(vec![Target::default(); targets]),
            turn: AtomicUsize::new(0),
            refused: AtomicU64::new(0),
            cut: AtomicU64::new(0),
        });
        let (taking, looking) = (Arc::clone(&shared), Arc::clone(&shared));
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, Arc::clone(&taking)));
            }
        });
        let looking = tokio::spawn(async move {
            loop {
                for index in 0..targets {
                    look(&looking, index).await;
                }
                sleep(LOOK_EVERY).await;
            }
        });
        Self {
            port,
            shared,
            tasks: vec![accepting, looking],
        }
    }

    /// From now on this server has that port. It is believed to be ready.
    pub(crate) fn set(&self, index: usize, port: u16) {
        let mut targets = self.shared.targets.lock().unwrap();
        targets[index].port = Some(port);
        targets[index].ready = true;
    }

    /// Requests that each server has answered.
    pub(crate) fn answered(&self) -> Vec<u64> {
        let targets = self.shared.targets.lock().unwrap();
        targets.iter().map(|target| target.answered).collect()
    }

    /// Connections that were refused, after which another server was tried; and requests whose server went away while it
    /// had them.
    pub(crate) fn refused_and_cut(&self) -> (u64, u64) {
        let [refused, cut] = [&self.shared.refused, &self.shared.cut];
        (refused.load(Ordering::SeqCst), cut.load(Ordering::SeqCst))
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn look(shared: &Shared, index: usize) {
    let Some(port) = shared.targets.lock().unwrap()[index].port else {
        return;
    };
    let asked = b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let answer = match TcpStream::connect(("127.0.0.1", port)).await {
        Ok(server) => exchange(server, asked).await.unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    let mut targets = shared.targets.lock().unwrap();
    // It may have been replaced meanwhile.
    if targets[index].port == Some(port) {
        targets[index].ready = answer.starts_with(b"HTTP/1.1 200");
    }
}

/// Requests of one client, one after the other.
async fn serve(mut client: TcpStream, shared: Arc<Shared>) {
    let mut come = Vec::new();
    while let Ok(Some((head, body))) = request(&mut client, &mut come).await {
        let answer = forward(&shared, &head, &body).await;
        if client.write_all(&answer).await.is_err() {
            return;
        }
    }
}

async fn request(
    client: &mut TcpStream,
    come: &mut Vec<u8>,
) -> io::Result<Option<(String, Vec<u8>)>> {
    loop {
        if let Some(end) = come.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&come[..end]).into_owned();
            let length = header(&head, "content-length").map_or(0, |text| text.parse().unwrap());
            if come.len() >= end + 4 + length {
                let body = come[end + 4..end + 4 + length].to_vec();
                come.drain(..end + 4 + length);
                return Ok(Some((head, body)));
            }
        }
        if client.read_buf(come).await? == 0 {
            return Ok(None);
        }
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let mut found = lines.filter(|(other, _)| other.eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value.trim())
}

/// The head with a header of our own that says what becomes of the connection.
fn with_connection(head: &str, what: &str) -> String {
    let hop = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        !["connection", "keep-alive"]
            .iter()
            .any(|hop| name.eq_ignore_ascii_case(hop))
    };
    let lines: Vec<&str> = head.lines().filter(hop).collect();
    format!("{}\r\nconnection: {what}\r\n\r\n", lines.join("\r\n"))
}

async fn forward(shared: &Shared, head: &str, body: &[u8]) -> Vec<u8> {
    let asked = [with_connection(head, "close").as_bytes(), body].concat();
    let count = shared.targets.lock().unwrap().len();
    // Those that are not ready are better than none.
    for only_ready in [true, false] {
        for _ in 0..count {
            let index = shared.turn.fetch_add(1, Ordering::SeqCst) % count;
            let target = shared.targets.lock().unwrap()[index];
            let Some(port) = target.port.filter(|_| target.ready || !only_ready) else {
                continue;
            };
            let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else {
                shared.refused.fetch_add(1, Ordering::SeqCst);
                continue;
            };
            let Ok(answer) = exchange(server, &asked).await else {
                shared.cut.fetch_add(1, Ordering::SeqCst);
                return refusal(CUT);
            };
            let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
                shared.cut.fetch_add(1, Ordering::SeqCst);
                return refusal(CUT);
            };
            shared.targets.lock().unwrap()[index].answered += 1;
            let head = String::from_utf8_lossy(&answer[..end]);
            let head = with_connection(&head, "keep-alive");
            return [head.as_bytes(), &answer[end + 4..]].concat();
        }
    }
    refusal(NOBODY)
}

/// What comes until the end; less than was promised is an error.
async fn exchange(mut server: TcpStream, asked: &[u8]) -> io::Result<Vec<u8>> {
    server.write_all(asked).await?;
    let mut answer = Vec::new();
    match timeout(PATIENCE, server.read_to_end(&mut answer)).await {
        Ok(read) => read?,
        Err(_) => return Err(io::ErrorKind::TimedOut.into()),
    };
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
    let head = String::from_utf8_lossy(&answer[..end]);
    let length: usize = header(&head, "content-length").map_or(0, |text| text.parse().unwrap());
    match answer.len() - end - 4 >= length {
        true => Ok(answer),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn refusal(status: &str) -> Vec<u8> {
    let text = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n");
    text.into_bytes()
}
