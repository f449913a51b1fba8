//! The page for a person in a browser: what this is, whether it works, how to connect, and what there is.
//!
//! Everybody may see it, so it says nothing of keys, profiles, installs or addresses of back ends.

use std::{
    fmt::Write as _,
    sync::{LazyLock, OnceLock},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header, uri::Authority};
use mcp_tools::registry::Registered;
use sha2::{Digest as _, Sha256};

use super::answer::{self, Answer};
use crate::{Server, config::ModuleName};

mod clients;

const PAGE: &str = include_str!("landing/page.html");
const STYLE: &str = include_str!("landing/page.css");
const SCRIPT: &str = include_str!("landing/page.js");
/// Characters of a tool's description.
const SENTENCE: usize = 180;

/// Stand in the page where something differs from request to request. No escaped text can hold them.
const BASE: &str = "<base/>";
const HEALTH: &str = "<health/>";

const READY: &str = "Every back end answers.";
const FAILING: &str = "A back end cannot be reached; calls of its tools fail until it answers.";

/// What the page is about, and its text, which is put together when it is first wanted: it takes the specs of all tools.
#[derive(Debug, Default)]
pub struct Landing {
    default: Option<Server>,
    open: bool,
    page: OnceLock<Page>,
}

/// The text, cut where it differs.
#[derive(Debug)]
struct Page(Vec<Part>);

#[derive(Debug)]
enum Part {
    Text(String),
    /// Scheme, host and port, as the visitor used them.
    Base,
    Health,
}

/// How the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Health {
    Ready,
    /// A back end cannot be reached.
    Failing,
    /// The server takes no more requests soon.
    Stopping,
    /// The back ends are being asked, and take their time.
    Asking,
}

impl Landing {
    /// A page about what callers without a profile of their own are served, if they are; `open` when they need no key.
    #[must_use]
    pub const fn new(default: Option<Server>, open: bool) -> Self {
        Self {
            default,
            open,
            page: OnceLock::new(),
        }
    }

    /// The page for a request, whose names were checked.
    pub(super) fn answer<B>(&self, request: &Request<B>, health: Health) -> Answer {
        let page = self.page.get_or_init(|| self.page());
        let text = page.text(&base(request.headers()), health);
        let kind = "text/html; charset=utf-8";
        let mut answer = answer::whole(StatusCode::OK, kind, text);
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
        for name in ["cross-origin-opener-policy", "cross-origin-resource-policy"] {
            let name = HeaderName::from_static(name);
            headers.insert(name, HeaderValue::from_static("same-origin"));
        }
        answer
    }

    fn page(&self) -> Page {
        let modules = self.modules();
        let text = PAGE
            .replace("<style/>", STYLE)
            .replace("<script/>", SCRIPT)
            .replace("<served/>", &served(&modules))
            .replace("<key/>", self.key())
            .replace("<clients/>", &clients::all(&modules, self.open))
            .replace("<addresses/>", &self.addresses(&modules))
            .replace("<tools/>", &self.tools(&modules));
        Page::new(&text)
    }

    /// The modules of those without a profile of their own; all there are, when nobody is without.
    fn modules(&self) -> Vec<ModuleName> {
        let mut modules = ModuleName::ALL.to_vec();
        if let Some(server) = &self.default {
            let is_served = |module: &ModuleName| tools_of(server, *module).next().is_some();
            modules.retain(is_served);
        }
        modules
    }

    const fn key(&self) -> &'static str {
        match (self.open, &self.default) {
            (true, _) => {
                "<p>No key is needed here; who has one sends it as <code>X-API-Key</code>.</p>"
            }
            (false, Some(_)) => {
                "<p>Every request needs a key, as <code>X-API-Key</code> or as a bearer token. Whoever runs this server \
                 gives keys out; put yours in the place of <code>YOUR_KEY</code>.</p>"
            }
            (false, None) => {
                "<p>Every request needs a key, as <code>X-API-Key</code> or as a bearer token. Whoever runs this server \
                 gives each person their own; put yours in the place of <code>YOUR_KEY</code>.</p>"
            }
        }
    }

    fn addresses(&self, modules: &[ModuleName]) -> String {
        let place = |place: &str, says: &str| {
            format!(
                "<li><code><span class=\"base\">{BASE}</span><wbr>{}</code><p>{}</p></li>",
                escaped(place),
                escaped(says)
            )
        };
        let all = match (&self.default, modules) {
            (None, _) => "all tools of your key",
            (Some(_), [_]) => "all tools",
            _ => "all tools, each with the name of its system as prefix",
        };
        let mut list = place("/mcp", all);
        for module in modules {
            let title = title(*module);
            let says = match (&self.default, modules) {
                (None, _) => format!("those of {title} alone, if your key has them"),
                (Some(_), [_]) => "the same".to_owned(),
                _ => format!("those of {title} alone, without the prefix"),
            };
            list.push_str(&place(&format!("/mcp/{}", module.as_str()), &says));
        }
        format!("<ul class=\"places\">{list}</ul>")
    }

    fn tools(&self, modules: &[ModuleName]) -> String {
        let Some(server) = &self.default else {
            return "<p>Which tools there are depends on your key; your assistant lists them when it is connected.</p>"
                .to_owned();
        };
        let mut text = String::new();
        for module in modules {
            let title = title(*module);
            // Writing to a string cannot fail.
            let _ = write!(text, "<h3>{title}</h3>\n<ul>\n");
            for tool in tools_of(server, *module) {
                text.push_str(&item(tool));
            }
            text.push_str("</ul>\n");
        }
        text
    }
}

impl Page {
    fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        for (index, text) in text.split(HEALTH).enumerate() {
            if index > 0 {
                parts.push(Part::Health);
            }
            for (index, text) in text.split(BASE).enumerate() {
                if index > 0 {
                    parts.push(Part::Base);
                }
                parts.push(Part::Text(text.to_owned()));
            }
        }
        Self(parts)
    }

    fn text(&self, base: &str, health: Health) -> String {
        let base = escaped(base);
        self.0
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Base => base.as_str(),
                Part::Health => health.html(),
            })
            .collect()
    }
}

impl Health {
    fn html(self) -> &'static str {
        static TEXTS: LazyLock<[String; 4]> = LazyLock::new(|| {
            [
                ("ready", "Ready", READY),
                ("failing", "Not ready", FAILING),
                ("failing", "Not ready", "The server is stopping."),
                ("asking", "Asking", "The back ends take their time."),
            ]
            .map(|(class, word, text)| {
                format!(
                    "<p id=\"health\" class=\"health {class}\" role=\"status\" data-ready=\"{READY}\" \
                     data-failing=\"{FAILING}\"><b>{word}</b> <span>{text}</span></p>"
                )
            })
        });
        let [ready, failing, stopping, asking] = &*TEXTS;
        match self {
            Self::Ready => ready,
            Self::Failing => failing,
            Self::Stopping => stopping,
            Self::Asking => asking,
        }
    }
}

/// Nothing from elsewhere, and of this page only the style and the script that are its own.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data:; connect-src 'self'; base-uri \
         'none'; form-action 'none'; frame-ancestors 'none'",
        hash(SCRIPT),
        hash(STYLE)
    );
    // It is plain text.
    HeaderValue::try_from(policy).unwrap_or_else(|_| HeaderValue::from_static(answer::POLICY))
});

/// Where the visitor found this server: the name was checked, user names in it are dropped.
fn base(headers: &HeaderMap) -> String {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    // Whoever says so lies to nobody but to themselves.
    let forwarded = text(HeaderName::from_static("x-forwarded-proto")).unwrap_or_default();
    let first = forwarded.split(',').next().unwrap_or_default().trim();
    let scheme = match first.eq_ignore_ascii_case("https") {
        true => "https",
        false => "http",
    };
    let host = text(header::HOST).and_then(|host| host.parse::<Authority>().ok());
    match host {
        Some(host) => match host.port_u16() {
            Some(port) => format!("{scheme}://{}:{port}", host.host()),
            None => format!("{scheme}://{}", host.host()),
        },
        None => format!("{scheme}://localhost"),
    }
}

/// The tools of a module that are listed to clients.
fn tools_of(server: &Server, module: ModuleName) -> impl Iterator<Item = &Registered> {
    let tools = server.registry().iter();
    tools.filter(move |tool| tool.module() == module.as_str() && server.lists(tool))
}

fn item(tool: &Registered) -> String {
    let spec = tool.spec();
    let (class, does) = match spec.effect.is_write() {
        true => ("does writes", "writes"),
        false => ("does", "reads"),
    };
    format!(
        "<li><code>{}</code><p><b>{}.</b> {}</p><span class=\"{class}\">{does}</span></li>\n",
        escaped(tool.name()),
        escaped(spec.title),
        marked_up(&sentence(&spec.description))
    )
}

/// What people call a module.
const fn title(module: ModuleName) -> &'static str {
    match module {
        ModuleName::Tickiti => "Tickiti",
        ModuleName::Envia => "Envia",
    }
}

fn served(modules: &[ModuleName]) -> String {
    let titles: Vec<&str> = modules.iter().map(|module| title(*module)).collect();
    titles.join(" and ")
}

/// The first sentence of a description, cut when it is long.
fn sentence(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    let first = line.split_inclusive(". ").next().unwrap_or_default().trim();
    if first.chars().count() <= SENTENCE {
        return first.to_owned();
    }
    let cut: String = first.chars().take(SENTENCE).collect();
    let whole = cut
        .rsplit_once(' ')
        .map_or(cut.as_str(), |(whole, _)| whole);
    format!("{}…", whole.trim_end_matches([',', ';', ':']))
}

/// A description as it is written for models, where names stand between backticks.
fn marked_up(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let part = |(index, part): (usize, &str)| match index % 2 {
        0 => escaped(part),
        _ => format!("<code>{}</code>", escaped(part)),
    };
    parts.map(part).collect()
}

/// Text that means nothing but itself, in an element and in an attribute.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base_of(headers: &[(&str, &str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        base(&map)
    }

    #[test]
    fn the_address_is_the_one_that_was_used() {
        for (headers, expected) in [
            (vec![("host", "localhost:3100")], "http://localhost:3100"),
            (vec![("host", "[::1]:3100")], "http://[::1]:3100"),
            (vec![("host", "ana:pw@localhost")], "http://localhost"),
            (
                vec![
                    ("host", "desk.example"),
                    ("x-forwarded-proto", "HTTPS, http"),
                ],
                "https://desk.example",
            ),
            (
                vec![
                    ("host", "desk.example"),
                    ("x-forwarded-proto", "javascript"),
                ],
                "http://desk.example",
            ),
        ] {
            assert_eq!(base_of(&headers), expected);
        }
    }

    #[test]
    fn one_sentence_and_no_more() {
        assert_eq!(
            sentence("Opens a ticket. Then closes it."),
            "Opens a ticket."
        );
        assert_eq!(
            sentence("Lists 1.5 things, all\nthat there are."),
            "Lists 1.5 things, all"
        );
        let long = sentence(&"word, ".repeat(100));
        assert!(
            long.ends_with("word…") && long.chars().count() <= SENTENCE,
            "{long}"
        );
    }

    #[test]
    fn text_stays_text() {
        let text = "<script>\"a\" & 'b'</script>";
        let safe = "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;";
        assert_eq!(escaped(text), safe);
        assert_eq!(marked_up("`a<b` or c"), "<code>a&lt;b</code> or c");
        for marker in [BASE, HEALTH] {
            let page = Page::new(&escaped(marker));
            assert_eq!(page.text("x", Health::Ready), escaped(marker));
        }
    }

    #[test]
    fn every_place_in_the_page_is_filled() {
        let text = Landing::default()
            .page()
            .text("http://localhost", Health::Asking);
        for marker in [
            "<style/>",
            "<script/>",
            "<served/>",
            "<key/>",
            "<clients/>",
            "<addresses/>",
            "<tools/>",
            BASE,
            HEALTH,
        ] {
            assert!(!text.contains(marker), "{marker}");
        }
    }

    #[test]
    fn style_and_script_end_where_their_elements_do() {
        for text in [STYLE, SCRIPT] {
            assert!(!text.contains("</") && !text.contains("<!--"));
        }
    }
}
