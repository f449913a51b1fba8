//! The HTTP server and the way of one request through it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::answer::{Answer, response};
use super::body::{Dropped, ReplyBody};
use super::control;
use super::falsify::falsify;
use super::fault::{Arrival, FaultKind, Hit};
use super::install::{Arrived, Install, pause};
use super::log::{Open, Outcome};

/// Largest request body that is read, in bytes; twice the largest upload.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// Serves an install on a port of 127.0.0.1 (0 takes a free one) until the task is aborted.
///
/// # Errors
///
/// The port cannot be bound.
pub(crate) async fn start(
    port: u16,
    install: Arc<dyn Install>,
) -> io::Result<(SocketAddr, JoinHandle<()>)> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let addr = listener.local_addr()?;
    Ok((addr, tokio::spawn(run(listener, install))))
}

/// Accepts connections until it is aborted; its connections end with it.
async fn run(listener: TcpListener, install: Arc<dyn Install>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            // Out of file handles: some will be back soon.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        // Small answers must not wait for the other side's acknowledgement.
        let _ = stream.set_nodelay(true);
        let install = Arc::clone(&install);
        connections.spawn(connection(stream, peer, install));
    }
}

async fn connection(stream: tokio::net::TcpStream, peer: SocketAddr, install: Arc<dyn Install>) {
    let service = service_fn(move |request| serve(Arc::clone(&install), peer.ip(), request));
    // An error means that the client left or that a fault closed the connection.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn serve(
    install: Arc<dyn Install>,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Result<Response<ReplyBody>, Dropped> {
    let (head, incoming) = request.into_parts();
    let control = head
        .uri
        .path()
        .strip_prefix("/__sandbox/")
        .map(str::to_owned);
    if let Some(action) = control {
        let body = incoming.collect().await.map_err(|_| Dropped)?.to_bytes();
        let reply = control::answer(&*install, head.method.as_str(), &action, &body);
        return Ok(response(reply));
    }
    let common = install.common();
    let open = common.log.open(&head, common.now());
    let body = match Limited::new(incoming, BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return finish(Hit::default(), install.too_large(), open).await;
        }
        Err(_) => return Err(Dropped),
    };
    open.body(&body);
    let endpoint = install.endpoint(&head);
    open.note(|entry| entry.endpoint = endpoint.map(str::to_owned));
    let arrival = Arrival {
        endpoint,
        body: &body,
    };
    let mut hit = common.faults.take(&arrival);
    let answer = match hit.kind.take_if(|_| !hit.after_effect) {
        Some(FaultKind::LateEffect { ms }) => {
            let arrived = Arrived { head, body, peer };
            let delay = hit.delay_before + Duration::from_millis(ms);
            tokio::spawn(late(Arc::clone(&install), arrived, open, delay));
            return Err(Dropped);
        }
        Some(kind) => {
            pause(hit.delay_before + hit.delay_after).await;
            return falsify(kind, None, open).await;
        }
        None => {
            let arrived = Arrived { head, body, peer };
            install.answer(&arrived, &open, hit.delay_before).await
        }
    };
    finish(hit, answer, open).await
}

/// Does a request whose client is gone.
async fn late(install: Arc<dyn Install>, arrived: Arrived, open: Open, delay: Duration) {
    pause(delay).await;
    install.answer(&arrived, &open, Duration::ZERO).await;
    open.end(Outcome::DroppedAfterEffect);
}

/// Sends an answer, or what a fault makes of it.
async fn finish(hit: Hit, answer: Answer, open: Open) -> Result<Response<ReplyBody>, Dropped> {
    pause(hit.delay_after).await;
    match hit.kind {
        Some(kind) => falsify(kind, Some(answer), open).await,
        None => {
            let status = answer.status;
            open.note(|entry| entry.status = Some(status));
            open.end(Outcome::Answered);
            Ok(response(answer))
        }
    }
}
