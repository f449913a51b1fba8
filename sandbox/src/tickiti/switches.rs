//! Ways in which one install differs from another.

use serde::Deserialize;

/// Age of the simulated install: endpoints added later answer 404.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Install {
    /// 108 endpoints in 9 families, and the older rules of respond, create and the reads.
    June,
    /// 126 endpoints in 12 families.
    Intermediate,
    /// All 155 endpoints.
    #[default]
    October,
}

/// Behaviour that differs between installs; the default is the newest one.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent quirk that a test turns on"
)]
pub struct Switches {
    /// Age of the install.
    pub install: Install,
    /// Any post reopens a closed or held ticket, internal notes too. Always so on [`Install::June`].
    pub june_reopening: bool,
    /// Updates of templates and stock responses reset the fields that were left out.
    pub reset_omitted_fields: bool,
    /// Downloads ignore `offset` and `length`. Always so on [`Install::June`].
    pub ignore_ranges: bool,
    /// Downloads report a sha256 that does not belong to the content.
    pub wrong_sha256: bool,
    /// The four `administration.diagnostics` endpoints exist.
    pub diagnostics: bool,
    /// Internal ids are JSON numbers in all reads of the tickets family.
    pub ids_as_numbers: bool,
    /// `tickets.query` answers `{"data": [...]}` instead of a bare array.
    pub wrapped_query: bool,
    /// `tickets.responses_query` gives the cursor that it was given, for ever.
    pub repeated_cursor: bool,
    /// Largest attachment in one answer, in bytes.
    pub attachment_cap: u64,
    /// Largest upload, in bytes.
    pub upload_cap: u64,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            install: Install::October,
            june_reopening: false,
            reset_omitted_fields: false,
            ignore_ranges: false,
            wrong_sha256: false,
            diagnostics: false,
            ids_as_numbers: false,
            wrapped_query: false,
            repeated_cursor: false,
            attachment_cap: 26_214_400,
            upload_cap: 26_214_400,
        }
    }
}
