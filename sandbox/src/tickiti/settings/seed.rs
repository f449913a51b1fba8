//! Demo rows.

use crate::tickiti::model::State;

/// Adds them.
pub(in crate::tickiti) fn seed(_state: &mut State) {}
