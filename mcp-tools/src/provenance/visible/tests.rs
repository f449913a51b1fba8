use super::*;
use crate::provenance::tests::Random;

/// Everything that must be written out, wherever it stands alone.
const HIDDEN: &[char] = &[
    '\0',
    '\u{7}',
    '\u{8}',
    '\u{B}',
    '\u{C}',
    '\r',
    '\u{1B}',
    '\u{7F}',
    '\u{80}',
    '\u{85}',
    '\u{9B}',
    '\u{9F}',
    '\u{AD}',
    '\u{34F}',
    '\u{61C}',
    '\u{115F}',
    '\u{1160}',
    '\u{17B4}',
    '\u{180B}',
    '\u{180E}',
    '\u{200B}',
    '\u{200C}',
    '\u{200D}',
    '\u{200E}',
    '\u{200F}',
    '\u{2028}',
    '\u{2029}',
    '\u{202A}',
    '\u{202B}',
    '\u{202C}',
    '\u{202D}',
    '\u{202E}',
    '\u{2060}',
    '\u{2061}',
    '\u{2064}',
    '\u{2066}',
    '\u{2067}',
    '\u{2068}',
    '\u{2069}',
    '\u{206A}',
    '\u{206F}',
    '\u{27E6}',
    '\u{2800}',
    '\u{3164}',
    '\u{FE00}',
    '\u{FE0E}',
    '\u{FE0F}',
    '\u{FEFF}',
    '\u{FFA0}',
    '\u{FFF9}',
    '\u{FFFB}',
    '\u{13430}',
    '\u{1BCA0}',
    '\u{1D173}',
    '\u{E0000}',
    '\u{E0001}',
    '\u{E0041}',
    '\u{E007F}',
    '\u{E0100}',
    '\u{E01EF}',
    '\u{E0FFF}',
];

#[test]
fn what_is_hidden_is_written_out() {
    for &character in HIDDEN {
        let number = format!("{OPEN}U+{:04X}{CLOSE}", u32::from(character));
        assert_eq!(visible(&format!("a{character}b")), format!("a{number}b"));
        assert_eq!(visible(&character.to_string()), number);
        assert_eq!(original(&format!("a{number}b")), format!("a{character}b"));
    }
}

#[test]
fn what_everybody_writes_stays() {
    for text in [
        "",
        "Where is my parcel?",
        "two\nlines\tand a tab",
        "mail\r\nhas these\r\n",
        "¿Dónde está mi envío? Año, señal, Überraschung, naïve",
        "日本語のメール、空白　もある",
        "привет שלום مرحبا",
        "₹ € £ ½ « » … – — “quotes” ’",
        "no\u{A0}break",
        "❤️ ☎️ 👍🏽 👩‍💻 👨‍👩‍👧 🏳️‍🌈 1️⃣ #️⃣",
        "e\u{301}",
        "U+202E",
        "⟧ alone",
    ] {
        assert!(
            matches!(visible(text), Cow::Borrowed(_)),
            "{text}: {}",
            visible(text)
        );
        assert_eq!(original(text), text);
    }
}

#[test]
fn what_looks_like_an_emoji_hides_nothing() {
    for (text, shown) in [
        ("a\u{FE0F}", "a⟦U+FE0F⟧"),
        ("1\u{FE0F}2", "1⟦U+FE0F⟧2"),
        ("❤\u{FE0F}\u{FE0F}", "❤\u{FE0F}⟦U+FE0F⟧"),
        ("❤\u{FE0E}", "❤⟦U+FE0E⟧"),
        ("👍\u{200D}x", "👍⟦U+200D⟧x"),
        ("x\u{200D}👍", "x⟦U+200D⟧👍"),
        ("👍\u{E0100}", "👍⟦U+E0100⟧"),
        ("a\r", "a⟦U+000D⟧"),
        ("a\r\r\n", "a⟦U+000D⟧\r\n"),
        ("🏴\u{E0067}\u{E007F}", "🏴⟦U+E0067⟧⟦U+E007F⟧"),
    ] {
        assert_eq!(visible(text), shown);
        assert_eq!(original(shown), text);
    }
}

#[test]
fn a_text_that_knows_the_notation_is_told_apart() {
    for (text, shown) in [
        ("⟦U+202E⟧", "⟦U+27E6⟧U+202E⟧"),
        ("⟦U+27E6⟧U+202E⟧", "⟦U+27E6⟧U+27E6⟧U+202E⟧"),
        ("⟦⟦\u{202E}", "⟦U+27E6⟧⟦U+27E6⟧⟦U+202E⟧"),
        ("⟧⟦", "⟧⟦U+27E6⟧"),
    ] {
        assert_eq!(visible(text), shown);
        assert_eq!(original(shown), text);
    }
}

#[test]
fn what_is_no_notation_stays() {
    for text in [
        "⟦",
        "⟦U+",
        "⟦U+⟧",
        "⟦U+ZZ⟧",
        "⟦U+D800⟧",
        "⟦U+110000⟧",
        "⟦202E⟧",
        "⟦U+202E",
    ] {
        assert_eq!(original(text), text);
    }
}

#[test]
fn any_text_comes_back_and_nothing_hidden_is_left() {
    let mut random = Random::new(0x7E57);
    for _ in 0..20_000 {
        let text = random.text(HIDDEN);
        let shown = visible(&text);
        assert_eq!(original(&shown), text, "{text:?}");
        let mut before = None;
        let mut rest = shown.chars();
        while let Some(character) = rest.next() {
            if character == OPEN {
                assert!(
                    written_out(rest.as_str()).is_some(),
                    "{text:?} became {shown:?}"
                );
            } else {
                let plain = !is_hidden(character) || is_in_order(before, character, rest.as_str());
                assert!(plain, "{text:?} became {shown:?}");
            }
            before = Some(character);
        }
    }
}
