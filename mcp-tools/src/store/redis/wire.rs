//! Commands and replies as they travel: the protocol that every version of Redis speaks (RESP2).

/// The longest text that is taken, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;
/// The longest line that is taken.
const LINE: usize = 64 * 1024;
/// The most replies in one.
const MOST: usize = 16;
/// How much of an error is told, in characters.
const TOLD: usize = 200;

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    Simple,
    Error(String),
    Number(i64),
    Bytes(Option<Vec<u8>>),
    List(Vec<Self>),
}

impl Reply {
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Simple => "a word",
            Self::Error(_) => "an error",
            Self::Number(_) => "a number",
            Self::Bytes(_) => "a text",
            Self::List(_) => "a list",
        }
    }
}

/// What came is no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Garbled;

/// A command as its bytes.
pub(super) fn command(parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len() + 16).sum();
    let mut bytes = Vec::with_capacity(length + 16);
    bytes.extend_from_slice(format!("*{}\r\n", parts.len()).as_bytes());
    for part in parts {
        bytes.extend_from_slice(format!("${}\r\n", part.len()).as_bytes());
        bytes.extend_from_slice(part);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// The first reply of what has come, and how long it was; nothing while it has not come whole.
pub(super) fn reply(bytes: &[u8]) -> Result<Option<(Reply, usize)>, Garbled> {
    let mut rest = bytes;
    let reply = next(&mut rest, true)?;
    Ok(reply.map(|reply| (reply, bytes.len() - rest.len())))
}

fn next(rest: &mut &[u8], lists: bool) -> Result<Option<Reply>, Garbled> {
    let Some(line) = line(rest)? else {
        return Ok(None);
    };
    let (kind, text) = line.split_first().ok_or(Garbled)?;
    let text = std::str::from_utf8(text).unwrap_or_default();
    let reply = match kind {
        b'+' => Reply::Simple,
        b'-' => Reply::Error(tame(text)),
        b':' => Reply::Number(text.parse().map_err(|_| Garbled)?),
        b'$' => match length(text, LONGEST)? {
            None => Reply::Bytes(None),
            Some(length) => {
                let Some((bytes, after)) = rest.split_at_checked(length) else {
                    return Ok(None);
                };
                match after.split_at_checked(2) {
                    None => return Ok(None),
                    Some((b"\r\n", after)) => *rest = after,
                    Some(_) => return Err(Garbled),
                }
                Reply::Bytes(Some(bytes.to_vec()))
            }
        },
        b'*' if lists => {
            let mut list = Vec::new();
            for _ in 0..length(text, MOST)?.unwrap_or_default() {
                match next(rest, false)? {
                    Some(reply) => list.push(reply),
                    None => return Ok(None),
                }
            }
            Reply::List(list)
        }
        _ => return Err(Garbled),
    };
    Ok(Some(reply))
}

fn line<'a>(rest: &mut &'a [u8]) -> Result<Option<&'a [u8]>, Garbled> {
    match rest.windows(2).take(LINE).position(|pair| pair == b"\r\n") {
        Some(end) => {
            let line = rest.get(..end).unwrap_or_default();
            *rest = rest.get(end + 2..).unwrap_or_default();
            Ok(Some(line))
        }
        None if rest.len() > LINE => Err(Garbled),
        None => Ok(None),
    }
}

/// A length, or none for what is absent.
fn length(text: &str, most: usize) -> Result<Option<usize>, Garbled> {
    if text == "-1" {
        return Ok(None);
    }
    let length = text.parse().ok().filter(|length| *length <= most);
    length.map(Some).ok_or(Garbled)
}

/// The text of an error, fit for a log.
fn tame(text: &str) -> String {
    let letters = text.chars().filter(|letter| !letter.is_control());
    letters.take(TOLD).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_counted_texts() {
        assert_eq!(
            command(&[b"GET", b"a\r\nb", b""]),
            b"*3\r\n$3\r\nGET\r\n$4\r\na\r\nb\r\n$0\r\n\r\n"
        );
    }

    #[test]
    fn replies_of_every_kind_and_of_none() {
        let text = |text: &str| Reply::Bytes(Some(text.as_bytes().to_vec()));
        for (bytes, expected) in [
            ("+OK\r\n", Reply::Simple),
            ("-ERR no\r\n", Reply::Error("ERR no".to_owned())),
            (":-7\r\n", Reply::Number(-7)),
            ("$4\r\na\r\nb\r\n", text("a\r\nb")),
            ("$0\r\n\r\n", text("")),
            ("$-1\r\n", Reply::Bytes(None)),
            ("*1\r\n:1\r\n", Reply::List(vec![Reply::Number(1)])),
            (
                "*2\r\n:0\r\n$1\r\nx\r\n",
                Reply::List(vec![Reply::Number(0), text("x")]),
            ),
            ("*-1\r\n", Reply::List(Vec::new())),
        ] {
            let whole = bytes.as_bytes();
            assert_eq!(reply(whole), Ok(Some((expected, whole.len()))), "{bytes:?}");
            for cut in 0..whole.len() {
                assert_eq!(reply(&whole[..cut]), Ok(None), "{bytes:?} cut at {cut}");
            }
            let more = [whole, b"+OK\r\n"].concat();
            assert_eq!(reply(&more).unwrap().unwrap().1, whole.len());
        }
        for bytes in [
            "\r\n",
            "HTTP/1.1 400 Bad Request\r\n",
            ":x\r\n",
            "$x\r\n",
            "$-2\r\n",
            "$1\r\nxyz\r\n",
            "$99999999999\r\n",
            "*99\r\n",
            "*1\r\n*0\r\n",
        ] {
            assert_eq!(reply(bytes.as_bytes()), Err(Garbled), "{bytes:?}");
        }
        assert_eq!(reply(&[b'+'; LINE + 2]), Err(Garbled));
    }
}
