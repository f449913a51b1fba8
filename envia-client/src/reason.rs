//! The refusals that a caller acts upon, however the back end words them.

use api_core::{Endpoint as _, Error};

use crate::api::{shipments, tickets};

/// Code of a lookup that succeeded and found nothing.
pub(crate) const NOT_FOUND: &str = "not_found";
/// Code of a success that says it is none.
pub(crate) const REFUSED: &str = "refused";

/// A refusal that calls for something other than trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// There is no such ticket, shipment, company or type. Told by 404, by 400 with words to that effect, or by an
    /// empty success.
    NotFound,
    /// A ticket that is not finished exists for the shipment and type: find it with `tickets::List` and go on with it.
    Duplicate,
    /// The ticket is closed and takes no changes. Told by 400 or 422 with words to that effect (inferred).
    Closed,
    /// The token or its signature was not accepted, or lacks a permission.
    Unauthorized,
    /// The file is larger than the back end takes.
    TooLarge,
}

impl Reason {
    /// What an error means, when it is one of these.
    #[must_use]
    pub fn of(error: &Error) -> Option<Self> {
        if error.code() == Some(NOT_FOUND) {
            return Some(Self::NotFound);
        }
        let message = error.message().unwrap_or_default().to_ascii_lowercase();
        let changes = [tickets::Update::SPEC.name, tickets::Upload::SPEC.name];
        let records = [tickets::Show::SPEC.name, shipments::Show::SPEC.name];
        let endpoint = error.endpoint();
        match error.status()? {
            401 | 403 => Some(Self::Unauthorized),
            404 => Some(Self::NotFound),
            409 if endpoint == tickets::Create::SPEC.name => Some(Self::Duplicate),
            413 => Some(Self::TooLarge),
            400 | 422 if changes.contains(&endpoint) && message.contains("close") => {
                Some(Self::Closed)
            }
            400 if message.contains("not found")
                && (changes.contains(&endpoint) || records.contains(&endpoint)) =>
            {
                Some(Self::NotFound)
            }
            _ => None,
        }
    }
}
