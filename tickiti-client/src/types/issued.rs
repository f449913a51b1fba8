//! Answers that hold a secret.

use std::fmt;

use api_core::Secret;
use serde::Deserialize;
use serde_json::Value;

use super::Id;

/// An answer that holds a secret, this once: a new API key, or a token for a remote system.
///
/// The form of these answers is not documented, so the whole answer is kept. `Debug` shows nothing of it.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Issued(Value);

impl Issued {
    /// The secret, where it stands under `token` (inferred).
    #[must_use]
    pub fn token(&self) -> Option<Secret> {
        self.0
            .get("token")
            .and_then(Value::as_str)
            .map(Secret::from)
    }

    /// The id that the secret is managed by, where it stands under `id` (inferred).
    #[must_use]
    pub fn id(&self) -> Option<Id> {
        Id::deserialize(self.0.get("id")?).ok()
    }

    /// The whole answer; keep it out of logs, errors and results.
    #[must_use]
    pub fn expose(&self) -> &Value {
        &self.0
    }
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Issued(…)")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shows_nothing_and_holds_everything() {
        let answer = json!({"id": "14", "token": "14|abc", "name": "nightly"});
        let issued: Issued = serde_json::from_value(answer.clone()).unwrap();
        assert_eq!(format!("{issued:?}"), "Issued(…)");
        assert_eq!(issued.token(), Some(Secret::new("14|abc")));
        assert_eq!(issued.id(), Some(Id::new(14)));
        assert_eq!(issued.expose(), &answer);
    }
}
