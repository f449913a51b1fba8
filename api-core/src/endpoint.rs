//! What a request type says of itself.

use std::borrow::Cow;

use serde::{Serialize, de::DeserializeOwned};

use crate::{file::FilePart, path::PathError};

/// A request that a back end understands.
///
/// The request's fields are its JSON body (or its query, for `GET`). Everything else that is known of the endpoint
/// stands in [`Endpoint::SPEC`], once; clients, tools, policy and tests read it there.
pub trait Endpoint: Serialize + Send + Sync {
    /// What a successful answer decodes to, after the back end's envelope was taken off.
    type Response: DeserializeOwned + Send;

    /// The facts of the endpoint.
    const SPEC: Spec;

    /// The path below the API's root.
    ///
    /// Overridden only where the path has parameters, with [`crate::path::fill`].
    ///
    /// # Errors
    ///
    /// When a path parameter is empty or would change the route (`.`, `..`).
    fn path(&self) -> Result<Cow<'static, str>, PathError> {
        Ok(Cow::Borrowed(Self::SPEC.path))
    }

    /// Files to send beside the fields; only for multipart endpoints.
    fn files(&self) -> Vec<FilePart> {
        Vec::new()
    }

    /// What is wrong with the request although every field has the right form: rules that span fields.
    ///
    /// A request with problems is refused before anything leaves.
    fn problems(&self) -> Vec<Problem> {
        Vec::new()
    }
}

/// One broken rule of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// Path of the field to change, such as `data.subject`; several are joined by a comma, and the request as a whole
    /// has none.
    pub field: Cow<'static, str>,
    /// What is wrong and what to do, as the rest of a sentence that begins with the field: `is missing: give …`,
    /// `must be …`, `only goes with …`. Lower case, without a full stop.
    pub problem: Cow<'static, str>,
}

impl Problem {
    /// Names a field and what is wrong with it.
    pub fn new(field: impl Into<Cow<'static, str>>, problem: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.field.is_empty() {
            return f.write_str(&self.problem);
        }
        for (place, field) in self.field.split(", ").enumerate() {
            let gap = if place == 0 { "" } else { ", " };
            write!(f, "{gap}`{field}`")?;
        }
        write!(f, " {}", self.problem)
    }
}

/// Every fact of an endpoint that is not a field of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spec {
    /// Family and action, joined by a dot: `tickets.create`.
    pub name: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path below the API's root, with `{name}` for parameters.
    pub path: &'static str,
    /// How the request travels.
    pub encoding: Encoding,
    /// What a call does, and whether it may be sent twice.
    pub effect: Effect,
    /// Whether the effect can be undone; `None` for reads alone.
    pub reversal: Option<Reversal>,
    /// What the back end demands of the caller.
    pub access: Access,
    /// The release that added the endpoint; `None` when every supported install has it.
    pub since: Option<&'static str>,
    /// True when the answer carries a secret that must not be shown or logged.
    pub answers_secret: bool,
    /// Whether a call only adds, where the name says something else; see [`Spec::only_adds`].
    pub adds: Option<bool>,
}

/// HTTP method of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`: fields travel in the query.
    Get,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
}

impl Method {
    /// The method's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// How the fields of a request travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As a JSON object in the body.
    Json,
    /// As a query string.
    Query,
    /// As `multipart/form-data`, with at least one file part.
    Multipart,
}

/// What a call does to the back end. There is no default: an endpoint that does not say does not compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing; may be sent again at will.
    Read,
    /// Changes something.
    Write(Repeat),
}

impl Effect {
    /// True when sending the same call again does no harm although the first may have arrived.
    #[must_use]
    pub const fn is_repeatable(self) -> bool {
        !matches!(self, Self::Write(Repeat::Never))
    }

    /// True when the call changes something.
    #[must_use]
    pub const fn is_write(self) -> bool {
        matches!(self, Self::Write(_))
    }

    /// True when the call carries an idempotency key.
    #[must_use]
    pub const fn is_keyed(self) -> bool {
        matches!(self, Self::Write(Repeat::Keyed))
    }
}

/// What happens when a write arrives twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// The back end honours an idempotency key: the same bytes with the same key act once.
    Keyed,
    /// The second call leaves the same state as the first: set, update or delete by id.
    Natural,
    /// The second call acts again: create, split, copy, send.
    Never,
}

/// Whether the effect of a write can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reversal {
    /// Another call restores the former state; the text names it.
    Reversible(&'static str),
    /// Nothing restores the former state by itself, but a person or further calls can make up for it.
    Compensable,
    /// What is gone or sent stays so.
    Irreversible,
}

/// What the back end demands of the caller before it acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Access {
    /// The token must hold one of these; empty when none is needed.
    pub abilities: &'static [Ability],
    /// Role that the token's owner must have.
    pub role: Option<Role>,
    /// The token's owner must be a system administrator.
    pub sysadmin: bool,
    /// Features that the install's plan must include, all of them.
    pub plans: &'static [Plan],
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident),+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(&'static str);

        impl $name {
            /// Names one; meant for constants beside the endpoints.
            #[must_use]
            pub const fn new(name: &'static str) -> Self {
                Self(name)
            }

            /// The name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.0)
            }
        }
    )+};
}

names! {
    /// Something a token may be allowed to do, such as `tickets:write`.
    Ability,
    /// A role of a token's owner, such as `admin`.
    Role,
    /// A feature of an install's plan, such as `has_reports`.
    Plan
}

impl Spec {
    const fn new(
        name: &'static str,
        path: &'static str,
        effect: Effect,
        reversal: Option<Reversal>,
    ) -> Self {
        Self {
            name,
            method: Method::Post,
            path,
            encoding: Encoding::Json,
            effect,
            reversal,
            access: Access {
                abilities: &[],
                role: None,
                sysadmin: false,
                plans: &[],
            },
            since: None,
            answers_secret: false,
            adds: None,
        }
    }

    /// An endpoint that changes nothing.
    #[must_use]
    pub const fn read(name: &'static str, path: &'static str) -> Self {
        Self::new(name, path, Effect::Read, None)
    }

    /// An endpoint that changes something: says what a repeat does, and whether the effect can be undone.
    #[must_use]
    pub const fn write(
        name: &'static str,
        path: &'static str,
        repeat: Repeat,
        reversal: Reversal,
    ) -> Self {
        Self::new(name, path, Effect::Write(repeat), Some(reversal))
    }

    /// The same with another method; `GET` sends its fields in the query.
    #[must_use]
    pub const fn method(mut self, method: Method) -> Self {
        self.method = method;
        if matches!(method, Method::Get) {
            self.encoding = Encoding::Query;
        }
        self
    }

    /// The same as `multipart/form-data`.
    #[must_use]
    pub const fn multipart(mut self) -> Self {
        self.encoding = Encoding::Multipart;
        self
    }

    /// The same for tokens that hold one of these abilities.
    #[must_use]
    pub const fn abilities(mut self, any_of: &'static [Ability]) -> Self {
        self.access.abilities = any_of;
        self
    }

    /// The same for owners with a role.
    #[must_use]
    pub const fn role(mut self, role: Role) -> Self {
        self.access.role = Some(role);
        self
    }

    /// The same for owners that are system administrators.
    #[must_use]
    pub const fn sysadmin(mut self) -> Self {
        self.access.sysadmin = true;
        self
    }

    /// The same on installs whose plan has these features.
    #[must_use]
    pub const fn plans(mut self, plans: &'static [Plan]) -> Self {
        self.access.plans = plans;
        self
    }

    /// The same, absent from installs older than a release.
    #[must_use]
    pub const fn since(mut self, release: &'static str) -> Self {
        self.since = Some(release);
        self
    }

    /// The same, with a secret in the answer.
    #[must_use]
    pub const fn answers_secret(mut self) -> Self {
        self.answers_secret = true;
        self
    }

    /// The same, only adding or not, whatever its name says.
    #[must_use]
    pub const fn adds(mut self, adds: bool) -> Self {
        self.adds = Some(adds);
        self
    }

    /// True for a write that only adds: nothing that was there is overwritten or taken away.
    ///
    /// The last word of the name tells; endpoints of which it tells the wrong thing say so by [`Spec::adds`].
    #[must_use]
    pub fn only_adds(&self) -> bool {
        /// Words of calls that add.
        const ADDING: [&str; 7] = ["create", "add", "link", "restore", "copy", "upload", "send"];
        let word = self.name.rsplit(['.', '_']).next().unwrap_or_default();
        let says = self.adds.unwrap_or_else(|| ADDING.contains(&word));
        says && self.effect.is_write()
    }

    /// The part of the name before the first dot.
    #[must_use]
    pub fn family(&self) -> &'static str {
        self.name
            .split_once('.')
            .map_or(self.name, |(family, _)| family)
    }

    /// The part of the name after the first dot; `(root)` when there is none.
    #[must_use]
    pub fn action(&self) -> &'static str {
        self.name
            .split_once('.')
            .map_or("(root)", |(_, action)| action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_as_a_sentence() {
        for (field, expected) in [
            ("subject", "`subject` is missing: give one"),
            ("a, b.c", "`a`, `b.c` is missing: give one"),
        ] {
            let problem = Problem::new(field, "is missing: give one");
            assert_eq!(problem.to_string(), expected);
        }
        let whole = Problem::new("", "nothing to do");
        assert_eq!(whole.to_string(), "nothing to do");
    }
}
