//! Mail: sending, what was sent, mailboxes, and what the fetcher leaves alone.
//!
//! The owner of the token must be an administrator.

use api_core::{Endpoint, Problem, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    permission::{ADMIN, MAIL_WRITE},
    rules::Rules,
    types::Email,
};

pub mod excluded;
pub mod mailboxes;
pub mod sent_mail;
pub mod subjects;

#[cfg(test)]
mod tests;

/// Sends one e-mail that belongs to no ticket.
///
/// Give `subject` and `content`, or `template_identifier` and `data`. The call needs an idempotency key: with the same
/// key and the same fields the mail goes out once, however often the call is repeated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Send {
    /// Address of the receiver. Example: `dana@customer.example.com`.
    pub to_address: String,
    /// Addresses that get a copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cc: Option<Vec<Email>>,
    /// Subject line. Goes with `content`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Body as HTML. Goes with `subject`. Example: `<p>Shipped.</p>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Identifier of an e-mail template that makes subject and body, instead of `subject` and `content`. Example:
    /// `order_delay`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template_identifier: Option<String>,
    /// Values for the placeholders of the template. Example: `{"order_no": "5512"}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Map<String, Value>>,
    /// Name of the mailbox to send from; the install's default one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
    /// True refuses a malformed `to_address` at once, instead of failing later. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validate_address: Option<bool>,
}

impl Send {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(to_address: impl Into<String>) -> Self {
        Self {
            to_address: to_address.into(),
            cc: None,
            subject: None,
            content: None,
            template_identifier: None,
            data: None,
            mailbox: None,
            validate_address: None,
        }
    }
}

impl Endpoint for Send {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "mail.send",
        "mail/send",
        Repeat::Keyed,
        Reversal::Irreversible,
    )
    .abilities(MAIL_WRITE)
    .role(ADMIN)
    .since("2026-10");

    fn problems(&self) -> Vec<Problem> {
        let own = self.subject.is_some() || self.content.is_some();
        let template = self.template_identifier.is_some() || self.data.is_some();
        Rules::default()
            .require(
                own != template,
                "subject, content, template_identifier, data",
                "must be subject and content, or template_identifier and data, not both",
            )
            .require(
                !own || self.subject.is_some(),
                "subject",
                "is missing: it goes with `content`",
            )
            .require(
                !own || self.content.is_some(),
                "content",
                "is missing: it goes with `subject`",
            )
            .require(
                !template || self.template_identifier.is_some(),
                "template_identifier",
                "is missing: name the template that `data` is for",
            )
            .take()
    }
}
