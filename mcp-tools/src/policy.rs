//! Which tools a caller may use: settings that narrow what is served, and never widen it.

use std::{collections::BTreeSet, fmt, sync::Arc};

use api_core::Spec;

use crate::{
    arguments::nearest,
    error::{ErrorKind, ToolError},
    registry::{Registered, Registry},
    tool::JsonObject,
};

/// Header of a request that makes it read-only: `true` or `false`.
pub const READ_ONLY_HEADER: &str = "X-MCP-Readonly";
/// Header of a request with the toolsets that it is content with.
pub const TOOLSETS_HEADER: &str = "X-MCP-Toolsets";

/// Stands for every toolset.
pub const ALL: &str = "all";
/// Stands for the toolsets that are served when nobody chooses.
pub const DEFAULT: &str = "default";
/// Toolset of the tools that reach any endpoint, or tell of all.
pub const GENERAL: &str = "general";

/// The toolsets that are served when nobody chooses: what every day needs, in a size that fits a model's head.
pub const DEFAULTS: [&str; 4] = ["tickets", "lookups", "reports", GENERAL];

/// The toolsets, in the order in which they are told.
pub const TOOLSETS: [&str; 10] = [
    "tickets",
    "ticket-operations",
    "lookups",
    "reports",
    "settings",
    "templates",
    "mail",
    "administration",
    "axial",
    GENERAL,
];

/// What a caller may use, by everything that has been said about it. Cheap to clone; without settings, everything.
///
/// Each setting narrows: a tool is there when all of them let it through.
#[derive(Debug, Clone, Default)]
pub struct Policy(Vec<Arc<Narrowing>>);

/// What one place says of the tools that may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrowing {
    /// Whose settings these are.
    pub origin: Origin,
    /// Whether calls that change something are refused.
    pub read_only: bool,
    /// The toolsets that are served; `None` when it says nothing of them.
    pub toolsets: Option<BTreeSet<&'static str>>,
    /// The tools that are served, by name, with or without the prefix of their module; `None` for all.
    pub allow: Option<BTreeSet<String>>,
    /// The tools that are not served, by name, with or without the prefix of their module.
    pub deny: BTreeSet<String>,
}

/// Whose settings narrow what is served; a refusal says so, because only they can change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The server's, for everybody.
    Server,
    /// Those of one profile, by its name.
    Profile(String),
    /// The headers of one request.
    Request,
}

/// A list of toolsets that names one that is none, or names none at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; the toolsets are: {}, {DEFAULT}, {ALL}", TOOLSETS.join(", "))]
pub struct UnknownToolset {
    problem: String,
}

/// The toolsets that a list with commas names.
///
/// # Errors
///
/// When a word of it names none, or it has no words.
pub fn toolsets(list: &str) -> Result<BTreeSet<&'static str>, UnknownToolset> {
    let mut named = BTreeSet::new();
    for word in words(list) {
        let word = word.to_ascii_lowercase();
        match TOOLSETS.into_iter().find(|known| *known == word) {
            Some(known) => drop(named.insert(known)),
            None if word == ALL => named.extend(TOOLSETS),
            None if word == DEFAULT => named.extend(DEFAULTS),
            None => return Err(UnknownToolset::new(&word)),
        }
    }
    if named.is_empty() {
        let problem = "no toolset is named".to_owned();
        return Err(UnknownToolset { problem });
    }
    Ok(named)
}

/// The words of a list with commas.
pub fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
}

impl UnknownToolset {
    fn new(word: &str) -> Self {
        /// More of it helps nobody, and a caller may send any length.
        const SHOWN: usize = 64;
        let word = word.get(..word.floor_char_boundary(SHOWN));
        let word = word.unwrap_or_default().escape_debug().to_string();
        let hint = nearest(&word, TOOLSETS)
            .map_or_else(String::new, |near| format!(", did you mean `{near}`?"));
        Self {
            problem: format!("there is no toolset `{word}`{hint}"),
        }
    }
}

impl Policy {
    /// The same, narrowed further.
    #[must_use]
    pub fn narrowed(&self, by: Narrowing) -> Self {
        let mut policy = self.clone();
        if by.narrows() {
            policy.0.push(Arc::new(by));
        }
        policy
    }

    /// The same with the default toolsets where nothing in it says which tools are wanted.
    #[must_use]
    pub fn or_default(&self) -> Self {
        if self.0.iter().any(|by| by.chooses()) {
            return self.clone();
        }
        self.narrowed(Narrowing {
            toolsets: Some(BTreeSet::from(DEFAULTS)),
            ..Narrowing::none(Origin::Server)
        })
    }

    /// Whether only reads are served.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.0.iter().any(|by| by.read_only)
    }

    /// Whether a tool is listed.
    #[must_use]
    pub fn lists(&self, tool: &Registered) -> bool {
        self.0.iter().all(|by| {
            by.without(tool).is_none() && !(by.read_only && tool.spec().effect.is_write())
        })
    }

    /// Why a call may not be made; `None` when it may. A tool that is not listed because some of its calls change
    /// something may still be called to read.
    pub(crate) fn refusal(
        &self,
        registry: &Registry,
        tool: &Registered,
        arguments: &JsonObject,
    ) -> Option<ToolError> {
        self.0.iter().find_map(|by| {
            let reason = by
                .without(tool)
                .or_else(|| by.writes(tool, arguments))
                .or_else(|| by.around(registry, tool, arguments))?;
            let text = format!(
                "{} was refused and nothing was sent: {reason}. Repeating will not help: {} can change that.",
                tool.name(),
                by.origin.who()
            );
            Some(ToolError::new(ErrorKind::Denied, text))
        })
    }
}

impl Narrowing {
    /// Settings that narrow nothing.
    #[must_use]
    pub const fn none(origin: Origin) -> Self {
        Self {
            origin,
            read_only: false,
            toolsets: None,
            allow: None,
            deny: BTreeSet::new(),
        }
    }

    /// What the two headers of a request say, empty when they are absent; `None` when that is nothing. Several values are
    /// joined by commas.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read: what it meant to forbid would be allowed.
    pub fn of_request(read_only: &str, toolsets: &str) -> Result<Option<Self>, String> {
        let mut narrowing = Self::none(Origin::Request);
        for word in words(read_only) {
            match word.to_ascii_lowercase().as_str() {
                "true" | "1" => narrowing.read_only = true,
                "false" | "0" => {}
                _ => {
                    return Err(format!(
                        "the header {READ_ONLY_HEADER} must be true or false"
                    ));
                }
            }
        }
        if !toolsets.trim().is_empty() {
            let named = self::toolsets(toolsets)
                .map_err(|error| format!("in the header {TOOLSETS_HEADER}: {error}"))?;
            narrowing.toolsets = Some(named);
        }
        Ok(narrowing.narrows().then_some(narrowing))
    }

    fn narrows(&self) -> bool {
        self.read_only || self.toolsets.is_some() || self.allow.is_some() || !self.deny.is_empty()
    }

    /// Whether it says which tools are wanted.
    const fn chooses(&self) -> bool {
        self.toolsets.is_some() || self.allow.is_some()
    }

    /// Why a tool is not served, whatever it is called with.
    fn without(&self, tool: &Registered) -> Option<String> {
        if self.deny.iter().any(|name| tool.is_named(name)) {
            return Some(format!("{} names it", self.setting("deny")));
        }
        if let Some(allow) = &self.allow
            && !allow.iter().any(|name| tool.is_named(name))
        {
            return Some(format!("{} does not name it", self.setting("allow")));
        }
        let toolsets = self.toolsets.as_ref()?;
        let own = tool.spec().toolset;
        if toolsets.contains(own) {
            return None;
        }
        let served: Vec<&str> = toolsets.iter().copied().collect();
        Some(format!(
            "it belongs to the toolset {own}, and {} is {}",
            self.setting("toolsets"),
            served.join(", ")
        ))
    }

    fn writes(&self, tool: &Registered, arguments: &JsonObject) -> Option<String> {
        if !self.read_only {
            return None;
        }
        // An endpoint that can write counts as one that does, also where it is asked for a rehearsal: an install that does
        // not know the word would write.
        let endpoints = tool.endpoints(Some(arguments));
        let writes = endpoints.iter().any(|spec| spec.effect.is_write());
        if !writes && !tool.effect(arguments).is_write() {
            return None;
        }
        let setting = self.setting("read_only");
        Some(format!(
            "it changes things, and {setting} allows reads alone"
        ))
    }

    /// A tool that reaches any endpoint is no way around one that is denied.
    fn around(
        &self,
        registry: &Registry,
        tool: &Registered,
        arguments: &JsonObject,
    ) -> Option<String> {
        if self.deny.is_empty() || tool.spec().toolset != GENERAL {
            return None;
        }
        let endpoints = tool.endpoints(Some(arguments));
        let reached = |spec: &&Spec| endpoints.iter().any(|own| own.name == spec.name);
        let mut denied = registry.iter().filter(|other| {
            other.module() == tool.module()
                && other.spec().toolset != GENERAL
                && self.deny.iter().any(|name| other.is_named(name))
        });
        denied.find_map(|other| {
            let spec = other.endpoints(None).into_iter().find(reached)?;
            Some(format!(
                "{} is what {} does, and {} names that",
                spec.name,
                other.name(),
                self.setting("deny")
            ))
        })
    }

    fn setting(&self, name: &str) -> Setting<'_> {
        let name = match (&self.origin, name) {
            (Origin::Request, "read_only") => READ_ONLY_HEADER,
            (Origin::Request, "toolsets") => TOOLSETS_HEADER,
            _ => name,
        };
        Setting {
            name: name.to_owned(),
            origin: &self.origin,
        }
    }
}

impl Origin {
    const fn who(&self) -> &'static str {
        match self {
            Self::Server | Self::Profile(_) => "whoever runs the server",
            Self::Request => "whoever set up this client",
        }
    }
}

/// A setting, and where it stands.
struct Setting<'a> {
    name: String,
    origin: &'a Origin,
}

impl fmt::Display for Setting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.origin {
            Origin::Server => write!(f, "the server's setting `{name}`"),
            Origin::Profile(profile) => write!(f, "the setting `{name}` of the profile {profile}"),
            Origin::Request => write!(f, "the request's header {name}"),
        }
    }
}
