//! Patterns and formats, checked with words that say what is expected.

/// A pattern, its check, and what it expects in words.
type Pattern = (&'static str, fn(&str) -> bool, &'static str);

/// The patterns of our request types.
pub(super) const PATTERNS: &[Pattern] = &[
    ("^[0-9]+$", digits, "must consist of digits only"),
    (
        "^[0-9a-fA-F]{64}$",
        |text| hex(text, 64),
        "must be a SHA-256 as 64 hex digits",
    ),
    (
        "^#[0-9a-fA-F]{6}$",
        |text| text.strip_prefix('#').is_some_and(|rest| hex(rest, 6)),
        "must be a colour as #rrggbb",
    ),
    (
        "^(system|[0-9]+)$",
        |text| text == "system" || digits(text),
        "must be `system` or an id of digits",
    ),
    (
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?$",
        is_date_time,
        "must be a day as YYYY-MM-DD or a time as YYYY-MM-DD HH:MM:SS",
    ),
];

/// The formats of our request types.
pub(super) const FORMATS: &[&str] = &["date", "date-time", "email", "binary"];

pub(super) fn pattern_problem(pattern: &str, text: &str) -> Option<&'static str> {
    let (_, fits, problem) = PATTERNS.iter().find(|(known, ..)| *known == pattern)?;
    (!fits(text)).then_some(*problem)
}

pub(super) fn format_problem(format: &str, text: &str) -> Option<&'static str> {
    match format {
        "date" if !is_date(text) => Some("must be a calendar date as YYYY-MM-DD"),
        "date-time" if !is_date_time(text) => {
            Some("must be a date as YYYY-MM-DD or a time as YYYY-MM-DD HH:MM:SS")
        }
        "email" if !is_email(text) => Some("must be one e-mail address"),
        _ => None,
    }
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    if year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return false;
    }
    let number = |part: &str| part.parse::<u32>().ok().filter(|_| digits(part));
    let (Some(year), Some(month), Some(day)) = (number(year), number(month), number(day)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
}

fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once([' ', 'T']) else {
        return is_date(text);
    };
    let mut parts = time.split(':');
    let mut within = |below: u32| {
        let part = parts.next().filter(|part| part.len() == 2 && digits(part));
        part.and_then(|part| part.parse::<u32>().ok())
            .is_some_and(|number| number < below)
    };
    let fits = within(24) && within(60) && within(60);
    is_date(date) && fits && parts.next().is_none()
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let clean = |part: &str| {
        !part.is_empty()
            && !part.chars().any(|c| {
                c.is_whitespace() || c.is_control() || matches!(c, '@' | ',' | ';' | '<' | '>')
            })
    };
    clean(local)
        && clean(domain)
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !domain.contains("..")
}
