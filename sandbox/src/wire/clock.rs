//! Civil dates in UTC: the few lines that the double needs of a calendar.

/// Seconds of one day.
pub(crate) const DAY: i64 = 86_400;

/// Days since 1970-01-01 of a civil date.
pub(crate) fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    // Counted from 1 March of year 0, so that the leap day ends a year.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_index = i64::from((month + 9) % 12);
    let day_of_year = (153 * month_index + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a number of days since 1970-01-01.
pub(crate) fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = u32::try_from(day_of_year - (153 * month_index + 2) / 5 + 1).unwrap_or(1);
    let month = u32::try_from((month_index + 2) % 12 + 1).unwrap_or(1);
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Days since 1970-01-01 of a real date in the form `YYYY-MM-DD`.
pub(crate) fn parse_date(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        let part = text.get(range)?;
        part.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| part.parse().ok())?
    };
    let (year, month, day) = (i64::from(number(0..4)?), number(5..7)?, number(8..10)?);
    let days = days_from_civil(year, month, day);
    (civil_from_days(days) == (year, month, day)).then_some(days)
}

/// Seconds since the epoch of `YYYY-MM-DD HH:MM:SS` (a `T` and an offset of zero are taken too).
pub(crate) fn parse_wall_clock(text: &str) -> Option<i64> {
    let text = text
        .strip_suffix("+00:00")
        .or_else(|| text.strip_suffix('Z'))
        .unwrap_or(text);
    let days = parse_date(text.get(..10)?)?;
    let rest = text.get(10..)?;
    let time = rest.strip_prefix(' ').or_else(|| rest.strip_prefix('T'))?;
    let mut parts = time.split(':').map(|part| {
        let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<i64>().ok()).flatten()
    });
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let real = parts.next().is_none() && hours < 24 && minutes < 60 && seconds < 60;
    real.then_some(days * DAY + hours * 3_600 + minutes * 60 + seconds)
}

/// `YYYY-MM-DD` of a time in seconds since the epoch.
pub(crate) fn date(seconds: i64) -> String {
    let (year, month, day) = civil_from_days(seconds.div_euclid(DAY));
    format!("{year:04}-{month:02}-{day:02}")
}

/// `YYYY-MM-DD HH:MM:SS`, the stored form.
pub(crate) fn wall_clock(seconds: i64) -> String {
    join(seconds, ' ', "")
}

/// ISO 8601 with the offset `+00:00`, the form of the ticket reads.
pub(crate) fn iso(seconds: i64) -> String {
    join(seconds, 'T', "+00:00")
}

fn join(seconds: i64, separator: char, offset: &str) -> String {
    let (year, month, day) = civil_from_days(seconds.div_euclid(DAY));
    let time = seconds.rem_euclid(DAY);
    let (hours, minutes, rest) = (time / 3_600, time / 60 % 60, time % 60);
    format!("{year:04}-{month:02}-{day:02}{separator}{hours:02}:{minutes:02}:{rest:02}{offset}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_survive_the_way_there_and_back() {
        for days in [-800_000, -1, 0, 59, 60, 20_619, 800_000] {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
        assert_eq!(iso(1_781_524_800), "2026-06-15T12:00:00+00:00");
        assert_eq!(wall_clock(1_781_524_800), "2026-06-15 12:00:00");
        assert_eq!(date(0), "1970-01-01");
    }

    #[test]
    fn only_real_dates_parse() {
        assert_eq!(parse_date("2024-02-29"), Some(19_782));
        for wrong in [
            "2025-02-29",
            "2025-13-01",
            "2025-00-10",
            "25-01-01",
            "2025-1-01",
            "2025-01-+1",
        ] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn wall_clocks_parse_in_their_printed_forms() {
        for text in [
            "2026-06-15 12:00:00",
            "2026-06-15T12:00:00+00:00",
            "2026-06-15T12:00:00Z",
        ] {
            assert_eq!(parse_wall_clock(text), Some(1_781_524_800), "{text}");
        }
        for wrong in ["2026-06-15", "2026-06-15 25:00:00", "2026-06-15 12:00", "x"] {
            assert_eq!(parse_wall_clock(wrong), None, "{wrong}");
        }
    }
}
