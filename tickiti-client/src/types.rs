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

pub use api_core::InvalidValue;
pub use choice::{Priority, Reported, Status};
pub use id::{
    AttachmentId, Id, MailboxId, PerspectiveId, QueueId, ResponseId, TeamId, TemplateId, TicketId,
    TokenId, UserId, WatchlistId,
};
pub use issued::Issued;
pub use reference::{AssigneeKey, Cursor, TicketRef, UploadedFile};
pub use rows::Rows;
pub use text::{Date, DateTime, Email, Sha256, TicketNumber};
