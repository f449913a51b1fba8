//! Asking before what cannot be taken back.
//!
//! A call that needs it is refused with what it would do and a token; the same call with the token is made. The token is
//! good once, for ten minutes, for the same caller, tool and arguments. A server whose client can ask its user directly
//! does that, and brings the token along when the user agrees.

use std::{fmt, sync::Arc, time::Duration};

use api_core::{Effect, Reversal};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    error::{Asked, ErrorKind, ToolError},
    ledger::Intent,
    store::{Store, StoreError, Swap},
    tool::{JsonObject, ToolSpec},
};

/// The argument that carries a token.
pub const CONFIRM: &str = "confirm";
/// How long a token is good for.
const LIVES: Duration = Duration::from_secs(10 * 60);

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Confirm {
    /// Nothing.
    Never,
    /// What cannot be undone, and what touches many things at once.
    #[default]
    Irreversible,
    /// Every call that changes something.
    Writes,
}

impl Confirm {
    /// The setting of a name: `never`, `irreversible` or `writes`.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        match name {
            "never" => Some(Self::Never),
            "irreversible" => Some(Self::Irreversible),
            "writes" => Some(Self::Writes),
            _ => None,
        }
    }

    /// Whether calls of a tool may be asked about; how many things they touch is not looked at.
    pub(crate) fn may_ask(self, spec: &ToolSpec) -> bool {
        self.why(spec.effect, spec.reversal, false).is_some()
    }

    /// Why a call is asked about; `None` when it is not.
    fn why(self, effect: Effect, reversal: Option<Reversal>, bulk: bool) -> Option<&'static str> {
        match (self, effect, reversal) {
            (Self::Never, ..) | (_, Effect::Read, _) => None,
            (_, _, Some(Reversal::Irreversible)) => Some("it cannot be undone"),
            _ if bulk => Some("it touches many things at once"),
            (Self::Writes, ..) => Some("this server asks before every change"),
            (Self::Irreversible, ..) => None,
        }
    }
}

/// Questions to one caller, and their tokens. Cheap to clone.
#[derive(Clone)]
pub struct Confirmations {
    about: Confirm,
    store: Arc<dyn Store>,
    scope: Arc<str>,
}

impl Confirmations {
    /// Questions about calls of one caller; tokens of one scope are worth nothing in another.
    #[must_use]
    pub fn new(about: Confirm, store: Arc<dyn Store>, scope: impl Into<Arc<str>>) -> Self {
        Self {
            about,
            store,
            scope: scope.into(),
        }
    }

    /// The same for a part of what it was for, such as one of several callers.
    #[must_use]
    pub fn within(mut self, part: &str) -> Self {
        self.scope = format!("{}:{}{part}", part.len(), self.scope).into();
        self
    }

    /// Why a call is asked about; `None` when it is not.
    pub(crate) fn why(
        &self,
        effect: Effect,
        reversal: Option<Reversal>,
        bulk: bool,
    ) -> Option<&'static str> {
        self.about.why(effect, reversal, bulk)
    }

    /// Spends a token; true when it was given for this call, and not spent before.
    pub(crate) async fn redeem(&self, token: &str, intent: &Intent) -> Result<bool, ToolError> {
        let (place, subject) = (self.place(token), intent.subject());
        let spent = self.store.forget(&place, subject.as_bytes()).await;
        spent.map_err(|error| unkept(&error))
    }

    /// The refusal that asks, with a fresh token.
    pub(crate) async fn ask(&self, intent: &Intent, why: &str, preview: &Value) -> ToolError {
        let token = Uuid::new_v4().simple().to_string();
        let (place, subject) = (self.place(&token), intent.subject());
        let put = self.store.swap(&place, None, subject.as_bytes(), LIVES);
        match put.await {
            Ok(Swap::Done) => {}
            Ok(Swap::Other(_)) => return ToolError::internal("a fresh token was taken already"),
            Err(error) => return unkept(&error),
        }
        let tool = &intent.tool;
        let question = format!("{tool} is to be called, and {why}. What would happen: {preview}");
        let minutes = LIVES.as_secs() / 60;
        let text = format!(
            "Nothing was done yet: {tool} needs a confirmation, because {why}.\nWhat would happen: {preview}\nTell the user \
             and ask. If they agree, call again within {minutes} minutes with exactly the same arguments and \
             `{CONFIRM}`: \"{token}\"."
        );
        ToolError::new(ErrorKind::Unconfirmed, text).with_question(Asked { question, token })
    }

    fn place(&self, token: &str) -> String {
        Intent::place_of("confirm", &[&self.scope, token])
    }
}

fn unkept(error: &StoreError) -> ToolError {
    ToolError::new(
        ErrorKind::Upstream,
        format!(
            "nothing was done: this call needs a confirmation, and what was asked cannot be kept now ({error}). Calling \
             again later is safe; if it stays so, the operator must look at the store"
        ),
    )
}

/// The argument on tools that change something.
pub(crate) fn property() -> (String, Value) {
    let about = "The token of the refusal that asked, once the user agreed.";
    (
        CONFIRM.to_owned(),
        json!({"type": "string", "description": about}),
    )
}

impl fmt::Debug for Confirmations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmations")
            .field("about", &self.about)
            .finish_non_exhaustive()
    }
}

/// What would happen, for a question and for whoever only wants to see it.
pub(crate) fn preview(mut plan: JsonObject, touches: Option<Value>) -> Value {
    plan.remove("dry_run");
    if let Some(touches) = touches {
        plan.insert("touches".to_owned(), touches);
    }
    plan.into()
}

#[cfg(test)]
mod tests {
    use api_core::Repeat;

    use super::*;

    #[test]
    fn what_is_asked_about() {
        let write = Effect::Write(Repeat::Natural);
        let back = Some(Reversal::Reversible("unlink"));
        let never = Some(Reversal::Irreversible);
        for (about, effect, reversal, bulk, asked) in [
            (Confirm::Never, write, never, true, false),
            (Confirm::Irreversible, write, never, false, true),
            (Confirm::Irreversible, write, back, false, false),
            (Confirm::Irreversible, write, back, true, true),
            (
                Confirm::Irreversible,
                write,
                Some(Reversal::Compensable),
                false,
                false,
            ),
            (Confirm::Writes, write, back, false, true),
            (Confirm::Writes, Effect::Read, None, true, false),
        ] {
            let why = about.why(effect, reversal, bulk);
            assert_eq!(
                why.is_some(),
                asked,
                "{about:?} {effect:?} {reversal:?} {bulk}"
            );
        }
    }
}
