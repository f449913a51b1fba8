//! The connection to a server, held by a task.

use std::{collections::VecDeque, fmt, io, sync::Arc, time::Duration};

use api_core::Secret;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until, timeout},
};

use super::{
    address::{Address, Place},
    wire::{self, Reply},
};

/// How long it may take to be connected and let in.
const CONNECT: Duration = Duration::from_secs(1);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(2);
/// Bytes that are made room for before they come.
const ROOM: usize = 4 * 1024;
/// Bytes of that room that are kept.
const KEPT: usize = 64 * 1024;

/// A command, and who waits for its answer.
pub(super) struct Question {
    bytes: Vec<u8>,
    reply: oneshot::Sender<Result<Reply, Lost>>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lost {
    /// The question never left.
    Unsent(String),
    /// It left, or may have, and then the connection broke.
    Broken(String),
    /// It left, and nothing comes.
    Late(String),
}

/// A question that left, and when its answer is late.
struct Waiting {
    reply: oneshot::Sender<Result<Reply, Lost>>,
    until: Instant,
}

/// A stream of bytes, over whatever.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A connection that was let in.
struct Link {
    stream: Box<dyn Wire>,
    /// What has come and was not taken.
    come: Vec<u8>,
}

impl Question {
    pub(super) const fn new(bytes: Vec<u8>, reply: oneshot::Sender<Result<Reply, Lost>>) -> Self {
        Self { bytes, reply }
    }

    fn refuse(self, why: &str) {
        let _ = self.reply.send(Err(Lost::Unsent(why.to_owned())));
    }
}

/// Asks until nobody has questions any more.
pub(super) async fn serve(address: Arc<Address>, mut questions: mpsc::UnboundedReceiver<Question>) {
    let mut next = None;
    loop {
        let question = match next.take() {
            Some(question) => question,
            None => match questions.recv().await {
                Some(question) => question,
                None => return,
            },
        };
        match Link::open(&address).await {
            Ok(link) => next = link.carry(question, &mut questions).await,
            Err(why) => {
                question.refuse(&why);
                // Those that came meanwhile do not wait for the same again.
                while let Ok(question) = questions.try_recv() {
                    question.refuse(&why);
                }
            }
        }
    }
}

impl Link {
    async fn open(address: &Address) -> Result<Self, String> {
        let opened = timeout(CONNECT, async {
            let mut link = Self {
                stream: connected(&address.place)
                    .await
                    .map_err(|error| format!("no connection: {error}"))?,
                come: Vec::new(),
            };
            link.introduce(address).await?;
            Ok(link)
        });
        let late = || Err(format!("no connection within {} s", CONNECT.as_secs()));
        opened.await.unwrap_or_else(|_| late())
    }

    /// Says who we are, and which database is meant.
    async fn introduce(&mut self, address: &Address) -> Result<(), String> {
        let password = address.password.as_ref().map(Secret::expose);
        let user = address.user.as_deref();
        let database = address.database.to_string();
        let mut steps: Vec<Vec<&str>> = Vec::new();
        match (user, password) {
            (Some(user), password) => steps.push(vec!["AUTH", user, password.unwrap_or_default()]),
            (None, Some(password)) => steps.push(vec!["AUTH", password]),
            (None, None) => {}
        }
        if address.database != 0 {
            steps.push(vec!["SELECT", &database]);
        }
        for step in steps {
            let parts: Vec<&[u8]> = step.iter().map(|part| part.as_bytes()).collect();
            let sent = self.stream.write_all(&wire::command(&parts)).await;
            sent.map_err(|error| format!("the connection broke: {error}"))?;
            match self.reply().await? {
                Reply::Error(text) => return Err(format!("it does not let us in: {text}")),
                _ => continue,
            }
        }
        Ok(())
    }

    /// Carries questions and answers until it breaks; gives back one that has not left then.
    async fn carry(
        mut self,
        first: Question,
        questions: &mut mpsc::UnboundedReceiver<Question>,
    ) -> Option<Question> {
        let mut waiting = VecDeque::new();
        if let Err(lost) = self.send(first, &mut waiting).await {
            return give_up(waiting, &lost);
        }
        loop {
            let due = waiting.front().map(|first: &Waiting| first.until);
            tokio::select! {
                biased;
                // What has come, and that there is an end, is seen before anything more is sent.
                reply = self.reply() => match (reply, waiting.pop_front()) {
                    (Ok(reply), Some(first)) => {
                        let stale = is_stale(&reply);
                        let _ = first.reply.send(Ok(reply));
                        if stale {
                            let why = "the server is the copy of another by now".to_owned();
                            return give_up(waiting, &Lost::Broken(why));
                        }
                    }
                    (Ok(_), None) => return None,
                    (Err(why), Some(first)) => {
                        waiting.push_front(first);
                        return give_up(waiting, &Lost::Broken(why));
                    }
                    (Err(_), None) => return None,
                },
                question = questions.recv() => match question {
                    Some(question) if waiting.is_empty() && self.has_ended().await => {
                        return Some(question);
                    }
                    Some(question) => {
                        if let Err(lost) = self.send(question, &mut waiting).await {
                            return give_up(waiting, &lost);
                        }
                    }
                    // Who asked does not wait any more.
                    None => return None,
                },
                () = until(due) => {
                    return give_up(waiting, &late());
                }
            }
        }
    }

    async fn send(
        &mut self,
        question: Question,
        waiting: &mut VecDeque<Waiting>,
    ) -> Result<(), Lost> {
        waiting.push_back(Waiting {
            reply: question.reply,
            until: Instant::now() + ANSWER,
        });
        match timeout(ANSWER, self.stream.write_all(&question.bytes)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Lost::Broken(format!("the connection broke: {error}"))),
            Err(_) => Err(late()),
        }
    }

    /// Whether a connection at rest has broken meanwhile, as far as the system knows: it is asked once more, because what is
    /// sent into a broken connection may have left.
    async fn has_ended(&mut self) -> bool {
        tokio::task::yield_now().await;
        tokio::select! {
            biased;
            // Nothing was asked, so whatever comes is no answer.
            _ = self.reply() => true,
            () = std::future::ready(()) => false,
        }
    }

    /// The next reply. What has come of it stays when this is dropped.
    async fn reply(&mut self) -> Result<Reply, String> {
        loop {
            let found = wire::reply(&self.come);
            match found.map_err(|_| "it does not speak the protocol of Redis".to_owned())? {
                Some((reply, length)) => {
                    self.come.drain(..length);
                    if self.come.is_empty() && self.come.capacity() > KEPT {
                        self.come = Vec::new();
                    }
                    return Ok(reply);
                }
                None => self.come.reserve(ROOM),
            }
            match self.stream.read_buf(&mut self.come).await {
                Ok(0) => return Err("the server closed the connection".to_owned()),
                Ok(_) => {}
                Err(error) => return Err(format!("the connection broke: {error}")),
            }
        }
    }
}

async fn connected(place: &Place) -> io::Result<Box<dyn Wire>> {
    match place {
        Place::Network { host, port } => {
            let stream = TcpStream::connect((host.as_str(), *port)).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream))
        }
        #[cfg(unix)]
        Place::Socket(path) => Ok(Box::new(tokio::net::UnixStream::connect(path).await?)),
        #[cfg(not(unix))]
        Place::Socket(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// A server that has become the copy of another takes no changes; the address may lead to that other one now.
fn is_stale(reply: &Reply) -> bool {
    matches!(reply, Reply::Error(text) if text.starts_with("READONLY"))
}

async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

fn late() -> Lost {
    Lost::Late(format!("no answer within {} s", ANSWER.as_secs()))
}

/// All that left is lost.
fn give_up(waiting: VecDeque<Waiting>, lost: &Lost) -> Option<Question> {
    for one in waiting {
        let _ = one.reply.send(Err(lost.clone()));
    }
    None
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsent(why) => f.write_str(why),
            Self::Broken(why) | Self::Late(why) => {
                write!(f, "{why}; the change may have been made or not")
            }
        }
    }
}
