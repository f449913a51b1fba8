//! Who is served what over HTTP: the one default profile, and those of the configuration file.

use std::{io, path::Path, sync::Arc};

use api_core::Pool;
use mcp_tools::{policy::Origin, store::Store};

use super::{
    Config, Mistakes, Transport, Variables,
    file::{self, File, ProfileTable},
    http, modules,
    pair::shown,
    policy,
    reader::Reader,
    state, store, variable,
};
use crate::server::DEFAULT_PROFILE;

/// How hashes of keys begin.
const SHA_256: &str = "sha256:";

/// Everything that a serving process is told.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Setup {
    /// How clients reach the server.
    pub transport: Transport,
    /// What is served on stdio, and over HTTP to the holder of the one key, or to everybody where none is wanted. Absent
    /// when there are profiles and no such key.
    pub default: Option<Config>,
    /// The profiles of the configuration file.
    pub profiles: Vec<ProfileConfig>,
    /// What all of them keep on record is here.
    pub store: Arc<dyn Store>,
}

/// What the holder of one key is served.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ProfileConfig {
    /// Its name, for logs and records.
    pub name: String,
    /// SHA-256 of the key.
    pub key: [u8; 32],
    /// Its back ends.
    pub config: Config,
    /// Requests under way at once, where it is told.
    pub in_flight: Option<u64>,
    /// Requests in a minute, where it is told.
    pub requests_per_minute: Option<u64>,
}

/// What all profiles have in common.
struct Shared {
    store: Arc<dyn Store>,
    /// Callers of one back end share connections to it; each request carries the token of its caller.
    pool: Pool,
}

impl Shared {
    fn config(
        &self,
        settings: &Variables,
        read_file: &dyn Fn(&Path) -> io::Result<String>,
    ) -> Result<Config, Mistakes> {
        let store = Some(Arc::clone(&self.store));
        Config::over(store, self.pool.clone(), settings, read_file)
    }
}

impl Setup {
    /// Reads the variables, the configuration file that they may name, and the files that settings name.
    ///
    /// Flags win over the environment, and that over the file.
    ///
    /// # Errors
    ///
    /// With every mistake at once; none of the texts shows a token, nor a value that may be one by mistake.
    pub fn read(
        variables: &Variables,
        read_file: &dyn Fn(&Path) -> io::Result<String>,
    ) -> Result<Self, Mistakes> {
        let mut mistakes = Vec::new();
        let file = in_file(variables, read_file, &mut mistakes);
        let mut settings = file.settings;
        let set = variables
            .iter()
            .filter(|(_, value)| !value.trim().is_empty());
        settings.extend(set.map(|(name, value)| (name.clone(), value.clone())));

        let mut reader = Reader::new(&settings, read_file);
        let envia = modules::is_served(&reader, modules::ModuleName::Envia);
        let transport = http::transport(&mut reader, envia, !file.profiles.is_empty());
        let state = state::folder(&reader);
        let store = store::store(&mut reader, state.as_deref());
        let profiles_alone = match &transport {
            Transport::Http(http) => !file.profiles.is_empty() && http.key.is_none() && !http.open,
            Transport::Stdio => false,
        };
        mistakes.extend(reader.finish().0);
        let shared = Shared {
            store: Arc::clone(&store),
            pool: Pool::default(),
        };
        let mut default = None;
        if !profiles_alone {
            match shared.config(&settings, read_file) {
                Ok(config) => default = Some(config),
                Err(more) => mistakes.extend(more.0),
            }
        }
        let mut profiles: Vec<ProfileConfig> = Vec::new();
        for table in file.profiles {
            let place = format!("profile `{}`: ", shown(&table.name));
            match profile(table, &shared, &settings, read_file) {
                Ok(profile) if profiles.iter().any(|other| other.name == profile.name) => {
                    mistakes.push(format!("{place}there are two of that name"));
                }
                Ok(profile) if profile.name == DEFAULT_PROFILE && !profiles_alone => {
                    mistakes.push(format!(
                        "{place}so is called what is served without profiles"
                    ));
                }
                Ok(profile) if profiles.iter().any(|other| other.key == profile.key) => {
                    mistakes.push(format!("{place}another profile has the same key"));
                }
                Ok(profile) => profiles.push(profile),
                Err(more) => mistakes.extend(more.0.iter().map(|text| format!("{place}{text}"))),
            }
        }
        if mistakes.is_empty() {
            Ok(Self {
                transport,
                default,
                profiles,
                store,
            })
        } else {
            Err(Mistakes(mistakes))
        }
    }
}

impl Setup {
    /// The same over a store that is in use already: it stays as long as the process.
    #[must_use]
    pub fn with_store(mut self, store: &Arc<dyn Store>) -> Self {
        let profiles = self.profiles.iter_mut().map(|profile| &mut profile.config);
        for config in profiles.chain(&mut self.default) {
            config.store = Arc::clone(store);
        }
        self.store = Arc::clone(store);
        self
    }
}

fn in_file(
    variables: &Variables,
    read_file: &dyn Fn(&Path) -> io::Result<String>,
    mistakes: &mut Vec<String>,
) -> File {
    let path = variables.get(variable::CONFIG).map(|path| path.trim());
    let Some(path) = path.filter(|path| !path.is_empty()) else {
        return File::default();
    };
    match read_file(Path::new(path)) {
        Ok(text) => file::read(&text, mistakes),
        Err(error) => {
            mistakes.push(format!(
                "the configuration file {path} cannot be read: {error}"
            ));
            File::default()
        }
    }
}

/// A profile's own settings stand over those of all. A token of its own replaces every way in which all get theirs.
fn profile(
    table: ProfileTable,
    shared: &Shared,
    settings: &Variables,
    read_file: &dyn Fn(&Path) -> io::Result<String>,
) -> Result<ProfileConfig, Mistakes> {
    const WAYS: [[&str; 2]; 2] = [
        [variable::API_TOKEN, variable::API_TOKEN_FILE],
        [variable::BACKEND_TOKEN, variable::BACKEND_TOKEN_FILE],
    ];
    let mut own = settings.clone();
    for ways in WAYS {
        if ways.iter().any(|name| table.settings.contains_key(*name)) {
            own.retain(|name, _| !ways.contains(&name.as_str()));
        }
    }
    // What narrows its tools does not replace what narrows everybody's: both hold.
    let (narrowing, settings): (Variables, Variables) = table
        .settings
        .into_iter()
        .partition(|(name, _)| policy::VARIABLES.contains(&name.as_str()));
    own.extend(settings);
    // It was judged with the settings of all.
    own.remove(variable::LOG);
    own.remove(variable::LOG_FORMAT);
    let mut mistakes = Vec::new();
    let key = match table.key.as_deref() {
        Some(key) => hash(key).or_else(|| {
            mistakes.push(format!(
                "`key` must be the hash of a key, {SHA_256} and 64 hex digits; `ticketing-mcp keys new NAME` makes a key and \
                 its hash"
            ));
            None
        }),
        None => {
            mistakes.push("`key` is missing; `ticketing-mcp keys new NAME` makes one".to_owned());
            None
        }
    };
    let mut config = shared
        .config(&own, read_file)
        .map_err(|more| mistakes.extend(more.0));
    let mut reader = Reader::new(&narrowing, read_file);
    let narrowing = policy::read(&mut reader, Origin::Profile(table.name.clone()));
    mistakes.extend(reader.finish().0);
    if let Ok(config) = &mut config {
        config.policy = config.policy.narrowed(narrowing);
    }
    match (key, config) {
        (Some(key), Ok(config)) if mistakes.is_empty() => Ok(ProfileConfig {
            name: table.name,
            key,
            config,
            in_flight: table.in_flight,
            requests_per_minute: table.requests_per_minute,
        }),
        _ => Err(Mistakes(mistakes)),
    }
}

/// The bytes of `sha256:…`.
fn hash(text: &str) -> Option<[u8; 32]> {
    let digits = text.trim().strip_prefix(SHA_256)?;
    let mut bytes = [0; 32];
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(bytes)
}
