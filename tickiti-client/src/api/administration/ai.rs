//! Settings of the assistant that drafts replies.

use api_core::{Endpoint, Problem, Repeat, Reversal, Secret, Spec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    permission::{ADMIN, ADMINISTRATION_READ, ADMINISTRATION_WRITE, HAS_AI_ASSISTANT},
    rules::Rules,
};

/// Shows the settings of the assistant, without its key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Index {}

impl Index {
    /// Takes no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Endpoint for Index {
    type Response = Value;
    const SPEC: Spec = Spec::read("administration.ai.index", "administration/ai-assistant")
        .abilities(ADMINISTRATION_READ)
        .role(ADMIN)
        .sysadmin()
        .plans(&[HAS_AI_ASSISTANT]);
}

/// Changes settings of the assistant. A key that is replaced or removed cannot be read back; whoever has it can enter
/// it again.
///
/// Whether absent fields keep their values is not documented; read the settings first and send all of them to be safe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// Account password of the token's owner, asked again for safety.
    #[serde(serialize_with = "Secret::reveal")]
    pub current_password: Secret,
    /// True switches the assistant on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_enabled: Option<bool>,
    /// True drafts a reply to each new ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_auto_draft_inbound: Option<bool>,
    /// True suggests something after a reply of staff as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_suggest_after_staff_reply: Option<bool>,
    /// True sends a draft without asking when the assistant is sure enough; see `ai_auto_send_threshold`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_auto_send: Option<bool>,
    /// How sure the assistant must be before it sends by itself, in percent, 0 to 100 (inferred). Example: 90.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 100)))]
    pub ai_auto_send_threshold: Option<u8>,
    /// Name of the language model; may be empty for the install's default (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_model: Option<String>,
    /// How the assistant presents itself; may be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_persona: Option<String>,
    /// What the assistant should know of the business; may be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_business_context: Option<String>,
    /// Signature below its drafts; may be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_signature: Option<String>,
    /// Signature below what it sends by itself (inferred); may be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_auto_signature: Option<String>,
    /// Own key for the provider of the language model. An empty one keeps the stored key.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "Secret::reveal_option"
    )]
    pub ai_api_key: Option<Secret>,
    /// True removes the stored key, so that the plan's is used (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_api_key_clear: Option<bool>,
}

impl Update {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(current_password: impl Into<Secret>) -> Self {
        Self {
            current_password: current_password.into(),
            ai_enabled: None,
            ai_auto_draft_inbound: None,
            ai_suggest_after_staff_reply: None,
            ai_auto_send: None,
            ai_auto_send_threshold: None,
            ai_model: None,
            ai_persona: None,
            ai_business_context: None,
            ai_signature: None,
            ai_auto_signature: None,
            ai_api_key: None,
            ai_api_key_clear: None,
        }
    }
}

impl Endpoint for Update {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.ai.update",
        "administration/ai-assistant/update",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN)
    .sysadmin()
    .plans(&[HAS_AI_ASSISTANT]);

    fn problems(&self) -> Vec<Problem> {
        Rules::default()
            .within(
                "ai_auto_send_threshold",
                self.ai_auto_send_threshold,
                0..=100,
            )
            .take()
    }
}
