//! `health`: asks a server over HTTP how it is, for places without another program that could, such as a container.

use std::{
    io::{self, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, ToSocketAddrs as _},
    process::ExitCode,
    time::Duration,
};

use clap::Args;
use http::{Uri, uri::Scheme};

use super::{FAILED, MISUSED, environment, fail, print, set, variable};
use crate::config::{DEFAULT_PORT, Variables};

/// For the connection, and for each piece of the answer.
const PATIENCE: Duration = Duration::from_secs(4);
/// What is read of an answer, in bytes: its status line, and why a server is not ready.
const SHOWN: u64 = 4096;

/// What is asked.
#[derive(Debug, Args)]
pub(super) struct Health {
    /// What to ask, such as http://127.0.0.1:3100/readyz; by default /healthz where a server with this environment listens.
    url: Option<Uri>,
}

impl Health {
    pub(super) fn run(self) -> ExitCode {
        let url = match self.url.map_or_else(|| own(&environment()), Ok) {
            Ok(url) => url,
            Err(problem) => return fail(problem, MISUSED),
        };
        let plain = url.scheme().is_none_or(|scheme| *scheme == Scheme::HTTP);
        let Some(host) = url.host().filter(|_| plain) else {
            return fail(
                format!("{url} is no address to ask; give one that begins with http://"),
                MISUSED,
            );
        };
        match ask(&url, host) {
            Ok((200, body)) => {
                print(&body);
                ExitCode::SUCCESS
            }
            Ok((status, body)) => fail(
                format!("{url} answers {status}: {}", body.trim_end()),
                FAILED,
            ),
            Err(error) if is_late(&error) => fail(format!("{url} does not answer in time"), FAILED),
            Err(error) => fail(format!("{url} does not answer: {error}"), FAILED),
        }
    }
}

/// The address where a server with these variables listens.
fn own(variables: &Variables) -> Result<Uri, String> {
    let port = set(variables, variable::PORT).map_or(Ok(DEFAULT_PORT), str::parse);
    let port = port.map_err(|_| format!("{} must be a port, 0 to 65535", variable::PORT))?;
    let bind = set(variables, variable::BIND).and_then(|bind| bind.parse::<IpAddr>().ok());
    let host = bind.filter(|address| !address.is_unspecified());
    let host = host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let url = format!("http://{}/healthz", SocketAddr::new(host, port));
    url.parse().map_err(|error| format!("{url}: {error}"))
}

/// The status and the body of the answer.
fn ask(url: &Uri, host: &str) -> io::Result<(u16, String)> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let mut stream = connect(bare, url.port_u16().unwrap_or(80))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let authority = url.authority().map_or(host, |authority| authority.as_str());
    let request = format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(SHOWN).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| {
        let (status, _) = rest.split_once(' ')?;
        status.parse().ok()
    });
    let status = status.ok_or_else(|| io::Error::other("what came is no answer of HTTP/1.1"))?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status, body.to_owned()))
}

/// A read beyond its time has one name on some systems, and another on others.
fn is_late(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

/// A connection to the first address of a name that takes one.
fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut last = io::Error::other("the name has no address");
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_of_the_same_environment_is_asked() {
        for (bind, port, expected) in [
            ("", "", "http://127.0.0.1:3100/healthz"),
            ("0.0.0.0", "8080", "http://127.0.0.1:8080/healthz"),
            ("localhost", "8080", "http://127.0.0.1:8080/healthz"),
            ("::", "", "http://127.0.0.1:3100/healthz"),
            ("::1", "", "http://[::1]:3100/healthz"),
            ("10.1.2.3", "", "http://10.1.2.3:3100/healthz"),
        ] {
            let variables = [(variable::BIND, bind), (variable::PORT, port)];
            let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(own(&variables.into()).unwrap(), expected, "{bind} {port}");
        }
        let wrong = [(variable::PORT.to_owned(), "http".to_owned())];
        assert!(own(&wrong.into()).unwrap_err().contains("PORT"));
    }
}
