//! The base address: what is accepted, and the URLs below it.

use std::borrow::Cow;

use serde_json::{Map, Value};
use url::{Host, Url};

use crate::{
    error::{ErrorKind, SetupError},
    path::PathError,
    settings::Settings,
    transport::Target,
};

/// A checked base address and the API's root below it.
#[derive(Debug)]
pub(crate) struct Address {
    base: Url,
    /// Path of the API's root, with a slash at both ends.
    root: String,
}

impl Address {
    pub(crate) fn new(base: &str, root: &str, settings: &Settings) -> Result<Self, SetupError> {
        let mut base = Url::parse(base.trim())
            .map_err(|_| SetupError::Base("is not a URL; write it as https://host"))?;
        let problem = if !matches!(base.scheme(), "http" | "https") {
            Some("must begin with https://")
        } else if base.host().is_none() {
            Some("has no host")
        } else if !base.username().is_empty() || base.password().is_some() {
            Some("must not contain a user or password")
        } else if base.query().is_some() || base.fragment().is_some() {
            Some("must not contain a query or fragment")
        } else {
            None
        };
        if let Some(problem) = problem {
            return Err(SetupError::Base(problem));
        }
        if base.scheme() == "http" && !settings.plain_http && !is_loopback(&base) {
            return Err(SetupError::PlainHttp {
                host: base.host_str().unwrap_or_default().to_owned(),
            });
        }
        let path = base.path().trim_end_matches('/');
        let root = root.trim_matches('/');
        let path = without_root(path, root).unwrap_or(path).to_owned();
        base.set_path(&path);
        let root = match root {
            "" => format!("{path}/"),
            root => format!("{path}/{root}/"),
        };
        Ok(Self { base, root })
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    pub(crate) fn target(&self) -> Target {
        Target::of(&self.base)
    }

    /// The URL of a path below the API's root.
    pub(crate) fn join(&self, path: &str) -> Result<Url, ErrorKind> {
        let wanted = format!("{}{path}", self.root);
        let mut url = self.base.clone();
        url.set_path(&wanted);
        if url.path() == wanted {
            return Ok(url);
        }
        // Dots were folded or characters encoded: this would be another route than the one asked for.
        Err(ErrorKind::Path(PathError {
            name: "path".to_owned(),
            problem: "must consist of plain segments",
        }))
    }
}

/// What is before the API's root, for a base that was copied with the root at its end.
fn without_root<'a>(path: &'a str, root: &str) -> Option<&'a str> {
    if root.is_empty() {
        return None;
    }
    let before = path.strip_suffix(root)?.strip_suffix('/')?;
    Some(before.trim_end_matches('/'))
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Fields as query parameters: a list repeats its name, null is left out.
pub(crate) fn add_query(url: &mut Url, fields: &Map<String, Value>) -> Result<(), ErrorKind> {
    for (name, value) in fields {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values {
            if let Some(text) = plain_text(name, value)? {
                url.query_pairs_mut().append_pair(name, &text);
            }
        }
    }
    Ok(())
}

/// A field as plain text; `None` for null.
pub(crate) fn plain_text<'a>(
    name: &str,
    value: &'a Value,
) -> Result<Option<Cow<'a, str>>, ErrorKind> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(Cow::Borrowed(text))),
        Value::Bool(_) | Value::Number(_) => Ok(Some(Cow::Owned(value.to_string()))),
        Value::Array(_) | Value::Object(_) => Err(ErrorKind::Invalid(format!(
            "field `{name}` must be text, a number or a boolean here"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn address(base: &str) -> Result<Address, SetupError> {
        Address::new(base, "api/v1", &Settings::default())
    }

    #[test]
    fn joins_below_the_root() {
        for (base, expected) in [
            (
                "https://desk.example",
                "https://desk.example/api/v1/tickets/close",
            ),
            (
                " https://desk.example/// ",
                "https://desk.example/api/v1/tickets/close",
            ),
            (
                "https://Desk.example:8443/sub/",
                "https://desk.example:8443/sub/api/v1/tickets/close",
            ),
        ] {
            let url = address(base).unwrap().join("tickets/close").unwrap();
            assert_eq!(url.as_str(), expected);
        }
        for (base, expected) in [
            ("https://desk.example/api/v1", "https://desk.example/"),
            ("https://desk.example/api/v1//", "https://desk.example/"),
            (
                "https://desk.example/sub/api/v1/",
                "https://desk.example/sub",
            ),
            (
                "https://desk.example/myapi/v1",
                "https://desk.example/myapi/v1",
            ),
            ("https://desk.example/api/v2", "https://desk.example/api/v2"),
        ] {
            let address = address(base).unwrap();
            assert_eq!(address.base().as_str(), expected);
            let root = format!("{}/api/v1/tickets", expected.trim_end_matches('/'));
            assert_eq!(address.join("tickets").unwrap().as_str(), root);
        }
        let bare = Address::new("https://desk.example/x/", "", &Settings::default()).unwrap();
        assert_eq!(bare.join("a").unwrap().as_str(), "https://desk.example/x/a");
    }

    #[test]
    fn refuses_paths_that_would_change() {
        let address = address("https://desk.example").unwrap();
        for bad in [
            "users/../update",
            "users/./update",
            "a b",
            "a?b",
            "a#b",
            "a\\b",
            "%2e%2e/update",
        ] {
            assert!(address.join(bad).is_err(), "{bad}");
        }
        assert!(address.join("users/a%2Fb").is_ok());
    }

    #[test]
    fn refuses_addresses_that_cannot_be_used() {
        for bad in [
            "",
            "desk.example",
            "ftp://desk.example",
            "https://",
            "https://user@desk.example",
            "https://:pass@desk.example",
            "https://desk.example?a=b",
            "https://desk.example#a",
        ] {
            assert!(matches!(address(bad), Err(SetupError::Base(_))), "{bad}");
        }
    }

    #[test]
    fn demands_https_off_this_machine() {
        for local in [
            "http://127.0.0.1:9",
            "http://127.9.9.9",
            "http://[::1]:9",
            "http://LOCALHOST",
        ] {
            assert!(address(local).unwrap().target().loopback, "{local}");
        }
        for far in [
            "http://desk.example",
            "http://10.0.0.1",
            "http://localhost.example",
            "http://0.0.0.0",
        ] {
            assert!(
                matches!(address(far), Err(SetupError::PlainHttp { .. })),
                "{far}"
            );
        }
        let allowed = Settings::default().with_plain_http(true);
        let target = Address::new("http://desk.example", "", &allowed)
            .unwrap()
            .target();
        assert!(!target.tls && !target.loopback);
    }

    #[test]
    fn queries() {
        let mut url = address("https://desk.example")
            .unwrap()
            .join("faqs")
            .unwrap();
        let fields = json!({"a": [1, "two & three", null], "b": null, "c": true});
        add_query(&mut url, fields.as_object().unwrap()).unwrap();
        assert_eq!(url.query(), Some("a=1&a=two+%26+three&c=true"));
        let nested = json!({"a": {"b": 1}});
        assert!(add_query(&mut url, nested.as_object().unwrap()).is_err());
        let deep = json!({"a": [[1]]});
        assert!(add_query(&mut url, deep.as_object().unwrap()).is_err());
    }
}
