//! Which installs are served, and which of them is the default.

use std::{borrow::Cow, collections::BTreeSet, fmt};

use mcp_tools::arguments::nearest;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::Value;
use tickiti_client::{BuildError, Client, Settings};

use super::{
    pair::{BOM, Names, Pair, Refusal, shown},
    reader::Reader,
    variable,
};

/// Members of an entry of `TICKITI_INSTANCES`.
const MEMBERS: [&str; 2] = ["base", "token"];
/// Name of the first install when none is given.
const DEFAULT_NAME: &str = "default";

/// How the module is switched on.
pub(super) const HOW: &str = "for Tickiti, set TICKITI_API_BASE (such as https://support.example.com) and \
                              TICKITI_API_TOKEN or TICKITI_API_TOKEN_FILE; or TICKITI_INSTANCES, to \
                              {\"NAME\": {\"base\": \"…\", \"token\": \"…\"}} or the path of a file with that";

const NAMES: Names = Names {
    base: variable::API_BASE,
    token: variable::API_TOKEN,
    token_file: variable::API_TOKEN_FILE,
    allow_http: variable::ALLOW_HTTP,
    example: "https://support.example.com",
};

pub(super) fn settings(reader: &mut Reader<'_>) -> Settings {
    reader.settings(variable::ALLOW_HTTP, variable::API_TIMEOUT_MS)
}

/// The pair of plain variables first, then the entries of `TICKITI_INSTANCES` in their order; the first is the default.
pub(super) fn read(reader: &mut Reader<'_>, settings: &Settings) -> Vec<Client> {
    let mut clients = Vec::new();
    let mut taken = BTreeSet::new();
    if NAMES.is_set(reader) {
        let name = reader
            .value(variable::INSTANCE_NAME)
            .unwrap_or(DEFAULT_NAME);
        taken.insert(name.to_owned());
        let pair = NAMES.read(reader);
        clients.extend(client(reader, name, &pair, settings));
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

/// The entries of `TICKITI_INSTANCES`, in their order.
fn listed(reader: &mut Reader<'_>) -> Vec<(String, Value)> {
    let Some(value) = reader.value(variable::INSTANCES) else {
        return Vec::new();
    };
    let value = value.trim_start_matches(BOM).trim_start();
    let (text, place) = if value.starts_with('{') {
        (value.to_owned(), variable::INSTANCES)
    } else {
        match reader.file(value) {
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
    let pair = Pair {
        base: text("base"),
        base_place: format!("`base` of {place}"),
        token: text("token").map(Cow::Borrowed),
        token_place: format!("`token` of {place}"),
    };
    client(reader, name, &pair, settings)
}

fn client(
    reader: &mut Reader<'_>,
    name: &str,
    pair: &Pair<'_>,
    settings: &Settings,
) -> Option<Client> {
    pair.client(reader, &NAMES, |base, token| {
        let built = Client::builder(base, token)
            .instance(name)
            .settings(settings.clone());
        built.build().map_err(|error| match error {
            BuildError::Setup(error) => Refusal::Setup(error),
            other => Refusal::Other(other.to_string()),
        })
    })
}
