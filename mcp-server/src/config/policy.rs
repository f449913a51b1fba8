//! Which tools may be used: settings that narrow what is served.

use std::collections::BTreeSet;

use mcp_tools::{
    Module, arguments, envia,
    policy::{self, Narrowing, Origin},
    tickiti,
};

use super::{
    pair::shown,
    reader::Reader,
    variable::{ALLOW, DENY, READ_ONLY, TOOLSETS},
};

/// The variables that are read here.
pub(super) const VARIABLES: [&str; 4] = [READ_ONLY, TOOLSETS, ALLOW, DENY];

/// What these settings say.
pub(super) fn read(reader: &mut Reader<'_>, origin: Origin) -> Narrowing {
    let read_only = reader.switch(READ_ONLY);
    let toolsets = reader.value(TOOLSETS).and_then(|list| {
        policy::toolsets(list)
            .map_err(|error| reader.mistake(format!("{error} (--toolsets or {TOOLSETS})")))
            .ok()
    });
    Narrowing {
        origin,
        read_only,
        toolsets,
        allow: tools(reader, ALLOW),
        deny: tools(reader, DENY).unwrap_or_default(),
    }
}

/// Names of tools. One that no module has is a mistake: a tool that was to be denied would be served.
fn tools(reader: &mut Reader<'_>, variable: &str) -> Option<BTreeSet<String>> {
    let list = reader.value(variable)?;
    let known = known();
    let mut named = BTreeSet::new();
    for word in policy::words(list) {
        if !known.contains(word) {
            let hint = arguments::nearest(word, known.iter().map(String::as_str));
            let hint = hint.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            reader.mistake(format!(
                "there is no tool `{}` ({variable}){hint}",
                shown(word)
            ));
        }
        named.insert(word.to_owned());
    }
    if named.is_empty() {
        reader.mistake(format!("{variable} names no tool"));
    }
    Some(named)
}

/// The names of all tools, served here or not, with and without the prefixes of their modules.
fn known() -> BTreeSet<String> {
    let of = |module: Module| {
        let prefix = module.name;
        let names: Vec<&str> = module.names().collect();
        names
            .into_iter()
            .flat_map(move |name| [name.to_owned(), format!("{prefix}_{name}")])
    };
    of(tickiti::tools()).chain(of(envia::module())).collect()
}
