//! Forms that several endpoints share: ids, amounts, dates, files and the wrappers of answers.

mod amount;
pub(crate) mod answer;
mod blank;
pub(crate) mod choice;
mod date;
mod file;
mod id;
pub(crate) mod lenient;
mod shipment_ref;
mod variables;

pub use api_core::InvalidValue;

pub use amount::Amount;
pub(crate) use amount::number as amount_of;
pub use answer::{Done, One, Page};
pub use blank::is_blank;
pub use choice::{ActivityStatus, International, ShipmentKind, Sla};
pub use date::Date;
pub use file::{FileContent, FileType};
pub use id::{CarrierId, CompanyId, CreditId, FileId, Id, ShipmentId, StaffId, TicketId, TypeId};
pub use shipment_ref::ShipmentRef;
pub use variables::Variables;
