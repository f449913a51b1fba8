//! Templates: texts of the mails and notifications that the install sends, and the FAQs.
//!
//! The owner of the token must be an administrator. Stock responses are templates too, but have endpoints of
//! their own in [`settings::stock_responses`](crate::api::settings::stock_responses).

use api_core::{Endpoint, File, FilePart, Problem, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    permission::{ADMIN, TEMPLATES_READ, TEMPLATES_WRITE},
    rules::{Rules, filled},
    types::TemplateId,
};

mod objects;

pub use objects::{Change, Shown, Template};

#[cfg(test)]
mod tests;

/// Creates a template or FAQ. The answer does not hold its id; list the templates again and look for the identifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {
    /// Kind of template: `email`, `notification` or `faq`. A FAQ is a template of type `faq`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Name that calls use, such as `order_delay`. Needed except for FAQs, which have none. At most 255 characters.
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
    /// What the template is for, for colleagues. At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub description: Option<String>,
    /// Explanation of the placeholders, for colleagues. At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub legend: Option<String>,
    /// Words that a search finds it by. At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub keywords: Option<String>,
    /// True puts it to use, false keeps it as a draft. Default: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_enabled: Option<bool>,
    /// Place in the list of FAQs, the smallest first (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordinal: Option<i64>,
    /// Category it is filed under; may be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Second level below the category; may be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subcategory: Option<String>,
}

impl Create {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(kind: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            identifier: None,
            subject: None,
            content: None,
            description: None,
            legend: None,
            keywords: None,
            is_enabled: None,
            ordinal: None,
            category: None,
            subcategory: None,
        }
    }
}

impl Endpoint for Create {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "templates.create",
        "templates/create",
        Repeat::Never,
        Reversal::Reversible("templates.delete"),
    )
    .abilities(TEMPLATES_WRITE)
    .role(ADMIN);

    fn problems(&self) -> Vec<Problem> {
        Rules::default()
            .length("identifier", self.identifier.as_deref(), 0..=255)
            .length("subject", self.subject.as_deref(), 0..=255)
            .length("description", self.description.as_deref(), 0..=255)
            .length("legend", self.legend.as_deref(), 0..=255)
            .length("keywords", self.keywords.as_deref(), 0..=255)
            .require(
                self.kind == FAQ || filled(self.identifier.as_ref()),
                "identifier",
                "is missing: only FAQs have none",
            )
            .take()
    }
}

/// Deletes a template or FAQ. It can be made again from its content, under a new id; mails that need it fail until then
/// (inferred).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    /// Id of the template, from `templates.index`, `templates.faqs` or `templates.search`. Example: 17.
    pub template_id: TemplateId,
}

impl Delete {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(template_id: impl Into<TemplateId>) -> Self {
        Self {
            template_id: template_id.into(),
        }
    }
}

impl Endpoint for Delete {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "templates.delete",
        "templates/delete",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(TEMPLATES_WRITE)
    .role(ADMIN);
}

/// Lists the FAQs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Faqs {}

impl Faqs {
    /// Takes no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Endpoint for Faqs {
    type Response = Value;
    const SPEC: Spec = Spec::read("templates.faqs", "templates/faqs")
        .abilities(TEMPLATES_READ)
        .role(ADMIN);
}

/// Uploads an image for use inside the content of a template.
///
/// Nothing changes that a reader sees: the answer holds a `cid:` reference and an `<img>` tag to put into the content.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageUpload {
    /// Id of the template that will show the image, from `templates.index`.
    pub template_id: TemplateId,
    /// The image; sent as the part `file`.
    #[serde(skip)]
    pub file: File,
}

impl ImageUpload {
    /// The upload of an image for a template.
    #[must_use]
    pub fn new(template_id: impl Into<TemplateId>, file: File) -> Self {
        Self {
            template_id: template_id.into(),
            file,
        }
    }
}

impl Endpoint for ImageUpload {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "templates.image_upload",
        "templates/image-upload",
        Repeat::Never,
        Reversal::Compensable,
    )
    .multipart()
    .abilities(TEMPLATES_WRITE)
    .role(ADMIN)
    .since("2026-10");

    fn files(&self) -> Vec<FilePart> {
        vec![FilePart {
            part: "file",
            file: self.file.clone(),
        }]
    }
}

/// Lists the templates, without FAQs and stock responses.
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
    type Response = Vec<Template>;
    const SPEC: Spec = Spec::read("templates.index", "templates")
        .abilities(TEMPLATES_READ)
        .role(ADMIN);
}

/// Shows the subject and HTML that a template makes of some values. Sends nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Render {
    /// Identifier of the template. Example: `order_delay`.
    pub template_identifier: String,
    /// Values for the placeholders. Example: `{"order_no": "5512"}`.
    pub data: Map<String, Value>,
    /// Kind of template to look the identifier up in. Default: `email`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

impl Render {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(template_identifier: impl Into<String>, data: Map<String, Value>) -> Self {
        Self {
            template_identifier: template_identifier.into(),
            data,
            kind: None,
        }
    }
}

impl Endpoint for Render {
    type Response = Value;
    const SPEC: Spec = Spec::read("templates.render", "templates/render")
        .abilities(TEMPLATES_READ)
        .role(ADMIN)
        .since("2026-10");
}

/// Searches templates by identifier, subject, content and keywords.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Search {
    /// Words to look for; a phrase in double quotes must occur as it is. Example: `"order delay" refund`.
    pub search: String,
    /// Which templates take part. Default: `templates`; other values are not documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Only templates of this kind, such as `email`, `faq` or `stock-response`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

impl Search {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(search: impl Into<String>) -> Self {
        Self {
            search: search.into(),
            mode: None,
            kind: None,
        }
    }
}

impl Endpoint for Search {
    type Response = Value;
    const SPEC: Spec = Spec::read("templates.search", "templates/search")
        .abilities(TEMPLATES_READ)
        .role(ADMIN);
}

/// Shows one template with its content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Show {
    /// Id of the template, from `templates.index`, `templates.faqs` or `templates.search`. Example: 17.
    pub template_id: TemplateId,
}

impl Show {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(template_id: impl Into<TemplateId>) -> Self {
        Self {
            template_id: template_id.into(),
        }
    }
}

impl Endpoint for Show {
    type Response = Shown;
    const SPEC: Spec = Spec::read("templates.show", "templates/show")
        .abilities(TEMPLATES_READ)
        .role(ADMIN);
}

/// Changes a template or FAQ. Only the fields given inside `template` change; installs older than October 2026 reset an
/// absent `content`, `subject` and `is_enabled`, so send those three along when the install is not known to be newer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// The template to change: its `id` and the fields that change.
    pub template: Change,
}

impl Update {
    /// A change of nothing yet; set the fields of `template` that shall change.
    #[must_use]
    pub fn new(id: impl Into<TemplateId>) -> Self {
        Self {
            template: Change::new(id),
        }
    }
}

impl Endpoint for Update {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "templates.update",
        "templates/update",
        Repeat::Natural,
        Reversal::Reversible("templates.update"),
    )
    .abilities(TEMPLATES_WRITE)
    .role(ADMIN);

    fn problems(&self) -> Vec<Problem> {
        Rules::default()
            .length(
                "template.identifier",
                self.template.identifier.as_deref(),
                0..=255,
            )
            .length(
                "template.subject",
                self.template.subject.as_deref(),
                0..=255,
            )
            .length("template.legend", self.template.legend.as_deref(), 0..=255)
            .length(
                "template.description",
                self.template.description.as_deref(),
                0..=255,
            )
            .take()
    }
}

/// Kind of the templates that are FAQs.
const FAQ: &str = "faq";
