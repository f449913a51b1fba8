//! A load balancer: each connection goes to the next replica.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::copy,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::fleet::{Life, life_of};
use crate::Outcome;

/// A running load balancer; ends with its value.
#[derive(Debug)]
pub(super) struct Proxy {
    address: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    lives: Vec<Arc<Mutex<Option<Life>>>>,
    next: AtomicUsize,
    /// Which replica has the connection from which port.
    behind: Mutex<BTreeMap<u16, usize>>,
}

impl Proxy {
    pub(super) async fn start(lives: Vec<Arc<Mutex<Option<Life>>>>) -> Outcome<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?.to_string();
        let shared = Arc::new(Shared {
            lives,
            next: AtomicUsize::new(0),
            behind: Mutex::default(),
        });
        let task = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            task,
        })
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// The replica that has the connection from a port.
    pub(super) fn behind(&self, port: u16) -> Option<usize> {
        self.shared.behind().get(&port).copied()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn behind(&self) -> MutexGuard<'_, BTreeMap<u16, usize>> {
        self.behind.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next replica that serves, as far as is known.
    fn next(&self) -> Option<(usize, String)> {
        let count = self.lives.len();
        for _ in 0..count {
            let number = self.next.fetch_add(1, Ordering::Relaxed) % count;
            let life = self.lives.get(number).map(|life| life_of(life));
            if let Some(Some(Life::Address(address))) = life {
                return Some((number, address));
            }
        }
        None
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, peer)) = listener.accept().await {
        let Some((number, address)) = shared.next() else {
            continue;
        };
        shared.behind().insert(peer.port(), number);
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            if let Ok(replica) = TcpStream::connect(address).await {
                relay(stream, replica).await;
            }
            shared.behind().remove(&peer.port());
        });
    }
}

/// Copies both ways until one side ends; then the other is ended too.
async fn relay(mut client: TcpStream, mut replica: TcpStream) {
    // Without this, small messages wait for acknowledgements.
    let _ = (client.set_nodelay(true), replica.set_nodelay(true));
    let (mut from_client, mut to_client) = client.split();
    let (mut from_replica, mut to_replica) = replica.split();
    tokio::select! {
        _ = copy(&mut from_client, &mut to_replica) => {}
        _ = copy(&mut from_replica, &mut to_client) => {}
    }
}
