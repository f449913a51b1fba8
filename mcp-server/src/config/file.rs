//! The configuration file: settings under the names of their variables, in lower case, and a table for each profile.

use toml::{Table, Value};

use super::{Variables, files, pair::shown, variable};

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct File {
    /// Settings by the names of their variables.
    pub(super) settings: Variables,
    /// The profiles in their order.
    pub(super) profiles: Vec<ProfileTable>,
}

/// What a file says of one profile.
#[derive(Debug, Default)]
pub(super) struct ProfileTable {
    pub(super) name: String,
    /// Hash of the key, as it stands there.
    pub(super) key: Option<String>,
    pub(super) in_flight: Option<u64>,
    pub(super) requests_per_minute: Option<u64>,
    /// Settings of its own by the names of their variables.
    pub(super) settings: Variables,
}

/// Reads a file; what is wrong goes to `mistakes`. Values are never shown: they may be tokens.
pub(super) fn read(text: &str, mistakes: &mut Vec<String>) -> File {
    let mut file = File::default();
    let table: Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            mistakes.push(format!(
                "the configuration file is no TOML: {}",
                place(&error, text)
            ));
            return file;
        }
    };
    for (key, value) in table {
        match (key.as_str(), value) {
            ("profiles", Value::Array(tables)) => {
                for (index, table) in tables.into_iter().enumerate() {
                    file.profiles.push(profile(index, table, mistakes));
                }
            }
            ("profiles", _) => {
                mistakes.push("`profiles` must be tables, each begun with [[profiles]]".to_owned());
            }
            (key, value) => {
                let known = [&variable::OF_THE_PROCESS[..], &variable::OF_A_PROFILE[..]].concat();
                setting("", key, &value, &known, &mut file.settings, mistakes);
            }
        }
    }
    file
}

fn profile(index: usize, table: Value, mistakes: &mut Vec<String>) -> ProfileTable {
    let mut profile = ProfileTable::default();
    let Value::Table(mut table) = table else {
        mistakes.push("`profiles` must be tables, each begun with [[profiles]]".to_owned());
        return profile;
    };
    profile.name = match table.remove("name") {
        Some(Value::String(name)) if !name.trim().is_empty() => name.trim().to_owned(),
        _ => {
            mistakes.push(format!("profile {} has no `name`", index + 1));
            format!("{}", index + 1)
        }
    };
    let place = format!("profile `{}`: ", shown(&profile.name));
    for (key, value) in table {
        match (key.as_str(), &value) {
            ("key", Value::String(hash)) => profile.key = Some(hash.clone()),
            ("in_flight", Value::Integer(_)) => {
                profile.in_flight = count(&place, &key, &value, mistakes);
            }
            ("requests_per_minute", Value::Integer(_)) => {
                profile.requests_per_minute = count(&place, &key, &value, mistakes);
            }
            ("key", _) => mistakes.push(format!("{place}`key` must be text")),
            ("in_flight" | "requests_per_minute", _) => {
                mistakes.push(format!("{place}`{key}` must be a whole number above 0"));
            }
            _ => setting(
                &place,
                &key,
                &value,
                &variable::OF_A_PROFILE,
                &mut profile.settings,
                mistakes,
            ),
        }
    }
    profile
}

fn count(place: &str, key: &str, value: &Value, mistakes: &mut Vec<String>) -> Option<u64> {
    let number = value
        .as_integer()
        .and_then(|number| u64::try_from(number).ok());
    let number = number.filter(|number| *number > 0);
    if number.is_none() {
        mistakes.push(format!("{place}`{key}` must be a whole number above 0"));
    }
    number
}

/// One setting under the name of its variable.
fn setting(
    place: &str,
    key: &str,
    value: &Value,
    known: &[&str],
    settings: &mut Variables,
    mistakes: &mut Vec<String>,
) {
    let name = variable_of(key);
    if !known.contains(&name.as_str()) {
        let near = mcp_tools::arguments::nearest(
            key,
            known
                .iter()
                .map(|name| setting_of(name))
                .collect::<Vec<_>>()
                .iter()
                .map(String::as_str),
        )
        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        mistakes.push(format!("{place}there is no setting `{}`{near}", shown(key)));
        return;
    }
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Boolean(on) => u8::from(*on).to_string(),
        Value::Array(words) if words.iter().all(Value::is_str) => {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            words.join(match name.as_str() {
                variable::FILES => files::BETWEEN,
                _ => ",",
            })
        }
        _ => {
            mistakes.push(format!(
                "{place}`{key}` must be text, a number, true or false, or a list of texts"
            ));
            return;
        }
    };
    settings.insert(name, text);
}

/// Settings that the variables of this program alone stand for have short names.
const OWN: &str = "TICKETING_MCP_";

fn variable_of(setting: &str) -> String {
    let name = setting.to_ascii_uppercase();
    let own = format!("{OWN}{name}");
    let is_own = variable::OF_THE_PROCESS.contains(&own.as_str())
        || variable::OF_A_PROFILE.contains(&own.as_str());
    if is_own { own } else { name }
}

fn setting_of(variable: &str) -> String {
    let name = variable.strip_prefix(OWN).unwrap_or(variable);
    name.to_ascii_lowercase()
}

/// Where a file stops being TOML, without what stands there.
fn place(error: &toml::de::Error, text: &str) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    format!("line {line}")
}
