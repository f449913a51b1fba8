//! What differs between back ends.

use std::{borrow::Cow, fmt::Debug};

use http::{HeaderMap, HeaderName};

use crate::{endpoint::Spec, error::Refusal};

/// The habits of one back end: where its API starts, how a caller proves who it is, how answers are wrapped.
pub trait Dialect: Send + Sync + Debug + 'static {
    /// Path of the API's root below the base address, such as `api/v1`; empty when it is the base itself.
    fn root(&self) -> &str;

    /// Header that carries an idempotency key. Without one, no call can be keyed, and a call that wants a key is not
    /// repeated after it may have arrived.
    fn key_header(&self) -> Option<HeaderName> {
        None
    }

    /// Adds credentials to one attempt.
    ///
    /// `body` is what a signature would cover: the JSON bytes, empty for `GET` and for multipart.
    fn authorize(&self, headers: &mut HeaderMap, body: &[u8]);

    /// The payload of a 2xx body with the envelope taken off.
    ///
    /// A body that is not what was expected is returned as it is: decoding will tell.
    ///
    /// # Errors
    ///
    /// The refusal that the body carries in spite of its status.
    fn payload<'a>(&self, spec: &Spec, body: &'a [u8]) -> Result<Cow<'a, [u8]>, Refusal>;

    /// What the body of an answer that is no success says.
    ///
    /// It never fails: the known shape, else what other JSON has, else nothing but length and content type. Bodies
    /// longer than 64 KiB arrive cut.
    fn refusal(&self, spec: &Spec, status: u16, content_type: Option<&str>, body: &[u8])
    -> Refusal;
}
