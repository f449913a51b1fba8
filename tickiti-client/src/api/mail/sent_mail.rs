//! Sent mail: what left the install, to customers and staff.

use api_core::{Endpoint, Problem, Spec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    permission::{ADMIN, MAIL_READ},
    rules::Rules,
    types::Id,
};

/// Lists recently sent mail.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct List {
    /// How many days to look back, 1 to 30. Default: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 30)))]
    pub range_days: Option<u8>,
    /// Largest number of messages to list, 1 to 300.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 300)))]
    pub limit: Option<u16>,
}

impl List {
    /// The request without any of its fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Endpoint for List {
    type Response = Value;
    const SPEC: Spec = Spec::read("mail.sent_mail.list", "mail/sent-mail")
        .abilities(MAIL_READ)
        .role(ADMIN);

    fn problems(&self) -> Vec<Problem> {
        Rules::default()
            .within("range_days", self.range_days, 1..=30)
            .within("limit", self.limit, 1..=300)
            .take()
    }
}

/// Searches sent mail by subject and receiver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Search {
    /// Text to look for in subjects and receivers' addresses. An empty text lists without a filter.
    pub q: String,
    /// Largest number of messages to answer with, 1 to 500.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 500)))]
    pub limit: Option<u16>,
}

impl Search {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(q: impl Into<String>) -> Self {
        Self {
            q: q.into(),
            limit: None,
        }
    }
}

impl Endpoint for Search {
    type Response = Value;
    const SPEC: Spec = Spec::read("mail.sent_mail.search", "mail/sent-mail/search")
        .abilities(MAIL_READ)
        .role(ADMIN);

    fn problems(&self) -> Vec<Problem> {
        Rules::default().within("limit", self.limit, 1..=500).take()
    }
}

/// Shows one sent message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Show {
    /// Id of the message, from `mail.sent_mail.list` or `mail.sent_mail.search`. Example: 2041.
    pub id: Id,
}

impl Show {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(id: impl Into<Id>) -> Self {
        Self { id: id.into() }
    }
}

impl Endpoint for Show {
    type Response = Value;
    const SPEC: Spec = Spec::read("mail.sent_mail.show", "mail/sent-mail/show")
        .abilities(MAIL_READ)
        .role(ADMIN);
}
