//! Message bodies: plain text, inline images, tags.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::tickiti::digest::hex;
use crate::tickiti::model::State;

/// Tags after which a line ends.
const BLOCKS: [&str; 10] = [
    "br",
    "/p",
    "/div",
    "/li",
    "/tr",
    "/h1",
    "/h2",
    "/h3",
    "/blockquote",
    "hr",
];

const ENTITIES: [(&str, char); 7] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("#39", '\''),
    ("nbsp", ' '),
];

/// An image that came inside the HTML.
#[derive(Debug)]
pub(super) struct InlineImage {
    pub(super) name: String,
    pub(super) content: Vec<u8>,
}

/// The text of an HTML body.
pub(in crate::tickiti) fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        rest = match from.strip_prefix('<') {
            Some(tag) => skip_tag(tag, &mut text),
            None => skip_entity(from, &mut text),
        };
    }
    text.push_str(rest);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let joined = lines.join("\n");
    joined.trim().to_owned()
}

/// Goes on behind a tag whose `<` was read; scripts and styles go with it.
fn skip_tag<'html>(tag: &'html str, text: &mut String) -> &'html str {
    let Some((inside, mut rest)) = tag.split_once('>') else {
        text.push('<');
        return tag;
    };
    let name = inside
        .split(|c: char| c.is_whitespace())
        .next()
        .unwrap_or_default()
        .trim_end_matches('/')
        .to_ascii_lowercase();
    if BLOCKS.contains(&name.as_str()) {
        text.push('\n');
    }
    if name == "script" || name == "style" {
        let end = format!("</{name}>");
        rest = rest
            .find(&end)
            .and_then(|at| rest.get(at + end.len()..))
            .unwrap_or_default();
    }
    rest
}

/// Goes on behind an entity; what is none stays as it is.
fn skip_entity<'html>(from: &'html str, text: &mut String) -> &'html str {
    let rest = from.strip_prefix('&').unwrap_or(from);
    for (name, character) in ENTITIES {
        let behind = rest
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix(';'));
        if let Some(behind) = behind {
            text.push(character);
            return behind;
        }
    }
    text.push('&');
    rest
}

/// Replaces each `src="data:image/…;base64,…"` by a `cid:` reference and hands out the images.
pub(super) fn take_inline_images(html: &str) -> (String, Vec<InlineImage>) {
    const START: &str = "data:image/";
    let mut images = Vec::new();
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(START) {
        let (before, from) = rest.split_at(at);
        kept.push_str(before);
        let quoted = before.ends_with(['"', '\'']);
        let end = from.find(['"', '\'']).unwrap_or(from.len());
        let (uri, behind) = from.split_at(end);
        match decode(uri).filter(|_| quoted) {
            Some((extension, content)) => {
                let digest = hex(&Sha256::digest(&content));
                let name = format!("image-{}.{extension}", images.len() + 1);
                kept.push_str("cid:");
                kept.push_str(digest.get(..16).unwrap_or(&digest));
                images.push(InlineImage { name, content });
            }
            None => kept.push_str(uri),
        }
        rest = behind;
    }
    kept.push_str(rest);
    (kept, images)
}

/// Extension and bytes of a `data:image/…;base64,…` URI.
fn decode(uri: &str) -> Option<(&str, Vec<u8>)> {
    let (extension, data) = uri.strip_prefix("data:image/")?.split_once(";base64,")?;
    let content = STANDARD.decode(data.trim()).ok()?;
    Some((extension.split('+').next().unwrap_or(extension), content))
}

/// Tags of a text: those that name somebody or something, and those that do not.
#[derive(Debug, Default)]
pub(super) struct Tags {
    /// Known hashtags, without the `#`.
    pub(super) hashtags: Vec<String>,
    /// `@name` and `#tag` as written.
    pub(super) unknown: Vec<String>,
}

/// Finds `@name` and `#tag` at the start of words.
pub(super) fn tags(state: &State, text: &str) -> Tags {
    let mut tags = Tags::default();
    for word in text.split_whitespace() {
        let word = word.trim_start_matches(['(', '[', '"', '\'']);
        let word = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        if let Some(tag) = word.strip_prefix('#').filter(|tag| names_something(tag)) {
            if known_hashtag(state, tag) {
                tags.hashtags.push(tag.to_lowercase());
            } else {
                tags.unknown.push(word.to_owned());
            }
        } else if let Some(name) = word.strip_prefix('@').filter(|name| names_something(name))
            && !known_name(state, name)
        {
            tags.unknown.push(word.to_owned());
        }
    }
    tags
}

/// Order numbers such as `#5512` are no tags.
fn names_something(tag: &str) -> bool {
    tag.starts_with(|c: char| c.is_alphabetic())
}

fn known_hashtag(state: &State, tag: &str) -> bool {
    let rows = state.tables.get("hashtags").into_iter().flatten();
    let mut known = rows.filter_map(|(_, row)| row.get("tag")?.as_str());
    known.any(|name| name.trim_start_matches('#').eq_ignore_ascii_case(tag))
}

/// Staff by first name or by the part of the address before the `@`; teams by name.
fn known_name(state: &State, name: &str) -> bool {
    let staff = state
        .users
        .values()
        .filter(|user| user.is_staff)
        .any(|user| {
            let first = user.name.split(' ').next().unwrap_or_default();
            let local = user.email.split('@').next().unwrap_or_default();
            first.eq_ignore_ascii_case(name) || local.eq_ignore_ascii_case(name)
        });
    staff
        || state
            .teams
            .values()
            .any(|team| team.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_text() {
        for (html, text) in [
            ("<p>One</p><p>Two &amp; three</p>", "One\nTwo & three"),
            ("a<br>b<br/>c", "a\nb\nc"),
            ("<style>p{}</style>x<script>1<2</script>y", "xy"),
            ("1 < 2 &copy; &#39;q&#39;", "1 < 2 &copy; 'q'"),
            ("", ""),
        ] {
            assert_eq!(plain_text(html), text, "{html}");
        }
    }

    #[test]
    fn inline_images_leave_the_html() {
        let html = r#"<img src="data:image/png;base64,aGk="> and data:image/none"#;
        let (kept, images) = take_inline_images(html);
        assert!(
            kept.starts_with(r#"<img src="cid:8f434346648f6b96">"#),
            "{kept}"
        );
        assert!(kept.ends_with("data:image/none"), "{kept}");
        assert_eq!(images.len(), 1);
        assert_eq!(
            (images[0].name.as_str(), images[0].content.as_slice()),
            ("image-1.png", &b"hi"[..])
        );
    }
}
