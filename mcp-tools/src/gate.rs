//! Whether a caller's tokens may do what a tool is for, as far as the back end tells beforehand.

use api_core::Spec;
use async_trait::async_trait;

use crate::error::ToolError;

/// What a module knows of the tokens of one profile. It is asked before tools are listed, and before each call.
///
/// What is not known is open: the back end decides.
#[async_trait]
pub trait Gate: Send + Sync + 'static {
    /// Learns what is not known yet, and comes back when that takes longer than a client waits for a list. What is known
    /// but old is learnt anew without a wait.
    async fn ready(&self);

    /// Whether one of these endpoints is open to one of the tokens.
    fn is_open(&self, endpoints: &[&'static Spec]) -> bool;

    /// Why a call may not be made that is for one of these endpoints; `None` when it may, or nothing is known. `chosen` is
    /// the value of the module's shared argument.
    async fn refusal(
        &self,
        tool: &str,
        chosen: Option<&str>,
        endpoints: &[&'static Spec],
    ) -> Option<ToolError>;
}
