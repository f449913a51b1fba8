//! A raw HTTP server that does what it is told, however wrong.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What the server does with one request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Writes bytes and keeps the connection.
    Answer(Vec<u8>),
    /// Writes bytes and closes the connection.
    AnswerAndClose(Vec<u8>),
    /// Reads the request and closes the connection.
    Drop,
    /// Resets the connection without reading what came.
    Reset,
    /// Writes bytes, which may be none, and then nothing more.
    Stall(Vec<u8>),
    /// Writes bytes, then one more every 20 ms.
    Drip(Vec<u8>),
}

/// A request as it arrived.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

#[derive(Debug, Default)]
struct Log {
    seen: Mutex<Vec<Seen>>,
    connections: AtomicUsize,
    closed: AtomicUsize,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    log: Arc<Log>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Serves requests in the order they come; the last act is repeated.
    pub(crate) async fn start(script: impl Into<Vec<Act>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Log::default());
        let task = tokio::spawn(accept(listener, Arc::new(script.into()), Arc::clone(&log)));
        Self { address, log, task }
    }

    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests that arrived.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.log.seen.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.log.connections.load(Ordering::SeqCst)
    }

    pub(crate) async fn wait_for_requests(&self, count: usize) {
        wait(|| self.log.seen.lock().unwrap().len() >= count).await;
    }

    /// Waits until connections are over, from either side.
    pub(crate) async fn wait_for_closed(&self, count: usize) {
        wait(|| self.log.closed.load(Ordering::SeqCst) >= count).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn wait(mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(5), "waited too long");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn accept(listener: TcpListener, script: Arc<Vec<Act>>, log: Arc<Log>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        log.connections.fetch_add(1, Ordering::SeqCst);
        let (script, log) = (Arc::clone(&script), Arc::clone(&log));
        tokio::spawn(async move {
            serve(stream, &script, &log).await;
            log.closed.fetch_add(1, Ordering::SeqCst);
        });
    }
}

async fn serve(mut stream: TcpStream, script: &[Act], log: &Log) {
    loop {
        if stream.peek(&mut [0]).await.unwrap_or(0) == 0 {
            return;
        }
        let act = |log: &Log, seen: Seen| {
            let mut all = log.seen.lock().unwrap();
            all.push(seen);
            script[(all.len() - 1).min(script.len() - 1)].clone()
        };
        let turn = log.seen.lock().unwrap().len().min(script.len() - 1);
        if matches!(script[turn], Act::Reset) {
            act(log, Seen::default());
            // Closing with unread input makes the system reset the connection.
            return;
        }
        let Some(seen) = read(&mut stream).await else {
            return;
        };
        match act(log, seen) {
            Act::Answer(bytes) => drop(stream.write_all(&bytes).await),
            Act::AnswerAndClose(bytes) => {
                drop(stream.write_all(&bytes).await);
                return;
            }
            Act::Drop | Act::Reset => return,
            Act::Stall(bytes) => {
                drop(stream.write_all(&bytes).await);
                until_closed(&mut stream).await;
                return;
            }
            Act::Drip(bytes) => {
                let mut next = bytes;
                while stream.write_all(&next).await.is_ok() {
                    next = b" ".to_vec();
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                return;
            }
        }
    }
}

async fn until_closed(stream: &mut TcpStream) {
    while stream.read(&mut [0; 64]).await.is_ok_and(|count| count > 0) {}
}

/// One request with its body; `None` when the connection ends first.
async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head = loop {
        let mut piece = [0; 4096];
        let count = stream
            .read(&mut piece)
            .await
            .ok()
            .filter(|count| *count > 0)?;
        bytes.extend_from_slice(&piece[..count]);
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.lines();
    let line = lines.next().unwrap_or_default().to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    assert!(
        !headers.contains_key("transfer-encoding"),
        "lengths are known"
    );
    let length = headers
        .get("content-length")
        .map_or(0, |text| text.parse().unwrap());
    let mut body = bytes.split_off(head);
    while body.len() < length {
        let mut piece = [0; 4096];
        let count = stream
            .read(&mut piece)
            .await
            .ok()
            .filter(|count| *count > 0)?;
        body.extend_from_slice(&piece[..count]);
    }
    Some(Seen {
        line,
        headers,
        body,
    })
}

/// A well-formed JSON answer.
pub(crate) fn json(status: u16, body: &str) -> Vec<u8> {
    with(status, "Content-Type: application/json\r\n", body)
}

/// A well-formed answer with headers of one's own, each ending in CR LF.
pub(crate) fn with(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} Any\r\nContent-Length: {length}\r\n{headers}\r\n{body}").into_bytes()
}

/// A port on which nobody listens.
pub(crate) async fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
