//! What a resource is: a document that a client can read by its URI; one of a fixed URI, or any of a template's.

use std::{collections::BTreeMap, fmt::Write as _, future::Future, pin::Pin};

use api_core::Bytes;
use serde_json::Value;

use crate::{context::Context, error::ToolError};

/// A JSON document that a client may read.
pub trait Resource: Send + Sync + 'static {
    /// Where it is and what it holds.
    fn spec(&self) -> ResourceSpec;

    /// Its content now.
    ///
    /// # Errors
    ///
    /// When the back end cannot be asked.
    fn read(&self, context: &Context) -> impl Future<Output = Result<Value, ToolError>> + Send;
}

/// Documents that a client may read, each by a URI of one form.
pub trait Template: Send + Sync + 'static {
    /// The form of the URIs, and what is there.
    fn spec(&self) -> TemplateSpec;

    /// The content behind a URI, by what its form names.
    ///
    /// # Errors
    ///
    /// When there is none, or the back end cannot be asked.
    fn read(
        &self,
        context: &Context,
        names: &Names,
    ) -> impl Future<Output = Result<Content, ToolError>> + Send;
}

/// Where an answer of a tool refers to a resource: an object with `uri`, `name`, `mime_type` and `size`.
pub const RESOURCE_LINK: &str = "resource";

/// What a URI says, by the names in its template, decoded.
pub type Names = BTreeMap<String, String>;

/// What was read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// A JSON document.
    Json(Value),
    /// Text of a media type.
    Text {
        /// The media type.
        mime: String,
        /// The text.
        text: String,
    },
    /// Bytes of a media type.
    Blob {
        /// The media type.
        mime: String,
        /// The bytes.
        bytes: Bytes,
    },
}

/// Everything that is known of a resource before it is read. Its content is JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceSpec {
    /// Its address: `tickets://statuses`.
    pub uri: &'static str,
    /// Short name for programs: `ticket-statuses`.
    pub name: &'static str,
    /// Short name for people: `Ticket statuses`.
    pub title: &'static str,
    /// What it holds, and what for.
    pub description: &'static str,
    /// How long a client may keep what it read, in seconds.
    pub ttl_s: u64,
}

impl ResourceSpec {
    /// A resource that a client may keep for five minutes.
    #[must_use]
    pub const fn new(
        uri: &'static str,
        name: &'static str,
        title: &'static str,
        description: &'static str,
    ) -> Self {
        Self {
            uri,
            name,
            title,
            description,
            ttl_s: 300,
        }
    }

    /// The same with another time that a client may keep it, in seconds.
    #[must_use]
    pub const fn keep(mut self, seconds: u64) -> Self {
        self.ttl_s = seconds;
        self
    }
}

/// Everything that is known of the resources of one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TemplateSpec {
    /// The form of their addresses by RFC 6570: names for whole steps, `tickiti://attachment/{ticket}/{attachment}`, and
    /// at the end names that may be left out, `{?instance}`.
    pub uri: &'static str,
    /// Short name for programs: `ticket-attachment`.
    pub name: &'static str,
    /// Short name for people.
    pub title: &'static str,
    /// What they hold, and what for.
    pub description: &'static str,
    /// Media type of all of them, where they have the same.
    pub mime: Option<&'static str>,
    /// How long a client may keep what it read, in seconds.
    pub ttl_s: u64,
}

impl TemplateSpec {
    /// Resources of any media type that a client may keep for five minutes.
    #[must_use]
    pub const fn new(
        uri: &'static str,
        name: &'static str,
        title: &'static str,
        description: &'static str,
    ) -> Self {
        Self {
            uri,
            name,
            title,
            description,
            mime: None,
            ttl_s: 300,
        }
    }

    /// What a URI says, if it has this form.
    #[must_use]
    pub fn names(&self, uri: &str) -> Option<Names> {
        let (form, options) = self.parts();
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let mut names = Names::new();
        let mut steps = path.split('/');
        for expected in form.split('/') {
            let step = steps.next()?;
            match expected
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'))
            {
                Some(name) => {
                    let value = decoded(step).filter(|value| !value.is_empty())?;
                    names.insert(name.to_owned(), value);
                }
                None if expected == step => {}
                None => return None,
            }
        }
        if steps.next().is_some() {
            return None;
        }
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=')?;
            options.split(',').find(|option| *option == name)?;
            names.insert(name.to_owned(), decoded(value)?);
        }
        Some(names)
    }

    /// The URI that says this; names that the form does not have are left out.
    #[must_use]
    pub fn uri_of(&self, names: &Names) -> String {
        let (form, options) = self.parts();
        let value = |name: &str| names.get(name).map(|value| encoded(value));
        let steps = form.split('/').map(|step| {
            let name = step
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'));
            name.map_or_else(|| step.to_owned(), |name| value(name).unwrap_or_default())
        });
        let mut uri = steps.collect::<Vec<_>>().join("/");
        let mut between = '?';
        for name in options.split(',') {
            if let Some(value) = value(name) {
                let _ = write!(uri, "{between}{name}={value}");
                between = '&';
            }
        }
        uri
    }

    /// The steps, and the names that may be left out.
    fn parts(&self) -> (&'static str, &'static str) {
        let parts = self.uri.strip_suffix('}');
        parts
            .and_then(|uri| uri.split_once("{?"))
            .unwrap_or((self.uri, ""))
    }
}

/// Everything but letters, digits and four signs in percent form.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// The future of a boxed read.
type Reading<'a, T> = Pin<Box<dyn Future<Output = Result<T, ToolError>> + Send + 'a>>;

/// [`Resource`] behind a pointer.
pub(crate) trait DynResource: Send + Sync {
    fn spec(&self) -> ResourceSpec;
    fn read<'a>(&'a self, context: &'a Context) -> Reading<'a, Value>;
}

impl<T: Resource> DynResource for T {
    fn spec(&self) -> ResourceSpec {
        Resource::spec(self)
    }

    fn read<'a>(&'a self, context: &'a Context) -> Reading<'a, Value> {
        Box::pin(Resource::read(self, context))
    }
}

/// [`Template`] behind a pointer.
pub(crate) trait DynTemplate: Send + Sync {
    fn spec(&self) -> TemplateSpec;
    fn read<'a>(&'a self, context: &'a Context, names: &'a Names) -> Reading<'a, Content>;
}

impl<T: Template> DynTemplate for T {
    fn spec(&self) -> TemplateSpec {
        Template::spec(self)
    }

    fn read<'a>(&'a self, context: &'a Context, names: &'a Names) -> Reading<'a, Content> {
        Box::pin(Template::read(self, context, names))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: TemplateSpec =
        TemplateSpec::new("shop://shelf/{shelf}/{part}{?store,old}", "", "", "");

    #[track_caller]
    fn check(uri: &str, expected: Option<&[(&str, &str)]>) {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let expected = expected.map(|pairs| pairs.iter().map(pair).collect::<Names>());
        assert_eq!(SPEC.names(uri), expected, "{uri}");
    }

    #[test]
    fn a_uri_says_what_its_template_names() {
        check("shop://shelf/A1/7", Some(&[("shelf", "A1"), ("part", "7")]));
        check(
            "shop://shelf/a%2Fb/%C3%A9?old=1",
            Some(&[("shelf", "a/b"), ("part", "\u{e9}"), ("old", "1")]),
        );
        for other in [
            "shop://shelf/A1",
            "shop://shelf/A1/",
            "shop://shelf/A1/7/8",
            "shop://other/A1/7",
            "shop://shelf/A1/7?new=1",
            "shop://shelf/A1/7?old",
            "shop://shelf/%zz/7",
            "shop://shelf/%f/7",
            "shop://shelf/%ff/7",
        ] {
            check(other, None);
        }
        let names = SPEC.names("shop://shelf/a%2Fb/7?store=x%26y").unwrap();
        assert_eq!(SPEC.uri_of(&names), "shop://shelf/a%2Fb/7?store=x%26y");
    }
}
