//! The output. A message is queued at once and written by a task of its own, so that nothing else ever waits for a
//! client that does not read; messages that are ready together are written together.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::Notify,
    task::JoinHandle,
};

/// Room that is kept from one batch to the next.
const KEPT: usize = 256 * 1024;

/// Where messages go; the writing ends when this is dropped.
#[derive(Debug)]
pub(super) struct Outbox {
    shared: Arc<Shared>,
    writer: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// Something was queued.
    queued: Notify,
    /// Everything was written, or nothing can be written any more.
    done: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<u8>,
    writing: bool,
    broken: Option<io::ErrorKind>,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write_to(&self, mut write: impl AsyncWrite + Unpin) {
        let mut batch = Vec::new();
        loop {
            batch.clear();
            batch.shrink_to(KEPT);
            let waits = {
                let mut queue = self.queue();
                std::mem::swap(&mut batch, &mut queue.waiting);
                queue.writing = !batch.is_empty();
                !queue.writing
            };
            if waits {
                self.done.notify_waiters();
                self.queued.notified().await;
                continue;
            }
            let written = match write.write_all(&batch).await {
                Ok(()) => write.flush().await,
                Err(error) => Err(error),
            };
            if let Err(error) = written {
                tracing::debug!(%error, "the client does not take answers any more");
                self.queue().broken = Some(error.kind());
                self.done.notify_waiters();
                return;
            }
        }
    }
}

impl Outbox {
    /// Starts writing.
    pub(super) fn new(write: impl AsyncWrite + Send + Unpin + 'static) -> Self {
        let shared = Arc::<Shared>::default();
        let writing = Arc::clone(&shared);
        let writer = tokio::spawn(async move { writing.write_to(write).await });
        Self { shared, writer }
    }

    /// Queues a message.
    ///
    /// # Errors
    ///
    /// When writing failed before, or the message cannot be written as JSON.
    pub(super) fn push(&self, message: &impl Serialize) -> io::Result<()> {
        self.push_with(|waiting| serde_json::to_writer(waiting, message))
    }

    /// The same for a message that writes itself.
    ///
    /// # Errors
    ///
    /// As [`Outbox::push`].
    pub(super) fn push_with(
        &self,
        write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
    ) -> io::Result<()> {
        let mut queue = self.shared.queue();
        if let Some(kind) = queue.broken {
            return Err(kind.into());
        }
        let before = queue.waiting.len();
        if let Err(error) = write(&mut queue.waiting) {
            queue.waiting.truncate(before);
            return Err(error.into());
        }
        queue.waiting.push(b'\n');
        drop(queue);
        self.shared.queued.notify_one();
        Ok(())
    }

    /// Waits until everything is written, or nothing can be written any more.
    pub(super) async fn written(&self) {
        loop {
            let done = self.shared.done.notified();
            {
                let queue = self.shared.queue();
                if queue.broken.is_some() || (queue.waiting.is_empty() && !queue.writing) {
                    return;
                }
            }
            done.await;
        }
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.writer.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{io::AsyncReadExt, time::timeout};

    use super::*;

    #[tokio::test]
    async fn messages_come_whole_and_in_order() {
        let (near, mut far) = tokio::io::duplex(5);
        let outbox = Outbox::new(near);
        for number in 0..100 {
            outbox.push(&[number]).unwrap();
        }
        let reader = tokio::spawn(async move {
            let mut text = String::new();
            far.read_to_string(&mut text).await.unwrap();
            text
        });
        outbox.written().await;
        drop(outbox);
        let expected: String = (0..100).map(|number| format!("[{number}]\n")).collect();
        assert_eq!(reader.await.unwrap(), expected);
    }

    #[tokio::test]
    async fn a_client_that_does_not_read_holds_nobody_up() {
        let (near, far) = tokio::io::duplex(5);
        let outbox = Outbox::new(near);
        outbox.push(&"long enough to fill the pipe").unwrap();
        let brief = Duration::from_millis(50);
        assert!(timeout(brief, outbox.written()).await.is_err());
        outbox.push(&"more").unwrap();
        drop(far);
        timeout(brief, outbox.written()).await.unwrap();
        assert!(outbox.push(&"after the end").is_err());
    }
}
