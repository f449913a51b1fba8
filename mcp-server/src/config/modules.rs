//! Which modules are served.

use std::{collections::BTreeSet, fmt};

use super::{
    envia, instances,
    pair::shown,
    reader::Reader,
    variable::{self, MODULES},
};

/// A back end with tools of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModuleName {
    /// Tickiti, the helpdesk.
    Tickiti,
    /// The tickets of Envia's back office.
    Envia,
}

impl ModuleName {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Tickiti, Self::Envia];

    /// The name that prefixes its tools when several are served.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tickiti => "tickiti",
            Self::Envia => "envia",
        }
    }

    /// The modules that a value of [`variable::MODULES`] names; words that name none are left out.
    #[must_use]
    pub fn named(text: &str) -> BTreeSet<Self> {
        let known = |word| Self::ALL.into_iter().find(|module| module.as_str() == word);
        words(text).filter_map(known).collect()
    }

    /// The variables that switch it on.
    #[must_use]
    pub const fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Tickiti => &[
                variable::API_BASE,
                variable::API_TOKEN,
                variable::API_TOKEN_FILE,
                variable::INSTANCES,
            ],
            Self::Envia => &[
                variable::BACKEND_URL,
                variable::BACKEND_TOKEN,
                variable::BACKEND_TOKEN_FILE,
            ],
        }
    }

    const fn how(self) -> &'static str {
        match self {
            Self::Tickiti => instances::HOW,
            Self::Envia => envia::HOW,
        }
    }
}

impl fmt::Display for ModuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
}

/// Whether a module would be served, without a word on what is wrong.
pub(super) fn is_served(reader: &Reader<'_>, module: ModuleName) -> bool {
    let mut variables = module.variables().iter();
    let configured = variables.any(|name| reader.value(name).is_some());
    let named = reader.value(MODULES).map(ModuleName::named);
    configured && named.is_none_or(|named| named.contains(&module))
}

/// The modules to read: those that are named, or else all whose variables are set.
pub(super) fn served(reader: &mut Reader<'_>) -> BTreeSet<ModuleName> {
    let set = |module: &ModuleName| {
        let mut variables = module.variables().iter();
        variables.any(|name| reader.value(name).is_some())
    };
    let configured: BTreeSet<_> = ModuleName::ALL.into_iter().filter(set).collect();
    let Some(text) = reader.value(MODULES) else {
        if configured.is_empty() {
            reader.mistake(nothing_set());
        }
        return configured;
    };
    let named = ModuleName::named(text);
    let known = ModuleName::ALL.map(ModuleName::as_str).join(", ");
    let is_known = |word: &str| !ModuleName::named(word).is_empty();
    if let Some(word) = words(text).find(|word| !is_known(word)) {
        reader.mistake(format!(
            "there is no module `{}` (--modules or {MODULES}); the modules are: {known}",
            shown(word)
        ));
    } else if named.is_empty() {
        reader.mistake(format!(
            "--modules or {MODULES} names no module; the modules are: {known}"
        ));
    }
    for missing in named.difference(&configured) {
        reader.mistake(format!(
            "the module {missing} is named, but not configured; {}",
            missing.how()
        ));
    }
    named.intersection(&configured).copied().collect()
}

fn nothing_set() -> String {
    let mut text = "no back end is configured; choose one of, or several:\n".to_owned();
    for module in ModuleName::ALL {
        text.push_str(&format!("    {}\n", module.how()));
    }
    text.push_str("    run with --sandbox to try everything on demo data, without an account");
    text
}
