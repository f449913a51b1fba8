//! Texts that say nothing.

use std::ops::RangeInclusive;

/// Characters that show nothing and are no white space: marks of direction, of width and of variation, fillers, tags.
const INVISIBLE: [RangeInclusive<char>; 16] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fffb}',
    '\u{e0000}'..='\u{e0fff}',
];

/// True for a text in which a person sees nothing: it is empty, or has white space, control characters and invisible
/// characters alone.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|found| {
        let invisible = || INVISIBLE.iter().any(|range| range.contains(&found));
        found.is_whitespace() || found.is_control() || invisible()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees() {
        for blank in [
            "",
            " \t\n\u{a0}\u{3000}",
            "\0\u{7f}\u{9f}",
            "\u{ad}\u{34f}\u{61c}\u{1160}\u{17b4}\u{180e}",
            "\u{200b}\u{200d}\u{202e}\u{2060}\u{2066}\u{2800}\u{3164}",
            "\u{fe0f}\u{feff}\u{ffa0}\u{fffb}\u{e0001}\u{e0fff}",
        ] {
            assert!(is_blank(blank), "{blank:?}");
        }
        for text in [".", "\u{200b}a", "ñ", "\u{fffd}", "\u{1F4E6}\u{fe0f}", "0"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }
}
