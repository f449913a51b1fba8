//! MCP over HTTP, fit to stand on a network: every request is complete in itself, so any replica can answer it.

use std::{
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

mod access;
mod answer;
mod body;
mod front;
mod names;
mod patience;
mod rate;

pub use access::{Access, NoKey, hash};
pub use front::{Front, Profile};
pub use names::Names;

/// Bytes that a connection may hold of a request's head.
const HEAD_BYTES: usize = 64 * 1024;
/// Headers of a request.
const HEADERS: usize = 100;
/// Pause after a connection could not be accepted, most often for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What a client may take.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Time for a request's body to arrive.
    pub body_time: Duration,
    /// Time for a request's head to arrive, and for the next request on an idle connection.
    pub head_time: Duration,
    /// Time that a client may go without taking anything of an answer.
    pub write_time: Duration,
    /// Connections at once; more wait to be accepted.
    pub connections: usize,
    /// Requests under way at once, of all callers; more are refused.
    pub in_flight: usize,
    /// Requests under way at once of one profile; more are refused.
    pub per_profile: usize,
    /// Time that requests under way get after the wish to stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 16 * 1024 * 1024,
            body_time: Duration::from_secs(30),
            head_time: Duration::from_secs(15),
            write_time: Duration::from_secs(30),
            connections: 1_024,
            in_flight: 256,
            per_profile: 64,
            drain: Duration::from_secs(30),
        }
    }
}

/// Takes connections until `stop` is cancelled; requests under way are answered first.
///
/// # Errors
///
/// When the listener itself cannot be asked.
pub async fn serve(
    listener: TcpListener,
    front: Arc<Front>,
    stop: CancellationToken,
) -> io::Result<()> {
    let limits = front.limits().clone();
    let room = Arc::new(Semaphore::new(limits.connections));
    let connections = TaskTracker::new();
    tracing::info!(address = %listener.local_addr()?, "listening");
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            (stream, peer, permit) = accepted(&listener, &room) => {
                let connection = connection(stream, peer, Arc::clone(&front), stop.clone());
                connections.spawn(async move {
                    connection.await;
                    drop(permit);
                });
            }
        }
    }
    drop(listener);
    connections.close();
    if time::timeout(limits.drain, connections.wait())
        .await
        .is_err()
    {
        tracing::warn!(
            connections = connections.len(),
            "connections were cut: their requests took too long"
        );
    }
    Ok(())
}

/// The next connection, when there is room for one.
async fn accepted(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed.
    let permit = Arc::clone(room).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, permit),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    front: Arc<Front>,
    stop: CancellationToken,
) {
    // Small answers would wait for the client's acknowledgement otherwise.
    let _ = stream.set_nodelay(true);
    let limits = front.limits();
    let (head_time, write_time) = (limits.head_time, limits.write_time);
    let peer: IpAddr = peer.ip().to_canonical();
    let service = service_fn(move |request| {
        let front = Arc::clone(&front);
        async move { Ok::<_, Infallible>(front.answer(request, peer).await) }
    });
    let stream = TokioIo::new(patience::Patient::new(stream, write_time));
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head_time)
            .max_buf_size(HEAD_BYTES)
            .max_headers(HEADERS)
            .serve_connection(stream, service)
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection ended badly");
    }
}
