//! The nearest valid word to a misspelt one.

/// The known word closest to what was said, when it is close enough to be what was meant.
///
/// Case, `-` and `_` do not count; a word that contains the other as a whole counts as near.
#[must_use]
pub fn nearest<'a>(said: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const ENOUGH: f64 = 0.82;
    /// No name is longer, and likeness costs the product of both lengths.
    const LONGEST: usize = 100;
    if said.len() > LONGEST {
        return None;
    }
    let said = fold(said);
    let mut best: Option<(f64, &str)> = None;
    for word in known {
        let folded = fold(word);
        let contained = said.len() >= 4
            && folded.len() >= 4
            && (folded.contains(&said) || said.contains(&folded));
        let likeness = strsim::jaro_winkler(&said, &folded).max(if contained { 0.9 } else { 0.0 });
        if likeness >= ENOUGH && best.is_none_or(|(likest, _)| likeness > likest) {
            best = Some((likeness, word));
        }
    }
    best.map(|(_, word)| word)
}

fn fold(word: &str) -> String {
    word.chars()
        .filter(|c| !matches!(c, '-' | '_' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}
