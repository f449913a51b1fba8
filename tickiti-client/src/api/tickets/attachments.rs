//! Files of a ticket: download, upload, delete.

use api_core::{Endpoint, File, FilePart, Problem, Repeat, Reversal, Spec};
use base64::Engine as _;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    permission::{TICKETS_READ, TICKETS_WRITE},
    rules::Rules,
    types::{AttachmentId, ResponseId, Sha256, TicketRef, UploadedFile, lenient},
};

/// Most bytes of content in one answer: 25 MiB.
pub(crate) const MAX_PIECE: u64 = 26_214_400;
const MAX_REASON: usize = 500;

/// Downloads a file of a ticket, whole or a range of it, as base64 inside the answer.
///
/// One answer carries at most 25 MiB (26214400 bytes); larger files are read in ranges.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attachment {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: TicketRef,
    /// Internal id of the file, from `attachments` of a response; it must belong to that ticket.
    pub response_attachment_id: AttachmentId,
    /// `review_ok` confirms that a file of an unusual type is wanted; without it such a file is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<Intent>,
    /// First byte of a range, counted from 0; absent means the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Most bytes of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_PIECE)))]
    pub length: Option<u64>,
}

/// What a caller says to a doubt about the type of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "documented variants would turn the schema's plain list into a choice of constants"
)]
pub enum Intent {
    ReviewOk,
}

impl Attachment {
    /// The whole file.
    pub fn new(ticket: impl Into<TicketRef>, response_attachment_id: AttachmentId) -> Self {
        Self {
            ticket: ticket.into(),
            response_attachment_id,
            intent: None,
            offset: None,
            length: None,
        }
    }
}

impl Endpoint for Attachment {
    type Response = AttachmentContent;

    const SPEC: Spec =
        Spec::read("tickets.attachment", "tickets/attachment").abilities(TICKETS_READ);

    fn problems(&self) -> Vec<Problem> {
        Rules::default()
            .within("length", self.length, 1..=MAX_PIECE)
            .take()
    }
}

/// A file, or a piece of one.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AttachmentContent {
    /// Internal id of the file.
    pub id: AttachmentId,
    /// Internal id of the response that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_id: Option<ResponseId>,
    /// File name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Media type, found by looking at the content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// SHA-256 of the whole file, also on a piece (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256>,
    /// Size of the whole file in bytes.
    #[serde(
        default,
        deserialize_with = "lenient::size",
        skip_serializing_if = "Option::is_none"
    )]
    pub file_size: Option<u64>,
    /// True when the body of the response shows it.
    #[serde(
        default,
        deserialize_with = "lenient::flag",
        skip_serializing_if = "Option::is_none"
    )]
    pub is_inline: Option<bool>,
    /// The content, or the piece, as base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_base64: Option<String>,
    /// True when nothing follows; absent on installs that know no ranges.
    #[serde(
        default,
        deserialize_with = "lenient::flag",
        skip_serializing_if = "Option::is_none"
    )]
    pub eof: Option<bool>,
}

impl AttachmentContent {
    /// The content, or the piece; nothing when the answer carries none.
    ///
    /// # Errors
    ///
    /// When the text is not base64.
    pub fn bytes(&self) -> Result<Bytes, base64::DecodeError> {
        let text = self.content_base64.as_deref().unwrap_or_default();
        base64::engine::general_purpose::STANDARD
            .decode(text)
            .map(Bytes::from)
    }
}

impl std::fmt::Debug for AttachmentContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AttachmentContent")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("mime_type", &self.mime_type)
            .field("file_size", &self.file_size)
            .field("eof", &self.eof)
            .finish_non_exhaustive()
    }
}

/// Uploads a file of at most 25 MB, to be named in `attachments` of a new ticket or a reply.
///
/// Files are known by their content: the same bytes again change nothing, and nobody sees the file before it is named.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AttachmentUpload {
    /// The file; it travels as a part of its own.
    #[serde(skip)]
    pub file: File,
}

impl AttachmentUpload {
    /// Uploads this file.
    #[must_use]
    pub const fn new(file: File) -> Self {
        Self { file }
    }
}

impl Endpoint for AttachmentUpload {
    type Response = UploadedFile;

    const SPEC: Spec = Spec::write(
        "tickets.attachment_upload",
        "tickets/attachment-upload",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(TICKETS_WRITE)
    .multipart()
    .since("2026-10");

    fn files(&self) -> Vec<FilePart> {
        vec![FilePart {
            part: "file",
            file: self.file.clone(),
        }]
    }
}

/// Deletes a file from a response. Its bytes go too, unless another response, draft or template uses them.
///
/// The response keeps a line with name, hash, who removed it and why. Needs the right to manage the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AttachmentDelete {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: TicketRef,
    /// Internal id of the file, from `attachments` of a response.
    pub response_attachment_id: AttachmentId,
    /// Why, at most 500 characters; it stays readable on the thread.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_REASON)))]
    pub reason: Option<String>,
}

impl AttachmentDelete {
    /// Deletes this file.
    pub fn new(ticket: impl Into<TicketRef>, response_attachment_id: AttachmentId) -> Self {
        Self {
            ticket: ticket.into(),
            response_attachment_id,
            reason: None,
        }
    }
}

impl Endpoint for AttachmentDelete {
    type Response = Value;

    const SPEC: Spec = Spec::write(
        "tickets.attachment_delete",
        "tickets/attachment-delete",
        Repeat::Natural,
        Reversal::Irreversible,
    )
    .abilities(TICKETS_WRITE)
    .since("2026-10");

    fn problems(&self) -> Vec<Problem> {
        Rules::default()
            .length("reason", self.reason.as_deref(), 0..=MAX_REASON)
            .take()
    }
}
