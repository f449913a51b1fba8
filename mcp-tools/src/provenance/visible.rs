//! Characters that a reader does not see, or that change what is seen around them, written out.
//!
//! U+202E becomes `⟦U+202E⟧`. The bracket `⟦` itself becomes `⟦U+27E6⟧`, so that in the result it begins nothing but this
//! notation, whatever the text said before; [`original`] takes it back.

use std::{borrow::Cow, fmt::Write as _};

use api_core::text::is_plain;

/// Begins a character that is written out.
const OPEN: char = '\u{27E6}';
/// Ends it.
const CLOSE: char = '\u{27E7}';
const VARIATION_16: char = '\u{FE0F}';
const JOINER: char = '\u{200D}';
const KEYCAP: char = '\u{20E3}';

/// A text with everything hidden in it written out.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let Some(first) = first_hidden(text) else {
        return Cow::Borrowed(text);
    };
    let (plain, rest) = text.split_at(first);
    let mut shown = String::with_capacity(text.len() + 64);
    shown.push_str(plain);
    let mut before = plain.chars().next_back();
    let mut rest = rest.chars();
    while let Some(character) = rest.next() {
        if is_hidden(character) && !is_in_order(before, character, rest.as_str()) {
            // Writing to a string cannot fail.
            let _ = write!(shown, "{OPEN}U+{:04X}{CLOSE}", u32::from(character));
        } else {
            shown.push(character);
        }
        before = Some(character);
    }
    Cow::Owned(shown)
}

/// The text that [`visible`] was given. What is no notation of its stays as it is.
#[must_use]
pub fn original(shown: &str) -> Cow<'_, str> {
    if !shown.contains(OPEN) {
        return Cow::Borrowed(shown);
    }
    let mut text = String::with_capacity(shown.len());
    let mut rest = shown;
    while let Some((plain, after)) = rest.split_once(OPEN) {
        text.push_str(plain);
        rest = match written_out(after) {
            Some((character, after)) => {
                text.push(character);
                after
            }
            None => {
                text.push(OPEN);
                after
            }
        };
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The character of `U+202E⟧…`, and what follows it.
fn written_out(text: &str) -> Option<(char, &str)> {
    let (number, after) = text.strip_prefix("U+")?.split_once(CLOSE)?;
    let character = char::from_u32(u32::from_str_radix(number, 16).ok()?)?;
    Some((character, after))
}

/// Where the first character is that must be written out. Nearly all texts have none, and are only looked through.
fn first_hidden(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = text.as_bytes().get(at..)?;
        at += rest.iter().position(|byte| is_suspicious(*byte))?;
        // Such a byte is the first of a character.
        let rest = text.get(at..)?;
        let character = rest.chars().next()?;
        let end = at + character.len_utf8();
        if is_hidden(character) {
            let before = text.get(..at)?.chars().next_back();
            if !is_in_order(before, character, text.get(end..)?) {
                return Some(at);
            }
        }
        at = end;
    }
}

/// Whether a byte may be the first of a hidden character.
const fn is_suspicious(byte: u8) -> bool {
    matches!(byte,
        0..=8 | 11..=31 | 0x7F | 0xC2 | 0xCD | 0xD8 | 0xE1..=0xE3 | 0xEF | 0xF0 | 0xF3)
}

/// Controls, direction marks, what has no width, selectors of variants, tags, and separators of lines that are none.
fn is_hidden(character: char) -> bool {
    match character {
        '\n' | '\t' | ' '..='~' => false,
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{AD}' | OPEN => true,
        '\u{A0}'..='\u{34E}' => false,
        '\u{34F}'
        | '\u{61C}'
        | '\u{115F}'..='\u{1160}'
        | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}'
        | '\u{13430}'..='\u{13455}'
        | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}' => true,
        _ => false,
    }
}

/// Whether a hidden character stands where everybody writes it: the end of a line in mail, and inside an emoji.
fn is_in_order(before: Option<char>, character: char, after: &str) -> bool {
    let next = after.chars().next();
    let emoji = |character: Option<char>| character.is_some_and(is_emoji);
    match character {
        '\r' => next == Some('\n'),
        VARIATION_16 => {
            let key = before.is_some_and(|key| key.is_ascii_digit() || key == '#' || key == '*');
            emoji(before) || (key && next == Some(KEYCAP))
        }
        JOINER => (emoji(before) || before == Some(VARIATION_16)) && emoji(next),
        _ => false,
    }
}

/// Characters that are drawn as pictures, roughly: a character too many lets a lone selector pass, nothing else.
fn is_emoji(character: char) -> bool {
    matches!(character,
        '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2190}'..='\u{21FF}' | '\u{2300}'..='\u{23FF}' | '\u{24C2}' | '\u{25A0}'..='\u{27BF}'
        | '\u{2934}'..='\u{2935}' | '\u{2B00}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}'
        | '\u{1F000}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests;
