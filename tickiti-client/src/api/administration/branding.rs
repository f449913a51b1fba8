//! Branding: logos and looks.

use api_core::{Endpoint, File, FilePart, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::permission::{ADMIN, ADMINISTRATION_READ, ADMINISTRATION_WRITE};

/// Replaces the logo of the web interface. The former one cannot be read back; whoever has the file can upload it
/// again.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppLogo {
    /// The image; sent as the part `file` (inferred).
    #[serde(skip)]
    pub file: File,
}

impl AppLogo {
    /// The upload of a logo.
    #[must_use]
    pub fn new(file: File) -> Self {
        Self { file }
    }
}

impl Endpoint for AppLogo {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.branding.app_logo",
        "administration/branding/app-logo",
        Repeat::Never,
        Reversal::Compensable,
    )
    .multipart()
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN);

    fn files(&self) -> Vec<FilePart> {
        vec![FilePart {
            part: "file",
            file: self.file.clone(),
        }]
    }
}

/// Replaces the logo in mails. The former one cannot be read back; whoever has the file can upload it again.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EmailLogo {
    /// The image; sent as the part `file` (inferred).
    #[serde(skip)]
    pub file: File,
}

impl EmailLogo {
    /// The upload of a logo.
    #[must_use]
    pub fn new(file: File) -> Self {
        Self { file }
    }
}

impl Endpoint for EmailLogo {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.branding.email_logo",
        "administration/branding/email-logo",
        Repeat::Never,
        Reversal::Compensable,
    )
    .multipart()
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN);

    fn files(&self) -> Vec<FilePart> {
        vec![FilePart {
            part: "file",
            file: self.file.clone(),
        }]
    }
}

/// Shows the branding.
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
    const SPEC: Spec = Spec::read("administration.branding.index", "administration/branding")
        .abilities(ADMINISTRATION_READ)
        .role(ADMIN);
}

/// Puts the original logo back into the web interface. The own logo is lost unless somebody has the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResetAppLogo {}

impl ResetAppLogo {
    /// Takes no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Endpoint for ResetAppLogo {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.branding.reset_app_logo",
        "administration/branding/reset-app-logo",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN);
}

/// Puts the original logo back into mails. The own logo is lost unless somebody has the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResetEmailLogo {}

impl ResetEmailLogo {
    /// Takes no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Endpoint for ResetEmailLogo {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.branding.reset_email_logo",
        "administration/branding/reset-email-logo",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN);
}

/// Changes the branding. The fields are not documented: read them with `administration.branding.index` and send what
/// shall change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// The settings to change, named as `administration.branding.index` names them (inferred).
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Update {
    /// The request without any of its fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Endpoint for Update {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.branding.update",
        "administration/branding/update",
        Repeat::Natural,
        Reversal::Reversible("administration.branding.update"),
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN);
}
