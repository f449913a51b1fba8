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
    /// The ticket is closed and takes no changes. Told by 400 or 422 with words to that effect (inferred); a 422 must
    /// speak of a ticket, since connections are closed too.
    Closed,
    /// The token or its signature was not accepted, or lacks a permission.
    Unauthorized,
    /// The file is larger than the back end takes.
    TooLarge,
    /// A write was answered with 422 and no words of a refusal. The back end tells most of its internal failures this way,
    /// so the write may have been made, or a part of it: look before it is repeated.
    /// [`Error::may_have_applied`] does not tell so, since there was an answer. Which words refuse is (inferred).
    MayHaveBegun,
}

/// What a 422 says, in lower case, when it refuses before anything was begun.
const WORDS_OF_REFUSAL: [&str; 2] = ["document", "invalid request"];

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
            status @ (400 | 422)
                if changes.contains(&endpoint)
                    && message.contains("close")
                    && (status == 400 || message.contains("ticket")) =>
            {
                Some(Self::Closed)
            }
            400 if message.contains("not found")
                && (changes.contains(&endpoint) || records.contains(&endpoint)) =>
            {
                Some(Self::NotFound)
            }
            422 if (changes.contains(&endpoint) || endpoint == tickets::Create::SPEC.name)
                && error.fields().is_empty()
                && !WORDS_OF_REFUSAL.iter().any(|word| message.contains(word)) =>
            {
                Some(Self::MayHaveBegun)
            }
            _ => None,
        }
    }
}
