//! Mailboxes: where mail is fetched from and sent through.

use api_core::{Endpoint, Repeat, Reversal, Secret, Spec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    permission::{ADMIN, MAIL_READ, MAIL_WRITE},
    types::{Email, MailboxId},
};

/// Creates a mailbox. The answer does not hold its id; list the mailboxes again and look for the address.
///
/// Passwords are set afterwards, with `mail.mailboxes.set_password`. Gmail is connected in the browser only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {
    /// Address, servers and limits.
    #[serde(flatten)]
    pub settings: Settings,
}

impl Create {
    /// A mailbox with these settings.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Endpoint for Create {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "mail.mailboxes.create",
        "mail/mailboxes/create",
        Repeat::Never,
        Reversal::Reversible("mail.mailboxes.delete"),
    )
    .abilities(MAIL_WRITE)
    .role(ADMIN);
}

/// Deletes a mailbox: no more mail is fetched from it or sent through it.
///
/// Its passwords and connections to mail providers go with it; no call reads them back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    /// Id of the mailbox to delete, from `mail.mailboxes.index`. Example: 2.
    pub mailbox_id: MailboxId,
}

impl Delete {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(mailbox_id: impl Into<MailboxId>) -> Self {
        Self {
            mailbox_id: mailbox_id.into(),
        }
    }
}

impl Endpoint for Delete {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "mail.mailboxes.delete",
        "mail/mailboxes/delete",
        Repeat::Natural,
        Reversal::Irreversible,
    )
    .abilities(MAIL_WRITE)
    .role(ADMIN);
}

/// Lists the mailboxes, without any password.
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
    type Response = Mailboxes;
    const SPEC: Spec = Spec::read("mail.mailboxes.index", "mail/mailboxes")
        .abilities(MAIL_READ)
        .role(ADMIN);
}

/// Sets a password or client secret of a mailbox. The former one cannot be read; whoever knows it can set it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SetPassword {
    /// Id of the mailbox, from `mail.mailboxes.index`. Example: 2.
    pub mailbox_id: MailboxId,
    /// Which secret to set: `smtp_password` for sending, `pop_password` for fetching (inferred), `client_secret` for
    /// Office 365 (inferred).
    pub field: String,
    /// The password or secret itself.
    #[serde(serialize_with = "Secret::reveal")]
    pub value: Secret,
}

impl SetPassword {
    /// The request with its required fields alone.
    #[must_use]
    pub fn new(
        mailbox_id: impl Into<MailboxId>,
        field: impl Into<String>,
        value: impl Into<Secret>,
    ) -> Self {
        Self {
            mailbox_id: mailbox_id.into(),
            field: field.into(),
            value: value.into(),
        }
    }
}

impl Endpoint for SetPassword {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "mail.mailboxes.set_password",
        "mail/mailboxes/set-password",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(MAIL_WRITE)
    .role(ADMIN);
}

/// Changes a mailbox. All settings are sent: read them first and change what shall differ. Passwords stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// Id of the mailbox to change, from `mail.mailboxes.index`. Example: 2.
    pub mailbox_id: MailboxId,
    /// Address, servers and limits.
    #[serde(flatten)]
    pub settings: Settings,
}

impl Update {
    /// A mailbox, and all its settings from now on.
    #[must_use]
    pub fn new(mailbox_id: impl Into<MailboxId>, settings: Settings) -> Self {
        Self {
            mailbox_id: mailbox_id.into(),
            settings,
        }
    }
}

impl Endpoint for Update {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "mail.mailboxes.update",
        "mail/mailboxes/update",
        Repeat::Natural,
        Reversal::Reversible("mail.mailboxes.update"),
    )
    .abilities(MAIL_WRITE)
    .role(ADMIN);
}

/// Everything about a mailbox except its id and its secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Settings {
    /// Name that staff see and that `mail.send` takes, such as `Support`.
    pub name: String,
    /// Address of the mailbox. Example: `support@example.com`.
    pub address: Email,
    /// Kind of mailbox that mail is fetched from. `imap` is the one value known to work; the screens also offer Office
    /// 365, Gmail and managed mail.
    pub mailbox_type: String,
    /// True fetches mail from it.
    pub pop_enable: bool,
    /// Encryption of the connection that fetches mail. `none` is the one value known to work.
    pub pop_encryption: String,
    /// True refuses the mail server when its certificate does not hold.
    pub pop_validate_cert: bool,
    /// After how many failures in a row the fetcher reports the mailbox (inferred).
    pub max_consecutive_errors: u32,
    /// After how many failures it is reported again (inferred).
    pub secondary_report_threshold: u32,
    /// Kind of mailbox that mail is sent through. `none` is the one value known to work.
    pub outgoing_mailbox_type: String,
    /// True sends mail through it.
    pub smtp_enable: bool,
    /// Encryption of the connection that sends mail. `none` is the one value known to work.
    pub smtp_security: String,
    /// Fields that are not known to this version, such as host names and ports, sent as they are.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Settings {
    /// A mailbox that neither fetches nor sends yet; failures are reported after 10 in a row, and again after 100.
    #[must_use]
    pub fn new(name: impl Into<String>, address: Email, mailbox_type: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            address,
            mailbox_type: mailbox_type.into(),
            pop_enable: false,
            pop_encryption: NONE.to_owned(),
            pop_validate_cert: true,
            max_consecutive_errors: 10,
            secondary_report_threshold: 100,
            outgoing_mailbox_type: NONE.to_owned(),
            smtp_enable: false,
            smtp_security: NONE.to_owned(),
            extra: Map::new(),
        }
    }
}

/// What listing mailboxes answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Mailboxes {
    /// The mailboxes.
    pub mailboxes: Vec<Mailbox>,
    /// Further parts of the answer, such as the queues to choose from.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A mailbox, as listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Mailbox {
    /// Its id.
    pub id: MailboxId,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its address, as it is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Kind of mailbox that mail is fetched from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailbox_type: Option<String>,
    /// Columns that are not known to this version.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The value of an encryption or kind that is switched off.
const NONE: &str = "none";
