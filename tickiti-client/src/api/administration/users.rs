//! Users, and what each may do in which queue.

use std::borrow::Cow;

use api_core::{
    Endpoint, Repeat, Reversal, Spec,
    path::{self, PathError},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    permission::{ADMIN, ADMINISTRATION_READ, ADMINISTRATION_WRITE},
    types::{Email, QueueId, UserId},
};

/// Creates a user and mails the person a link that is valid for seven days. No call deletes a user.
///
/// The answer does not hold the id; list the users again and look for the address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {
    /// Name of the person. Example: `Sam Park`.
    pub name: String,
    /// Address of the person; the link goes there. Example: `sam@support.example.com`.
    pub email: Email,
    /// True makes the person a member of staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_staff: Option<bool>,
    /// True makes the person an administrator, who is staff as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_admin: Option<bool>,
    /// True switches the notifications called "tonic" on; what they are is not documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tonic_notifications: Option<bool>,
}

impl Create {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(name: impl Into<String>, email: Email) -> Self {
        Self {
            name: name.into(),
            email,
            is_staff: None,
            is_admin: None,
            tonic_notifications: None,
        }
    }
}

impl Endpoint for Create {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.users.create",
        "administration/users/create",
        Repeat::Never,
        Reversal::Irreversible,
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN);
}

/// Lists the users.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Index {}

impl Index {
    /// Takes no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Endpoint for Index {
    type Response = Users;
    const SPEC: Spec = Spec::read("administration.users.index", "administration/users")
        .abilities(ADMINISTRATION_READ)
        .role(ADMIN);
}

/// Takes away what a user may do in a queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QueueDetach {
    /// Id of the user, from `administration.users.index`. Example: 12.
    #[serde(skip_serializing_if = "in_path")]
    pub user: UserId,
    /// Id of the queue, from `workflow.queues.index`. Example: 3.
    #[serde(skip_serializing_if = "in_path")]
    pub queue: QueueId,
}

impl QueueDetach {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(user: impl Into<UserId>, queue: impl Into<QueueId>) -> Self {
        Self {
            user: user.into(),
            queue: queue.into(),
        }
    }
}

impl Endpoint for QueueDetach {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.users.queue_detach",
        "administration/users/{user}/queues/{queue}/detach",
        Repeat::Natural,
        Reversal::Reversible("administration.users.queue_upsert"),
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN);

    fn path(&self) -> Result<Cow<'static, str>, PathError> {
        path::fill(
            Self::SPEC.path,
            &[
                ("user", &self.user.to_string()),
                ("queue", &self.queue.to_string()),
            ],
        )
    }
}

/// Sets what a user may do in a queue. All five flags are sent and replace what was set before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the wire has five independent flags"
)]
pub struct QueueUpsert {
    /// Id of the user, from `administration.users.index`. Example: 12.
    #[serde(skip_serializing_if = "in_path")]
    pub user: UserId,
    /// Id of the queue, from `workflow.queues.index`. Example: 3.
    #[serde(skip_serializing_if = "in_path")]
    pub queue: QueueId,
    /// True lets the user see and answer the queue's tickets, called Contribute on the screens (inferred).
    pub can_view: bool,
    /// True lets the user manage them, as merging, splitting and restoring demand (inferred).
    pub can_manage: bool,
    /// True lets the user delete them (inferred).
    pub can_delete: bool,
    /// True makes the user one of those who administer the queue as an inbox (inferred).
    pub treat_as_inbox: bool,
    /// True notifies the user of errors of the inbox (inferred).
    pub receive_inbox_errors: bool,
}

impl QueueUpsert {
    /// A user who may do nothing in the queue yet; set the flags that shall be true.
    #[must_use]
    pub fn new(user: impl Into<UserId>, queue: impl Into<QueueId>) -> Self {
        Self {
            user: user.into(),
            queue: queue.into(),
            can_view: false,
            can_manage: false,
            can_delete: false,
            treat_as_inbox: false,
            receive_inbox_errors: false,
        }
    }
}

impl Endpoint for QueueUpsert {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.users.queue_upsert",
        "administration/users/{user}/queues/{queue}",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN);

    fn path(&self) -> Result<Cow<'static, str>, PathError> {
        path::fill(
            Self::SPEC.path,
            &[
                ("user", &self.user.to_string()),
                ("queue", &self.queue.to_string()),
            ],
        )
    }
}

/// Changes what kind of user somebody is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// Id of the user, from `administration.users.index`. Example: 12.
    #[serde(skip_serializing_if = "in_path")]
    pub user: UserId,
    /// True makes the person a member of staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_staff: Option<bool>,
    /// True makes the person an administrator, who is staff as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_admin: Option<bool>,
    /// True switches the notifications called "tonic" on; what they are is not documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tonic_notifications: Option<bool>,
}

impl Update {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(user: impl Into<UserId>) -> Self {
        Self {
            user: user.into(),
            is_staff: None,
            is_admin: None,
            tonic_notifications: None,
        }
    }
}

impl Endpoint for Update {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "administration.users.update",
        "administration/users/{user}/update",
        Repeat::Natural,
        Reversal::Reversible("administration.users.update"),
    )
    .abilities(ADMINISTRATION_WRITE)
    .role(ADMIN);

    fn path(&self) -> Result<Cow<'static, str>, PathError> {
        path::fill(Self::SPEC.path, &[("user", &self.user.to_string())])
    }
}

/// What listing users answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Users {
    /// The users.
    pub users: Vec<User>,
    /// Further parts of the answer.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A user, as listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The address, as it is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Columns that are not known to this version.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Keeps a field out of the body that stands in the path; its schema stays as it is.
fn in_path<T>(_: &T) -> bool {
    true
}
