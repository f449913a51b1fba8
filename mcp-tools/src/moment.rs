//! Times as back ends write them.

/// Microseconds since 1970 of `YYYY-MM-DD HH:MM[:SS[.ffffff]]`, with a `T` or a blank between, and `Z` or an offset behind
/// it; without one it is read as UTC. A date alone is its first moment.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let days = days(date)?;
    let micros = time.map_or(Some(0), of_day)?;
    days.checked_mul(86_400_000_000)?.checked_add(micros)
}

/// Whether a time says which zone it is of.
pub(crate) fn has_zone(text: &str) -> bool {
    let time = text.trim().split_once([' ', 'T']).map(|(_, time)| time);
    time.is_some_and(|time| time.contains(['Z', '+', '-']))
}

/// Days since 1970 of a date of the civil calendar, in eras of 400 years that begin in March.
fn days(date: &str) -> Option<i64> {
    let mut parts = date.splitn(3, '-').map(number);
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// Microseconds of a day, in UTC.
fn of_day(time: &str) -> Option<i64> {
    let (clock, behind) = match time.find(['Z', '+', '-']) {
        Some(at) => (time.get(..at)?, offset(time.get(at..)?)?),
        None => (time, 0),
    };
    let mut parts = clock.trim().splitn(3, ':');
    let (hour, minute) = (number(parts.next()?)?, number(parts.next()?)?);
    let (second, micros) = match parts.next() {
        Some(seconds) => match seconds.split_once('.') {
            Some((second, fraction)) => (number(second)?, micros(fraction)?),
            None => (number(seconds)?, 0),
        },
        None => (0, 0),
    };
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some((hour * 3_600 + minute * 60 + second - behind) * 1_000_000 + micros)
}

/// Seconds of `Z`, `+02:00`, `+0200` or `+02`.
fn offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("Z", "") => return Some(0),
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits = digits.replace(':', "");
    let (hours, minutes) = match digits.len() {
        2 => (number(&digits)?, 0),
        4 => (number(digits.get(..2)?)?, number(digits.get(2..)?)?),
        _ => return None,
    };
    Some(sign * (hours * 3_600 + minutes * 60))
}

fn micros(fraction: &str) -> Option<i64> {
    let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
    number(&digits)
}

fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, expected) in [
            ("1970-01-01 00:00:00", Some(0)),
            ("2026-02-03 10:15:00", Some(1_770_113_700_000_000)),
            ("2026-02-03T10:15:00Z", Some(1_770_113_700_000_000)),
            ("2026-02-03T11:15:00+01:00", Some(1_770_113_700_000_000)),
            (
                "2026-02-03T04:15:00.000002-0600",
                Some(1_770_113_700_000_002),
            ),
            ("2026-02-03 10:15", Some(1_770_113_700_000_000)),
            ("2000-02-29 23:59:59", Some(951_868_799_000_000)),
            ("2026-02-03", Some(1_770_076_800_000_000)),
            ("", None),
            ("yesterday", None),
            ("2026-13-01", None),
            ("2026-02-03 25:00", None),
            ("2026-02-03T10:15:00+1", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn zones_are_seen() {
        for (text, expected) in [
            ("2026-02-03 10:15:00", false),
            ("2026-02-03", false),
            ("2026-02-03T10:15:00Z", true),
            ("2026-02-03T10:15:00-06:00", true),
        ] {
            assert_eq!(has_zone(text), expected, "{text}");
        }
    }
}
