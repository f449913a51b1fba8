//! A store in a Redis server, for the processes of many machines.
//!
//! One connection carries the questions of a process one after the other, without waiting for answers in between. It is
//! made with the first question, and again after it broke. A change is one script: the server runs nothing in between.
//!
//! The protocol is spoken here, in [`wire`] and [`link`]: what a caller must know, whether a question whose answer was
//! lost had left at all, a client library does not tell.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

pub use self::address::BadAddress;
use self::{
    address::Address,
    link::{Lost, Question},
    wire::Reply,
};
use super::{Store, StoreError, Swap};

mod address;
mod link;
mod wire;

/// Put before every name, as a server may hold other things too.
const PREFIX: &str = "ticketing-mcp:";
/// The longest life: about 30 years, in milliseconds.
const LONGEST: u128 = 1_000_000_000_000;

/// KEYS: name. ARGV: whether there is a value expected, which, the new one, its life in milliseconds.
const SWAP: &str = "
local there = redis.call('GET', KEYS[1])
if ARGV[1] == '1' then
    if there ~= ARGV[2] then return {0, there} end
elseif there then
    return {0, there}
end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return {1}";

/// KEYS: name. ARGV: the value expected.
const FORGET: &str = "
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])";

/// Values in a Redis server.
///
/// A change is with the server as soon as it is answered. How long it stays there is the server's affair: one that must
/// not forget keeps an append-only file, and evicts nothing (`maxmemory-policy noeviction`).
pub struct Redis {
    address: Arc<Address>,
    name: Arc<str>,
    /// To the task that holds the connection, once it runs.
    questions: Mutex<Option<mpsc::UnboundedSender<Question>>>,
}

impl Redis {
    /// The store at an address: `redis://[[user]:password@]host[:port][/database]`, or `unix:///path[?db=database]`.
    /// Nothing is reached yet.
    ///
    /// # Errors
    ///
    /// When it is no such address. The text shows nothing of it.
    pub fn at(address: &str) -> Result<Self, BadAddress> {
        let address = Address::parse(address)?;
        Ok(Self {
            name: address.to_string().into(),
            address: Arc::new(address),
            questions: Mutex::new(None),
        })
    }

    /// Asks once.
    async fn ask(&self, parts: &[&[u8]]) -> Result<Reply, Lost> {
        let (reply, answer) = oneshot::channel();
        self.send(Question::new(wire::command(parts), reply));
        let gone = || Err(Lost::Broken("the connection's task ended".to_owned()));
        answer.await.unwrap_or_else(|_| gone())
    }

    fn send(&self, question: Question) {
        let mut questions = self
            .questions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut unsent = question;
        if let Some(running) = questions.as_ref() {
            match running.send(unsent) {
                Ok(()) => return,
                // Its runtime is gone.
                Err(back) => unsent = back.0,
            }
        }
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(link::serve(Arc::clone(&self.address), receiver));
        // It waits for this.
        let _ = sender.send(unsent);
        *questions = Some(sender);
    }

    fn lost(&self, lost: Lost) -> StoreError {
        self.error(lost.to_string())
    }

    fn error(&self, problem: String) -> StoreError {
        StoreError {
            store: Arc::clone(&self.name),
            problem,
        }
    }

    fn odd(&self, reply: Reply) -> StoreError {
        match reply {
            Reply::Error(text) => self.error(format!("it refuses: {text}")),
            other => self.error(format!("it answers {} to this", other.kind())),
        }
    }
}

fn key(name: &str) -> Vec<u8> {
    [PREFIX, name].concat().into_bytes()
}

fn milliseconds(lives: Duration) -> String {
    lives.as_millis().clamp(1, LONGEST).to_string()
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redis({})", self.name)
    }
}

#[async_trait]
impl Store for Redis {
    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let key = key(name);
        let question: [&[u8]; 2] = [b"GET", &key];
        let answer = match self.ask(&question).await {
            // It changes nothing, so it may be asked twice.
            Err(Lost::Broken(_)) => self.ask(&question).await,
            answer => answer,
        };
        match answer.map_err(|lost| self.lost(lost))? {
            Reply::Bytes(value) => Ok(value),
            other => Err(self.odd(other)),
        }
    }

    async fn swap(
        &self,
        name: &str,
        old: Option<&[u8]>,
        new: &[u8],
        lives: Duration,
    ) -> Result<Swap, StoreError> {
        let (key, lives) = (key(name), milliseconds(lives));
        let expected: &[u8] = if old.is_some() { b"1" } else { b"0" };
        let answer = self
            .ask(&[
                b"EVAL",
                SWAP.as_bytes(),
                b"1",
                &key,
                expected,
                old.unwrap_or_default(),
                new,
                lives.as_bytes(),
            ])
            .await;
        let list = match answer.map_err(|lost| self.lost(lost))? {
            Reply::List(list) => list,
            other => return Err(self.odd(other)),
        };
        let mut list = list.into_iter();
        match (list.next(), list.next()) {
            (Some(Reply::Number(1)), None) => Ok(Swap::Done),
            (Some(Reply::Number(0)), Some(Reply::Bytes(there))) => Ok(Swap::Other(there)),
            _ => Err(self.error("it answers something else to a swap".to_owned())),
        }
    }

    async fn forget(&self, name: &str, old: &[u8]) -> Result<bool, StoreError> {
        let key = key(name);
        let answer = self
            .ask(&[b"EVAL", FORGET.as_bytes(), b"1", &key, old])
            .await;
        match answer.map_err(|lost| self.lost(lost))? {
            Reply::Number(forgotten) => Ok(forgotten == 1),
            other => Err(self.odd(other)),
        }
    }
}
