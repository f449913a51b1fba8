//! Tickets: open, find, read, change, and add files.

mod create;
mod list;
mod record;
mod update;
mod upload;

pub use create::{Create, Created};
pub use list::{List, Row};
pub use record::{Comment, Show, Ticket, TicketFile};
pub use update::Update;
pub use upload::{Upload, Uploaded};

#[cfg(test)]
mod tests;
