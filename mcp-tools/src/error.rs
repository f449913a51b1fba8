//! What the model reads when a tool fails, and what it may do next.

use std::fmt;

use crate::arguments::Mistake;

/// A failed tool call: a sentence for whoever must act, and the class of failure for logs and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolError {
    kind: ErrorKind,
    text: String,
    asked: Option<Box<Asked>>,
}

/// A question to the user, whose answer decides whether a call is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What would happen.
    pub question: String,
    /// What the call must carry when the user agrees.
    pub token: String,
}

/// The class of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No tool of that name is served to this caller.
    UnknownTool,
    /// The arguments are wrong; nothing was sent.
    Arguments,
    /// A rule of ours, or a missing permission, forbids the call; nothing was changed.
    Denied,
    /// The user must be asked first; nothing was changed.
    Unconfirmed,
    /// The thing the call names does not exist, or the caller may not see it.
    NotFound,
    /// The back end's state forbids the call as it stands.
    Conflict,
    /// The back end refused the values.
    Refused,
    /// Too many calls; wait.
    Throttled,
    /// A write may or may not have happened.
    Unknown,
    /// The answer has more bytes than are sent.
    TooLarge,
    /// The back end could not be reached, or did not answer as agreed.
    Upstream,
    /// A fault of this server.
    Internal,
}

impl ErrorKind {
    /// A stable word for logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownTool => "unknown_tool",
            Self::Arguments => "arguments",
            Self::Denied => "denied",
            Self::Unconfirmed => "unconfirmed",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
            Self::Throttled => "throttled",
            Self::Unknown => "unknown_outcome",
            Self::TooLarge => "too_large",
            Self::Upstream => "upstream",
            Self::Internal => "internal",
        }
    }
}

impl ToolError {
    /// A failure of a class, told in one text.
    #[must_use]
    pub fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            asked: None,
        }
    }

    /// The same with a question to the user.
    #[must_use]
    pub fn with_question(mut self, asked: Asked) -> Self {
        self.asked = Some(Box::new(asked));
        self
    }

    /// The question that must be answered first.
    #[must_use]
    pub fn question(&self) -> Option<&Asked> {
        self.asked.as_deref()
    }

    /// A fault of this server that the caller cannot mend.
    #[must_use]
    pub fn internal(text: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, text)
    }

    /// Wrong arguments, all of them at once. Nothing was sent.
    #[must_use]
    pub fn arguments(tool: &str, mistakes: &[Mistake]) -> Self {
        /// Nobody mends more at once, and a caller may send any number.
        const SHOWN: usize = 50;
        let count = match mistakes.len() {
            1 => "1 mistake".to_owned(),
            many => format!("{many} mistakes"),
        };
        let mut text = format!("{count} in the arguments of {tool}; nothing was sent.");
        for mistake in mistakes.iter().take(SHOWN) {
            text.push_str("\n- ");
            text.push_str(&mistake.to_string());
        }
        if mistakes.len() > SHOWN {
            text.push_str(&format!("\n- and {} more", mistakes.len() - SHOWN));
        }
        Self::new(ErrorKind::Arguments, text)
    }

    /// The class of the failure.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The text for the model.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same with one more line of advice.
    #[must_use]
    pub fn with_advice(mut self, advice: &str) -> Self {
        self.text.push('\n');
        self.text.push_str(advice);
        self
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for ToolError {}
