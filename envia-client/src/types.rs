//! Forms that several endpoints share: ids, amounts, dates, files and the wrappers of answers.

mod amount;
pub(crate) mod answer;
pub(crate) mod choice;
mod date;
mod file;
mod id;
pub(crate) mod lenient;
mod shipment_ref;
mod variables;

pub use amount::Amount;
pub(crate) use amount::number as amount_of;
pub use answer::{Done, One, Page};
pub use choice::{ActivityStatus, International, ShipmentKind, Sla};
pub use date::Date;
pub use file::{FileContent, FileType};
pub use id::{CarrierId, CompanyId, CreditId, FileId, Id, ShipmentId, StaffId, TicketId, TypeId};
pub use shipment_ref::ShipmentRef;
pub use variables::Variables;

/// A text that has not the form of the type it was meant for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not {expected}")]
pub struct InvalidValue {
    /// The text, cut to what a person reads.
    pub found: String,
    /// What would have been right.
    pub expected: &'static str,
}

impl InvalidValue {
    pub(crate) fn new(found: &str, expected: &'static str) -> Self {
        Self {
            found: found.chars().take(60).collect(),
            expected,
        }
    }
}
