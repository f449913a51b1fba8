//! Files on their way to a ticket.

use std::fmt;

use api_core::Bytes;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::InvalidValue;

/// The kinds of files that tickets take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileType {
    /// A JPEG picture.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// A PNG picture.
    #[serde(rename = "image/png")]
    Png,
    /// A PDF document.
    #[serde(rename = "application/pdf")]
    Pdf,
}

impl FileType {
    /// The kinds that there are.
    pub const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::Pdf];

    /// The MIME type.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
        }
    }
}

impl fmt::Display for FileType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for FileType {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FileType".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "enum": Self::ALL})
    }
}

/// The bytes of a file; base64 on the wire. Its `Debug` shows the length alone.
#[derive(Clone, PartialEq, Eq)]
pub struct FileContent(Bytes);

impl FileContent {
    /// Takes the bytes of a file.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self(bytes.into())
    }

    /// Decodes standard base64, with padding.
    ///
    /// # Errors
    ///
    /// When the text is not base64.
    pub fn from_base64(text: &str) -> Result<Self, InvalidValue> {
        let bytes = STANDARD.decode(text.trim());
        // The text itself is the file's content: only how it begins is told.
        let cut = text.get(..12).unwrap_or(text);
        bytes
            .map(Self::new)
            .map_err(|_| InvalidValue::new(cut, "how standard base64 begins"))
    }

    /// The bytes.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.0
    }
}

impl fmt::Debug for FileContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileContent({} bytes)", self.0.len())
    }
}

impl Serialize for FileContent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for FileContent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_base64(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for FileContent {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FileContent".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "minLength": 1, "contentEncoding": "base64"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn travels_as_base64_and_shows_its_length() {
        let content = FileContent::from_base64("aG9sYQ==").unwrap();
        assert_eq!(content.bytes().as_ref(), b"hola");
        assert_eq!(serde_json::to_string(&content).unwrap(), "\"aG9sYQ==\"");
        assert_eq!(format!("{content:?}"), "FileContent(4 bytes)");
        for bad in ["aG9sYQ", "hóla", "data:image/png;base64,aG9sYQ=="] {
            assert!(FileContent::from_base64(bad).is_err(), "{bad}");
        }
        assert_eq!(
            serde_json::to_string(&FileType::ALL).unwrap(),
            r#"["image/jpeg","image/png","application/pdf"]"#
        );
    }
}
