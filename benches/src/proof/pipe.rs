//! One process over its pipes, with many calls under way.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{ChildStdin, ChildStdout},
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::fleet::{Reply, of_answer};
use crate::{Outcome, wire, wire::Line};

/// The client's end of the pipes.
#[derive(Debug)]
pub(super) struct Pipe {
    outgoing: mpsc::UnboundedSender<Vec<u8>>,
    waiting: Arc<Waiting>,
    last_id: AtomicU64,
}

/// Who waits for an answer; nobody can any more when the output has ended.
#[derive(Debug)]
struct Waiting(Mutex<Option<BTreeMap<u64, oneshot::Sender<Value>>>>);

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, Option<BTreeMap<u64, oneshot::Sender<Value>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, id: u64) -> Option<oneshot::Receiver<Value>> {
        let (sender, receiver) = oneshot::channel();
        self.lock().as_mut()?.insert(id, sender);
        Some(receiver)
    }

    fn take(&self, id: u64) -> Option<oneshot::Sender<Value>> {
        self.lock().as_mut()?.remove(&id)
    }
}

impl Pipe {
    /// Opens the conversation.
    pub(super) async fn open(input: ChildStdin, output: ChildStdout) -> Outcome<Self> {
        let waiting = Arc::new(Waiting(Mutex::new(Some(BTreeMap::new()))));
        let (outgoing, lines) = mpsc::unbounded_channel();
        tokio::spawn(write(input, lines));
        tokio::spawn(read(output, Arc::clone(&waiting)));
        let pipe = Self {
            outgoing,
            waiting,
            last_id: AtomicU64::new(0),
        };
        let id = pipe.send(&wire::initialize());
        let answer = id.ok_or("it does not read")?.1.await;
        match of_answer(answer.map_err(|_| "it ended")?) {
            Reply::Result(_) => {
                pipe.put(wire::INITIALIZED.to_vec());
                Ok(pipe)
            }
            other => Err(format!("it refused to open: {other:?}").into()),
        }
    }

    /// One call; when the answer takes too long, it is cancelled.
    pub(super) async fn call(&self, line: &Line, patience: Duration) -> Reply {
        let Some((id, answer)) = self.send(line) else {
            return Reply::Lost;
        };
        match timeout(patience, answer).await {
            Ok(Ok(answer)) => of_answer(answer),
            Ok(Err(_)) => Reply::Lost,
            Err(_) => {
                self.waiting.take(id);
                let cancel = json!({
                    "jsonrpc": "2.0",
                    "method": "notifications/cancelled",
                    "params": {"requestId": id},
                });
                self.put(format!("{cancel}\n").into_bytes());
                Reply::GivenUp
            }
        }
    }

    fn send(&self, line: &Line) -> Option<(u64, oneshot::Receiver<Value>)> {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        let answer = self.waiting.add(id)?;
        let mut bytes = Vec::new();
        line.append(id, &mut bytes);
        self.put(bytes);
        Some((id, answer))
    }

    fn put(&self, bytes: Vec<u8>) {
        // When nobody writes any more, the process is gone, and the end of its output says so.
        let _ = self.outgoing.send(bytes);
    }
}

async fn write(mut input: ChildStdin, mut lines: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(bytes) = lines.recv().await {
        if input.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

async fn read(output: ChildStdout, waiting: Arc<Waiting>) {
    let mut lines = BufReader::with_capacity(64 * 1024, output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Some(id) = wire::id(line.as_bytes()) else {
            continue;
        };
        if let (Some(waiter), Ok(answer)) = (waiting.take(id), serde_json::from_str(&line)) {
            // Whoever asked may have given up.
            let _ = waiter.send(answer);
        }
    }
    // All who wait see the end of their channel.
    waiting.lock().take();
}
