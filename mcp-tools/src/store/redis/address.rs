//! Where a Redis server is, and as whom it is talked to.

use std::{fmt, path::PathBuf};

use api_core::Secret;
use url::Url;

const PORT: u16 = 6379;

/// A server, a user, a database.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) place: Place,
    pub(super) user: Option<String>,
    pub(super) password: Option<Secret>,
    pub(super) database: u32,
}

#[derive(Debug)]
pub(super) enum Place {
    Network { host: String, port: u16 },
    Socket(PathBuf),
}

/// What is wrong with an address, without showing it: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadAddress(&'static str);

impl Address {
    pub(super) fn parse(text: &str) -> Result<Self, BadAddress> {
        let url = Url::parse(text.trim()).map_err(|_| BadAddress("is no address"))?;
        let (place, database) = match url.scheme() {
            "redis" => (network(&url)?, url.path().trim_matches('/').to_owned()),
            "unix" | "redis+unix" => {
                let database = url.query_pairs().find(|(name, _)| name == "db");
                let database = database.map_or_else(String::new, |(_, value)| value.into_owned());
                (Place::Socket(decoded(url.path())?.into()), database)
            }
            "rediss" => {
                return Err(BadAddress(
                    "asks for TLS, which is not spoken here: use redis:// to a tunnel on this machine",
                ));
            }
            _ => return Err(BadAddress("must begin with redis:// or unix://")),
        };
        let database = match database.as_str() {
            "" => 0,
            number => number
                .parse()
                .map_err(|_| BadAddress("names a database that is no number"))?,
        };
        let user = Some(url.username()).filter(|user| !user.is_empty());
        Ok(Self {
            place,
            user: user.map(decoded).transpose()?,
            password: url.password().map(decoded).transpose()?.map(Secret::new),
            database,
        })
    }
}

fn network(url: &Url) -> Result<Place, BadAddress> {
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or(BadAddress("names no host"))?;
    Ok(Place::Network {
        host: host.trim_matches(['[', ']']).to_owned(),
        port: url.port().unwrap_or(PORT),
    })
}

/// `%40` and the like as what they stand for.
fn decoded(text: &str) -> Result<String, BadAddress> {
    const BAD: BadAddress = BadAddress("has a % that is followed by no code of a letter");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || {
            let digit = rest.next().map(char::from).and_then(|c| c.to_digit(16));
            digit.and_then(|digit| u8::try_from(digit).ok()).ok_or(BAD)
        };
        bytes.push(digit()? << 4 | digit()?);
    }
    String::from_utf8(bytes).map_err(|_| BAD)
}

/// Without user and password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let database = self.database;
        match &self.place {
            Place::Network { host, port } if host.contains(':') => {
                write!(f, "redis://[{host}]:{port}/{database}")
            }
            Place::Network { host, port } => write!(f, "redis://{host}:{port}/{database}"),
            Place::Socket(path) => write!(f, "unix://{}?db={database}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_they_are_written() {
        for (text, shown, user, password) in [
            ("redis://cache", "redis://cache:6379/0", None, None),
            ("redis://cache:7000/3", "redis://cache:7000/3", None, None),
            ("redis://[::1]:7000", "redis://[::1]:7000/0", None, None),
            (
                "redis://:p%40ss@cache/",
                "redis://cache:6379/0",
                None,
                Some("p@ss"),
            ),
            (
                "redis://ana:hush@cache",
                "redis://cache:6379/0",
                Some("ana"),
                Some("hush"),
            ),
            (
                "unix:///run/redis.sock",
                "unix:///run/redis.sock?db=0",
                None,
                None,
            ),
            ("redis+unix:///r%20x?db=2", "unix:///r x?db=2", None, None),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.to_string(), shown);
            assert_eq!(address.user.as_deref(), user);
            let found = address.password.as_ref().map(Secret::expose);
            assert_eq!(found, password);
            assert!(!format!("{address:?}").contains("hush"));
        }
    }

    #[test]
    fn what_is_no_address_is_refused_unseen() {
        for text in [
            "",
            "cache",
            "redis://",
            "http://hush@cache",
            "rediss://:hush@cache",
            "redis://cache/hush",
            "redis://:hush%@cache",
            "redis://:hush%ff@cache",
            "redis://cache:hush",
        ] {
            let refused = Address::parse(text).unwrap_err().to_string();
            assert!(
                !refused.contains("hush") && !refused.is_empty(),
                "{text}: {refused}"
            );
        }
    }
}
