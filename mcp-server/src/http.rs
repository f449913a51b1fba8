//! MCP over HTTP, fit to stand on a network: every request is complete in itself, so any replica can answer it.

use std::{
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    time,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

mod access;
mod answer;
mod body;
mod front;
mod landing;
mod names;
mod operation;
mod patience;
mod rate;
mod room;

pub use access::{Access, NoKey, hash};
pub use front::{Front, Profile};
pub use landing::Landing;
pub use names::Names;
pub use operation::Overview;

use self::{
    answer::Answer,
    room::{Place, Room},
};

/// Bytes that a connection may hold of a request's head, and of answers that wait to be sent.
const HEAD_BYTES: usize = 64 * 1024;
/// Headers of a request.
const HEADERS: usize = 100;
/// Connections of those who read the numbers at an address of their own.
const READERS: usize = 16;
/// Pause after a connection could not be accepted, most often for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Time for the first bytes of who connected shortly before the wish to stop, or after it.
const FIRST_BYTES: Duration = Duration::from_millis(250);

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
    /// Time that a client may take for each 64 KiB of an answer.
    pub write_time: Duration,
    /// Connections at once; a further one takes the place of the one that has been idle longest.
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

/// What a listener is for.
#[derive(Debug, Clone)]
enum Door {
    Everything(Arc<Front>),
    Numbers(Arc<Front>),
}

impl Door {
    const fn front(&self) -> &Arc<Front> {
        match self {
            Self::Everything(front) | Self::Numbers(front) => front,
        }
    }

    async fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> Answer {
        match self {
            Self::Everything(front) => front.answer(request, peer).await,
            Self::Numbers(front) => front.all_numbers(&request),
        }
    }
}

/// Takes connections until `stop` is cancelled; requests under way are answered first. Until then new connections are
/// taken too, for one request each: whoever distributes requests asks at `/readyz`, and needs a moment to take notice.
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
    let room = Room::new(limits.connections);
    let connections = TaskTracker::new();
    let door = Door::Everything(Arc::clone(&front));
    tracing::info!(address = %listener.local_addr()?, "listening");
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            (stream, peer, place) = accepted(&listener, &room) => {
                connections.spawn(connection(stream, peer, place, door.clone(), stop.clone()));
            }
        }
    }
    front.operation.stop();
    connections.close();
    let mut over = pin!(time::sleep(limits.drain));
    loop {
        // Who has connected already would be cut, and could not know whether the request was taken: so the system is
        // asked once more before the listener goes.
        let idle = async {
            connections.wait().await;
            tokio::task::yield_now().await;
        };
        tokio::select! {
            biased;
            (stream, peer, place) = accepted(&listener, &room) => {
                connections.spawn(connection(stream, peer, place, door.clone(), stop.clone()));
            }
            () = idle => break,
            () = over.as_mut() => {
                tracing::warn!(
                    connections = connections.len(),
                    "connections were cut: their requests took too long"
                );
                break;
            }
        }
    }
    Ok(())
}

/// Tells the numbers of all profiles, to everybody who comes to an address of their own. Never ends.
pub async fn serve_numbers(listener: TcpListener, front: Arc<Front>) -> Infallible {
    let room = Room::new(READERS);
    let door = Door::Numbers(front);
    let stop = CancellationToken::new();
    loop {
        let (stream, peer, place) = accepted(&listener, &room).await;
        tokio::spawn(connection(stream, peer, place, door.clone(), stop.clone()));
    }
}

/// The next connection, as soon as there is a place for it.
async fn accepted(listener: &TcpListener, room: &Arc<Room>) -> (TcpStream, SocketAddr, Arc<Place>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, room.place().await),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                room.send_one_away();
                time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    place: Arc<Place>,
    door: Door,
    stop: CancellationToken,
) {
    // Small answers would wait for the client's acknowledgement otherwise.
    let _ = stream.set_nodelay(true);
    let limits = door.front().limits();
    let (head_time, write_time) = (limits.head_time, limits.write_time);
    let peer: IpAddr = peer.ip().to_canonical();
    let own = Arc::clone(&place);
    let begun = CancellationToken::new();
    let asked = begun.clone();
    let service = service_fn(move |request| {
        asked.cancel();
        let (door, busy) = (door.clone(), own.busy());
        async move {
            let answer = door.answer(request, peer).await;
            Ok::<_, Infallible>(answer.map(|body| answer::keeping(busy, body)))
        }
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
        biased;
        () = place.is_wanted() => {
            if !place.is_busy() {
                tracing::debug!(%peer, "an idle connection made place for another");
                return;
            }
            // A request was quicker than the wish.
            connection.as_mut().graceful_shutdown();
            connection.await
        }
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            // The library closes a connection at once on which nothing has come yet, and whoever has just made it would be
            // cut while it asks.
            let ended = tokio::select! {
                biased;
                ended = connection.as_mut() => Some(ended),
                () = begun.cancelled() => None,
                () = time::sleep(FIRST_BYTES) => None,
            };
            match ended {
                Some(ended) => ended,
                None => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection ended badly");
    }
}
