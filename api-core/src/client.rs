//! The generic shell: encodes a request, has it carried out, decodes the answer.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use url::Url;

use crate::{
    address::Address,
    dialect::Dialect,
    endpoint::{Encoding, Endpoint, Spec},
    error::{self, Error, ErrorKind, Facts, SetupError},
    execute::{self, Fields, Outgoing},
    file::FilePart,
    operation::{self, Prepared},
    settings::{CallOptions, Settings},
    transport::{Pooled, Transport},
};

/// Carries calls to one back end. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct Executor(Arc<Shared>);

/// What all calls of an executor share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) address: Address,
    pub(crate) dialect: Box<dyn Dialect>,
    pub(crate) settings: Settings,
    pub(crate) transport: Arc<dyn Transport>,
    /// Headers that every attempt carries.
    pub(crate) headers: HeaderMap,
}

impl Executor {
    /// An executor over HTTP for the back end at a base address.
    ///
    /// A base that ends in the API's root (see [`Dialect::root`]) is taken as the address above it.
    ///
    /// Nothing is connected or loaded before the first call.
    ///
    /// # Errors
    ///
    /// When the address or a setting cannot be used.
    pub fn new(base: &str, dialect: impl Dialect, settings: Settings) -> Result<Self, SetupError> {
        let address = Address::new(base, dialect.root(), &settings)?;
        let target = address.target();
        if target.tls && !cfg!(feature = "rustls") {
            return Err(SetupError::NoTls);
        }
        let transport = Arc::new(Pooled::new(target, &settings));
        Self::build(address, dialect, settings, transport)
    }

    /// An executor over a transport of the caller's, such as a scripted one in tests.
    ///
    /// # Errors
    ///
    /// When the address or a setting cannot be used.
    pub fn with_transport(
        base: &str,
        dialect: impl Dialect,
        settings: Settings,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, SetupError> {
        let address = Address::new(base, dialect.root(), &settings)?;
        Self::build(address, dialect, settings, transport)
    }

    fn build(
        address: Address,
        dialect: impl Dialect,
        settings: Settings,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, SetupError> {
        let user_agent =
            HeaderValue::from_str(&settings.user_agent).map_err(|_| SetupError::UserAgent)?;
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::USER_AGENT, user_agent);
        Ok(Self(Arc::new(Shared {
            address,
            dialect: Box::new(dialect),
            settings,
            transport,
            headers,
        })))
    }

    /// The base address, without slashes and without the API's root at its end.
    #[must_use]
    pub fn base(&self) -> &Url {
        self.0.address.base()
    }

    /// Carries out a request and decodes the answer.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`]. [`Error::may_have_applied`] tells whether a failed write may have acted.
    pub async fn send<E: Endpoint>(
        &self,
        request: &E,
        options: &CallOptions,
    ) -> Result<E::Response, Error> {
        self.send_answer(request, options).await?.decode()
    }

    /// Carries out a request and hands the answer back undecoded, with the facts of the call.
    ///
    /// # Errors
    ///
    /// As [`Executor::send`], except that the form of the payload is not looked at.
    pub async fn send_answer<E: Endpoint>(
        &self,
        request: &E,
        options: &CallOptions,
    ) -> Result<Answer, Error> {
        let outgoing = encode(request).map_err(|kind| Error::before_sending(E::SPEC.name, kind))?;
        execute::execute(&self.0, &E::SPEC, outgoing, options).await
    }

    /// Carries out a request that is known only by its endpoint's facts, see [`crate::Operation::prepare`].
    ///
    /// # Errors
    ///
    /// As [`Executor::send_answer`].
    pub async fn call(
        &self,
        spec: &'static Spec,
        prepared: Prepared,
        files: Vec<FilePart>,
        options: &CallOptions,
    ) -> Result<Answer, Error> {
        let fields = match spec.encoding {
            Encoding::Json => {
                json(&prepared.fields).map_err(|kind| Error::before_sending(spec.name, kind))?
            }
            Encoding::Query | Encoding::Multipart => Fields::Map(prepared.fields),
        };
        let outgoing = Outgoing {
            path: prepared.path,
            fields,
            files,
        };
        execute::execute(&self.0, spec, outgoing, options).await
    }
}

fn encode<E: Endpoint>(request: &E) -> Result<Outgoing, ErrorKind> {
    let problems = request.problems();
    if !problems.is_empty() {
        return Err(ErrorKind::Invalid(operation::list(&problems)));
    }
    let fields = match E::SPEC.encoding {
        Encoding::Json => json(request)?,
        Encoding::Query | Encoding::Multipart => {
            match serde_json::to_value(request).map_err(ErrorKind::Encode)? {
                Value::Object(fields) => Fields::Map(fields),
                Value::Null => Fields::Map(Map::new()),
                _ => {
                    return Err(ErrorKind::Invalid(
                        "the request must have named fields".to_owned(),
                    ));
                }
            }
        }
    };
    Ok(Outgoing {
        path: request.path().map_err(ErrorKind::Path)?,
        fields,
        files: request.files(),
    })
}

/// The JSON body; a request without fields is `{}`.
fn json(request: &impl Serialize) -> Result<Fields, ErrorKind> {
    let bytes = serde_json::to_vec(request).map_err(ErrorKind::Encode)?;
    Ok(Fields::Json(match bytes.as_slice() {
        b"null" => Bytes::from_static(b"{}"),
        _ => bytes.into(),
    }))
}

/// A successful answer, not yet decoded.
#[derive(Clone)]
#[non_exhaustive]
pub struct Answer {
    /// The body with the back end's envelope taken off.
    pub payload: Bytes,
    /// Status, 200 to 299.
    pub status: u16,
    /// Id that the call travelled under.
    pub request_id: String,
    /// Attempts made, at least 1.
    pub attempts: u32,
    /// Idempotency key that the call carried.
    pub idempotency_key: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) spec: &'static Spec,
}

impl Answer {
    /// The payload as a type; an empty payload reads as `null`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] when the payload is not JSON or not of that form. A write has been carried out then.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let payload: &[u8] = match self.payload.trim_ascii() {
            [] => b"null",
            payload => payload,
        };
        // Looking at the encoding once is quicker than at every text.
        match std::str::from_utf8(payload) {
            Ok(text) => serde_json::from_str(text),
            Err(_) => serde_json::from_slice(payload),
        }
        .map_err(|error| self.undecodable(&error))
    }

    /// The payload as it is.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] when the payload is not JSON.
    pub fn value(&self) -> Result<Value, Error> {
        self.decode()
    }

    fn undecodable(&self, error: &serde_json::Error) -> Error {
        let kind = ErrorKind::Decode {
            reason: error::decode_reason(self.spec, error),
            content_type: self.content_type.clone(),
            length: self.payload.len() as u64,
        };
        let facts = Facts {
            request_id: self.request_id.clone(),
            attempts: self.attempts,
            idempotency_key: self.idempotency_key.clone(),
            may_have_applied: self.spec.effect.is_write(),
        };
        Error::new(self.spec.name, kind, facts)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("endpoint", &self.spec.name)
            .field("status", &self.status)
            .field("length", &self.payload.len())
            .field("request_id", &self.request_id)
            .field("attempts", &self.attempts)
            .field("idempotency_key", &self.idempotency_key)
            .finish_non_exhaustive()
    }
}
