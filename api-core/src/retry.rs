//! Whether a call is sent again, and when: a function of facts, without clock, network or dice.

use std::time::Duration;

use crate::endpoint::Effect;

/// How often and how fast a call is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Attempts at most, the first among them. 1 turns repetition off.
    pub attempts: u32,
    /// Longest wait before the second attempt; it doubles with each further one.
    pub base: Duration,
    /// No wait of our own choice is longer. A wait that the back end asks for may be.
    pub cap: Duration,
    /// Whether a write is sent again that the back end answered but did not carry out (425, 429). One that never left is
    /// in any case.
    pub answered_writes: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_millis(400),
            cap: Duration::from_secs(5),
            answered_writes: true,
        }
    }
}

impl RetryPolicy {
    /// A policy that sends each call once.
    #[must_use]
    pub fn never() -> Self {
        Self::default().with_attempts(1)
    }

    /// The same with another number of attempts; 0 means 1.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The same with another first wait and another longest wait.
    #[must_use]
    pub fn with_waits(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }

    /// The same for back ends whose writes must reach them once at most, whatever they answer.
    #[must_use]
    pub fn without_answered_writes(mut self) -> Self {
        self.answered_writes = false;
        self
    }

    /// How long to wait before the next attempt; `None` when there must not be one.
    #[must_use]
    pub fn decide(&self, situation: &Situation) -> Option<Duration> {
        if situation.attempts >= self.attempts || !situation.outcome.may_repeat(situation.effect) {
            return None;
        }
        let answered = matches!(situation.outcome, Outcome::Answered(_));
        if answered && situation.effect.is_write() && !self.answered_writes {
            return None;
        }
        let wait = situation
            .retry_after
            .unwrap_or_else(|| self.back_off(situation.attempts, situation.jitter));
        (wait < situation.left).then_some(wait)
    }

    /// Half of the wait is fixed, half is dice: callers that failed together do not come back together.
    fn back_off(&self, attempts: u32, jitter: f64) -> Duration {
        let doublings = attempts.saturating_sub(1).min(31);
        let whole = self.base.saturating_mul(1 << doublings).min(self.cap);
        let half = whole / 2;
        let jitter = if jitter.is_nan() {
            0.0
        } else {
            jitter.clamp(0.0, 1.0)
        };
        half.saturating_add(half.mul_f64(jitter))
    }
}

/// What [`RetryPolicy::decide`] looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Situation {
    /// What the call does.
    pub effect: Effect,
    /// How the last attempt ended.
    pub outcome: Outcome,
    /// Attempts made so far, at least 1.
    pub attempts: u32,
    /// How long the back end asked to wait.
    pub retry_after: Option<Duration>,
    /// Time left until the deadline.
    pub left: Duration,
    /// A number from 0 to 1 that differs from call to call.
    pub jitter: f64,
}

/// How an attempt ended that brought no success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing of the request left: refused, unknown name, TLS refused, connect timeout.
    NotSent,
    /// The request began to leave and no whole answer came back.
    MaybeSent,
    /// An answer with this status came back.
    Answered(u16),
}

impl Outcome {
    /// True when the request may have been carried out although the caller got no success.
    ///
    /// A server error says nothing about how far the work got; 408 is said by gateways about their own back ends as
    /// well. Every other refusal comes before the work.
    #[must_use]
    pub const fn may_have_applied(self) -> bool {
        match self {
            Self::NotSent => false,
            Self::MaybeSent => true,
            Self::Answered(status) => status == 408 || status >= 500,
        }
    }

    /// True when trying again has a chance and does no harm.
    ///
    /// 429 counts as "not carried out" (inferred: throttling stands before the work), 425 by its definition. 500 is not
    /// repeated: a crash repeats itself.
    fn may_repeat(self, effect: Effect) -> bool {
        let transient = match self {
            Self::NotSent | Self::MaybeSent => true,
            Self::Answered(status) => matches!(status, 408 | 425 | 429 | 502 | 503 | 504),
        };
        transient && (effect.is_repeatable() || !self.may_have_applied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Repeat;

    const READ: Effect = Effect::Read;
    const KEYED: Effect = Effect::Write(Repeat::Keyed);
    const NATURAL: Effect = Effect::Write(Repeat::Natural);
    const NEVER: Effect = Effect::Write(Repeat::Never);
    const LEFT: Duration = Duration::from_secs(10);

    fn situation(effect: Effect, outcome: Outcome) -> Situation {
        Situation {
            effect,
            outcome,
            attempts: 1,
            retry_after: None,
            left: LEFT,
            jitter: 0.5,
        }
    }

    fn again(effect: Effect, outcome: Outcome) -> bool {
        RetryPolicy::default()
            .decide(&situation(effect, outcome))
            .is_some()
    }

    #[test]
    fn repeats_by_effect_and_outcome() {
        use Outcome::{Answered, MaybeSent, NotSent};
        // Outcome; whether it is repeated for a call that may be sent twice, and for one that may not.
        let table = [
            (NotSent, true, true),
            (MaybeSent, true, false),
            (Answered(301), false, false),
            (Answered(400), false, false),
            (Answered(401), false, false),
            (Answered(403), false, false),
            (Answered(404), false, false),
            (Answered(408), true, false),
            (Answered(409), false, false),
            (Answered(413), false, false),
            (Answered(422), false, false),
            (Answered(425), true, true),
            (Answered(429), true, true),
            (Answered(500), false, false),
            (Answered(501), false, false),
            (Answered(502), true, false),
            (Answered(503), true, false),
            (Answered(504), true, false),
        ];
        for (outcome, repeatable, never) in table {
            for effect in [READ, KEYED, NATURAL] {
                assert_eq!(again(effect, outcome), repeatable, "{effect:?} {outcome:?}");
            }
            assert_eq!(again(NEVER, outcome), never, "{outcome:?}");
        }
    }

    #[test]
    fn nothing_that_may_have_applied_is_repeated_for_a_never_write() {
        let answers = (100..600).map(Outcome::Answered);
        for outcome in answers.chain([Outcome::NotSent, Outcome::MaybeSent]) {
            if again(NEVER, outcome) {
                assert!(!outcome.may_have_applied(), "{outcome:?}");
            }
        }
    }

    #[test]
    fn a_back_end_may_want_its_writes_once_whatever_it_answers() {
        let policy = RetryPolicy::default().without_answered_writes();
        for (outcome, read, write) in [
            (Outcome::Answered(429), true, false),
            (Outcome::Answered(425), true, false),
            (Outcome::NotSent, true, true),
        ] {
            let again = |effect| policy.decide(&situation(effect, outcome)).is_some();
            assert_eq!(again(READ), read, "{outcome:?}");
            for effect in [KEYED, NATURAL, NEVER] {
                assert_eq!(again(effect), write, "{effect:?} {outcome:?}");
            }
        }
    }

    #[test]
    fn stops_at_the_limit() {
        let policy = RetryPolicy::default().with_attempts(3);
        let mut now = situation(READ, Outcome::NotSent);
        for (attempts, expected) in [(1, true), (2, true), (3, false), (u32::MAX, false)] {
            now.attempts = attempts;
            assert_eq!(policy.decide(&now).is_some(), expected, "{attempts}");
        }
        now.attempts = 1;
        assert_eq!(RetryPolicy::never().decide(&now), None);
    }

    #[test]
    fn backs_off_with_jitter_up_to_the_cap() {
        let policy = RetryPolicy::default()
            .with_attempts(u32::MAX)
            .with_waits(Duration::from_millis(400), Duration::from_secs(2));
        let mut now = situation(READ, Outcome::MaybeSent);
        for (attempts, jitter, expected) in [
            (1, 0.0, 200),
            (1, 1.0, 400),
            (1, f64::NAN, 200),
            (1, 7.0, 400),
            (2, 0.0, 400),
            (2, 0.5, 600),
            (3, 1.0, 1600),
            (4, 1.0, 2000),
            (40, 1.0, 2000),
        ] {
            now.attempts = attempts;
            now.jitter = jitter;
            let wait = policy.decide(&now).unwrap();
            assert_eq!(wait.as_millis(), expected, "{attempts} {jitter}");
        }
    }

    #[test]
    fn obeys_retry_after_when_it_fits() {
        let policy = RetryPolicy::default();
        let mut now = situation(NEVER, Outcome::Answered(429));
        for (seconds, fits) in [(0, true), (9, true), (10, false), (3600, false)] {
            now.retry_after = Some(Duration::from_secs(seconds));
            assert_eq!(
                policy.decide(&now),
                now.retry_after.filter(|_| fits),
                "{seconds}"
            );
        }
    }

    #[test]
    fn does_not_wait_past_the_deadline() {
        let mut now = situation(READ, Outcome::NotSent);
        now.left = Duration::from_millis(100);
        assert_eq!(RetryPolicy::default().decide(&now), None);
    }
}
