//! The back ends: doubles in this process, over real HTTP.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use sandbox::{
    envia::Envia,
    tickiti::{LogEntry, Tickiti},
};
use tokio::{task::JoinHandle, time::sleep};

use super::{
    chaos::Chaos,
    intent::{Class, FIRST_COMPANY, Intent, TICKETS_EACH},
};
use crate::{Outcome, sandbox::TOKEN};

/// Requests that are remembered: more than there will be.
const REMEMBERED: usize = 4_000_000;
/// How often the doubles' clocks are set.
const TICK: Duration = Duration::from_millis(250);
/// Token of Envia's double.
const BOT: &str = "sandbox-bot";

/// Both doubles, with a clock that goes.
#[derive(Debug)]
pub(super) struct World {
    tickiti: Tickiti,
    envia: Arc<Envia>,
    /// Tickets before anything was done.
    before: (usize, usize),
    clock: JoinHandle<()>,
}

impl World {
    pub(super) async fn start(intents: usize) -> Outcome<Self> {
        let tickiti = Tickiti::builder().whole_log().log_capacity(REMEMBERED);
        let tickiti = tickiti.start().await?;
        let envia = Envia::builder().clock(now()).log_capacity(REMEMBERED);
        let envia = Arc::new(envia.start().await?);
        for number in 0..=intents / (TICKETS_EACH * 5) {
            let id = FIRST_COMPANY + u64::try_from(number)?;
            envia.put_company(id, &format!("Empresa {id}"));
        }
        let clock = tokio::spawn(go(Arc::clone(&envia)));
        Ok(Self {
            before: (tickiti.ticket_count(), envia.ticket_count()),
            tickiti,
            envia,
            clock,
        })
    }

    /// The settings by which a server reaches them.
    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("TICKITI_API_BASE", self.tickiti.base_url()),
            ("TICKITI_API_TOKEN", TOKEN.to_owned()),
            ("BACKEND_URL", self.envia.base_url()),
            ("BACKEND_BOT_AI_TOKEN", BOT.to_owned()),
        ]
    }

    /// From now on, things go wrong.
    pub(super) fn suffer(&self, chaos: &Arc<Chaos>) {
        let of_tickiti = Arc::clone(chaos);
        self.tickiti
            .choose_faults(move |arrival| of_tickiti.choose(arrival, false));
        let of_envia = Arc::clone(chaos);
        self.envia
            .choose_faults(move |arrival| of_envia.choose(arrival, true));
    }

    /// Counts the effects of all intents. Returns how many requests were recognised as repeats.
    pub(super) fn count(&self, intents: &[Intent]) -> u64 {
        let mut replayed = 0;
        for (entries, envia) in [(self.tickiti.log(), false), (self.envia.log(), true)] {
            for entry in &entries {
                let Some(intent) = spoken_of(entry, intents, envia) else {
                    continue;
                };
                if entry.replayed {
                    replayed += 1;
                } else if entry.executed {
                    intent.state().effects += 1;
                }
            }
        }
        replayed
    }

    /// How far the tickets that are there differ from the effects that were counted.
    pub(super) fn miscounted(&self, intents: &[Intent]) -> u64 {
        let counted = |class| {
            let of_class = intents.iter().filter(|intent| intent.class == class);
            of_class.map(|intent| intent.state().effects).sum::<u64>()
        };
        let made = |now: usize, before: usize| {
            u64::try_from(now.saturating_sub(before)).unwrap_or(u64::MAX)
        };
        let (tickiti, envia) = self.before;
        made(self.tickiti.ticket_count(), tickiti).abs_diff(counted(Class::Create))
            + made(self.envia.ticket_count(), envia).abs_diff(counted(Class::EnviaCreate))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.clock.abort();
    }
}

/// The intent that a logged request wrote for.
fn spoken_of<'a>(entry: &LogEntry, intents: &'a [Intent], envia: bool) -> Option<&'a Intent> {
    let body = entry.body.as_ref()?.to_string();
    let intent = intents.get(Intent::spoken_of(body.as_bytes())?)?;
    let written = (intent.class.endpoint(), intent.class.is_envia());
    (Some(written) == entry.endpoint.as_deref().map(|endpoint| (endpoint, envia))).then_some(intent)
}

/// Records are told apart by their times, so the back office's clock goes with ours.
async fn go(envia: Arc<Envia>) {
    loop {
        envia.set_clock(now());
        sleep(TICK).await;
    }
}

fn now() -> i64 {
    let age = SystemTime::now().duration_since(UNIX_EPOCH);
    age.map_or(0, |age| i64::try_from(age.as_secs()).unwrap_or_default())
}
