//! Which installs are served, and which of them is the default.

use std::{borrow::Cow, collections::BTreeSet, fmt, path::Path};

use api_core::SetupError;
use mcp_tools::arguments::nearest;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::Value;
use tickiti_client::{BuildError, Client, Settings};

use super::{Reader, variable};

/// Members of an entry of `TICKITI_INSTANCES`.
const MEMBERS: [&str; 2] = ["base", "token"];
/// Longest name that a message shows whole, in bytes.
const SHOWN_WHOLE: usize = 40;
/// How much it shows of others, in characters.
const SHOWN_PART: usize = 12;
/// Some editors put it before the text.
const BOM: char = '\u{feff}';
/// Name of the first install when none is given.
const DEFAULT_NAME: &str = "default";

const NOTHING_SET: &str = "no Tickiti install is configured; choose one of:\n    \
     set TICKITI_API_BASE (such as https://support.example.com) and TICKITI_API_TOKEN or TICKITI_API_TOKEN_FILE\n    \
     set TICKITI_INSTANCES to {\"NAME\": {\"base\": \"…\", \"token\": \"…\"}}, or to the path of a file with that\n    \
     run with --sandbox to try everything on demo data, without an account";

/// The pair of plain variables first, then the entries of `TICKITI_INSTANCES` in their order; the first is the default.
pub(super) fn read(reader: &mut Reader<'_>, settings: &Settings) -> Vec<Client> {
    let mut clients = Vec::new();
    let mut taken = BTreeSet::new();
    if pair_is_set(reader) {
        let name = reader
            .value(variable::INSTANCE_NAME)
            .unwrap_or(DEFAULT_NAME);
        taken.insert(name.to_owned());
        clients.extend(pair(reader, name, settings));
    } else if reader.value(variable::INSTANCES).is_none() {
        reader.mistake(NOTHING_SET);
    }
    for (name, entry) in listed(reader) {
        if !taken.insert(name.clone()) {
            reader.mistake(format!(
                "two instances are named `{}`; give each its own name",
                shown(&name)
            ));
        }
        clients.extend(entry_of(reader, &name, &entry, settings));
    }
    clients
}

fn pair_is_set(reader: &Reader<'_>) -> bool {
    [
        variable::API_BASE,
        variable::API_TOKEN,
        variable::API_TOKEN_FILE,
    ]
    .iter()
    .any(|name| reader.value(name).is_some())
}

fn pair(reader: &mut Reader<'_>, name: &str, settings: &Settings) -> Option<Client> {
    let base = reader.value(variable::API_BASE);
    if base.is_none() {
        reader.mistake(
            "TICKITI_API_BASE is missing: a token is set, but not the address it belongs to",
        );
    }
    let mut token_place = variable::API_TOKEN;
    let token = match (
        reader.value(variable::API_TOKEN),
        reader.value(variable::API_TOKEN_FILE),
    ) {
        (Some(_), Some(_)) => {
            reader.mistake("TICKITI_API_TOKEN and TICKITI_API_TOKEN_FILE are both set; keep one");
            None
        }
        (Some(token), None) => Some(token.to_owned()),
        (None, Some(path)) => {
            token_place = "the file that TICKITI_API_TOKEN_FILE names";
            token_file(reader, path)
        }
        (None, None) => {
            reader.mistake(
                "TICKITI_API_TOKEN (or TICKITI_API_TOKEN_FILE) is missing: TICKITI_API_BASE is set, but not its token",
            );
            None
        }
    };
    let parts = Parts {
        base,
        base_place: variable::API_BASE.to_owned(),
        token: token.as_deref(),
        token_place: token_place.to_owned(),
    };
    client(reader, name, &parts, settings)
}

/// The path is not shown: it may be the token itself, put into the wrong variable.
fn token_file(reader: &mut Reader<'_>, path: &str) -> Option<String> {
    match (reader.read_file)(Path::new(path)) {
        Ok(text) => {
            let token = text.trim_start_matches(BOM).trim();
            if token.is_empty() {
                reader.mistake("the file that TICKITI_API_TOKEN_FILE names is empty");
            }
            (!token.is_empty()).then(|| token.to_owned())
        }
        Err(error) => {
            reader.mistake(format!(
                "the file that TICKITI_API_TOKEN_FILE names cannot be read: {error}"
            ));
            None
        }
    }
}

/// The entries of `TICKITI_INSTANCES`, in their order.
fn listed(reader: &mut Reader<'_>) -> Vec<(String, Value)> {
    let Some(value) = reader.value(variable::INSTANCES) else {
        return Vec::new();
    };
    let value = value.trim_start_matches(BOM).trim_start();
    let (text, place) = if value.starts_with('{') {
        (value.to_owned(), variable::INSTANCES)
    } else {
        match (reader.read_file)(Path::new(value)) {
            Ok(text) => (text, "the file that TICKITI_INSTANCES names"),
            Err(error) => {
                reader.mistake(format!(
                    "TICKITI_INSTANCES is neither a JSON object nor the path of a readable file: {error}"
                ));
                return Vec::new();
            }
        }
    };
    let entries = entries(text.trim_start_matches(BOM));
    // The parser's own text may quote a value.
    let problem = match &entries {
        Ok(entries) if entries.is_empty() => "names no instance".to_owned(),
        Ok(_) => String::new(),
        Err(error) if error.is_data() => "is not a JSON object".to_owned(),
        Err(error) => format!(
            "is not valid JSON (line {}, column {})",
            error.line(),
            error.column()
        ),
    };
    if !problem.is_empty() {
        reader.mistake(format!(
            "{place} {problem}; expected {{\"NAME\": {{\"base\": \"…\", \"token\": \"…\"}}}}"
        ));
    }
    entries.unwrap_or_default()
}

/// Members of a JSON object in their order, also those that share a name.
fn entries(text: &str) -> serde_json::Result<Vec<(String, Value)>> {
    struct Members;

    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(String, Value)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }

    let mut deserializer = serde_json::Deserializer::from_str(text);
    let members = deserializer.deserialize_map(Members)?;
    deserializer.end()?;
    Ok(members)
}

fn entry_of(
    reader: &mut Reader<'_>,
    name: &str,
    entry: &Value,
    settings: &Settings,
) -> Option<Client> {
    let place = format!("instance `{}` of TICKITI_INSTANCES", shown(name));
    if name.trim().is_empty() {
        reader.mistake("an instance of TICKITI_INSTANCES has an empty name");
    }
    let Some(members) = entry.as_object() else {
        reader.mistake(format!("{place} must be an object with `base` and `token`"));
        return None;
    };
    let mut meant = BTreeSet::new();
    for unknown in members
        .keys()
        .filter(|key| !MEMBERS.contains(&key.as_str()))
    {
        let near = nearest(unknown, MEMBERS);
        meant.extend(near);
        let hint = near.map_or_else(
            || "it takes `base` and `token`".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        reader.mistake(format!(
            "{place} has an unknown member `{}`; {hint}",
            shown(unknown)
        ));
    }
    let mut text = |key: &str| {
        let value = members.get(key).and_then(Value::as_str).map(str::trim);
        let value = value.filter(|value| !value.is_empty());
        if value.is_none() && !meant.contains(key) {
            reader.mistake(format!("{place} has no `{key}`"));
        }
        value
    };
    let parts = Parts {
        base: text("base"),
        base_place: format!("`base` of {place}"),
        token: text("token"),
        token_place: format!("`token` of {place}"),
    };
    client(reader, name, &parts, settings)
}

/// Address and token of an install, and where they were set.
struct Parts<'a> {
    base: Option<&'a str>,
    base_place: String,
    token: Option<&'a str>,
    token_place: String,
}

/// Address and token are judged apart, so that a mistake in one does not hide one in the other. No value is shown: a
/// token easily ends up in the wrong variable.
fn client(
    reader: &mut Reader<'_>,
    name: &str,
    parts: &Parts<'_>,
    settings: &Settings,
) -> Option<Client> {
    let build = |base: &str, token: &str| {
        Client::builder(base, token)
            .instance(name)
            .settings(settings.clone())
            .build()
    };
    if let Some(base) = parts.base
        && let Err(error) = build(base, "t")
    {
        let place = &parts.base_place;
        reader.mistake(match error {
            BuildError::Setup(SetupError::PlainHttp { .. }) => format!(
                "{place} would send the token in clear; use https://, or set {}=1 to accept that",
                variable::ALLOW_HTTP
            ),
            BuildError::Setup(SetupError::Base(problem)) => {
                format!("{place} {problem}; an example is https://support.example.com")
            }
            other => format!("{place}: {other}"),
        });
    }
    if let Some(token) = parts.token
        && (token.starts_with(['"', '\'']) || token.ends_with(['"', '\'']))
    {
        reader.mistake(format!(
            "{}: the token is in quotes; leave them out",
            parts.token_place
        ));
    } else if let Some(token) = parts.token
        && let Err(error) = build("http://127.0.0.1", token)
    {
        reader.mistake(format!("{}: {error}", parts.token_place));
    }
    build(parts.base?, parts.token?).ok()
}

/// A name for a message; a long or odd one is more likely something else, such as a token.
fn shown(name: &str) -> Cow<'_, str> {
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
