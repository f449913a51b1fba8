//! Stock responses: prepared answers that staff, and the assistant, draw from.

use api_core::{Endpoint, File, FilePart, Problem, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    permission::{SETTINGS_READ, SETTINGS_WRITE, STAFF},
    rules::Rules,
    types::TemplateId,
};

/// Creates a stock response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {
    /// Topic that staff see in the picker, such as `Late parcel`. At most 255 characters.
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub identifier: String,
    /// Category it is filed under in the picker, such as `Shipping`. At most 255 characters.
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub category: String,
    /// Second level below the category. At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub subcategory: Option<String>,
    /// Subject line that goes with the text. At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub subject: Option<String>,
    /// Words that a search finds it by, separated by commas or line breaks. At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub keywords: Option<String>,
    /// The text itself, as HTML. Example: `<p>Your parcel is on its way.</p>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// True offers it in the picker, false hides it. Default for a new one: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_enabled: Option<bool>,
    /// Remarks for colleagues; never sent to customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// What the assistant may do with it: `as_is` = quote it unchanged, `compose` = build answers from it, `reference`
    /// = read it only, `exclude` = ignore it. Only an administrator may set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_relevance: Option<AiRelevance>,
}

impl Create {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(identifier: impl Into<String>, category: impl Into<String>) -> Self {
        Self {
            identifier: identifier.into(),
            category: category.into(),
            subcategory: None,
            subject: None,
            keywords: None,
            content: None,
            is_enabled: None,
            notes: None,
            ai_relevance: None,
        }
    }
}

impl Endpoint for Create {
    type Response = Created;
    const SPEC: Spec = Spec::write(
        "settings.stock_responses.create",
        "settings/stock-responses/create",
        Repeat::Never,
        Reversal::Reversible("settings.stock_responses.delete"),
    )
    .abilities(SETTINGS_WRITE)
    .role(STAFF);

    fn problems(&self) -> Vec<Problem> {
        Rules::default()
            .length("identifier", Some(&self.identifier), 1..=255)
            .length("category", Some(&self.category), 1..=255)
            .length("subcategory", self.subcategory.as_deref(), 0..=255)
            .length("subject", self.subject.as_deref(), 0..=255)
            .length("keywords", self.keywords.as_deref(), 0..=255)
            .take()
    }
}

/// Deletes a stock response. It can be made again from its content, under a new id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    /// Id of the stock response to delete, from `settings.stock_responses.index`. Example: 31.
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
        "settings.stock_responses.delete",
        "settings/stock-responses/delete",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(SETTINGS_WRITE)
    .role(STAFF);
}

/// Uploads an image for use inside the content of a stock response.
///
/// Nothing changes that a reader sees: the answer holds a `cid:` reference and an `<img>` tag to put into the content.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageUpload {
    /// Id of the stock response that will show the image, from `settings.stock_responses.index`.
    pub template_id: TemplateId,
    /// The image; sent as the part `file`.
    #[serde(skip)]
    pub file: File,
}

impl ImageUpload {
    /// The upload of an image for a stock response.
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
        "settings.stock_responses.image_upload",
        "settings/stock-responses/image-upload",
        Repeat::Never,
        Reversal::Compensable,
    )
    .multipart()
    .abilities(SETTINGS_WRITE)
    .role(STAFF)
    .since("2026-10");

    fn files(&self) -> Vec<FilePart> {
        vec![FilePart {
            part: "file",
            file: self.file.clone(),
        }]
    }
}

/// Lists stock responses with topic, category, keywords and how often each was used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Index {
    /// Text to look for in topic, keywords, subject and body; default all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// True: with bodies, `is_enabled` and `ai_relevance`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_content: Option<bool>,
}

impl Index {
    /// The request without any of its fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Endpoint for Index {
    type Response = Value;
    const SPEC: Spec = Spec::read("settings.stock_responses.index", "settings/stock-responses")
        .abilities(SETTINGS_READ)
        .role(STAFF);
}

/// Shows one stock response with its content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Show {
    /// Id of the stock response, from `settings.stock_responses.index`. Example: 31.
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
    type Response = Value;
    const SPEC: Spec = Spec::read(
        "settings.stock_responses.show",
        "settings/stock-responses/show",
    )
    .abilities(SETTINGS_READ)
    .role(STAFF);
}

/// Changes a stock response. Only the fields given inside `template` change; installs older than October 2026 reset an
/// absent `content`, `subject` and `is_enabled`, so send those three along when the install is not known to be newer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// The stock response to change: its `id` and the fields that change.
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
        "settings.stock_responses.update",
        "settings/stock-responses/update",
        Repeat::Natural,
        Reversal::Reversible("settings.stock_responses.update"),
    )
    .abilities(SETTINGS_WRITE)
    .role(STAFF);

    fn problems(&self) -> Vec<Problem> {
        Rules::default()
            .length(
                "template.identifier",
                self.template.identifier.as_deref(),
                0..=255,
            )
            .length(
                "template.category",
                self.template.category.as_deref(),
                0..=255,
            )
            .length(
                "template.subcategory",
                self.template.subcategory.as_deref(),
                0..=255,
            )
            .length(
                "template.subject",
                self.template.subject.as_deref(),
                0..=255,
            )
            .length(
                "template.keywords",
                self.template.keywords.as_deref(),
                0..=255,
            )
            .take()
    }
}

/// What changes in a stock response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    /// Id of the stock response, from `settings.stock_responses.index`. Example: 31.
    pub id: TemplateId,
    /// Topic that staff see in the picker, such as `Late parcel`. At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub identifier: Option<String>,
    /// Category it is filed under in the picker, such as `Shipping`. At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub category: Option<String>,
    /// Second level below the category. At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub subcategory: Option<String>,
    /// Subject line that goes with the text. At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub subject: Option<String>,
    /// Words that a search finds it by, separated by commas or line breaks. At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 255)))]
    pub keywords: Option<String>,
    /// The text itself, as HTML. Example: `<p>Your parcel is on its way.</p>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// True offers it in the picker, false hides it. Default for a new one: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_enabled: Option<bool>,
    /// Remarks for colleagues; never sent to customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// What the assistant may do with it: `as_is` = quote it unchanged, `compose` = build answers from it, `reference`
    /// = read it only, `exclude` = ignore it. Only an administrator may set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_relevance: Option<AiRelevance>,
}

impl Change {
    /// The stock response to change, without a change.
    #[must_use]
    pub fn new(id: impl Into<TemplateId>) -> Self {
        Self {
            id: id.into(),
            identifier: None,
            category: None,
            subcategory: None,
            subject: None,
            keywords: None,
            content: None,
            is_enabled: None,
            notes: None,
            ai_relevance: None,
        }
    }
}

/// What the assistant may do with a stock response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "documented variants would turn the schema's plain list into a choice of constants"
)]
pub enum AiRelevance {
    AsIs,
    Compose,
    Reference,
    Exclude,
}

/// What creating a stock response answers; see [`Created::id`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Created {
    /// The new stock response, on installs that answer with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<CreatedTemplate>,
    /// Its id, on installs that answer with the id alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<TemplateId>,
    /// Columns that are not known to this version.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Created {
    /// Id of the new stock response, wherever the install put it.
    #[must_use]
    pub fn id(&self) -> Option<TemplateId> {
        self.template
            .as_ref()
            .map(|template| template.id)
            .or(self.id)
    }
}

/// The stock response inside the answer to its creation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreatedTemplate {
    /// Its id.
    pub id: TemplateId,
    /// Columns that are not known to this version.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
