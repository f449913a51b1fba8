//! Ways in which one back office differs from another.

use serde::Deserialize;

/// What surrounds a single record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordForm {
    /// `{"data": {…}}`.
    #[default]
    Data,
    /// `{…}`.
    Bare,
    /// `{"data": [{…}]}`.
    List,
}

/// What surrounds the id of a new ticket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CreatedForm {
    /// 200 and `{"id": N}`.
    #[default]
    Bare,
    /// 200 and `{"data": {"id": N}}`.
    Data,
    /// 201 and `{"id": N}`.
    Created,
}

/// How `ticket_variables` reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VariablesForm {
    /// An object, empty when there are none.
    #[default]
    Object,
    /// An object as JSON text.
    Text,
    /// An object, `null` when there are none.
    OrNull,
    /// An object, `[]` when there are none.
    OrEmptyList,
    /// An object as JSON text, `""` when there are none.
    OrEmptyText,
}

/// How the detail of an unknown ticket answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotFound {
    /// 404.
    #[default]
    Status404,
    /// 400 with `Ticket not found.`.
    Status400,
    /// 200 with `{"data": []}`.
    EmptyData,
}

/// Behaviour that differs between installs, or that no document settles.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent quirk that a test turns on"
)]
pub struct Switches {
    /// Form of the ticket and shipment details.
    pub record: RecordForm,
    /// Lists are bare arrays, without a total.
    pub bare_lists: bool,
    /// Name of the total in the ticket list.
    pub total_key: String,
    /// Form of the answer to a new ticket.
    pub created: CreatedForm,
    /// Updates answer `{"success": true}` instead of `{"data": true}`.
    pub success_flag: bool,
    /// `id` and every `…_id` is a decimal string.
    pub ids_as_strings: bool,
    /// Form of the type-specific variables.
    pub ticket_variables: VariablesForm,
    /// How an unknown ticket answers.
    pub not_found: NotFound,
    /// Changes to a closed ticket answer 422 instead of 400.
    pub closed_is_422: bool,
    /// `X-Bot-AI-Signature` must be on every request. Where present it is always verified.
    pub strict_signature: bool,
    /// New tickets and updates are held to the rules of their type; no document says that the back office does.
    pub enforce_rules: bool,
    /// The list answers 422 with a parser's message when a ticket of the page has no comment.
    pub list_needs_comments: bool,
    /// Largest body of an upload, in bytes.
    pub upload_cap: usize,
    /// Largest body of every other request, in bytes.
    pub body_cap: usize,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            record: RecordForm::Data,
            bare_lists: false,
            total_key: "total_rows".to_owned(),
            created: CreatedForm::Bare,
            success_flag: false,
            ids_as_strings: false,
            ticket_variables: VariablesForm::Object,
            not_found: NotFound::Status404,
            closed_is_422: false,
            strict_signature: false,
            enforce_rules: false,
            list_needs_comments: false,
            upload_cap: 16 * 1024 * 1024,
            body_cap: 1024 * 1024,
        }
    }
}
