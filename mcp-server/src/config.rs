//! The configuration: environment variables, read once, to [`Config`]. Every mistake is reported, not the first.

use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use api_core::Pool;
use mcp_tools::{Confirm, Policy, policy::Origin, store::Store};
use tickiti_client::{Instances, Secret};

use self::reader::Reader;

mod envia;
mod file;
mod files;
mod http;
mod instances;
mod limits;
mod modules;
mod pair;
mod policy;
mod profiles;
mod reader;
mod state;
mod store;
/// What is asked about; by default what cannot be undone.
fn confirm(reader: &mut Reader<'_>) -> Confirm {
    let Some(name) = reader.value(variable::CONFIRM) else {
        return Confirm::default();
    };
    let known = Confirm::of_name(name);
    if known.is_none() {
        reader.mistake(format!(
            "{} (or --confirm) must be never, irreversible or writes",
            variable::CONFIRM
        ));
    }
    known.unwrap_or_default()
}

#[cfg(test)]
mod tests;

pub use files::working_folder;
pub use http::{DEFAULT_PORT, Http, Transport};
pub use modules::ModuleName;
pub use profiles::{ProfileConfig, Setup};

/// Environment variables by name; flags of the command line are put over them before they are read.
pub type Variables = BTreeMap<String, String>;

/// Names of the variables that [`Config::read`] knows.
pub mod variable {
    /// Address of the first install of Tickiti.
    pub const API_BASE: &str = "TICKITI_API_BASE";
    /// Token of the first install.
    pub const API_TOKEN: &str = "TICKITI_API_TOKEN";
    /// File with the token of the first install.
    pub const API_TOKEN_FILE: &str = "TICKITI_API_TOKEN_FILE";
    /// Longest time for one request to an install, in milliseconds.
    pub const API_TIMEOUT_MS: &str = "TICKITI_API_TIMEOUT_MS";
    /// Name of the first install.
    pub const INSTANCE_NAME: &str = "TICKITI_INSTANCE_NAME";
    /// Further installs: a JSON object, or the path of a file with one.
    pub const INSTANCES: &str = "TICKITI_INSTANCES";
    /// Accepts `http://` addresses of other machines for installs.
    pub const ALLOW_HTTP: &str = "TICKITI_ALLOW_HTTP";
    /// Address of Envia's back end.
    pub const BACKEND_URL: &str = "BACKEND_URL";
    /// Bot token of Envia's back end.
    pub const BACKEND_TOKEN: &str = "BACKEND_BOT_AI_TOKEN";
    /// File with the bot token.
    pub const BACKEND_TOKEN_FILE: &str = "BACKEND_BOT_AI_TOKEN_FILE";
    /// Longest time for one request to Envia's back end, in milliseconds.
    pub const BACKEND_TIMEOUT_MS: &str = "BACKEND_TIMEOUT_MS";
    /// Accepts an `http://` address of another machine for Envia's back end.
    pub const BACKEND_ALLOW_HTTP: &str = "BACKEND_ALLOW_HTTP";
    /// Which modules are served.
    pub const MODULES: &str = "TICKETING_MCP_MODULES";
    /// How clients reach the server.
    pub const TRANSPORT: &str = "MCP_TRANSPORT";
    /// Address that the HTTP server listens on.
    pub const BIND: &str = "TICKETING_MCP_BIND";
    /// Port that the HTTP server listens on.
    pub const PORT: &str = "PORT";
    /// Address and port where the numbers are told, without a key.
    pub const METRICS_BIND: &str = "TICKETING_MCP_METRICS_BIND";
    /// Whether the HTTP server has a page for people.
    pub const LANDING: &str = "TICKETING_MCP_LANDING";
    /// Key that requests over HTTP must bring.
    pub const API_KEY: &str = "MCP_API_KEY";
    /// File with that key.
    pub const API_KEY_FILE: &str = "MCP_API_KEY_FILE";
    /// Takes requests over HTTP without a key, on loopback.
    pub const NO_AUTH: &str = "TICKETING_MCP_NO_AUTH";
    /// File with settings and profiles.
    pub const CONFIG: &str = "TICKETING_MCP_CONFIG";
    /// Names that the HTTP server answers to.
    pub const ALLOWED_HOSTS: &str = "TICKETING_MCP_ALLOWED_HOSTS";
    /// Web pages that may call the HTTP server.
    pub const ALLOWED_ORIGINS: &str = "TICKETING_MCP_ALLOWED_ORIGINS";
    /// Most bytes of a request's body over HTTP.
    pub const BODY_BYTES: &str = "TICKETING_MCP_BODY_BYTES";
    /// Most connections over HTTP at once.
    pub const CONNECTIONS: &str = "TICKETING_MCP_CONNECTIONS";
    /// Most requests over HTTP under way at once, of all callers.
    pub const IN_FLIGHT: &str = "TICKETING_MCP_IN_FLIGHT";
    /// Most requests over HTTP under way at once of a profile that does not say otherwise.
    pub const PROFILE_IN_FLIGHT: &str = "TICKETING_MCP_PROFILE_IN_FLIGHT";
    /// Longest time for the head of a request over HTTP, and between two on one connection, in milliseconds.
    pub const HEAD_TIME_MS: &str = "TICKETING_MCP_HEAD_TIME_MS";
    /// Longest time for the body of a request over HTTP, in milliseconds.
    pub const BODY_TIME_MS: &str = "TICKETING_MCP_BODY_TIME_MS";
    /// Longest time for a client to take 64 KiB of an answer over HTTP, in milliseconds.
    pub const WRITE_TIME_MS: &str = "TICKETING_MCP_WRITE_TIME_MS";
    /// Longest time for requests over HTTP that are under way when the server is told to end, in milliseconds.
    pub const DRAIN_MS: &str = "TICKETING_MCP_DRAIN_MS";
    /// Folder for what must outlive the process.
    pub const STATE: &str = "TICKETING_MCP_STATE";
    /// Where that is kept which several processes must agree on.
    pub const STORE: &str = "TICKETING_MCP_STORE";
    /// File that says so.
    pub const STORE_FILE: &str = "TICKETING_MCP_STORE_FILE";
    /// How long a request whose answer was lost may still arrive at a back end, in milliseconds.
    pub const SETTLE_MS: &str = "TICKETING_MCP_SETTLE_MS";
    /// Least severity of what is logged.
    pub const LOG: &str = "TICKETING_MCP_LOG";
    /// Form of the lines of the log.
    pub const LOG_FORMAT: &str = "TICKETING_MCP_LOG_FORMAT";
    /// Longest time for one tool call, in milliseconds.
    pub const CALL_TIMEOUT_MS: &str = "TICKETING_MCP_CALL_TIMEOUT_MS";
    /// Most bytes of a tool's answer as JSON.
    pub const RESULT_BYTES: &str = "TICKETING_MCP_RESULT_BYTES";
    /// Refuses calls that change something.
    pub const READ_ONLY: &str = "TICKETING_MCP_READ_ONLY";
    /// Which toolsets are served.
    pub const TOOLSETS: &str = "TICKETING_MCP_TOOLSETS";
    /// Which tools are served.
    pub const ALLOW: &str = "TICKETING_MCP_ALLOW";
    /// Which tools are not served.
    pub const DENY: &str = "TICKETING_MCP_DENY";
    /// What the user is asked about before it is done.
    pub const CONFIRM: &str = "TICKETING_MCP_CONFIRM";
    /// Folders whose files may be read and written.
    pub const FILES: &str = "TICKETING_MCP_FILES";

    /// What the profile of one key may say for itself.
    pub const OF_A_PROFILE: [&str; 21] = [
        API_BASE,
        API_TOKEN,
        API_TOKEN_FILE,
        API_TIMEOUT_MS,
        INSTANCE_NAME,
        INSTANCES,
        ALLOW_HTTP,
        BACKEND_URL,
        BACKEND_TOKEN,
        BACKEND_TOKEN_FILE,
        BACKEND_TIMEOUT_MS,
        BACKEND_ALLOW_HTTP,
        MODULES,
        CALL_TIMEOUT_MS,
        RESULT_BYTES,
        READ_ONLY,
        TOOLSETS,
        ALLOW,
        DENY,
        CONFIRM,
        FILES,
    ];

    /// What holds for the whole process.
    pub const OF_THE_PROCESS: [&str; 22] = [
        TRANSPORT,
        BIND,
        PORT,
        METRICS_BIND,
        LANDING,
        API_KEY,
        API_KEY_FILE,
        NO_AUTH,
        ALLOWED_HOSTS,
        ALLOWED_ORIGINS,
        BODY_BYTES,
        CONNECTIONS,
        IN_FLIGHT,
        PROFILE_IN_FLIGHT,
        HEAD_TIME_MS,
        BODY_TIME_MS,
        WRITE_TIME_MS,
        DRAIN_MS,
        STATE,
        STORE,
        STORE_FILE,
        SETTLE_MS,
    ];
}

/// What one profile is served, and how; without profiles, everybody.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// Clients of the Tickiti installs to serve, the default one first.
    pub tickiti: Option<Instances>,
    /// Client of the Envia back end to serve.
    pub envia: Option<envia_client::Client>,
    /// Longest time for one tool call.
    pub call_timeout: Duration,
    /// Folder for what must outlive the process; absent when nothing tells where it could be.
    pub state: Option<PathBuf>,
    /// The tokens of all back ends, so that they can be kept out of records.
    pub secrets: Vec<Secret>,
    /// Which tools may be used.
    pub policy: Policy,
    /// Most bytes of an answer as JSON.
    pub result_bytes: usize,
    /// What the user is asked about before it is done.
    pub confirm: Confirm,
    /// Folders whose files may be read and written; absent when nothing is said of them.
    pub files: Option<Vec<PathBuf>>,
    /// Where that is kept which several processes must agree on; one for all profiles.
    pub store: Arc<dyn Store>,
    /// How long a request whose answer was lost may still arrive at a back end, where it is told.
    pub settle: Option<Duration>,
}

/// Everything that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(Vec<String>);

impl Mistakes {
    /// One text for each mistake.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        &self.0
    }
}

impl From<String> for Mistakes {
    fn from(text: String) -> Self {
        Self(vec![text])
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("1 mistake in the configuration:")?,
            many => write!(f, "{many} mistakes in the configuration:")?,
        }
        for text in &self.0 {
            write!(f, "\n- {text}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}

/// The variables of this process.
#[must_use]
pub fn environment() -> Variables {
    // `std::env::vars` would panic on text that is not Unicode; such a value fails the checks instead.
    std::env::vars_os()
        .map(|(name, value)| {
            (
                name.to_string_lossy().into_owned(),
                value.to_string_lossy().into_owned(),
            )
        })
        .collect()
}

impl Config {
    /// Reads the variables, and the files that they name through `read_file`.
    ///
    /// A module whose variables are set is served, unless [`variable::MODULES`] names others only; the variables of such
    /// a module are not looked at.
    ///
    /// # Errors
    ///
    /// With every mistake at once; none of the texts shows a token, nor a value that may be one by mistake.
    pub fn read(
        variables: &Variables,
        read_file: &dyn Fn(&Path) -> io::Result<String>,
    ) -> Result<Self, Mistakes> {
        Self::over(None, Pool::default(), variables, read_file)
    }

    /// The same over a store that is open already, if there is one, and over connections that others may share.
    fn over(
        store: Option<Arc<dyn Store>>,
        pool: Pool,
        variables: &Variables,
        read_file: &dyn Fn(&Path) -> io::Result<String>,
    ) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(variables, read_file).with_pool(pool);
        let served = modules::served(&mut reader);
        let mut deadlines = Vec::new();
        let mut tickiti = Vec::new();
        if served.contains(&ModuleName::Tickiti) {
            let settings = instances::settings(&mut reader);
            deadlines.push((variable::API_TIMEOUT_MS, settings.deadline));
            tickiti = instances::read(&mut reader, &settings);
        }
        let mut envia = None;
        if served.contains(&ModuleName::Envia) {
            let settings = envia::settings(&mut reader);
            deadlines.push((variable::BACKEND_TIMEOUT_MS, settings.deadline));
            envia = envia::read(&mut reader, &settings);
        }
        let policy = Policy::default().narrowed(policy::read(&mut reader, Origin::Server));
        let confirm = confirm(&mut reader);
        let result_bytes = limits::result_bytes(&mut reader);
        let call_timeout = reader.call_timeout(&deadlines);
        reader.log();
        let settle = reader.milliseconds(variable::SETTLE_MS);
        let files = files::folders(&reader);
        let state = state::folder(&reader);
        let store = store.unwrap_or_else(|| store::store(&mut reader, state.as_deref()));
        let (mistakes, secrets) = reader.finish();
        if !mistakes.is_empty() {
            return Err(Mistakes(mistakes));
        }
        let tickiti = match tickiti.is_empty() {
            true => None,
            false => Some(Instances::new(tickiti).map_err(|error| error.to_string())?),
        };
        Ok(Self {
            tickiti,
            envia,
            call_timeout,
            state,
            secrets,
            policy,
            result_bytes,
            confirm,
            files,
            store,
            settle,
        })
    }
}
