//! Tickets and their threads: open, answer, search, read, restructure.
//!
//! No role is needed, but reads and writes are limited to the queues that the token's owner can see, and restructuring
//! (delete, merge, move, split and the like) needs the right to manage the queues concerned.

mod attachments;
mod create;
mod lists;
mod objects;
mod people;
mod query;
mod read;
mod respond;
mod responses;
mod restructure;

pub use attachments::{Attachment, AttachmentContent, AttachmentDelete, AttachmentUpload, Intent};
pub use create::{Create, Created, TicketData};
pub use lists::{Queue, Queues, Resolution, Resolutions, SearchModes, Staff, StaffMember, Teams};
pub use objects::{AttachmentInfo, ThreadResponse, Ticket, TicketRow};
pub use people::{OriginatorUpdate, ParticipantsAdd, ParticipantsRemove};
pub use query::{Criterion, Match, Mode, Query, SearchObject};
pub use read::{BodyField, ResponseShow, Responses, Show, Shown, ShownResponse, Thread};
pub use respond::{Close, Respond, Responded};
pub use responses::{
    GroupBy, Replacement, ResponseCopy, ResponseDelete, ResponseField, ResponseFilters,
    ResponseMove, ResponseUpdate, ResponsesPage, ResponsesQuery,
};
pub use restructure::{Delete, Link, Links, Merge, Restore, Split, Unlink};
