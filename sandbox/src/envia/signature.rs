//! Who is calling: the bot's token, and its signature over the body.

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::Sha256;

use crate::wire::digest::hex;

use super::boom::Boom;
use super::javascript;

/// Checks the bearer token, and in strict mode that a signature is there at all.
///
/// # Errors
///
/// 401.
pub(crate) fn admit(headers: &HeaderMap, token: &str, strict: bool) -> Result<(), Boom> {
    let bearer = text(headers, "authorization").and_then(|value| value.split_once(' '));
    let known = bearer.is_some_and(|(scheme, given)| {
        scheme.eq_ignore_ascii_case("bearer") && given.trim() == token
    });
    if !known {
        return Err(Boom::unauthorized("The token is missing or unknown."));
    }
    if strict && !headers.contains_key(HEADER) {
        return Err(Boom::unauthorized("The signature is missing."));
    }
    Ok(())
}

/// Checks a signature that is there.
///
/// # Errors
///
/// 401.
pub(crate) fn verify(headers: &HeaderMap, token: &str, body: &[u8]) -> Result<(), Boom> {
    if !headers.contains_key(HEADER) {
        return Ok(());
    }
    let message = javascript::message(body);
    let expected = message.and_then(|message| sign(token, &message));
    if expected.is_none() || expected.as_deref() != text(headers, HEADER) {
        return Err(Boom::unauthorized(
            "The signature does not fit the request.",
        ));
    }
    Ok(())
}

const HEADER: &str = "x-bot-ai-signature";

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Lower-case hex (the case is inferred) of HMAC-SHA256 with the token as key.
fn sign(token: &str, message: &str) -> Option<String> {
    // A key of any length is taken.
    let mut mac = Hmac::<Sha256>::new_from_slice(token.as_bytes()).ok()?;
    mac.update(message.as_bytes());
    Some(hex(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vectors_hold() {
        for (body, signature) in [
            (
                "",
                "b952408c8ef72202a13a9806f14bd5f4f504d402c58b191a57610bb1963da37f",
            ),
            (
                r#"{"type":5,"company_id":4410,"comments":"Caja golpeada, contenido roto"}"#,
                "f2d76636d3fbd4b8f2c0cd407982bc42240df43cceba321fe61ecad42d9b4681",
            ),
            (
                r#"{"type":3,"amount":180.50,"comments":"Peso cobrado de más","company_id":4410.0,
                    "tracking_number":"TST0001112223","shipment_id":900123}"#,
                "2eb5742afc41715574df2f14688758b6e8dbaa915d0fcfe1f8f273eaade55202",
            ),
        ] {
            let message = javascript::message(body.as_bytes()).unwrap();
            assert_eq!(sign("test-bot-token", &message).as_deref(), Some(signature));
        }
    }
}
