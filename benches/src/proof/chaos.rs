//! What goes wrong on the way from the server to the back ends, and how often it did.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Instant,
};

use sandbox::tickiti::{Arrival, Fault, FaultKind};
use tokio::sync::mpsc;

use super::{
    intent::{Intent, Seat},
    random::Random,
};

/// After so many requests of one intent the way is clear.
const ARRIVALS: u64 = 8;
/// Longest delay of a request whose client still waits, and of one whose client is gone, in milliseconds.
const DELAY_MS: u64 = 600;
/// Less than what the servers are told to reckon with.
const LATE_MS: u64 = 1000;
/// How long a request is held while its process is killed.
const HELD_MS: u64 = 40;

/// Something that goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    DropBefore,
    DropAfter,
    Late,
    Delay,
    StallBefore,
    StallAfter,
    StallBody,
    GatewayBefore,
    GatewayAfter,
    Cut,
    KillBefore,
    KillAfter,
    KillThenLate,
}

/// For writes, in a thousand.
const OF_WRITES: [(u64, Trouble); 13] = [
    (50, Trouble::DropBefore),
    (70, Trouble::DropAfter),
    (50, Trouble::Late),
    (50, Trouble::Delay),
    (12, Trouble::StallBefore),
    (12, Trouble::StallAfter),
    (10, Trouble::StallBody),
    (25, Trouble::GatewayBefore),
    (30, Trouble::GatewayAfter),
    (30, Trouble::Cut),
    (4, Trouble::KillBefore),
    (5, Trouble::KillAfter),
    (3, Trouble::KillThenLate),
];

/// For the reads by which a lost write is looked for.
const OF_READS: [(u64, Trouble); 4] = [
    (20, Trouble::DropBefore),
    (20, Trouble::Delay),
    (20, Trouble::GatewayBefore),
    (20, Trouble::Cut),
];

impl Trouble {
    const fn name(self) -> &'static str {
        match self {
            Self::DropBefore => "connection dropped before the effect",
            Self::DropAfter => "connection dropped after the effect",
            Self::Late => "connection dropped, the effect came later",
            Self::Delay => "delayed",
            Self::StallBefore => "stalled before the effect",
            Self::StallAfter => "stalled after the effect",
            Self::StallBody => "stalled within the answer",
            Self::GatewayBefore => "502 before the effect",
            Self::GatewayAfter => "504 after the effect",
            Self::Cut => "answer cut off",
            Self::KillBefore => "killed before the effect",
            Self::KillAfter => "killed after the effect",
            Self::KillThenLate => "killed, the effect came later",
        }
    }

    const fn kills(self) -> bool {
        matches!(
            self,
            Self::KillBefore | Self::KillAfter | Self::KillThenLate
        )
    }

    fn faults(self, random: &mut Random) -> Vec<Fault> {
        let fault = |kind| Fault::on("*", kind);
        let fault = match self {
            Self::DropBefore => fault(FaultKind::DropBeforeEffect),
            Self::DropAfter => fault(FaultKind::DropAfterEffect),
            Self::Late | Self::KillThenLate => {
                let ms = HELD_MS + random.below(LATE_MS - HELD_MS);
                fault(FaultKind::LateEffect { ms })
            }
            Self::Delay => {
                let ms = random.below(DELAY_MS);
                fault(FaultKind::Delay { ms })
            }
            Self::StallBefore => fault(FaultKind::StallHeaders),
            Self::StallAfter => fault(FaultKind::StallHeaders).after_effect(),
            Self::StallBody => fault(FaultKind::StallBody),
            Self::GatewayBefore => fault(FaultKind::Html { status: 502 }),
            Self::GatewayAfter => fault(FaultKind::Html { status: 504 }).after_effect(),
            Self::Cut => fault(FaultKind::TruncatedBody),
            Self::KillBefore => fault(FaultKind::Delay { ms: HELD_MS }),
            Self::KillAfter => fault(FaultKind::Delay { ms: HELD_MS }).after_effect(),
        };
        vec![fault]
    }
}

/// Chooses what goes wrong with each request, and counts it.
#[derive(Debug)]
pub(super) struct Chaos {
    seed: u64,
    began: Instant,
    intents: Arc<[Intent]>,
    counts: Mutex<BTreeMap<&'static str, u64>>,
    reads: AtomicU64,
    /// Intents that have not ended.
    left: AtomicUsize,
    over: AtomicBool,
    kills: mpsc::UnboundedSender<Seat>,
}

impl Chaos {
    pub(super) fn new(
        seed: u64,
        began: Instant,
        intents: Arc<[Intent]>,
        kills: mpsc::UnboundedSender<Seat>,
    ) -> Self {
        Self {
            seed,
            began,
            left: AtomicUsize::new(intents.len()),
            intents,
            counts: Mutex::default(),
            reads: AtomicU64::new(0),
            over: AtomicBool::new(false),
            kills,
        }
    }

    /// Nothing goes wrong any more.
    pub(super) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// An intent has ended.
    pub(super) fn ended(&self) {
        self.left.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many have not.
    pub(super) fn left(&self) -> usize {
        self.left.load(Ordering::Relaxed)
    }

    /// Counts something that went wrong.
    pub(super) fn count(&self, what: &'static str) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(what).or_default() += 1;
    }

    /// What went wrong how often.
    pub(super) fn counts(&self) -> BTreeMap<&'static str, u64> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.clone()
    }

    /// What goes wrong with a request to a back end.
    pub(super) fn choose(&self, arrival: &Arrival<'_>, envia: bool) -> Vec<Fault> {
        if self.is_over() {
            return Vec::new();
        }
        let endpoint = arrival.endpoint.unwrap_or_default();
        let spoken_of = Intent::spoken_of(arrival.body).and_then(|number| self.intents.get(number));
        let written = spoken_of.filter(|intent| {
            (intent.class.endpoint(), intent.class.is_envia()) == (endpoint, envia)
        });
        match written {
            Some(intent) => self.of_write(intent),
            None if envia && matches!(endpoint, "tickets.list" | "tickets.show") => self.of_read(),
            None => Vec::new(),
        }
    }

    fn of_write(&self, intent: &Intent) -> Vec<Fault> {
        let (arrival, seat) = {
            let mut state = intent.state();
            state.arrivals += 1;
            (state.arrivals, state.seat)
        };
        let number = u64::try_from(intent.number).unwrap_or_default();
        let mut random = Random::of(self.seed, [1, number, arrival]);
        let trouble = random.weighted(&OF_WRITES);
        let Some(trouble) = trouble.filter(|_| arrival <= ARRIVALS) else {
            intent.note(self.began, "a request reached the back end");
            return Vec::new();
        };
        let line = format!("a request reached the back end: {}", trouble.name());
        intent.note(self.began, &line);
        self.count(trouble.name());
        if let Some(seat) = seat.filter(|_| trouble.kills()) {
            // When nobody listens, the run is over.
            let _ = self.kills.send(seat);
        }
        trouble.faults(&mut random)
    }

    fn of_read(&self) -> Vec<Fault> {
        let number = self.reads.fetch_add(1, Ordering::Relaxed);
        let mut random = Random::of(self.seed, [2, number, 0]);
        let Some(trouble) = random.weighted(&OF_READS) else {
            return Vec::new();
        };
        self.count(match trouble {
            Trouble::Delay => "a read delayed",
            _ => "a read failed",
        });
        trouble.faults(&mut random)
    }
}
