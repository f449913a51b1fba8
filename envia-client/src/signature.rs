//! The signature that the back end asks of its bot, beside the token.
//!
//! HMAC-SHA256 under the token, in lower-case hex (inferred), over the JSON body with its top-level keys in
//! alphabetical order and no blanks. What is nested keeps its order. Without a body it covers `{}` (inferred).
//!
//! The back end verifies what JavaScript prints after parsing, so a body must be printed the same way here: see
//! [`crate::json`].

use std::{borrow::Cow, collections::BTreeMap, fmt::Write as _};

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::value::RawValue;
use sha2::Sha256;

/// Header that carries the signature.
pub(crate) const HEADER: &str = "x-bot-ai-signature";
/// What is signed when there is no body (inferred).
const NO_BODY: &[u8] = b"{}";

/// Signs a body as it travels.
///
/// `None` when the key cannot be used, which no key of HMAC is.
pub(crate) fn sign(key: &[u8], body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(&message(body));
    let mut hex = String::with_capacity(64);
    for byte in mac.finalize().into_bytes() {
        // Writing to a text does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    Some(hex)
}

/// What the signature covers; a body that is no JSON object is taken as it is.
fn message(body: &[u8]) -> Cow<'_, [u8]> {
    if body.is_empty() {
        return Cow::Borrowed(NO_BODY);
    }
    let sorted = serde_json::from_slice::<BTreeMap<String, &RawValue>>(body);
    match sorted.ok().and_then(|map| serde_json::to_vec(&map).ok()) {
        Some(sorted) => Cow::Owned(sorted),
        None => Cow::Borrowed(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"test-bot-token";

    #[test]
    fn signs_the_published_messages() {
        for (body, expected) in [
            (
                "",
                "b952408c8ef72202a13a9806f14bd5f4f504d402c58b191a57610bb1963da37f",
            ),
            (
                "{}",
                "b952408c8ef72202a13a9806f14bd5f4f504d402c58b191a57610bb1963da37f",
            ),
            (
                r#"{"comments":"Caja golpeada, contenido roto","company_id":4410,"type":5}"#,
                "f2d76636d3fbd4b8f2c0cd407982bc42240df43cceba321fe61ecad42d9b4681",
            ),
            (
                r#"{"company_id":4410,"type":5,"comments":"Caja golpeada, contenido roto"}"#,
                "f2d76636d3fbd4b8f2c0cd407982bc42240df43cceba321fe61ecad42d9b4681",
            ),
            (
                r#"{"type":3,"amount":180.5,"comments":"Peso cobrado de más","company_id":4410,"shipment_id":900123,"tracking_number":"TST0001112223"}"#,
                "2eb5742afc41715574df2f14688758b6e8dbaa915d0fcfe1f8f273eaade55202",
            ),
        ] {
            assert_eq!(sign(KEY, body.as_bytes()).unwrap(), expected, "{body}");
        }
    }

    #[test]
    fn sorts_the_top_level_alone() {
        for (body, expected) in [
            (
                r#"{"b":{"z":1,"a":2},"a":[{"y":1,"x":2}]}"#,
                r#"{"a":[{"y":1,"x":2}],"b":{"z":1,"a":2}}"#,
            ),
            (r#"{"b":"a/ü\n","a":1e2}"#, r#"{"a":1e2,"b":"a/ü\n"}"#),
            ("[2,1]", "[2,1]"),
        ] {
            assert_eq!(message(body.as_bytes()), expected.as_bytes(), "{body}");
        }
    }
}
