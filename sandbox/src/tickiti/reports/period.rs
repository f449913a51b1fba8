//! Days, weeks and months as buckets of a report.

use crate::tickiti::clock::{DAY, civil_from_days, date, days_from_civil};

/// Length of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grouping {
    Day,
    Week,
    Month,
}

impl Grouping {
    /// The grouping of a `group_by` value.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "day" => Some(Self::Day),
            "week" => Some(Self::Week),
            "month" => Some(Self::Month),
            _ => None,
        }
    }

    /// First day of the bucket that a day falls into, in days since 1970-01-01.
    pub(super) fn start(self, day: i64) -> i64 {
        match self {
            Self::Day => day,
            Self::Week => day - weekday(day),
            Self::Month => {
                let (year, month, _) = civil_from_days(day);
                days_from_civil(year, month, 1)
            }
        }
    }

    /// First day of the next bucket.
    pub(super) fn next(self, start: i64) -> i64 {
        match self {
            Self::Day => start + 1,
            Self::Week => start + 7,
            // The longest month has 31 days and the shortest two have 59.
            Self::Month => self.start(start + 31),
        }
    }

    /// Name of the bucket: `2026-05-01`, the ISO week `2026-W18`, or `2026-05`.
    pub(super) fn label(self, day: i64) -> String {
        let text = date(day * DAY);
        match self {
            Self::Day => text,
            Self::Week => {
                // A week belongs to the year that its Thursday is in.
                let thursday = day - weekday(day) + 3;
                let (year, _, _) = civil_from_days(thursday);
                let week = (thursday - days_from_civil(year, 1, 1)) / 7 + 1;
                format!("{year}-W{week:02}")
            }
            Self::Month => text.chars().take(7).collect(),
        }
    }
}

/// Days since Monday; 1970-01-01 was a Thursday.
fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

#[cfg(test)]
mod tests {
    use super::Grouping::{Day, Month, Week};
    use crate::tickiti::clock::parse_date;

    #[test]
    fn buckets_are_named_by_day_iso_week_and_month() {
        let cases = [
            ("2026-05-01", "2026-W18", "2026-05"),
            ("2026-01-01", "2026-W01", "2026-01"),
            ("2027-01-01", "2026-W53", "2027-01"),
            ("2024-12-30", "2025-W01", "2024-12"),
        ];
        for (day, week, month) in cases {
            let days = parse_date(day).unwrap();
            assert_eq!(Day.label(days), day);
            assert_eq!(Week.label(days), week);
            assert_eq!(Month.label(days), month);
        }
    }

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        for grouping in [Day, Week, Month] {
            let mut start = grouping.start(parse_date("2024-01-15").unwrap());
            for _ in 0..30 {
                let next = grouping.next(start);
                assert_eq!(grouping.start(next), next);
                assert_eq!(grouping.start(next - 1), start);
                start = next;
            }
        }
    }
}
