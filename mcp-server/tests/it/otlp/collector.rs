//! A collector on loopback that keeps what it is sent.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::wire;

const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Collector {
    port: u16,
    received: Arc<Mutex<Vec<Received>>>,
}

/// One request: its head in lower case, and its body.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) head: String,
    body: Vec<u8>,
}

impl Received {
    pub(super) fn holds(&self, text: &str) -> bool {
        let mut windows = self.body.windows(text.len());
        windows.any(|window| window == text.as_bytes())
    }
}

/// A span with what it comes from.
#[derive(Debug, Clone, Default)]
pub(super) struct Span {
    pub(super) resource: BTreeMap<String, Value>,
    pub(super) trace: String,
    pub(super) id: String,
    /// Empty where there is none.
    pub(super) parent: String,
    pub(super) state: String,
    pub(super) name: String,
    pub(super) kind: u64,
    pub(super) began: u64,
    pub(super) ended: u64,
    pub(super) attributes: BTreeMap<String, Value>,
    pub(super) status: u64,
}

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Number(i64),
}

impl Collector {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let keeping = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let received = read(stream).await;
                keeping.lock().unwrap().push(received);
            }
        });
        Self { port, received }
    }

    pub(super) fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// All spans so far, in their order.
    pub(super) fn spans(&self) -> Vec<Span> {
        let bodies = self.received().into_iter().map(|received| received.body);
        bodies.flat_map(|body| wire::spans(&body)).collect()
    }

    pub(super) async fn wait_for(&self, spans: usize) {
        let until = Instant::now() + PATIENCE;
        while self.spans().len() < spans {
            assert!(Instant::now() < until, "{:#?}", self.spans());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Reads one request and answers it.
async fn read(mut stream: TcpStream) -> Received {
    let mut bytes = Vec::new();
    let end = loop {
        let mut piece = [0; 4096];
        let length = stream.read(&mut piece).await.unwrap();
        assert_ne!(length, 0, "the request is cut off");
        bytes.extend_from_slice(&piece[..length]);
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec())
        .unwrap()
        .to_ascii_lowercase();
    assert!(
        head.contains("content-type: application/x-protobuf\r\n"),
        "{head}"
    );
    let (_, length) = head.split_once("content-length: ").unwrap();
    let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
    let mut body = bytes.split_off(end);
    let read = body.len();
    body.resize(length, 0);
    stream.read_exact(&mut body[read..]).await.unwrap();
    let answer =
        "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
    stream.write_all(answer.as_bytes()).await.unwrap();
    Received { head, body }
}
