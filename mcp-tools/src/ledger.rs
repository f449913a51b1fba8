//! A write happens once: what was begun is on record before it leaves, and the same call again finds what became of it.
//!
//! Tools need not know of it. The registry sends every call through here whose effect would otherwise happen twice when
//! the call is made twice; reads, and writes that leave the same state, pass by.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    sync::Arc,
    time::{Duration, SystemTime},
};

use api_core::{Effect, Repeat};
use tokio::time::sleep;

use crate::{
    context::Context,
    error::{ErrorKind, ToolError},
    store::{Store, Swap},
    tool::JsonObject,
};

mod intent;
mod record;
mod watch;
mod words;

pub(crate) use self::intent::hex;

pub use self::words::with_way_out;
pub(crate) use self::{intent::Intent, words::properties};
use self::{
    record::{Held, Record, State},
    watch::Watch,
};

/// How often a record that others change at the same time is tried to be closed.
const TRIES: usize = 5;

/// Remembers writes in a [`Store`], for one caller. Cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    store: Arc<dyn Store>,
    scope: Arc<str>,
    pace: Pace,
}

/// The times by which a ledger works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How often a running write gives a sign of life.
    pub beat: Duration,
    /// After this time without one, whoever ran it is taken for dead. Several times [`Self::beat`].
    pub silence: Duration,
    /// How long a write that nobody named is answered from its record.
    pub window: Duration,
    /// The same for one that the caller named, and how long an unknown outcome is remembered.
    pub named_window: Duration,
    /// How long a request whose answer was lost may still be on its way: until then, that its effect is not found does
    /// not mean that there is none.
    pub settle: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            beat: Duration::from_secs(2),
            silence: Duration::from_secs(6),
            window: Duration::from_secs(10 * 60),
            named_window: Duration::from_secs(24 * 60 * 60),
            settle: Duration::from_secs(60),
        }
    }
}

/// What a tool finds out, by reading, about a write of its own whose outcome is unknown.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// It happened; this is the answer that was lost, as far as it can be had.
    Applied(JsonObject),
    /// There is no trace of it, so far.
    Absent,
    /// Reading cannot tell; this is how a person can.
    Unclear(String),
}

/// The tool's side of one call: how its write is made, and how it is looked for.
pub(crate) trait Act: Sync {
    /// Makes the write under a key; `again` when an earlier attempt may have been made under it.
    fn act(
        &self,
        key: &str,
        again: bool,
    ) -> impl Future<Output = Result<JsonObject, ToolError>> + Send;

    /// Looks for the effect of a write that was begun at a time.
    fn look(&self, begun: SystemTime) -> impl Future<Output = Result<Found, ToolError>> + Send;
}

/// What the record of an intent asks for.
enum Next {
    /// To act.
    Act(Held),
    /// To find out first what became of it.
    Settle(Held),
    /// To give its answer again.
    Replay(Record),
}

impl Ledger {
    /// A ledger for one caller. Entries of one scope are never seen in another.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, scope: impl Into<Arc<str>>) -> Self {
        Self {
            store,
            scope: scope.into(),
            pace: Pace::default(),
        }
    }

    /// The same with other times.
    #[must_use]
    pub fn with_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// The same for a part of what it was for, such as one of several callers.
    #[must_use]
    pub fn within(mut self, part: &str) -> Self {
        self.scope = format!("{}:{}{part}", part.len(), self.scope).into();
        self
    }

    /// True when calls of this effect are kept on record.
    #[must_use]
    pub const fn keeps(effect: Effect) -> bool {
        matches!(effect, Effect::Write(Repeat::Keyed | Repeat::Never))
    }

    /// Makes a write once. When the same intent was made before, its answer is given again; when it runs, it is waited
    /// for; when its outcome is unknown, that is found out first.
    pub(crate) async fn run(
        &self,
        intent: &Intent,
        context: &Context,
        act: &impl Act,
    ) -> Result<JsonObject, ToolError> {
        let place = intent.place(&self.scope);
        match self.next(&place, intent, context).await? {
            Next::Act(held) => self.make(&place, intent, held, act).await,
            Next::Settle(held) if intent.effect.is_keyed() => {
                self.make(&place, intent, held, act).await
            }
            Next::Settle(held) => self.settle(&place, intent, held, act).await,
            Next::Replay(record) => words::replay(intent, record),
        }
    }

    /// Puts the intent on record, or finds what its record asks for.
    async fn next(
        &self,
        place: &str,
        intent: &Intent,
        context: &Context,
    ) -> Result<Next, ToolError> {
        let mut watch = Watch::new(self.pace.silence);
        let mut new = Held::new(Record::of(intent));
        let mut old: Option<Vec<u8>> = None;
        loop {
            let lives = self.pace.named_window;
            let swap = self.store.swap(place, old.as_deref(), &new.bytes, lives);
            let found = match swap.await.map_err(|error| words::not_begun(&error))? {
                Swap::Done if new.record.doubt => return Ok(Next::Settle(new)),
                Swap::Done => return Ok(Next::Act(new)),
                Swap::Other(found) => found,
            };
            (new, old) = (Held::new(Record::of(intent)), None);
            let Some(found) = found else {
                // It was there a moment ago, and is not any more.
                continue;
            };
            let record = Record::read(&found).ok_or_else(words::unreadable)?;
            if record.arguments != intent.arguments {
                return Err(words::other_arguments(intent));
            }
            match record.state {
                State::Applied { .. } => return Ok(Next::Replay(record)),
                State::Running if watch.is_alive(&record) => watch.pause(intent, context).await?,
                State::Running | State::Unknown => {
                    (new, old) = (Held::new(record.taken_over()), Some(found));
                }
            }
        }
    }

    /// Makes the write, and puts on record what came of it.
    async fn make(
        &self,
        place: &str,
        intent: &Intent,
        held: Held,
        act: &impl Act,
    ) -> Result<JsonObject, ToolError> {
        let made = act.act(&held.record.key, held.record.doubt);
        let outcome = self.alive(place, &held, true, made).await;
        let outcome = outcome.map_err(words::with_way_out);
        match &outcome {
            Ok(answer) => self.applied(place, intent, held, answer).await,
            Err(error) if leaves_doubt(error, held.record.doubt) => {
                self.unknown(place, held, true).await;
            }
            Err(_) => self.forget(place, held).await,
        }
        outcome
    }

    /// Finds out what became of a write that no key protects, and makes it if there is no trace of it.
    async fn settle(
        &self,
        place: &str,
        intent: &Intent,
        held: Held,
        act: &impl Act,
    ) -> Result<JsonObject, ToolError> {
        let look = act.look(held.record.begun());
        let error = match self.alive(place, &held, false, look).await {
            Ok(Found::Applied(mut answer)) => {
                words::mark_found(&mut answer);
                self.applied(place, intent, held, &answer).await;
                return Ok(answer);
            }
            Ok(Found::Absent) => match held.record.unsettled(self.pace.settle) {
                None => {
                    let held = self.renewed(place, held).await?;
                    return self.make(place, intent, held, act).await;
                }
                Some(wait) => words::not_settled(intent, wait),
            },
            Ok(Found::Unclear(how)) => words::unclear(intent, &held.record, &how),
            Err(error) => words::not_looked(intent, &error),
        };
        self.unknown(place, held, false).await;
        Err(error)
    }

    /// Drives a future while the record gives signs of life. When that is given up, the outcome is unknown.
    async fn alive<T>(
        &self,
        place: &str,
        held: &Held,
        acting: bool,
        future: impl Future<Output = T>,
    ) -> T {
        let mut guard = GivenUp(Some((self, place, held, acting)));
        let beats = self.beats(place, held.clone(), acting);
        let done = tokio::select! {
            biased;
            done = future => done,
            never = beats => match never {},
        };
        guard.0 = None;
        done
    }

    async fn beats(&self, place: &str, mut held: Held, acting: bool) -> Infallible {
        loop {
            sleep(self.pace.beat).await;
            let next = Held::new(held.record.clone().beaten(acting));
            let lives = self.pace.named_window;
            let swap = self
                .store
                .swap(place, Some(&held.bytes), &next.bytes, lives);
            match swap.await {
                Ok(Swap::Done) => held = next,
                Ok(Swap::Other(_)) => {
                    tracing::warn!("a write that runs was taken over by another process");
                    std::future::pending::<()>().await;
                }
                Err(error) => tracing::warn!(%error, "a running write could give no sign of life"),
            }
        }
    }

    /// The record of a write that is made again, because there is no trace of it.
    async fn renewed(&self, place: &str, held: Held) -> Result<Held, ToolError> {
        let mut next = Held::new(held.record.beaten(true));
        let lives = self.pace.named_window;
        let swap = self
            .store
            .swap(place, Some(&held.bytes), &next.bytes, lives);
        match swap.await.map_err(|error| words::not_begun(&error))? {
            Swap::Done => {
                next.record.doubt = false;
                Ok(next)
            }
            Swap::Other(_) => Err(words::taken_over()),
        }
    }

    async fn applied(&self, place: &str, intent: &Intent, held: Held, answer: &JsonObject) {
        let lives = match intent.name {
            Some(_) => self.pace.named_window,
            None => self.pace.window,
        };
        let kept = (!intent.secret_answer).then_some(answer);
        let record = held.record.clone().applied(kept);
        self.close(place, held, Some((record, lives))).await;
    }

    async fn unknown(&self, place: &str, held: Held, acted: bool) {
        let record = held.record.clone().unknown(acted);
        let lives = self.pace.named_window;
        self.close(place, held, Some((record, lives))).await;
    }

    async fn forget(&self, place: &str, held: Held) {
        self.close(place, held, None).await;
    }

    /// The last word on a record that this call holds. It cannot fail the call: what happened has happened, and an open
    /// record is looked into by whoever comes next.
    async fn close(&self, place: &str, held: Held, last: Option<(Record, Duration)>) {
        let mut old = held.bytes;
        let new = last.map(|(record, lives)| (Held::new(record), lives));
        for _ in 0..TRIES {
            let closed = match &new {
                Some((new, lives)) => self.store.swap(place, Some(&old), &new.bytes, *lives).await,
                None => self.store.forget(place, &old).await.map(|gone| match gone {
                    true => Swap::Done,
                    false => Swap::Other(None),
                }),
            };
            let found = match closed {
                Ok(Swap::Done) => return,
                Ok(Swap::Other(Some(found))) => Some(found),
                Ok(Swap::Other(None)) => self.store.read(place).await.ok().flatten(),
                Err(error) => {
                    tracing::warn!(%error, "the outcome of a write could not be put on record");
                    return;
                }
            };
            // A sign of life changed it meanwhile; anything else is not ours to change.
            match found {
                Some(found)
                    if Record::read(&found)
                        .is_some_and(|record| record.turn == held.record.turn) =>
                {
                    old = found;
                }
                _ => break,
            }
        }
        tracing::warn!("the record of a write was changed by another process meanwhile");
    }
}

/// Whether a write that failed may have happened. A repeat under the same key that the back end refused for its values
/// says that the first did not arrive; any other failure of a repeat says nothing of the first.
fn leaves_doubt(error: &ToolError, doubt: bool) -> bool {
    match error.kind() {
        ErrorKind::Unknown | ErrorKind::Internal => true,
        ErrorKind::Refused => false,
        _ => doubt,
    }
}

/// Closes the record of a call that is dropped while it runs: whoever repeats it need not wait for signs of life.
struct GivenUp<'a>(Option<(&'a Ledger, &'a str, &'a Held, bool)>);

impl Drop for GivenUp<'_> {
    fn drop(&mut self) {
        let Some((ledger, place, held, acted)) = self.0.take() else {
            return;
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (ledger, place, held) = (ledger.clone(), place.to_owned(), held.clone());
            runtime.spawn(async move { ledger.unknown(&place, held, acted).await });
        }
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
