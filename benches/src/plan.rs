//! How much is measured.

/// Numbers of repetitions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Starts of each process.
    pub(crate) starts: usize,
    /// Rounds of sequential calls; every subject has one batch in each.
    pub(crate) rounds: usize,
    /// Calls of a batch.
    pub(crate) batch: usize,
    /// Rounds of concurrent calls.
    pub(crate) flood_rounds: usize,
    /// Calls of one round of concurrent calls.
    pub(crate) flood: usize,
    /// Calls before a process is measured.
    pub(crate) warm_up: usize,
}

/// Calls that are unanswered at the same time, where calls are concurrent.
pub(crate) const IN_FLIGHT: usize = 32;
/// Concurrent calls before memory is looked at again.
pub(crate) const MEMORY_CALLS: usize = 10_000;

impl Plan {
    /// Enough for figures that hold still.
    pub(crate) const FULL: Self = Self {
        starts: 60,
        rounds: 40,
        batch: 150,
        flood_rounds: 12,
        flood: 3_000,
        warm_up: 500,
    };

    /// Enough to see that budgets are kept.
    pub(crate) const QUICK: Self = Self {
        starts: 20,
        rounds: 12,
        batch: 100,
        flood_rounds: 5,
        flood: 1_500,
        warm_up: 200,
    };
}
