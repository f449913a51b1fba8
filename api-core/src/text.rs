//! Foreign text made fit to be shown.

use std::time::Duration;

/// One line without control or direction characters, at most `limit` characters long.
pub(crate) fn tidy(text: &str, limit: usize) -> String {
    let mut tidy = String::with_capacity(text.len().min(limit));
    let mut length = 0;
    let mut gap = false;
    for character in text.chars() {
        if character.is_whitespace() || is_invisible(character) {
            gap |= character.is_whitespace();
            continue;
        }
        if length >= limit {
            tidy.push('…');
            break;
        }
        if gap && !tidy.is_empty() {
            tidy.push(' ');
            length += 1;
        }
        gap = false;
        tidy.push(character);
        length += 1;
    }
    tidy
}

fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// A decoder's message without the values that it found: they come from the body.
pub(crate) fn without_values(message: &str) -> String {
    let (found, expected) = match message.split_once(", expected ") {
        Some((found, expected)) => (found, Some(expected)),
        None => (message, None),
    };
    let found = match expected {
        // "invalid type: string \"…\"", "unknown variant `…`": kind of thing, then the value itself.
        Some(_) => found
            .split(['"', '`'])
            .next()
            .unwrap_or_default()
            .trim_end(),
        None => found,
    };
    match expected {
        Some(expected) => {
            // A value may contain the separator; what follows the last one is ours.
            let expected = expected.rsplit(", expected ").next().unwrap_or_default();
            tidy(&format!("{found}, expected {expected}"), 200)
        }
        None => tidy(found, 200),
    }
}

/// Seconds, rounded up: whoever waits so long does not come too early.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// Whether a text is nothing but printable ASCII, line feeds and tabs: what needs no second look by whoever minds what
/// characters a text holds.
///
/// Every text of every answer may pass through here, so whole blocks are looked at, without a branch for each byte.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    const BLOCK: usize = 64;
    let plain = |block: &[u8]| {
        let ordinary = |byte: u8| (0x20..0x7F).contains(&byte) | (byte == b'\n') | (byte == b'\t');
        block.iter().fold(true, |all, byte| all & ordinary(*byte))
    };
    text.as_bytes().chunks(BLOCK).all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tidies() {
        for (text, expected) in [
            ("plain", "plain"),
            ("two\r\n lines\u{0}\u{1b}[31m", "two lines[31m"),
            ("  \u{202e}reversed\t", "reversed"),
            ("é".repeat(600).as_str(), &format!("{}…", "é".repeat(10))),
            ("exactly te", "exactly te"),
            ("", ""),
        ] {
            let limit = if text.len() > 100 { 10 } else { 30 };
            assert_eq!(tidy(text, limit), expected);
        }
        assert_eq!(tidy("exactly te", 10), "exactly te");
    }

    #[test]
    fn decoder_messages_lose_their_values() {
        #[derive(Debug, serde::Deserialize)]
        struct Shape {
            #[serde(rename = "id")]
            _id: u64,
            #[serde(rename = "mood")]
            _mood: Option<Mood>,
        }
        #[derive(Debug, serde::Deserialize)]
        enum Mood {
            Calm,
        }
        assert!(matches!(Mood::Calm, Mood::Calm));
        for (json, expected) in [
            (
                r#"{"id":"hush, expected \" hush"}"#,
                "invalid type: string, expected u64 at line 1 column 30",
            ),
            (
                r#"{"id":-5}"#,
                "invalid value: integer, expected u64 at line 1 column 8",
            ),
            (
                r#"{"id":1,"mood":"hush"}"#,
                "unknown variant, expected `Calm` at line 1 column 21",
            ),
            (r"{}", "missing field `id` at line 1 column 2"),
            ("no", "expected ident at line 1 column 2"),
        ] {
            let error = serde_json::from_str::<Shape>(json).unwrap_err();
            assert_eq!(without_values(&error.to_string()), expected);
        }
    }

    #[test]
    fn seconds_round_up() {
        assert_eq!(whole_seconds(Duration::from_millis(1)), 1);
        assert_eq!(whole_seconds(Duration::from_secs(2)), 2);
    }

    #[test]
    fn plain_is_what_everybody_sees() {
        let long = "a".repeat(200);
        for plain in ["", " ", "~", "a\tb\nc", &long] {
            assert!(is_plain(plain), "{plain:?}");
        }
        for other in [
            "\r",
            "\u{7f}",
            "\0",
            "\u{1b}",
            "é",
            "⟦",
            &format!("{long}\u{202e}"),
        ] {
            assert!(!is_plain(other), "{other:?}");
        }
    }
}
