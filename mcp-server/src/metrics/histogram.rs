//! How long calls took.

use std::{iter::zip, time::Duration};

use super::text::Page;

/// Upper ends of the buckets, in milliseconds and as they are told, in seconds.
const BUCKETS: [(u64, &str); 14] = [
    (5, "0.005"),
    (10, "0.01"),
    (25, "0.025"),
    (50, "0.05"),
    (100, "0.1"),
    (250, "0.25"),
    (500, "0.5"),
    (1_000, "1"),
    (2_500, "2.5"),
    (5_000, "5"),
    (10_000, "10"),
    (30_000, "30"),
    (60_000, "60"),
    (120_000, "120"),
];

/// Times by size.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    /// Times up to the end of each bucket that did not fit the one before.
    buckets: [u64; BUCKETS.len()],
    count: u64,
    sum: Duration,
}

impl Histogram {
    pub(super) fn add(&mut self, took: Duration) {
        let ends = zip(BUCKETS, &mut self.buckets);
        let mut fitting = ends.filter(|((end, _), _)| took <= Duration::from_millis(*end));
        if let Some((_, bucket)) = fitting.next() {
            *bucket += 1;
        }
        self.count += 1;
        self.sum = self.sum.saturating_add(took);
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        for (bucket, more) in zip(&mut self.buckets, &other.buckets) {
            *bucket += more;
        }
        self.count += other.count;
        self.sum = self.sum.saturating_add(other.sum);
    }

    pub(super) fn tell(&self, page: &mut Page, labels: &[(&str, &str)]) {
        let mut upto = 0;
        for ((_, end), bucket) in zip(BUCKETS, &self.buckets) {
            upto += bucket;
            page.part("_bucket", labels, Some(("le", end)), upto);
        }
        page.part("_bucket", labels, Some(("le", "+Inf")), self.count);
        page.part("_sum", labels, None, self.sum.as_secs_f64());
        page.part("_count", labels, None, self.count);
    }
}
