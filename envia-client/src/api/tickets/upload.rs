//! Adding a file to a ticket.
//!
//! Path and body are (inferred) and stand in this file alone.

use std::borrow::Cow;

use api_core::{
    Endpoint, Problem, Repeat, Reversal, Spec,
    path::{self, PathError},
};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use crate::{
    problems::Problems,
    types::{CompanyId, FileContent, FileId, FileType, TicketId, answer, lenient},
    verdict,
};

/// Adds one file to a ticket. Sent twice, it adds two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Upload {
    /// Id of the ticket. Example: 58231.
    #[serde(skip_serializing)]
    pub ticket_id: TicketId,
    /// Company that the ticket belongs to. Example: 4410.
    pub company_id: CompanyId,
    /// Name of the file, with its ending. Example: `photo1.jpg`.
    pub name: String,
    /// The file, as standard base64.
    pub content_base64: FileContent,
    /// What the file is: a JPEG or PNG picture, or a PDF document.
    pub content_type: FileType,
    /// What the file shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Endpoint for Upload {
    type Response = Uploaded;
    const SPEC: Spec = Spec::write(
        "tickets.upload",
        "companies/tickets/{ticket_id}/files",
        Repeat::Never,
        Reversal::Irreversible,
    );

    fn path(&self) -> Result<Cow<'static, str>, PathError> {
        path::fill(
            Self::SPEC.path,
            &[("ticket_id", &self.ticket_id.to_string())],
        )
    }

    fn problems(&self) -> Vec<Problem> {
        Problems::default()
            .id("ticket_id", Some(self.ticket_id.get()))
            .id("company_id", Some(self.company_id.get()))
            .filled("name", Some(&self.name))
            .require(
                !self.content_base64.bytes().is_empty(),
                "content_base64",
                "is empty: give a file with content",
            )
            .take()
    }
}

/// A file was added; what the answer does not tell is `None`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Uploaded {
    /// Id of the file.
    pub id: Option<FileId>,
    /// Its name.
    pub name: Option<String>,
    /// Where it can be had.
    pub url: Option<String>,
}

/// Accepted is what [`crate::types::Done`] accepts, unless it refuses and names a file all the same.
impl<'de> Deserialize<'de> for Uploaded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let answer = Value::deserialize(deserializer)?;
        if verdict::refuses(&answer) {
            return Err(de::Error::custom(verdict::BOTH));
        }
        if !verdict::is_done(&answer) {
            return Err(de::Error::custom(verdict::UNCLEAR));
        }
        let id = answer::id_in(answer.clone(), &["id"]);
        let record = answer::record(answer);
        let text = |key: &str| lenient::text(record.get(key)?).ok().flatten();
        Ok(Self {
            id: id.map(|id| FileId::new(id.get())),
            name: text("name"),
            url: text("url"),
        })
    }
}
