//! Values that the families share: ids, references, closed vocabularies, checked texts.
//!
//! What a request carries is checked when it is made or decoded, so that a wrong date or address never leaves. What an
//! answer carries is taken as it comes: see [`Reported`].

mod choice;
mod id;
mod issued;
pub(crate) mod lenient;
pub(crate) mod nullable;
mod reference;
mod rows;
mod text;

pub use choice::{Priority, Reported, Status};
pub use id::{
    AttachmentId, Id, MailboxId, PerspectiveId, QueueId, ResponseId, TeamId, TemplateId, TicketId,
    TokenId, UserId, WatchlistId,
};
pub use issued::Issued;
pub use reference::{AssigneeKey, Cursor, TicketRef, UploadedFile};
pub use rows::Rows;
pub use text::{Date, DateTime, Email, Sha256, TicketNumber};

/// A text that is not what the field wants.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not {expected}")]
pub struct InvalidValue {
    found: String,
    expected: &'static str,
}

impl InvalidValue {
    fn new(found: &str, expected: &'static str) -> Self {
        const SHOWN: usize = 60;
        let mut shown: String = found.chars().take(SHOWN).collect();
        if shown.len() < found.len() {
            shown.push('…');
        }
        Self {
            found: shown,
            expected,
        }
    }

    /// What the field wants, as a phrase: `a calendar date as YYYY-MM-DD`.
    #[must_use]
    pub const fn expected(&self) -> &'static str {
        self.expected
    }
}
