//! What a file is, by its first bytes.

use super::HEAD;

/// Kinds that are told by their content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names of the kinds say all")]
pub enum Kind {
    Png,
    Jpeg,
    Gif,
    Webp,
    Bmp,
    Svg,
    Pdf,
    Zip,
    SevenZip,
    /// Files of older office programs.
    Ole,
    /// Programs: ELF, PE, Mach-O.
    Program,
    /// UTF-8 without control characters.
    Text,
}

/// How files begin.
const BEGINNINGS: &[(&[u8], Kind)] = &[
    (b"\x89PNG\r\n\x1a\n", Kind::Png),
    (b"\xff\xd8\xff", Kind::Jpeg),
    (b"GIF87a", Kind::Gif),
    (b"GIF89a", Kind::Gif),
    (b"BM", Kind::Bmp),
    (b"%PDF-", Kind::Pdf),
    (b"PK\x03\x04", Kind::Zip),
    (b"PK\x05\x06", Kind::Zip),
    (b"7z\xbc\xaf\x27\x1c", Kind::SevenZip),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind::Ole),
    (b"\x7fELF", Kind::Program),
    (b"MZ", Kind::Program),
    (b"\xfe\xed\xfa\xce", Kind::Program),
    (b"\xfe\xed\xfa\xcf", Kind::Program),
    (b"\xce\xfa\xed\xfe", Kind::Program),
    (b"\xcf\xfa\xed\xfe", Kind::Program),
    (b"\xca\xfe\xba\xbe", Kind::Program),
];

/// What the ending of a name claims.
const ENDINGS: &[(&[&str], Kind)] = &[
    (&["png"], Kind::Png),
    (&["jpg", "jpeg"], Kind::Jpeg),
    (&["gif"], Kind::Gif),
    (&["webp"], Kind::Webp),
    (&["bmp"], Kind::Bmp),
    (&["svg"], Kind::Svg),
    (&["pdf"], Kind::Pdf),
    (
        &["zip", "docx", "xlsx", "pptx", "odt", "ods", "odp"],
        Kind::Zip,
    ),
    (&["7z"], Kind::SevenZip),
    (&["doc", "xls", "ppt", "msg"], Kind::Ole),
    (
        &[
            "txt", "csv", "tsv", "log", "md", "json", "xml", "yaml", "yml", "html", "htm",
        ],
        Kind::Text,
    ),
];

impl Kind {
    /// The kind of a file that begins with these bytes, where it is known.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
            return Some(Self::Webp);
        }
        let text = is_text(head);
        let known = BEGINNINGS.iter().find(|(start, _)| head.starts_with(start));
        match known {
            // Two letters may begin any text.
            Some((start, _)) if text && start.len() == 2 => {}
            Some((_, kind)) => return Some(*kind),
            None => {}
        }
        if !text {
            return None;
        }
        Some(match is_svg(head) {
            true => Self::Svg,
            false => Self::Text,
        })
    }

    /// What the ending of a name claims, where that is known.
    #[must_use]
    pub fn claimed(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        let ending = ending.to_ascii_lowercase();
        let known = ENDINGS
            .iter()
            .find(|(endings, _)| endings.contains(&ending.as_str()));
        known.map(|(_, kind)| *kind)
    }

    /// Why a file of this name cannot have this content; nothing when it can, or no one knows.
    #[must_use]
    pub fn contradiction(name: &str, found: Option<Self>, size: u64) -> Option<String> {
        let claimed = Self::claimed(name)?;
        let fits = match (found, claimed) {
            // Text in another encoding than UTF-8 has no mark, and there are pictures in web pages.
            (None | Some(Self::Svg), Self::Text) => true,
            // It may say so further down.
            (Some(Self::Text), Self::Svg) => size > HEAD as u64,
            (found, claimed) => found == Some(claimed),
        };
        if fits || (size == 0 && claimed == Self::Text) {
            return None;
        }
        let found = found.map_or("something else", Self::words);
        Some(format!(
            "is named as {}, but its content is {found}; name it for what it is",
            claimed.words()
        ))
    }

    /// The media type.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Bmp => "image/bmp",
            Self::Svg => "image/svg+xml",
            Self::Pdf => "application/pdf",
            Self::Zip => "application/zip",
            Self::SevenZip => "application/x-7z-compressed",
            Self::Text => "text/plain",
            Self::Ole | Self::Program => "application/octet-stream",
        }
    }

    /// True for pictures that a body can show.
    #[must_use]
    pub const fn is_image(self) -> bool {
        matches!(
            self,
            Self::Png | Self::Jpeg | Self::Gif | Self::Webp | Self::Bmp | Self::Svg
        )
    }

    /// For people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Png => "a PNG picture",
            Self::Jpeg => "a JPEG picture",
            Self::Gif => "a GIF picture",
            Self::Webp => "a WebP picture",
            Self::Bmp => "a BMP picture",
            Self::Svg => "an SVG picture",
            Self::Pdf => "a PDF document",
            Self::Zip => "a ZIP archive or an office document",
            Self::SevenZip => "a 7z archive",
            Self::Ole => "a document of an older office program",
            Self::Program => "a program",
            Self::Text => "text",
        }
    }
}

/// UTF-8, perhaps cut in its last character, without characters that no text has.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            let valid = head.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(valid).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let plain = |character: char| {
        !character.is_control() || matches!(character, '\t' | '\n' | '\r' | '\u{c}')
    };
    !text.is_empty() && text.chars().all(plain)
}

fn is_svg(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with("<svg")
        || (text.starts_with("<?xml") || text.starts_with("<!")) && text.contains("<svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, content: &[u8], fits: bool) {
        let told = Kind::contradiction(name, Kind::of(content), content.len() as u64);
        assert_eq!(told.is_none(), fits, "{name}: {told:?}");
    }

    #[test]
    fn names_are_held_against_contents() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        check("a.png", png, true);
        check("A.PNG", png, true);
        check("a.jpg", png, false);
        check("a.txt", png, false);
        check("a.pdf", b"%PDF-1.7\n%\xe2\xe3", true);
        check("a.pdf", b"just words", false);
        check("a.csv", b"BMW,12\n", true);
        check("a.csv", b"MZ\x90\0\x03", false);
        check("a.txt", b"\x7fELF\x02\x01\x01\0", false);
        check("a.txt", b"caf\xe9", true);
        check("a.txt", b"", true);
        check("a.png", b"", false);
        check("a.svg", b"<?xml version='1.0'?>\n<svg/>", true);
        check("a.svg", b"<html></html>", false);
        check("a.docx", b"PK\x03\x04", true);
        check("a.unknown", b"\0\0", true);
        check("noending", b"\0\0", true);
    }
}
