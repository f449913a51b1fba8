//! An address and the token that belongs to it.

use std::borrow::Cow;

use api_core::SetupError;

use super::reader::Reader;

/// Longest name that a message shows whole, in bytes.
const SHOWN_WHOLE: usize = 40;
/// How much it shows of others, in characters.
const SHOWN_PART: usize = 12;
/// Some editors put it before the text.
pub(super) const BOM: char = '\u{feff}';

/// The variables of a pair.
pub(super) struct Names {
    pub(super) base: &'static str,
    pub(super) token: &'static str,
    pub(super) token_file: &'static str,
    /// Accepts plain HTTP.
    pub(super) allow_http: &'static str,
    /// An address as it should look.
    pub(super) example: &'static str,
}

/// Address and token, and where they were set.
pub(super) struct Pair<'a> {
    pub(super) base: Option<&'a str>,
    pub(super) base_place: String,
    pub(super) token: Option<Cow<'a, str>>,
    pub(super) token_place: String,
}

/// Why no client can be built.
pub(super) enum Refusal {
    /// The address or a setting.
    Setup(SetupError),
    /// Anything else, in words.
    Other(String),
}

impl Names {
    /// Whether one of the pair is set.
    pub(super) fn is_set(&self, reader: &Reader<'_>) -> bool {
        let mut names = [self.base, self.token, self.token_file].into_iter();
        names.any(|name| reader.value(name).is_some())
    }

    /// The pair of plain variables; what is missing is a mistake.
    pub(super) fn read<'a>(&self, reader: &mut Reader<'a>) -> Pair<'a> {
        let (base, token, token_file) = (self.base, self.token, self.token_file);
        let address = reader.value(base);
        if address.is_none() {
            reader.mistake(format!(
                "{base} is missing: a token is set, but not the address it belongs to"
            ));
        }
        let mut token_place = token.to_owned();
        let value = match (reader.value(token), reader.value(token_file)) {
            (Some(_), Some(_)) => {
                reader.mistake(format!("{token} and {token_file} are both set; keep one"));
                None
            }
            (Some(value), None) => Some(Cow::Borrowed(value)),
            (None, Some(path)) => {
                token_place = format!("the file that {token_file} names");
                in_file(reader, path, &token_place).map(Cow::Owned)
            }
            (None, None) => {
                reader.mistake(format!(
                    "{token} (or {token_file}) is missing: {base} is set, but not its token"
                ));
                None
            }
        };
        Pair {
            base: address,
            base_place: base.to_owned(),
            token: value,
            token_place,
        }
    }
}

/// The path is not shown: it may be the token itself, put into the wrong variable.
pub(super) fn in_file(reader: &mut Reader<'_>, path: &str, place: &str) -> Option<String> {
    match reader.file(path) {
        Ok(text) => {
            let token = text.trim_start_matches(BOM).trim();
            if token.is_empty() {
                reader.mistake(format!("{place} is empty"));
            }
            (!token.is_empty()).then(|| token.to_owned())
        }
        Err(error) => {
            reader.mistake(format!("{place} cannot be read: {error}"));
            None
        }
    }
}

impl Pair<'_> {
    /// The client of the pair. Address and token are judged apart, so that a mistake in one does not hide one in the
    /// other. No value is shown: a token easily ends up in the wrong variable.
    pub(super) fn client<C>(
        &self,
        reader: &mut Reader<'_>,
        names: &Names,
        build: impl Fn(&str, &str) -> Result<C, Refusal>,
    ) -> Option<C> {
        if let Some(base) = self.base
            && let Err(refusal) = build(base, "t")
        {
            let place = &self.base_place;
            reader.mistake(match refusal {
                Refusal::Setup(SetupError::PlainHttp { .. }) => format!(
                    "{place} would send the token in clear; use https://, or set {}=1 to accept that",
                    names.allow_http
                ),
                Refusal::Setup(SetupError::Base(problem)) => {
                    format!("{place} {problem}; an example is {}", names.example)
                }
                Refusal::Setup(other) => format!("{place}: {other}"),
                Refusal::Other(text) => format!("{place}: {text}"),
            });
        }
        if let Some(token) = self.token.as_deref() {
            reader.secret(token);
            if token.starts_with(['"', '\'']) || token.ends_with(['"', '\'']) {
                reader.mistake(format!(
                    "{}: the token is in quotes; leave them out",
                    self.token_place
                ));
            } else if let Err(refusal) = build("http://127.0.0.1", token) {
                let text = match refusal {
                    Refusal::Setup(error) => error.to_string(),
                    Refusal::Other(text) => text,
                };
                reader.mistake(format!("{}: {text}", self.token_place));
            }
        }
        build(self.base?, self.token.as_deref()?).ok()
    }
}

/// A name for a message; a long or odd one is more likely something else, such as a token.
pub(super) fn shown(name: &str) -> Cow<'_, str> {
    let usual = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | ' ');
    if name.len() <= SHOWN_WHOLE && name.chars().all(usual) {
        return Cow::Borrowed(name);
    }
    let part = name.chars().take(SHOWN_PART);
    let mut part: String = part
        .map(|letter| if letter.is_control() { '?' } else { letter })
        .collect();
    part.push('…');
    Cow::Owned(part)
}
