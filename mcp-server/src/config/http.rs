//! How clients reach the server: stdio, or HTTP at an address, for those who have a key.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use api_core::Secret;

use super::{limits::limits, pair::in_file, reader::Reader, variable};
use crate::http::{Limits, Names};

/// Port to listen on unless told otherwise: that of the Admon server.
pub const DEFAULT_PORT: u16 = 3100;
/// A shorter key can be guessed; in characters.
const SHORT_KEY: usize = 16;

/// How clients reach the server.
#[derive(Debug, Clone)]
pub enum Transport {
    /// On stdin and stdout.
    Stdio,
    /// Over HTTP.
    Http(Box<Http>),
}

/// Where an HTTP server listens, and to whom.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Http {
    /// Address and port.
    pub address: SocketAddr,
    /// The key of the default profile.
    pub key: Option<Secret>,
    /// Whether requests need no key, which only loopback allows.
    pub open: bool,
    /// Where the numbers are told to everybody; without it, to those who have a key.
    pub metrics: Option<SocketAddr>,
    /// Whether there is a page for people.
    pub landing: bool,
    /// Names that the server answers to.
    pub names: Names,
    /// What clients may take.
    pub limits: Limits,
}

/// The transport that is chosen; with Envia the documented default is HTTP, and profiles are for nothing else.
pub(super) fn transport(reader: &mut Reader<'_>, envia: bool, profiles: bool) -> Transport {
    match reader.value(variable::TRANSPORT) {
        Some("stdio") => Transport::Stdio,
        None if !envia && !profiles => Transport::Stdio,
        Some("http") | None => Transport::Http(Box::new(http(reader, profiles))),
        Some(_) => {
            reader.mistake("the transport must be stdio or http");
            Transport::Stdio
        }
    }
}

fn http(reader: &mut Reader<'_>, profiles: bool) -> Http {
    let address = SocketAddr::new(bind(reader), port(reader));
    let open = reader.switch(variable::NO_AUTH);
    let key = key(reader);
    match (&key, open) {
        (Some(_), true) => reader.mistake(format!(
            "{} and --no-auth exclude each other",
            variable::API_KEY
        )),
        (None, false) if !profiles => reader.mistake(format!(
            "over HTTP a key is wanted: set {key}, which clients send as X-API-Key or as a bearer token; `openssl rand -hex \
             32` makes a good one. On this machine alone, --no-auth does without. MCP_TRANSPORT=stdio (or --transport \
             stdio) serves on stdin and stdout",
            key = variable::API_KEY
        )),
        (None, true) if !address.ip().is_loopback() => reader.mistake(format!(
            "--no-auth is for this machine alone: {} is reached from others, so a key is wanted; set {}",
            address.ip(),
            variable::API_KEY
        )),
        _ => {}
    }
    Http {
        address,
        key,
        open,
        metrics: metrics(reader),
        landing: landing(reader),
        names: Names::new(
            list(reader, variable::ALLOWED_HOSTS),
            list(reader, variable::ALLOWED_ORIGINS),
        ),
        limits: limits(reader),
    }
}

/// The key, from its variable or from a file.
fn key(reader: &mut Reader<'_>) -> Option<Secret> {
    let (name, file) = (variable::API_KEY, variable::API_KEY_FILE);
    let key = match (reader.value(name), reader.value(file)) {
        (Some(_), Some(_)) => {
            reader.mistake(format!("{name} and {file} are both set; keep one"));
            None
        }
        (Some(key), None) => Some(key.to_owned()),
        (None, Some(path)) => in_file(reader, path, &format!("the file that {file} names")),
        (None, None) => None,
    };
    let key = key?;
    reader.secret(&key);
    if key.chars().count() < SHORT_KEY {
        tracing::warn!("{name} has fewer than {SHORT_KEY} characters and can be guessed");
    }
    Some(key.into())
}

fn bind(reader: &mut Reader<'_>) -> IpAddr {
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let Some(text) = reader.value(variable::BIND) else {
        return loopback;
    };
    let text = if text.eq_ignore_ascii_case("localhost") {
        "127.0.0.1"
    } else {
        text
    };
    text.parse().unwrap_or_else(|_| {
        reader.mistake(format!(
            "{} (or --bind) must be an address of this machine, such as 127.0.0.1, 0.0.0.0 or ::; the port goes into {}",
            variable::BIND,
            variable::PORT
        ));
        loopback
    })
}

fn metrics(reader: &mut Reader<'_>) -> Option<SocketAddr> {
    let text = reader.value(variable::METRICS_BIND)?;
    let address = text.parse().ok();
    if address.is_none() {
        reader.mistake(format!(
            "{} (or --metrics-bind) must be an address of this machine with a port, such as 127.0.0.1:9100",
            variable::METRICS_BIND
        ));
    }
    address
}

fn landing(reader: &mut Reader<'_>) -> bool {
    match reader.value(variable::LANDING) {
        None | Some("on" | "1" | "true") => true,
        Some("off" | "0" | "false") => false,
        Some(_) => {
            reader.mistake(format!("{} must be on or off", variable::LANDING));
            true
        }
    }
}

fn port(reader: &mut Reader<'_>) -> u16 {
    let Some(text) = reader.value(variable::PORT) else {
        return DEFAULT_PORT;
    };
    text.parse().unwrap_or_else(|_| {
        reader.mistake(format!("{} must be a port, 0 to 65535", variable::PORT));
        DEFAULT_PORT
    })
}

fn list(reader: &Reader<'_>, name: &str) -> Vec<String> {
    let words = reader.value(name).unwrap_or_default().split(',');
    let words = words.map(|word| word.trim().trim_end_matches('/'));
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
