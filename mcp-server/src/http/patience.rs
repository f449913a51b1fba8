//! A connection whose client must go on taking what is written.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

/// What the other side must take each time before it has all its time again, so that a byte now and then is not enough.
const STEP: usize = 64 * 1024;

/// Writes fail when the other side takes too little for a while; reads are bounded elsewhere.
#[derive(Debug)]
pub(super) struct Patient<S> {
    stream: S,
    patience: Duration,
    /// Runs from the first write that has to wait, until a step is taken or nothing is left to be written.
    waiting: Option<Pin<Box<Sleep>>>,
    /// Bytes that were taken meanwhile.
    taken: usize,
}

impl<S> Patient<S> {
    pub(super) const fn new(stream: S, patience: Duration) -> Self {
        Self {
            stream,
            patience,
            waiting: None,
            taken: 0,
        }
    }

    fn rest(&mut self) {
        self.waiting = None;
        self.taken = 0;
    }

    /// The outcome of a write.
    fn written(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let (Poll::Ready(Ok(bytes)), true) = (&written, self.waiting.is_some()) {
            self.taken = self.taken.saturating_add(*bytes);
            if self.taken >= STEP {
                self.rest();
            }
        }
        self.bounded(context, written)
    }

    /// The outcome of what ends when all is written.
    fn ended(
        &mut self,
        context: &mut Context<'_>,
        ended: Poll<io::Result<()>>,
    ) -> Poll<io::Result<()>> {
        if ended.is_ready() {
            self.rest();
        }
        self.bounded(context, ended)
    }

    /// An outcome, or a failure when it has been waited for too long.
    fn bounded<T>(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            return outcome;
        }
        let until = Instant::now() + self.patience;
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.written(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.ended(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.ended(context, shut)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    /// Writes while the other side takes so many bytes each second.
    async fn write(bytes: usize, each_second: usize) -> io::Result<()> {
        let (near, mut far) = tokio::io::duplex(1024);
        let reading = async move {
            let mut taken = vec![0; each_second];
            while far.read_exact(&mut taken).await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        let writing = async move {
            let mut near = Patient::new(near, PATIENCE);
            near.write_all(&vec![0; bytes]).await?;
            near.flush().await
        };
        tokio::select! {
            biased;
            written = writing => written,
            () = reading => std::future::pending().await,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_little_now_and_then_is_not_enough() {
        let began = Instant::now();
        let failed = write(1024 * 1024, 100).await.unwrap_err();
        assert_eq!(failed.kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed() <= PATIENCE + Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_client_that_goes_on_is_waited_for() {
        let began = Instant::now();
        write(1024 * 1024, 8 * 1024).await.unwrap();
        assert!(began.elapsed() > PATIENCE * 5);
    }
}
