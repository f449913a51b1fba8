//! A store in a file of SQLite, for the processes of one machine.
//!
//! A thread of its own holds the file, so that nobody who asks is held up by the disk. It starts, and the file is made
//! or opened, with the first question; what fails is told, and tried again with the next one.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use async_trait::async_trait;
use tokio::sync::oneshot;

use self::file::{Failure, File};
use super::{Store, StoreError, Swap};

mod file;

/// Values in a file.
///
/// A change is in the file's log as soon as it is answered: it outlives this process however that ends. A machine that
/// loses its power may lose the changes of the last moments, since waiting for the disk would cost each of them
/// milliseconds; the file stays sound.
pub struct Sqlite {
    path: PathBuf,
    name: Arc<str>,
    /// To the thread, once it runs.
    requests: Mutex<Option<mpsc::Sender<Request>>>,
}

/// Something that the thread is asked.
enum Request {
    Read(String, Reply<Option<Vec<u8>>>),
    Swap(Change, Reply<Swap>),
    Forget(String, Vec<u8>, Reply<bool>),
}

/// A wish to change a value.
struct Change {
    name: String,
    old: Option<Vec<u8>>,
    new: Vec<u8>,
    lives: Duration,
}

type Reply<T> = oneshot::Sender<Result<T, String>>;

impl Sqlite {
    /// The store in this file, which is made when it is missing, and so is its folder. Nothing is opened yet.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            name: path.display().to_string().into(),
            path,
            requests: Mutex::new(None),
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    async fn ask<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.send(request(reply));
        let answer = match sent {
            Ok(()) => answer.await,
            Err(error) => return Err(self.error(format!("no thread can be started: {error}"))),
        };
        let lost = || Err("the answer was lost".to_owned());
        answer
            .unwrap_or_else(|_| lost())
            .map_err(|problem| self.error(problem))
    }

    fn send(&self, request: Request) -> io::Result<()> {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let mut unsent = request;
        if let Some(running) = requests.as_ref() {
            match running.send(unsent) {
                Ok(()) => return Ok(()),
                // The thread is gone, which only a fault of this program can bring about.
                Err(back) => unsent = back.0,
            }
        }
        let (sender, receiver) = mpsc::channel();
        let path = self.path.clone();
        thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || serve(&path, &receiver))?;
        // It waits for this.
        let _ = sender.send(unsent);
        *requests = Some(sender);
        Ok(())
    }

    fn error(&self, problem: String) -> StoreError {
        StoreError {
            store: Arc::clone(&self.name),
            problem,
        }
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sqlite({})", self.name)
    }
}

#[async_trait]
impl Store for Sqlite {
    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let name = name.to_owned();
        self.ask(|reply| Request::Read(name, reply)).await
    }

    async fn swap(
        &self,
        name: &str,
        old: Option<&[u8]>,
        new: &[u8],
        lives: Duration,
    ) -> Result<Swap, StoreError> {
        let change = Change {
            name: name.to_owned(),
            old: old.map(<[u8]>::to_vec),
            new: new.to_vec(),
            lives,
        };
        self.ask(|reply| Request::Swap(change, reply)).await
    }

    async fn forget(&self, name: &str, old: &[u8]) -> Result<bool, StoreError> {
        let (name, old) = (name.to_owned(), old.to_vec());
        self.ask(|reply| Request::Forget(name, old, reply)).await
    }
}

/// Answers until nobody can ask any more.
fn serve(path: &Path, requests: &mpsc::Receiver<Request>) {
    let mut next = None;
    while let Some(first) = next.take().or_else(|| requests.recv().ok()) {
        match File::open(path) {
            Ok(file) => next = with(&file, first, requests),
            Err(failure) => first.refuse(failure),
        }
    }
}

/// Answers until the file has to be opened anew, perhaps for a request that is given back.
fn with(file: &File, first: Request, requests: &mpsc::Receiver<Request>) -> Option<Request> {
    let mut values = match file.values() {
        Ok(values) => values,
        Err(failure) => {
            first.refuse(failure);
            return None;
        }
    };
    let mut request = first;
    loop {
        let sound = match request {
            Request::Read(name, reply) => tell(reply, values.read(&name)),
            Request::Swap(change, reply) => {
                let old = change.old.as_deref();
                let done = values.swap(&change.name, old, &change.new, change.lives);
                tell(reply, done)
            }
            Request::Forget(name, old, reply) => tell(reply, values.forget(&name, &old)),
        };
        if !sound {
            return None;
        }
        values.sweep();
        request = requests.recv().ok()?;
        if !file.is_in_place() {
            // What stands at the path now is what others open.
            return Some(request);
        }
    }
}

/// Gives an answer; false when the file has to be opened anew. Whoever asked may have gone away.
fn tell<T>(reply: Reply<T>, done: Result<T, Failure>) -> bool {
    let sound = done.as_ref().err().is_none_or(Failure::is_passing);
    let _ = reply.send(done.map_err(|failure| failure.to_string()));
    sound
}

impl Request {
    fn refuse(self, failure: Failure) {
        match self {
            Self::Read(_, reply) => tell(reply, Err(failure)),
            Self::Swap(_, reply) => tell(reply, Err(failure)),
            Self::Forget(_, _, reply) => tell(reply, Err(failure)),
        };
    }
}
