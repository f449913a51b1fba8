//! Names that a server answers to, and web pages that may call it.
//!
//! A web page can point a name of its own at this machine and then talk to a server here as if it were its own. So a
//! request must be for a name that is known, and a page must be of an origin that is known.

use std::net::IpAddr;

use http::{Request, header, uri::Authority};

/// What is known beside this machine's own names.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Names {
    /// Host names, such as `tickets.example.com`, for any port. Addresses and `localhost` are always taken: no page can
    /// make them its own.
    pub hosts: Vec<String>,
    /// Origins of web pages, such as `https://chat.example.com`. Pages of this machine are always taken.
    pub origins: Vec<String>,
}

impl Names {
    /// With these hosts and origins.
    #[must_use]
    pub const fn new(hosts: Vec<String>, origins: Vec<String>) -> Self {
        Self { hosts, origins }
    }

    /// Why a request is not for this server, or not from a page that may call it.
    pub(super) fn check<B>(&self, request: &Request<B>) -> Result<(), String> {
        let headers = request.headers();
        let mut said = headers.get_all(header::HOST).iter();
        let host = said.next().and_then(|host| host.to_str().ok());
        let host = host.and_then(|host| host.parse::<Authority>().ok());
        let (Some(host), None) = (host, said.next()) else {
            return Err("the request must name its host, and only one".to_owned());
        };
        // A whole address in the request line is what proxies and back ends may go by instead.
        for host in [Some(&host), request.uri().authority()]
            .into_iter()
            .flatten()
        {
            if !self.is_own(host.host()) {
                return Err(format!(
                    "this server does not answer to the name {}; whoever runs it can add it to TICKETING_MCP_ALLOWED_HOSTS",
                    shown(host.host())
                ));
            }
        }
        for origin in headers.get_all(header::ORIGIN) {
            if !origin.to_str().is_ok_and(|origin| self.may_call(origin)) {
                let origin = String::from_utf8_lossy(origin.as_bytes());
                return Err(format!(
                    "web pages of {} may not call this server; whoever runs it can add them to \
                     TICKETING_MCP_ALLOWED_ORIGINS",
                    shown(&origin)
                ));
            }
        }
        Ok(())
    }

    fn is_own(&self, host: &str) -> bool {
        is_address(host)
            || host.eq_ignore_ascii_case("localhost")
            || self
                .hosts
                .iter()
                .any(|known| known.eq_ignore_ascii_case(host))
    }

    fn may_call(&self, origin: &str) -> bool {
        if self
            .origins
            .iter()
            .any(|known| known.eq_ignore_ascii_case(origin))
        {
            return true;
        }
        let Some((_, authority)) = origin.split_once("://") else {
            return false;
        };
        let Ok(authority) = authority.parse::<Authority>() else {
            return false;
        };
        let host = authority.host();
        let address: Option<IpAddr> = bare(host).parse().ok();
        host.eq_ignore_ascii_case("localhost")
            || address.is_some_and(|address| address.is_loopback())
    }
}

fn is_address(host: &str) -> bool {
    bare(host).parse::<IpAddr>().is_ok()
}

/// An IPv6 address without its brackets.
fn bare(host: &str) -> &str {
    let inner = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    inner.unwrap_or(host)
}

/// A name from outside, short and plain enough to repeat.
pub(super) fn shown(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_graphic)
        .take(100)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, origin: Option<&str>) -> bool {
        let names = Names::new(
            vec!["tickets.example.com".to_owned()],
            vec!["https://chat.example.com".to_owned()],
        );
        let mut request = Request::post("/mcp").header(header::HOST, host);
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        names.check(&request.body(()).unwrap()).is_ok()
    }

    #[test]
    fn every_name_and_page_that_is_said_counts() {
        let names = Names::new(Vec::new(), Vec::new());
        let is_own = |uri: &str, said: &[(header::HeaderName, &str)]| {
            let mut request = Request::post(uri);
            for (name, value) in said {
                request = request.header(name, *value);
            }
            names.check(&request.body(()).unwrap()).is_ok()
        };
        let own = (header::HOST, "localhost");
        assert!(is_own("/mcp", std::slice::from_ref(&own)));
        assert!(is_own(
            "http://localhost:3100/mcp",
            std::slice::from_ref(&own)
        ));
        assert!(!is_own(
            "http://evil.example/mcp",
            std::slice::from_ref(&own)
        ));
        assert!(!is_own(
            "/mcp",
            &[own.clone(), (header::HOST, "evil.example")]
        ));
        assert!(!is_own("/mcp", &[own.clone(), own.clone()]));
        let page = |text| (header::ORIGIN, text);
        assert!(!is_own(
            "/mcp",
            &[own, page("http://localhost"), page("http://evil.example")]
        ));
    }

    #[test]
    fn known_names_and_pages_alone() {
        for (host, expected) in [
            ("127.0.0.1:3100", true),
            ("[::1]:3100", true),
            ("localhost", true),
            ("10.1.2.3", true),
            ("tickets.example.com", true),
            ("Tickets.Example.com:443", true),
            ("evil.example", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("", false),
        ] {
            assert_eq!(check(host, None), expected, "{host}");
        }
        for (origin, expected) in [
            ("http://localhost:5173", true),
            ("http://127.0.0.1", true),
            ("http://[::1]:80", true),
            ("https://chat.example.com", true),
            ("https://chat.example.com:8443", false),
            ("http://chat.example.com", false),
            ("http://10.1.2.3", false),
            ("http://localhost.evil.example", false),
            ("http://evil.example#localhost", false),
            ("http://localhost@evil.example", false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(check("localhost", Some(origin)), expected, "{origin}");
        }
    }
}
