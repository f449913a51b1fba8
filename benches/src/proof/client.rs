//! A patient client: it repeats a call until it is told that it is done.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::time::sleep;

use super::{
    chaos::Chaos,
    fleet::{Fleet, Reply},
    intent::{Class, End, Intent},
    random::Random,
};
use crate::wire::Line;

/// How long the client waits for one answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it tries altogether.
const LIMIT: Duration = Duration::from_secs(150);
/// Calls in which the client itself misbehaves: the first ones.
const ODD_CALLS: u64 = 4;
/// Longest text of an answer in a history.
const SHOWN: usize = 240;
/// Begins, in what the server says of a write that nobody can find out about, what only a person can decide.
const FOR_A_PERSON: &str = "If it did not happen";

/// What clients did and were told, in all.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) calls: Cell<u64>,
    pub(super) replays: Cell<u64>,
    pub(super) found: Cell<u64>,
    pub(super) failures: Cell<u64>,
    /// Answers that tell of another thing than an answer to the same call before.
    pub(super) contradictions: Cell<u64>,
}

/// One client at work on one intent.
pub(super) struct Client<'a> {
    pub(super) seed: u64,
    pub(super) began: Instant,
    pub(super) fleet: &'a Fleet,
    pub(super) chaos: &'a Chaos,
    pub(super) tally: &'a Tally,
}

/// What an answer means for the client.
#[derive(Debug)]
enum Told {
    Done,
    /// To try again, not before this time has passed.
    Again(Duration),
    /// Only a person can decide.
    Ask,
}

impl Client<'_> {
    /// Calls until it is done, and sometimes once more after that.
    pub(super) async fn pursue(&self, intent: &Intent) {
        let line = Line::call(&intent.tool, &intent.arguments);
        let begun = Instant::now();
        let mut call = 0;
        let end = loop {
            call += 1;
            let mut random = self.random(intent, call);
            match self.try_once(intent, &line, call, &mut random).await {
                Told::Done => break End::Done,
                Told::Ask => break End::Asked,
                Told::Again(_) if begun.elapsed() > LIMIT => break End::GivenUp,
                Told::Again(after) => sleep(after + random.millis(20, 250)).await,
            }
        };
        intent.state().end = Some(end);
        intent.note(self.began, &format!("the client {}", end.words()));
        if end == End::Done {
            self.repeat_late(intent, &line).await;
        }
        self.chaos.ended();
    }

    fn random(&self, intent: &Intent, call: u64) -> Random {
        let number = u64::try_from(intent.number).unwrap_or_default();
        Random::of(self.seed, [3, number, call])
    }

    /// One call, or the same twice at once, or one that is given up early.
    async fn try_once(&self, intent: &Intent, line: &Line, call: u64, random: &mut Random) -> Told {
        let place = random.index(self.fleet.len());
        if call <= ODD_CALLS && random.chance(120) {
            self.chaos.count("calls doubled");
            let other = random.index(self.fleet.len());
            let pause = random.millis(0, 40);
            let later = async {
                sleep(pause).await;
                self.call(intent, line, other, PATIENCE).await
            };
            let both = futures_util::future::join(self.call(intent, line, place, PATIENCE), later);
            return match both.await {
                (Told::Done, _) | (_, Told::Done) => Told::Done,
                (Told::Ask, _) | (_, Told::Ask) => Told::Ask,
                (Told::Again(one), Told::Again(other)) => Told::Again(one.max(other)),
            };
        }
        let patience = match call <= ODD_CALLS && random.chance(100) {
            true => random.millis(1, 300),
            false => PATIENCE,
        };
        self.call(intent, line, place, patience).await
    }

    /// The same call again after a success, perhaps while others are at work: it must not do anything.
    async fn repeat_late(&self, intent: &Intent, line: &Line) {
        let mut random = self.random(intent, 0);
        if !random.chance(300) {
            return;
        }
        sleep(random.millis(0, 2000)).await;
        self.chaos.count("calls repeated after their success");
        let place = random.index(self.fleet.len());
        self.call(intent, line, place, PATIENCE).await;
    }

    async fn call(&self, intent: &Intent, line: &Line, place: usize, patience: Duration) -> Told {
        add(&self.tally.calls);
        let reply = self
            .fleet
            .call(place, line, patience, |seat| {
                intent.state().seat = Some(seat);
                intent.note(self.began, &format!("sent to {seat:?}"));
            })
            .await;
        match reply {
            Reply::Result(result) => self.told(intent, &result),
            Reply::Refused(text) => {
                add(&self.tally.failures);
                self.note(intent, "refused", &text);
                Told::Again(Duration::from_millis(100))
            }
            Reply::Lost => {
                self.chaos.count("connections of clients lost");
                self.note(intent, "the connection was lost", "");
                Told::Again(Duration::ZERO)
            }
            Reply::GivenUp => {
                self.chaos.count("calls given up by the client");
                self.note(intent, "given up by the client", "");
                Told::Again(Duration::ZERO)
            }
            Reply::Nobody => Told::Again(Duration::from_millis(50)),
        }
    }

    fn told(&self, intent: &Intent, result: &Value) -> Told {
        let text = text_of(result);
        if result.get("isError") == Some(&Value::Bool(true)) {
            add(&self.tally.failures);
            self.note(intent, "failed", text);
            if intent.class == Class::Unreadable && text.contains(FOR_A_PERSON) {
                return Told::Ask;
            }
            return Told::Again(asked_to_wait(text));
        }
        let parsed;
        let answer = match result.get("structuredContent") {
            Some(answer) => answer,
            None => {
                parsed = serde_json::from_str(text).unwrap_or_default();
                &parsed
            }
        };
        for (mark, count) in [
            ("replayed", &self.tally.replays),
            ("found_applied", &self.tally.found),
        ] {
            if answer.get(mark) == Some(&Value::Bool(true)) {
                add(count);
            }
        }
        self.note(intent, "done", &answer.to_string());
        if let Some(told) = intent.class.told(answer) {
            let mut state = intent.state();
            if state.told.insert(told) && state.told.len() > 1 {
                add(&self.tally.contradictions);
            }
        }
        Told::Done
    }

    fn note(&self, intent: &Intent, what: &str, text: &str) {
        let shown: String = text.chars().take(SHOWN).collect();
        intent.note(self.began, &format!("{what} {}", shown.replace('\n', " ")));
    }
}

fn add(count: &Cell<u64>) {
    count.set(count.get() + 1);
}

/// The text of a result.
fn text_of(result: &Value) -> &str {
    let text = result.pointer("/content/0/text");
    text.and_then(Value::as_str).unwrap_or_default()
}

/// The time that an answer asks to wait for.
fn asked_to_wait(text: &str) -> Duration {
    let mut words = text.split_whitespace().rev();
    let mut unit = words.next().unwrap_or_default();
    for word in words {
        if unit.trim_end_matches(['.', ',']) == "s"
            && let Ok(seconds) = word.parse()
        {
            return Duration::from_secs(seconds).min(Duration::from_secs(10));
        }
        unit = word;
    }
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_wait_is_found_in_a_text() {
        let text = "nothing was sent again. Call again with the same arguments in 2 s";
        assert_eq!(asked_to_wait(text), Duration::from_secs(2));
        assert_eq!(asked_to_wait("an upstream failure"), Duration::ZERO);
    }
}
