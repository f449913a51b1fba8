//! What a caller is told when a call brings no result.

use std::{fmt, time::Duration};

use serde_json::Value;

use crate::{
    endpoint::Spec,
    path::PathError,
    text::{self, tidy},
};

/// A call without a result: at which endpoint, why, and what may have happened all the same.
///
/// It carries no body and no secret. Its text is one line for the person who must act.
pub struct Error(Box<Inner>);

struct Inner {
    endpoint: &'static str,
    kind: ErrorKind,
    facts: Facts,
}

/// What is known of the call besides why it failed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) request_id: String,
    pub(crate) attempts: u32,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) may_have_applied: bool,
}

/// Why a call brought no result.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request breaks a rule that is known without asking the back end. Nothing was sent.
    Invalid(String),
    /// The request cannot be written as JSON. Nothing was sent.
    Encode(serde_json::Error),
    /// A path parameter cannot be sent. Nothing was sent.
    Path(PathError),
    /// The connection cannot be set up on this side, such as an unreadable CA file. Nothing was sent.
    Setup(String),
    /// No connection came up: refused, unknown name, TLS refused. Nothing of the last attempt was sent.
    Connect(String),
    /// The time was over.
    Timeout {
        /// Time since the call began.
        waited: Duration,
        /// What was waited for.
        phase: Phase,
    },
    /// The connection broke after the request began to leave, before the answer was whole.
    Interrupted(String),
    /// The back end points elsewhere. Redirects are never followed: they would lose the body or leak credentials.
    Redirect {
        /// Status of the answer, 300 to 399.
        status: u16,
        /// Scheme, host and port that it points to.
        to: Option<String>,
    },
    /// A successful answer is longer than allowed.
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The back end refused.
    Status {
        /// Status of the answer.
        status: u16,
        /// What its body said.
        refusal: Refusal,
        /// How long it asked to wait.
        retry_after: Option<Duration>,
    },
    /// The back end refused inside an answer whose status says success.
    Logical(Refusal),
    /// The answer is not what was expected.
    Decode {
        /// What is wrong, without the values of the body.
        reason: String,
        /// What the back end says the body is.
        content_type: Option<String>,
        /// Length of the body, in bytes.
        length: u64,
    },
    /// This install does not have the endpoint. Clients say so when they know it, see [`Error::into_unavailable`].
    Unavailable {
        /// Release that added it.
        since: Option<&'static str>,
    },
}

/// What a call was waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// A connection; nothing was sent.
    Connect,
    /// Status and headers of the answer.
    Answer,
    /// The rest of the answer's body.
    Body,
}

/// Fields of a refusal that are handed on, and sentences of each.
const MAX_FIELDS: usize = 20;
const MAX_MESSAGES: usize = 3;

/// What a back end says when it refuses. Every part may be missing.
///
/// An [`Error`] carries at most 20 fields and 3 sentences of each, in texts of at most about 500 characters.
#[derive(Clone, Default, PartialEq)]
pub struct Refusal {
    /// Machine code.
    pub code: Option<String>,
    /// Sentence for a person.
    pub message: Option<String>,
    /// What is wrong with single fields.
    pub fields: Vec<FieldError>,
    /// Number of further fields that were left out.
    pub more_fields: usize,
    /// Details in the back end's own form.
    pub data: Option<Box<Value>>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the field, dotted when it is nested.
    pub field: String,
    /// Sentences of the back end; where some were left out, the last says how many.
    pub messages: Vec<String>,
}

impl Error {
    /// A refusal before anything is sent; `text` says what to do.
    #[must_use]
    pub fn invalid(endpoint: &'static str, text: impl Into<String>) -> Self {
        Self::before_sending(endpoint, ErrorKind::Invalid(text.into()))
    }

    pub(crate) fn before_sending(endpoint: &'static str, kind: ErrorKind) -> Self {
        Self::new(endpoint, kind, Facts::default())
    }

    pub(crate) fn new(endpoint: &'static str, kind: ErrorKind, facts: Facts) -> Self {
        Self(Box::new(Inner {
            endpoint,
            kind,
            facts,
        }))
    }

    /// The same call told as "this install does not have the endpoint".
    #[must_use]
    pub fn into_unavailable(mut self, since: Option<&'static str>) -> Self {
        self.0.kind = ErrorKind::Unavailable { since };
        self
    }

    /// Name of the endpoint, such as `tickets.create`.
    #[must_use]
    pub fn endpoint(&self) -> &'static str {
        self.0.endpoint
    }

    /// Why the call failed.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Status of the answer, when the status was the refusal.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.kind() {
            ErrorKind::Status { status, .. } | ErrorKind::Redirect { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Machine code of the refusal.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.refusal()?.code.as_deref()
    }

    /// Sentence of the refusal, at most about 500 characters.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.refusal()?.message.as_deref()
    }

    /// What the back end says of single fields.
    #[must_use]
    pub fn fields(&self) -> &[FieldError] {
        self.refusal().map_or(&[], |refusal| &refusal.fields)
    }

    /// Number of fields that the back end named beside [`Error::fields`].
    #[must_use]
    pub fn more_fields(&self) -> usize {
        self.refusal().map_or(0, |refusal| refusal.more_fields)
    }

    /// Details of the refusal in the back end's own form.
    #[must_use]
    pub fn data(&self) -> Option<&Value> {
        self.refusal()?.data.as_deref()
    }

    /// Id that the call travelled under (`X-Request-Id`); empty when it was refused before that.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.0.facts.request_id
    }

    /// Attempts made; 0 when nothing was tried.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.facts.attempts
    }

    /// Idempotency key of the call, given or minted. Repeating the same request with it cannot act twice.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<&str> {
        self.0.facts.idempotency_key.as_deref()
    }

    /// How long the back end asked to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.kind() {
            ErrorKind::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// True when the change may have been made although the caller has no result. Always false for reads.
    ///
    /// Look before doing it again: read the state back, or repeat with the same idempotency key. An earlier attempt
    /// counts too: a call whose first answer was lost and whose second attempt was refused may have acted.
    #[must_use]
    pub fn may_have_applied(&self) -> bool {
        self.0.facts.may_have_applied
    }

    /// True when time ran out. A larger deadline or a smaller question may help.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.kind(), ErrorKind::Timeout { .. })
    }

    /// True when no connection came up: check address, network, proxy and certificates.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::Connect(_)
                | ErrorKind::Timeout {
                    phase: Phase::Connect,
                    ..
                }
        )
    }

    fn refusal(&self) -> Option<&Refusal> {
        match self.kind() {
            ErrorKind::Status { refusal, .. } | ErrorKind::Logical(refusal) => Some(refusal),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.endpoint, self.0.kind)?;
        if self.attempts() > 1 {
            write!(f, " (after {} attempts)", self.attempts())?;
        }
        if self.may_have_applied() {
            f.write_str("; the change may have been made, look before repeating it")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("endpoint", &self.0.endpoint)
            .field("kind", &self.0.kind)
            .field("request_id", &self.0.facts.request_id)
            .field("attempts", &self.0.facts.attempts)
            .field("idempotency_key", &self.0.facts.idempotency_key)
            .field("may_have_applied", &self.0.facts.may_have_applied)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.kind() {
            ErrorKind::Encode(error) => Some(error),
            ErrorKind::Path(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(text) => f.write_str(text),
            Self::Encode(error) => write!(f, "the request cannot be written as JSON: {error}"),
            Self::Path(error) => error.fmt(f),
            Self::Setup(text) => write!(f, "connections cannot be set up: {text}"),
            Self::Connect(text) => write!(f, "no connection to the server: {text}"),
            Self::Timeout { waited, phase } => {
                write!(f, "{phase} within {:.1} s", waited.as_secs_f64())
            }
            Self::Interrupted(text) => {
                write!(
                    f,
                    "the connection broke before the answer was whole: {text}"
                )
            }
            Self::Redirect { status, to } => match to {
                Some(to) => write!(
                    f,
                    "the server answered {status} and points to {to}; use the address of the API itself"
                ),
                None => write!(f, "the server answered {status}, which points elsewhere"),
            },
            Self::TooLarge { limit } => {
                write!(
                    f,
                    "the answer is longer than {limit} bytes; ask for less or raise the limit"
                )
            }
            Self::Status {
                status,
                refusal,
                retry_after,
            } => {
                write!(f, "refused with {status}{refusal}")?;
                match retry_after {
                    Some(wait) => write!(f, "; try again in {} s", text::whole_seconds(*wait)),
                    None => Ok(()),
                }
            }
            Self::Logical(refusal) => write!(f, "refused inside a successful answer{refusal}"),
            Self::Decode {
                reason,
                content_type,
                length,
            } => {
                let content_type = content_type.as_deref().unwrap_or("no content type");
                write!(
                    f,
                    "the answer cannot be read: {reason} ({content_type}, {length} bytes)"
                )
            }
            Self::Unavailable { since: Some(since) } => {
                write!(
                    f,
                    "this install does not have the endpoint, which came with {since}"
                )
            }
            Self::Unavailable { since: None } => {
                f.write_str("this install does not have the endpoint")
            }
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "no connection",
            Self::Answer => "no answer",
            Self::Body => "no end of the answer",
        })
    }
}

impl Refusal {
    /// Cut to what a person reads, in number and length, without control characters.
    pub(crate) fn tidied(mut self) -> Self {
        self.code = self
            .code
            .map(|code| tidy(&code, 100))
            .filter(|code| !code.is_empty());
        self.message = self
            .message
            .map(|text| tidy(&text, 500))
            .filter(|text| !text.is_empty());
        self.more_fields += self.fields.len().saturating_sub(MAX_FIELDS);
        self.fields.truncate(MAX_FIELDS);
        for field in &mut self.fields {
            field.field = tidy(&field.field, 100);
            let more = field.messages.len().saturating_sub(MAX_MESSAGES);
            if more > 0 {
                field.messages.truncate(MAX_MESSAGES);
                field.messages.push(format!("(and {more} more)"));
            }
            for message in &mut field.messages {
                *message = tidy(message, 500);
            }
        }
        self
    }
}

/// What follows "refused with 422": ` validation_failed: text (field: text)`.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(code) = &self.code {
            write!(f, " {code}")?;
        }
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        if self.fields.is_empty() {
            return Ok(());
        }
        let shown = self.fields.iter().take(5);
        let fields: Vec<String> = shown
            .map(|field| format!("{}: {}", field.field, field.messages.join(" ")))
            .collect();
        let more = self.fields.len() + self.more_fields - fields.len();
        write!(f, " ({}", tidy(&fields.join("; "), 500))?;
        match more {
            0 => f.write_str(")"),
            more => write!(f, "; and {more} more fields)"),
        }
    }
}

/// `data` is left out: it is the back end's, and nobody has looked what is in it.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("code", &self.code)
            .field("message", &self.message)
            .field("fields", &self.fields)
            .field("more_fields", &self.more_fields)
            .field("has_data", &self.data.is_some())
            .finish()
    }
}

/// An executor that cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The base address cannot be used.
    #[error("the base address {0}")]
    Base(&'static str),
    /// The base address would send credentials in clear.
    #[error(
        "the base address of {host} must begin with https://, or plain HTTP must be allowed explicitly"
    )]
    PlainHttp {
        /// The host.
        host: String,
    },
    /// The base address wants TLS and this build has none.
    #[error(
        "the base address begins with https:// but this build has no TLS; enable the feature `rustls`"
    )]
    NoTls,
    /// The user agent cannot be a header.
    #[error("the user agent must consist of visible ASCII characters and spaces")]
    UserAgent,
}

/// Why a body is not what a type expects.
pub(crate) fn decode_reason(spec: &Spec, error: &serde_json::Error) -> String {
    if spec.answers_secret {
        return format!(
            "unexpected form at line {} column {}",
            error.line(),
            error.column()
        );
    }
    text::without_values(&error.to_string())
}
