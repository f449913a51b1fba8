//! The configuration: environment variables, read once, to [`Config`]. Every mistake is reported, not the first.

use std::{collections::BTreeMap, fmt, io, path::Path, time::Duration};

use tickiti_client::{Client, Instances, Secret, Settings};

mod instances;
#[cfg(test)]
mod tests;

/// Environment variables by name; flags of the command line are put over them before they are read.
pub type Variables = BTreeMap<String, String>;

/// Names of the variables that [`Config::read`] knows.
pub mod variable {
    /// Address of the first install.
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
    /// Accepts `http://` addresses of other machines.
    pub const ALLOW_HTTP: &str = "TICKITI_ALLOW_HTTP";
    /// How clients reach the server.
    pub const TRANSPORT: &str = "MCP_TRANSPORT";
    /// Least severity of what is logged.
    pub const LOG: &str = "TICKETING_MCP_LOG";
    /// Longest time for one tool call, in milliseconds.
    pub const CALL_TIMEOUT_MS: &str = "TICKETING_MCP_CALL_TIMEOUT_MS";
    /// Variables of the Envia back end.
    pub const ENVIA: [&str; 2] = ["BACKEND_URL", "BACKEND_BOT_AI_TOKEN"];
}

const API_TIMEOUT: Duration = Duration::from_secs(30);
const CALL_TIMEOUT: Duration = Duration::from_secs(120);
/// What a call may take beyond one request to the back end.
const CALL_MARGIN: Duration = Duration::from_secs(10);

/// Everything that the server can be told.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// Clients of the Tickiti installs to serve, the default one first.
    pub instances: Instances,
    /// Longest time for one tool call.
    pub call_timeout: Duration,
    /// What the user should know although the server can start.
    pub warnings: Vec<String>,
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
    /// # Errors
    ///
    /// With every mistake at once; none of the texts shows a token, nor a value that may be one by mistake.
    pub fn read(
        variables: &Variables,
        read_file: &dyn Fn(&Path) -> io::Result<String>,
    ) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(variables, read_file);
        let settings = reader.settings();
        let clients = instances::read(&mut reader, &settings);
        reader.finish(clients, &settings)
    }

    /// The same with one install, such as the sandbox, in place of the configured ones.
    ///
    /// # Errors
    ///
    /// With every mistake in the other variables at once.
    pub fn with_install(
        variables: &Variables,
        name: &str,
        base: &str,
        token: impl Into<Secret>,
    ) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(variables, &|_| Err(io::ErrorKind::Unsupported.into()));
        for unused in [variable::API_BASE, variable::INSTANCES] {
            if reader.value(unused).is_some() {
                reader
                    .warnings
                    .push(format!("{name} is served; {unused} is not used"));
            }
        }
        let settings = reader.settings();
        let built = Client::builder(base, token)
            .instance(name)
            .settings(settings.clone())
            .build();
        let client = built
            .map_err(|error| reader.mistake(error.to_string()))
            .ok();
        reader.finish(client.into_iter().collect(), &settings)
    }
}

/// Collects mistakes and warnings while variables are read.
struct Reader<'a> {
    variables: &'a Variables,
    read_file: &'a dyn Fn(&Path) -> io::Result<String>,
    mistakes: Vec<String>,
    warnings: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(variables: &'a Variables, read_file: &'a dyn Fn(&Path) -> io::Result<String>) -> Self {
        Self {
            variables,
            read_file,
            mistakes: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// The value without white space around it; an empty one counts as absent, as clients often pass on empty settings.
    fn value(&self, name: &str) -> Option<&'a str> {
        let value = self.variables.get(name)?.trim();
        (!value.is_empty()).then_some(value)
    }

    fn mistake(&mut self, text: impl Into<String>) {
        self.mistakes.push(text.into());
    }

    fn switch(&mut self, name: &str) -> bool {
        match self.value(name) {
            None | Some("0" | "false") => false,
            Some("1" | "true") => true,
            Some(_) => {
                self.mistake(format!("{name} must be 1 or 0"));
                false
            }
        }
    }

    fn milliseconds(&mut self, name: &str) -> Option<Duration> {
        let text = self.value(name)?;
        let number = text.parse::<u64>().ok().filter(|number| *number > 0);
        if number.is_none() {
            self.mistake(format!(
                "{name} must be a whole number of milliseconds above 0, such as 30000"
            ));
        }
        number.map(Duration::from_millis)
    }

    fn transport(&mut self) {
        match self.value(variable::TRANSPORT) {
            None | Some("stdio") => {}
            Some("http") => self.mistake(
                "the HTTP transport is not in this version; use --transport stdio, or leave it out",
            ),
            Some(_) => self.mistake("the transport must be stdio"),
        }
    }

    /// How requests travel to every install.
    fn settings(&mut self) -> Settings {
        Settings::default()
            .with_user_agent(concat!("ticketing-mcp/", env!("CARGO_PKG_VERSION")))
            .with_plain_http(self.switch(variable::ALLOW_HTTP))
            .with_deadline(
                self.milliseconds(variable::API_TIMEOUT_MS)
                    .unwrap_or(API_TIMEOUT),
            )
    }

    fn log_level(&mut self) {
        if let Some(level) = self.value(variable::LOG)
            && !crate::logging::knows(level)
        {
            self.mistake(format!(
                "the log level must be one of {}",
                crate::logging::LEVELS.join(", ")
            ));
        }
    }

    /// Longest time for one tool call, which must leave time for a request to end by itself: only then the answer says
    /// how to repeat a write safely.
    fn call_timeout(&mut self, request: Duration) -> Duration {
        let (own, other) = (variable::CALL_TIMEOUT_MS, variable::API_TIMEOUT_MS);
        let set = self.milliseconds(own);
        if set.is_some_and(|set| set <= request) {
            self.mistake(format!(
                "{own} must be more than {other}, which is {}; raise the first or lower the second",
                request.as_millis()
            ));
        }
        set.unwrap_or_else(|| CALL_TIMEOUT.max(request.saturating_add(CALL_MARGIN)))
    }

    fn finish(mut self, clients: Vec<Client>, settings: &Settings) -> Result<Config, Mistakes> {
        let call_timeout = self.call_timeout(settings.deadline);
        self.transport();
        self.log_level();
        let envia = variable::ENVIA;
        if envia.iter().any(|name| self.value(name).is_some()) {
            self.warnings.push(format!(
                "{} is set, but Envia is not in this version; only Tickiti is served",
                envia.join(" or ")
            ));
        }
        if !self.mistakes.is_empty() {
            return Err(Mistakes(self.mistakes));
        }
        Ok(Config {
            instances: Instances::new(clients)
                .map_err(|error| Mistakes::from(error.to_string()))?,
            call_timeout,
            warnings: self.warnings,
        })
    }
}
