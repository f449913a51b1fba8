//! What the client means to do, and everything that happened on the way.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use serde_json::{Value, json};

use super::random::Random;

/// Begins what tells an intent from all others, in the text that it writes; digits follow.
const MARK: &str = "proof-";
/// How many digits.
const DIGITS: usize = 7;
/// Tickets of the demo data that take answers: numbers from this one on.
const FIRST_NUMBER: u64 = 709_371;
const NUMBERS: u64 = 320;
/// Tickets of the demo data that take changes.
const OPEN: [u64; 8] = [58204, 58205, 58206, 58211, 58212, 58214, 58215, 58218];
/// The first of the companies that are made for this, and how many tickets each has.
pub(super) const FIRST_COMPANY: u64 = 20_001;
pub(super) const TICKETS_EACH: usize = 8;
/// Events that are kept of each intent.
const KEPT: usize = 60;

/// What kind of write it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// Tickiti's `create_ticket`, which the back end protects by a key.
    Create,
    /// Tickiti's `respond_to_ticket`, the same.
    Respond,
    /// Envia's `create_ticket`, found again in the list.
    EnviaCreate,
    /// Envia's `update_ticket` with a comment, found again in the ticket.
    EnviaUpdate,
    /// A stock response of Tickiti: no key, and no reader.
    Unreadable,
}

impl Class {
    /// The endpoint where it has its effect.
    pub(super) const fn endpoint(self) -> &'static str {
        match self {
            Self::Create | Self::EnviaCreate => "tickets.create",
            Self::Respond => "tickets.respond",
            Self::EnviaUpdate => "tickets.update",
            Self::Unreadable => "settings.stock_responses.create",
        }
    }

    /// Whether it is Envia's.
    pub(super) const fn is_envia(self) -> bool {
        matches!(self, Self::EnviaCreate | Self::EnviaUpdate)
    }

    /// The value of an answer that no two intents may share.
    pub(super) fn told(self, answer: &Value) -> Option<String> {
        let told = match self {
            Self::Create => answer.get("ticket_number"),
            Self::Respond => answer.get("response_id"),
            Self::EnviaCreate => answer.get("ticket_id"),
            Self::EnviaUpdate => None,
            Self::Unreadable => answer.pointer("/template/id"),
        }?;
        Some(told.to_string())
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "tickiti create_ticket",
            Self::Respond => "tickiti respond_to_ticket",
            Self::EnviaCreate => "envia create_ticket",
            Self::EnviaUpdate => "envia update_ticket",
            Self::Unreadable => "tickiti_call, no reader",
        })
    }
}

/// Where a call was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seat {
    /// One of the processes.
    Process(usize),
    /// Whichever process the load balancer gave the connection from this port.
    Port(u16),
}

/// How an intent ended for its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It was told that it is done.
    Done,
    /// It was told that a person must look, which only [`Class::Unreadable`] may end with.
    Asked,
    /// It gave up.
    GivenUp,
}

impl End {
    /// The same, for people.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Done => "was told that it is done",
            Self::Asked => "was told that a person must look",
            Self::GivenUp => "gave up",
        }
    }
}

/// One write that is meant once.
#[derive(Debug)]
pub(super) struct Intent {
    pub(super) number: usize,
    pub(super) class: Class,
    pub(super) tool: String,
    pub(super) arguments: Value,
    state: Mutex<State>,
}

/// What happened to it.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Requests of it that reached the back end.
    pub(super) arrivals: u64,
    /// Where the last call was sent.
    pub(super) seat: Option<Seat>,
    /// What answers said of the thing that was made.
    pub(super) told: BTreeSet<String>,
    pub(super) end: Option<End>,
    /// Effects in the back end.
    pub(super) effects: u64,
    pub(super) history: Vec<String>,
}

/// Which tools are there, and what they take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surface {
    /// Tools carry the name of their module.
    pub(super) prefixed: bool,
    /// Tickiti's tools alone.
    pub(super) tickiti_alone: bool,
    /// Calls can be named.
    pub(super) named: bool,
}

impl Intent {
    /// The intent of a number; all of it follows from the seed.
    pub(super) fn new(seed: u64, number: usize, surface: Surface) -> Self {
        let mut random = Random::of(seed, [0, u64::try_from(number).unwrap_or_default(), 0]);
        let weights: &[(u64, Class)] = match surface.tickiti_alone {
            true => &[(550, Class::Create), (450, Class::Respond)],
            false => &[
                (300, Class::Create),
                (250, Class::Respond),
                (200, Class::EnviaCreate),
                (170, Class::EnviaUpdate),
                (80, Class::Unreadable),
            ],
        };
        let class = random.weighted(weights).unwrap_or(Class::Create);
        let mark = format!("{MARK}{number:0DIGITS$}");
        let mut arguments = arguments(class, number, &mark, &mut random);
        if surface.named
            && random.chance(500)
            && let Some(arguments) = arguments.as_object_mut()
        {
            let name = json!(format!("name-{mark}"));
            arguments.insert("idempotency_key".to_owned(), name);
        }
        Self {
            number,
            class,
            tool: tool(class, surface),
            arguments,
            state: Mutex::default(),
        }
    }

    /// The number of the intent that a text speaks of.
    pub(super) fn spoken_of(text: &[u8]) -> Option<usize> {
        let mut windows = text.windows(MARK.len());
        let at = windows.position(|window| window == MARK.as_bytes())? + MARK.len();
        let digits = text.get(at..at + DIGITS)?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line to its history.
    pub(super) fn note(&self, began: Instant, what: &str) {
        let mut state = self.state();
        if state.history.len() < KEPT {
            let line = format!("{:8.3} s  {what}", began.elapsed().as_secs_f64());
            state.history.push(line);
        }
    }
}

fn tool(class: Class, surface: Surface) -> String {
    let (module, name) = match class {
        Class::Create => ("tickiti", "create_ticket"),
        Class::Respond => ("tickiti", "respond_to_ticket"),
        Class::EnviaCreate => ("envia", "create_ticket"),
        Class::EnviaUpdate => ("envia", "update_ticket"),
        Class::Unreadable => return "tickiti_call".to_owned(),
    };
    match surface.prefixed {
        true => format!("{module}_{name}"),
        false => name.to_owned(),
    }
}

fn arguments(class: Class, number: usize, mark: &str, random: &mut Random) -> Value {
    match class {
        Class::Create => json!({
            "originator_email_address": "marcus@trailblazers-club.example",
            "subject": format!("Order {mark}"),
            "content": format!("<p>Where is my parcel? {mark}</p>"),
        }),
        Class::Respond => json!({
            "from_email": "agent@shop.example",
            "ticket_number": (FIRST_NUMBER + random.below(NUMBERS)).to_string(),
            "content": format!("<p>It is on its way. {mark}</p>"),
        }),
        Class::EnviaCreate => {
            let company = u64::try_from(number / (TICKETS_EACH * 5)).unwrap_or_default();
            // About a payment: without a tracking number, the back office has no rule of its own against doubles.
            json!({
                "company_id": FIRST_COMPANY + company,
                "type": 9,
                "comments": format!("Pago no reflejado {mark}"),
                "credit_id": 81,
                "variables": {"payment_method_id": 3},
            })
        }
        Class::EnviaUpdate => json!({
            "ticket_id": OPEN.get(random.index(OPEN.len())),
            "comment": format!("Se revisa {mark}"),
        }),
        Class::Unreadable => json!({
            "family": "settings",
            "action": "stock_responses.create",
            "payload": {"identifier": mark, "category": "Proof"},
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_tells_of_its_intent() {
        let surface = Surface {
            prefixed: true,
            tickiti_alone: false,
            named: true,
        };
        let mut classes = BTreeSet::new();
        for number in 0..200 {
            let intent = Intent::new(3, number, surface);
            let text = intent.arguments.to_string();
            assert_eq!(Intent::spoken_of(text.as_bytes()), Some(number), "{text}");
            classes.insert(intent.class);
        }
        assert_eq!(classes.len(), 5);
        assert_eq!(Intent::spoken_of(b"proof-12"), None);
        assert_eq!(Intent::spoken_of(b"{}"), None);
    }
}
