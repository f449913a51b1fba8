//! Order statistics of samples.

use std::time::Duration;

/// The sample below which a share of all samples lies; `None` without samples.
///
/// The nearest rank is taken, so the answer is always a sample.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let rank = (share * last as f64).round() as usize;
    sorted.get(rank.min(last)).copied()
}

/// What is told of many samples of one thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Summary {
    pub(crate) count: usize,
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) p99: f64,
    pub(crate) most: f64,
}

impl Summary {
    /// The summary of samples in any order; `None` without samples.
    pub(crate) fn of(mut samples: Vec<f64>) -> Option<Self> {
        samples.sort_by(f64::total_cmp);
        Some(Self {
            count: samples.len(),
            least: *samples.first()?,
            median: quantile(&samples, 0.5)?,
            p99: quantile(&samples, 0.99)?,
            most: *samples.last()?,
        })
    }
}

/// The median of samples in any order; `None` without samples.
pub(crate) fn median(samples: Vec<f64>) -> Option<f64> {
    Summary::of(samples).map(|summary| summary.median)
}

/// Microseconds of a duration, with fractions.
pub(crate) fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_does_not_depend_on_the_order() {
        let samples: Vec<f64> = (1..=101).rev().map(f64::from).collect();
        let summary = Summary::of(samples).unwrap();
        assert_eq!(summary.count, 101);
        assert_eq!((summary.least, summary.most), (1.0, 101.0));
        assert_eq!((summary.median, summary.p99), (51.0, 100.0));
    }

    #[test]
    fn nothing_has_no_summary() {
        assert_eq!(Summary::of(Vec::new()), None);
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn one_outlier_moves_the_end_and_not_the_middle() {
        let summary = Summary::of(vec![1.0, 1.0, 1.0, 900.0]).unwrap();
        assert_eq!((summary.median, summary.most), (1.0, 900.0));
    }
}
