//! Values of variables, and the mistakes that are found in them.

use std::{io, path::Path, time::Duration};

use api_core::{Pool, Settings};
use tickiti_client::Secret;

use super::{Variables, variable};

const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
const CALL_TIMEOUT: Duration = Duration::from_secs(120);
/// What a call may take beyond one request to the back end.
const CALL_MARGIN: Duration = Duration::from_secs(10);

/// Collects mistakes while variables are read.
pub(super) struct Reader<'a> {
    variables: &'a Variables,
    read_file: &'a dyn Fn(&Path) -> io::Result<String>,
    mistakes: Vec<String>,
    secrets: Vec<Secret>,
    pool: Pool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        variables: &'a Variables,
        read_file: &'a dyn Fn(&Path) -> io::Result<String>,
    ) -> Self {
        Self {
            variables,
            read_file,
            mistakes: Vec::new(),
            secrets: Vec::new(),
            pool: Pool::default(),
        }
    }

    /// The same for back ends whose connections are shared with others.
    pub(super) fn with_pool(mut self, pool: Pool) -> Self {
        self.pool = pool;
        self
    }

    /// The value without white space around it; an empty one counts as absent, as clients often pass on empty settings.
    pub(super) fn value(&self, name: &str) -> Option<&'a str> {
        let value = self.variables.get(name)?.trim();
        (!value.is_empty()).then_some(value)
    }

    pub(super) fn file(&self, path: &str) -> io::Result<String> {
        (self.read_file)(Path::new(path))
    }

    pub(super) fn mistake(&mut self, text: impl Into<String>) {
        self.mistakes.push(text.into());
    }

    /// Remembers a token, whatever it is worth.
    pub(super) fn secret(&mut self, token: &str) {
        self.secrets.push(token.into());
    }

    /// The mistakes and the tokens.
    pub(super) fn finish(self) -> (Vec<String>, Vec<Secret>) {
        (self.mistakes, self.secrets)
    }

    pub(super) fn switch(&mut self, name: &str) -> bool {
        match self.value(name) {
            None | Some("0" | "false") => false,
            Some("1" | "true") => true,
            Some(_) => {
                self.mistake(format!("{name} must be 1 or 0"));
                false
            }
        }
    }

    pub(super) fn milliseconds(&mut self, name: &str) -> Option<Duration> {
        let text = self.value(name)?;
        let number = text.parse::<u64>().ok().filter(|number| *number > 0);
        if number.is_none() {
            self.mistake(format!(
                "{name} must be a whole number of milliseconds above 0, such as 30000"
            ));
        }
        number.map(Duration::from_millis)
    }

    /// A whole number from 1 on.
    pub(super) fn count(&mut self, name: &str, most: usize) -> Option<usize> {
        let text = self.value(name)?;
        let number = text
            .parse()
            .ok()
            .filter(|number| (1..=most).contains(number));
        if number.is_none() {
            self.mistake(format!("{name} must be a whole number, 1 to {most}"));
        }
        number
    }

    /// How requests travel to a back end.
    pub(super) fn settings(&mut self, allow_http: &str, timeout: &str) -> Settings {
        Settings::default()
            .with_pool(self.pool.clone())
            .with_user_agent(concat!("ticketing-mcp/", env!("CARGO_PKG_VERSION")))
            .with_plain_http(self.switch(allow_http))
            .with_deadline(self.milliseconds(timeout).unwrap_or(REQUEST_TIMEOUT))
    }

    pub(super) fn log(&mut self) {
        if let Some(format) = self.value(variable::LOG_FORMAT)
            && !crate::logging::FORMATS.contains(&format)
        {
            self.mistake(format!(
                "the form of the log must be one of {}",
                crate::logging::FORMATS.join(", ")
            ));
        }
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
    pub(super) fn call_timeout(&mut self, requests: &[(&str, Duration)]) -> Duration {
        let own = variable::CALL_TIMEOUT_MS;
        let set = self.milliseconds(own);
        for (other, request) in requests {
            if set.is_some_and(|set| set <= *request) {
                self.mistake(format!(
                    "{own} must be more than {other}, which is {}; raise the first or lower the second",
                    request.as_millis()
                ));
            }
        }
        let longest = requests.iter().map(|(_, request)| *request).max();
        set.unwrap_or_else(|| {
            CALL_TIMEOUT.max(longest.unwrap_or_default().saturating_add(CALL_MARGIN))
        })
    }
}
