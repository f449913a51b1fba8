//! What changes in templates, and what answers hold of them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::types::TemplateId;

/// What changes in a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    /// Id of the template, from `templates.index` or `templates.faqs`. Example: 17.
    pub id: TemplateId,
    /// New name that calls use; ignored for FAQs. At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub identifier: Option<String>,
    /// Subject line, or the question of a FAQ (inferred); placeholders such as `{{ticket_number}}` are filled in. At
    /// most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub subject: Option<String>,
    /// The text, as HTML; placeholders such as `{{subject}}` are filled in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// True puts it to use, false makes it a draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_enabled: Option<bool>,
    /// Explanation of the placeholders, for colleagues. At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub legend: Option<String>,
    /// What the template is for, for colleagues. At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub description: Option<String>,
    /// Place in the list of FAQs, the smallest first (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordinal: Option<i64>,
    /// Kind of the template, as `templates.show` reports it: `email`, `notification` or `faq`. It need not be sent.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

impl Change {
    /// The template to change, without a change.
    #[must_use]
    pub fn new(id: impl Into<TemplateId>) -> Self {
        Self {
            id: id.into(),
            identifier: None,
            subject: None,
            content: None,
            is_enabled: None,
            legend: None,
            description: None,
            ordinal: None,
            kind: None,
        }
    }
}

/// What showing a template answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Shown {
    /// The template.
    pub template: Template,
    /// Further parts of the answer.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A template, as listed or shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// Kind of template, such as `email`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Name that calls use; FAQs have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Subject line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The text, as HTML; lists may leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Columns that are not known to this version.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
