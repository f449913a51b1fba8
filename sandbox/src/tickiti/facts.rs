//! The route table and the field table, read once from the crate's data file.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::wire::percent;

use super::call::Handler;
use super::switches::Install;

/// The 155 endpoints.
pub(crate) static FACTS: LazyLock<Facts> = LazyLock::new(Facts::read);

/// What installs between June and October 2026 had beyond those of June.
const INTERMEDIATE: [&str; 9] = [
    "faqs",
    "interventions.accept",
    "tickets.attachment_upload",
    "tickets.close",
    "tickets.participants_add",
    "tickets.participants_remove",
    "tickets.queues",
    "tickets.response_delete",
    "tickets.response_update",
];

/// All endpoints, by their paths.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// In the order of the data file.
    pub(crate) endpoints: Vec<Endpoint>,
    /// Paths without parameters, to a place in `endpoints`.
    fixed: BTreeMap<String, usize>,
    /// Places of the endpoints whose paths have parameters.
    open: Vec<usize>,
}

/// One endpoint of the route table.
#[derive(Debug, Deserialize)]
pub(crate) struct Endpoint {
    pub(crate) name: String,
    pub(crate) family: String,
    pub(crate) action: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) abilities: Vec<String>,
    pub(crate) role: Option<String>,
    pub(crate) sysadmin: bool,
    pub(crate) plans: Vec<String>,
    pub(crate) effect: String,
    pub(crate) multipart: bool,
    since: String,
    /// Flat, as in the data file; emptied into `fields`.
    #[serde(default)]
    request: Vec<Row>,
    #[serde(skip)]
    pub(crate) fields: Vec<Field>,
    #[serde(skip)]
    pub(crate) handler: Option<Handler>,
}

/// One line of the field table.
#[derive(Debug, Deserialize)]
struct Row {
    field: String,
    #[serde(rename = "type")]
    kind: String,
    required: bool,
    min: Option<f64>,
    max: Option<f64>,
}

/// A request field with the fields inside it.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// The field holds a list of `kind`.
    pub(crate) list: bool,
    pub(crate) required: bool,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    /// Fields of the object, or of each object in the list.
    pub(crate) children: Vec<Self>,
}

/// Type of a field or of a list's items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any JSON value.
    Any,
    Boolean,
    /// `YYYY-MM-DD`.
    Date,
    /// `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS`.
    DateTime,
    Email,
    /// Multipart file part.
    File,
    /// Integer or decimal string.
    Id,
    Integer,
    Number,
    Object,
    /// Text or HTML.
    Text,
    TextOrInteger,
    TextOrNull,
}

/// Where a request leads.
#[derive(Debug)]
pub(crate) enum Route {
    /// An endpoint and its path parameters, decoded.
    Found(&'static Endpoint, Vec<(String, String)>),
    /// The path exists under another method.
    WrongMethod,
    /// No such path, or not on an install of this age.
    Unknown,
}

impl Facts {
    fn read() -> Self {
        let text = include_str!("../../data/tickiti-endpoints.json");
        // The file is part of the crate; a test holds that it parses.
        let mut endpoints: Vec<Endpoint> = serde_json::from_str(text).unwrap_or_default();
        let mut fixed = BTreeMap::new();
        let mut open = Vec::new();
        for (index, endpoint) in endpoints.iter_mut().enumerate() {
            for row in std::mem::take(&mut endpoint.request) {
                insert(&mut endpoint.fields, &row.field, &row);
            }
            endpoint.handler = super::handler(&endpoint.family, &endpoint.action);
            if endpoint.path.contains('{') {
                open.push(index);
            } else {
                fixed.insert(endpoint.path.clone(), index);
            }
        }
        Self {
            endpoints,
            fixed,
            open,
        }
    }

    /// Finds the endpoint of a method and a path below `/api/v1/`.
    pub(crate) fn route(&'static self, method: &str, path: &str, install: Install) -> Route {
        let found = match self.fixed.get(path) {
            Some(index) => self.endpoints.get(*index).map(|e| (e, Vec::new())),
            None => self.open.iter().find_map(|index| {
                let endpoint = self.endpoints.get(*index)?;
                Some((endpoint, parameters(&endpoint.path, path)?))
            }),
        };
        match found {
            Some((endpoint, _)) if !endpoint.exists_on(install) => Route::Unknown,
            Some((endpoint, _)) if endpoint.method != method => Route::WrongMethod,
            Some((endpoint, parameters)) => Route::Found(endpoint, parameters),
            None => Route::Unknown,
        }
    }
}

impl Endpoint {
    /// True when the endpoint demands an idempotency key.
    pub(crate) fn is_keyed(&self) -> bool {
        self.effect == "keyed"
    }

    fn exists_on(&self, install: Install) -> bool {
        match install {
            Install::October => true,
            Install::June => self.since == "2026-06",
            Install::Intermediate => {
                self.since == "2026-06"
                    || self.family == "axial"
                    || INTERMEDIATE.contains(&self.name.as_str())
            }
        }
    }
}

/// Puts a row where its dotted name says; the parent's row comes first in the file.
fn insert(fields: &mut Vec<Field>, path: &str, row: &Row) {
    if let Some((parent, rest)) = path.split_once('.') {
        let parent = parent.trim_end_matches("[]");
        if let Some(parent) = fields.iter_mut().find(|field| field.name == parent) {
            insert(&mut parent.children, rest, row);
        }
        return;
    }
    let (kind, list) = match row.kind.strip_suffix("[]") {
        Some(item) => (item, true),
        None => (row.kind.as_str(), false),
    };
    fields.push(Field {
        name: path.to_owned(),
        kind: Kind::named(kind),
        list,
        required: row.required,
        min: row.min,
        max: row.max,
        children: Vec::new(),
    });
}

impl Kind {
    fn named(name: &str) -> Self {
        match name {
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "datetime" => Self::DateTime,
            "email" => Self::Email,
            "file" => Self::File,
            "id" => Self::Id,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "object" => Self::Object,
            "string" | "html" => Self::Text,
            "string|integer" => Self::TextOrInteger,
            "string|null" => Self::TextOrNull,
            _ => Self::Any,
        }
    }
}

/// The parameters of a path, when it has the pattern's form and no empty or dot segment.
fn parameters(pattern: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut given = path.split('/');
    let mut found = Vec::new();
    for segment in pattern.split('/') {
        let value = given.next()?;
        match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
            Some(_) if matches!(value, "" | "." | "..") => return None,
            Some(name) => found.push((name.to_owned(), percent::decode(value)?)),
            None if segment != value => return None,
            None => {}
        }
    }
    given.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(install: Install) -> usize {
        let endpoints = FACTS.endpoints.iter();
        endpoints.filter(|e| e.exists_on(install)).count()
    }

    #[test]
    fn the_data_file_is_read_whole() {
        assert_eq!(count(Install::October), 155);
        // One of the 126 endpoints of that build has been removed since.
        assert_eq!(count(Install::Intermediate), 125);
        assert_eq!(count(Install::June), 108);
        let missing: Vec<_> = FACTS
            .endpoints
            .iter()
            .filter(|e| e.handler.is_none())
            .map(|e| e.name.as_str())
            .collect();
        assert!(missing.is_empty(), "no handler for {missing:?}");
    }

    #[test]
    fn nested_fields_hang_below_their_parents() {
        let query = FACTS.endpoints.iter().find(|e| e.name == "tickets.query");
        let search = query
            .unwrap()
            .fields
            .iter()
            .find(|f| f.name == "search_object");
        let criteria = search
            .unwrap()
            .children
            .iter()
            .find(|f| f.name == "criteria");
        let names: Vec<_> = criteria
            .unwrap()
            .children
            .iter()
            .map(|f| f.name.as_str())
            .collect();
        assert_eq!(names, ["mode", "tokens", "match"]);
    }

    #[test]
    fn paths_lead_to_endpoints() {
        let route = |method, path| match FACTS.route(method, path, Install::October) {
            Route::Found(endpoint, parameters) => format!("{} {parameters:?}", endpoint.name),
            Route::WrongMethod => "wrong method".to_owned(),
            Route::Unknown => "unknown".to_owned(),
        };
        assert_eq!(route("POST", "tickets/show"), "tickets.show []");
        assert_eq!(
            route("POST", "administration/users/1%32/queues/3"),
            r#"administration.users.queue_upsert [("user", "12"), ("queue", "3")]"#
        );
        assert_eq!(route("POST", "faqs"), "wrong method");
        assert_eq!(route("GET", "faqs"), "faqs []");
        assert_eq!(route("POST", "administration/users/../update"), "unknown");
        assert_eq!(route("POST", "nowhere"), "unknown");
    }
}
