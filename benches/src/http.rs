//! A server over HTTP, and the load generator's end of its connections. Written by hand, because every microsecond that
//! is spent here is taken from the processes that are measured.

use std::{
    cell::Cell,
    io::{BufRead, BufReader, Read},
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use futures_util::future;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::{Builder, Runtime},
    time::timeout,
};

use crate::{Outcome, process::Subject, stats::micros, wire::Line};

/// How long a server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(60);
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// A running server that listens. Ends with its value.
#[derive(Debug)]
pub(crate) struct HttpServer {
    name: String,
    child: Child,
    address: String,
    runtime: Runtime,
    connections: Vec<Connection>,
}

/// A connection that stays open, with one request unanswered at a time.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    /// The last answer, head and body.
    answer: Vec<u8>,
    /// Where its body begins.
    body: usize,
}

impl HttpServer {
    /// Starts a process, and waits until it listens.
    pub(crate) fn open(subject: &Subject) -> Outcome<Self> {
        let mut command = subject.command();
        command
            .args(["serve", "--transport", "http", "--port", "0", "--no-auth"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let child = command
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", subject.program.display()))?;
        let mut server = Self {
            name: subject.name.clone(),
            child,
            address: String::new(),
            runtime: Builder::new_current_thread().enable_all().build()?,
            connections: Vec::new(),
        };
        let errors = server.child.stderr.take();
        let mut errors = BufReader::new(errors.ok_or("the process has no stderr")?);
        let mut told = String::new();
        while errors.read_line(&mut told)? > 0 {
            if let Some(address) = address(&told) {
                server.address = address.to_owned();
                // Nobody reads what else it says, but it must not wait for that.
                thread::spawn(move || errors.read_to_end(&mut Vec::new()));
                return Ok(server);
            }
        }
        Err(format!("{} does not listen: {told}", server.name).into())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The bytes of a request.
    pub(crate) fn request(&self, line: &Line) -> Vec<u8> {
        request(&self.address, line, 1)
    }

    /// The same under an id, in place of what is there.
    pub(crate) fn write_request(&self, line: &Line, id: u64, request: &mut Vec<u8>) {
        write_request(&self.address, line, id, request);
    }

    /// Sends one request; the length of the answer's body, and the body.
    pub(crate) fn call(&mut self, request: &[u8]) -> Outcome<(usize, Value)> {
        self.sequence(request, 1, 0)?;
        let connection = self.connections.first().ok_or("nothing was asked")?;
        let body = connection.body();
        Ok((body.len(), serde_json::from_slice(body)?))
    }

    /// One request after the other on one connection: microseconds of each.
    pub(crate) fn sequence(
        &mut self,
        request: &[u8],
        calls: usize,
        expected: usize,
    ) -> Outcome<Vec<f64>> {
        self.flood(request, calls, 1, expected)
    }

    /// Many requests at once, each on a connection of its own: microseconds of each. An answer much shorter than
    /// `expected` counts as a failure.
    pub(crate) fn flood(
        &mut self,
        request: &[u8],
        calls: usize,
        in_flight: usize,
        expected: usize,
    ) -> Outcome<Vec<f64>> {
        let left = Cell::new(calls);
        let left = &left;
        self.runtime.block_on(async {
            while self.connections.len() < in_flight {
                self.connections
                    .push(Connection::open(&self.address).await?);
            }
            let callers = self.connections.iter_mut().take(in_flight);
            let callers = callers.map(|connection| async move {
                let mut took = Vec::new();
                while left.get() > 0 {
                    left.set(left.get() - 1);
                    let began = Instant::now();
                    timeout(PATIENCE, connection.once(request)).await??;
                    took.push(micros(began.elapsed()));
                    connection.check(expected)?;
                }
                Outcome::Ok(took)
            });
            let took = future::try_join_all(callers).await?;
            Ok(took.into_iter().flatten().collect())
        })
    }
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            answer: Vec::with_capacity(64 * 1024),
            body: 0,
        })
    }

    /// The port on this side; 0 when it is gone.
    pub(crate) fn port(&self) -> u16 {
        self.stream.local_addr().map_or(0, |address| address.port())
    }

    /// The body of the last answer.
    pub(crate) fn body(&self) -> &[u8] {
        self.answer.get(self.body..).unwrap_or_default()
    }

    /// The status of the last answer.
    pub(crate) fn status(&self) -> Option<u16> {
        let digits = self.answer.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// Sends one request and waits for the whole answer.
    pub(crate) async fn once(&mut self, request: &[u8]) -> Outcome<()> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        self.body = usize::MAX;
        let mut whole = usize::MAX;
        while self.answer.len() < whole {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err("the connection was closed".into());
            }
            if self.body == usize::MAX
                && let Some((head, body)) = split(&self.answer)
            {
                self.body = head;
                whole = head + body?;
            }
        }
        Ok(())
    }

    fn check(&self, expected: usize) -> Outcome<()> {
        if self.status() == Some(200) && self.body().len() * 2 >= expected {
            return Ok(());
        }
        let begin: String = String::from_utf8_lossy(&self.answer)
            .chars()
            .take(300)
            .collect();
        Err(format!("it answered something else than before: {begin}").into())
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The bytes of a request to the server at an address.
pub(crate) fn request(address: &str, line: &Line, id: u64) -> Vec<u8> {
    let mut request = Vec::new();
    write_request(address, line, id, &mut request);
    request
}

fn write_request(address: &str, line: &Line, id: u64, request: &mut Vec<u8>) {
    let mut body = Vec::new();
    line.append(id, &mut body);
    let head = format!(
        "POST /mcp HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\naccept: application/json, \
         text/event-stream\r\nmcp-protocol-version: 2025-11-25\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    request.clear();
    request.extend(head.into_bytes());
    request.extend(body);
}

/// The address in what a server says of itself.
fn address(told: &str) -> Option<&str> {
    let (_, rest) = told.rsplit_once("serving at http://")?;
    Some(rest.split_once('/')?.0)
}

/// The length of an answer's head, and of its body; `None` while the head is not there.
fn split(answer: &[u8]) -> Option<(usize, Outcome<usize>)> {
    let mut windows = answer.windows(END_OF_HEAD.len());
    let head = windows.position(|window| window == END_OF_HEAD)?;
    let text = String::from_utf8_lossy(answer.get(..head)?);
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    let length = lines
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok());
    let length = length.ok_or_else(|| format!("an answer without a length: {text}").into());
    Some((head + END_OF_HEAD.len(), length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_its_head_says() {
        assert!(split(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n").is_none());
        let (head, body) = split(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").unwrap();
        assert_eq!((head, body.unwrap()), (38, 2));
        assert!(split(b"HTTP/1.1 200 OK\r\n\r\n{}").unwrap().1.is_err());
    }

    #[test]
    fn the_address_is_found_in_what_is_said() {
        let told = "x\nticketing-mcp: serving at http://127.0.0.1:40123/mcp\n";
        assert_eq!(address(told), Some("127.0.0.1:40123"));
        assert_eq!(address("nothing\n"), None);
    }
}
