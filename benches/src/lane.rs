//! One way to make a call, measured beside the others.

use serde_json::Value;

use crate::{
    Outcome,
    direct::{Depth, Direct},
    http::HttpServer,
    place::{self, Place},
    process::{Server, Subject},
    stats::micros,
    tools::Case,
    wire::Line,
};

/// A way to make the call of one case.
#[derive(Debug)]
pub(crate) enum Lane<'a> {
    /// The HTTP call, from this process.
    Direct {
        direct: &'a Direct,
        case: Case,
        depth: Depth,
        /// Where the call starts.
        place: Place,
    },
    /// A server over stdio.
    Stdio {
        server: Server,
        line: Line,
        expected: usize,
    },
    /// A server over HTTP.
    Http {
        server: HttpServer,
        request: Vec<u8>,
        expected: usize,
    },
}

impl<'a> Lane<'a> {
    /// The HTTP call that a tool makes.
    pub(crate) fn direct(direct: &'a Direct, case: &Case, depth: Depth, place: Place) -> Self {
        Self::Direct {
            direct,
            case: case.clone(),
            depth,
            place,
        }
    }

    /// A server that answers the case; its first answer is looked at.
    pub(crate) fn server(subject: &Subject, case: &Case) -> Outcome<Self> {
        let mut server = Server::open(subject)?;
        let expected = look(&mut server, case)?;
        Ok(Self::Stdio {
            server,
            line: case.line(),
            expected,
        })
    }

    /// A floor, which answers without looking.
    pub(crate) fn floor(subject: &Subject, case: &Case) -> Outcome<Self> {
        let mut server = Server::open(subject)?;
        let line = case.line();
        let expected = server.call(&line)?;
        Ok(Self::Stdio {
            server,
            line,
            expected,
        })
    }

    /// The same over HTTP.
    pub(crate) fn http(subject: &Subject, case: &Case) -> Outcome<Self> {
        let mut server = HttpServer::open(subject)?;
        let request = server.request(&case.line());
        let (expected, answer) = server.call(&request)?;
        prove(&answer, case)?;
        Ok(Self::Http {
            server,
            request,
            expected,
        })
    }

    /// Length of an answer, 0 where it is not known.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Direct { .. } => 0,
            Self::Stdio { expected, .. } | Self::Http { expected, .. } => *expected,
        }
    }

    /// The process behind it, if it is another one.
    pub(crate) fn pid(&self) -> Option<u32> {
        match self {
            Self::Direct { .. } => None,
            Self::Stdio { server, .. } => Some(server.pid()),
            Self::Http { server, .. } => Some(server.pid()),
        }
    }

    /// One call after the other: microseconds of each.
    pub(crate) fn sequence(&mut self, calls: usize) -> Outcome<Vec<f64>> {
        match self {
            Self::Direct {
                direct,
                case,
                depth,
                place,
            } => {
                if *place == Place::Anywhere {
                    return direct.sequence(case, *depth, calls);
                }
                place::this_thread(*place)?;
                let took = direct.sequence(case, *depth, calls);
                place::this_thread(Place::First)?;
                took
            }
            Self::Stdio {
                server,
                line,
                expected,
            } => {
                let mut took = Vec::with_capacity(calls);
                for _ in 0..calls {
                    let began = std::time::Instant::now();
                    server.call(line)?;
                    took.push(micros(began.elapsed()));
                    server.check(*expected)?;
                }
                Ok(took)
            }
            Self::Http {
                server,
                request,
                expected,
            } => server.sequence(request, calls, *expected),
        }
    }

    /// Many calls at once: microseconds of each.
    pub(crate) fn flood(&mut self, calls: usize, in_flight: usize) -> Outcome<Vec<f64>> {
        match self {
            Self::Direct { direct, case, .. } => direct.flood(case, calls, in_flight),
            Self::Stdio {
                server,
                line,
                expected,
            } => server.flood(line, calls, in_flight, *expected),
            Self::Http {
                server,
                request,
                expected,
            } => server.flood(request, calls, in_flight, *expected),
        }
    }
}

/// Calls a tool once, looks at the whole answer and returns its length.
///
/// A server that refuses quickly would otherwise look like a fast one.
pub(crate) fn look(server: &mut Server, case: &Case) -> Outcome<usize> {
    let length = server.call(&case.line())?;
    prove(&server.answer()?, case)?;
    Ok(length)
}

/// Refuses an answer that is not the right one.
fn prove(answer: &Value, case: &Case) -> Outcome<()> {
    let result = answer
        .get("result")
        .ok_or_else(|| format!("{} failed: {answer}", case.tool))?;
    let text = result.to_string();
    let failed = result.get("isError").and_then(Value::as_bool) == Some(true);
    if failed || !text.contains(case.proof) {
        let begin: String = text.chars().take(300).collect();
        return Err(format!("{} did not answer with the ticket: {begin}", case.tool).into());
    }
    Ok(())
}
