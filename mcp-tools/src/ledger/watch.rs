//! Whether somebody else is still at it.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::{
    Intent,
    record::{Record, since},
    words,
};
use crate::{context::Context, error::ToolError};

/// Pauses between two looks at a record.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);
/// A record that gave no sign for so many silences is dead at the first look; the clocks of two machines never differ
/// so much.
const SILENCES: u32 = 10;
/// What must be left of the caller's time to wait on.
const LEAST_LEFT: Duration = Duration::from_millis(300);

/// Watches the signs of life of a record's holder, by this process's own clock.
#[derive(Debug)]
pub(super) struct Watch {
    silence: Duration,
    seen: Option<(Uuid, u64, Instant)>,
    pause: Duration,
}

impl Watch {
    pub(super) const fn new(silence: Duration) -> Self {
        Self {
            silence,
            seen: None,
            pause: FIRST_PAUSE,
        }
    }

    pub(super) fn is_alive(&mut self, record: &Record) -> bool {
        if since(record.beat_ms) > self.silence.saturating_mul(SILENCES) {
            return false;
        }
        match self.seen {
            Some((turn, beat, when)) if (turn, beat) == (record.turn, record.beat) => {
                when.elapsed() < self.silence
            }
            _ => {
                self.seen = Some((record.turn, record.beat, Instant::now()));
                true
            }
        }
    }

    /// Waits until another look is worth it.
    pub(super) async fn pause(
        &mut self,
        intent: &Intent,
        context: &Context,
    ) -> Result<(), ToolError> {
        if context.time_left().is_some_and(|left| left < LEAST_LEFT) {
            return Err(words::still_running(intent));
        }
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}
