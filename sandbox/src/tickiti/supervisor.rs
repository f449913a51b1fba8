//! The supervisor family.

use super::call::Handler;
use super::model::State;

/// The handler of an action.
pub(super) fn handler(_action: &str) -> Option<Handler> {
    None
}

/// Demo rows.
pub(super) fn seed(_state: &mut State) {}
