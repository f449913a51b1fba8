//! What the double keeps in memory.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::switches::Switches;

/// Everything one simulated install holds.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// How this install differs from the newest one.
    pub(crate) switches: Switches,
    /// Source of internal ids, per kind of thing.
    pub(crate) next_ids: BTreeMap<&'static str, u64>,
    /// Source of six-digit ticket numbers.
    pub(crate) next_ticket_number: u64,
    /// Tickets by internal id, deleted ones included.
    pub(crate) tickets: BTreeMap<u64, Ticket>,
    /// Ticket number to internal id.
    pub(crate) ticket_numbers: BTreeMap<u64, u64>,
    /// Responses by id, deleted ones included.
    pub(crate) responses: BTreeMap<u64, Response>,
    /// Response ids of each ticket, oldest first; ids of responses that are gone may remain.
    pub(crate) threads: BTreeMap<u64, Vec<u64>>,
    /// Attachments by id.
    pub(crate) attachments: BTreeMap<u64, Attachment>,
    /// Stored bytes by sha256 in hex.
    pub(crate) blobs: BTreeMap<String, Vec<u8>>,
    /// Queues by id; `Inbox` is 1.
    pub(crate) queues: BTreeMap<u64, Queue>,
    /// Staff and customers with an account, by id.
    pub(crate) users: BTreeMap<u64, User>,
    /// Teams by id.
    pub(crate) teams: BTreeMap<u64, Team>,
    /// API tokens by id.
    pub(crate) tokens: BTreeMap<u64, Token>,
    /// Resolution categories in display order.
    pub(crate) resolutions: Vec<Resolution>,
    /// Rules that send a new ticket to another queue: a word of the subject, the queue's id.
    pub(crate) routing: Vec<(String, u64)>,
    /// Plan features of the install.
    pub(crate) plans: BTreeSet<String>,
    /// Rows of the simple lists (perspectives, watchlists, mailboxes, templates …), by list name, then id.
    pub(crate) tables: BTreeMap<&'static str, BTreeMap<u64, Map<String, Value>>>,
    /// Settings objects without rows (AI assistant, branding, licence …), by name.
    pub(crate) settings: BTreeMap<&'static str, Map<String, Value>>,
}

/// A ticket.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ticket {
    pub(crate) id: u64,
    pub(crate) number: u64,
    pub(crate) subject: String,
    /// `open`, `on-hold` or `closed`.
    pub(crate) status: String,
    /// `10`, `20`, `30` or `40`.
    pub(crate) priority: u32,
    pub(crate) queue_id: u64,
    pub(crate) originator_email: String,
    pub(crate) originator_name: String,
    /// Staff email or `team:<id>`.
    pub(crate) assigned_to: Option<String>,
    /// Id of a resolution category.
    pub(crate) resolved: Option<u64>,
    /// `YYYY-MM-DD`.
    pub(crate) on_hold_until: Option<String>,
    /// Addresses, the originator's among them.
    pub(crate) participants: Vec<String>,
    /// Internal ids of linked tickets.
    pub(crate) links: BTreeSet<u64>,
    /// Internal ids of tickets linked as clones; these links are permanent.
    pub(crate) clone_links: BTreeSet<u64>,
    pub(crate) hashtags: BTreeSet<String>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) deleted_at: Option<i64>,
    /// Number of the surviving ticket, once merged away.
    pub(crate) merged_into: Option<u64>,
}

/// One entry of a ticket's thread.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the API has these independent flags"
)]
pub(crate) struct Response {
    pub(crate) id: u64,
    pub(crate) ticket_id: u64,
    pub(crate) is_internal: bool,
    pub(crate) is_pinned: bool,
    pub(crate) staff_response: bool,
    pub(crate) created_by_email: String,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) is_email_sourced: bool,
    pub(crate) is_audit_only: bool,
    pub(crate) html: String,
    pub(crate) plain_text: String,
    /// What the response changed, form inferred.
    pub(crate) audit: Value,
    pub(crate) attachments: Vec<u64>,
    pub(crate) deleted_at: Option<i64>,
    /// True when the response was deleted together with its ticket.
    pub(crate) deleted_with_ticket: bool,
}

/// A file on a response.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attachment {
    pub(crate) id: u64,
    pub(crate) response_id: u64,
    pub(crate) name: String,
    pub(crate) mime_type: String,
    pub(crate) sha256: String,
    pub(crate) file_size: u64,
    pub(crate) is_inline: bool,
}

/// A ticket queue.
#[derive(Debug, Clone, Default)]
pub(crate) struct Queue {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) outgoing_mailbox_id: Option<u64>,
    pub(crate) track_resolutions: bool,
    pub(crate) is_parked: bool,
    pub(crate) release_queue_id: Option<u64>,
    pub(crate) content_type: Option<String>,
    pub(crate) built_in: bool,
}

/// What a user may do in one queue.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the API has these five independent switches"
)]
pub(crate) struct QueuePermission {
    pub(crate) can_view: bool,
    pub(crate) can_manage: bool,
    pub(crate) can_delete: bool,
    pub(crate) treat_as_inbox: bool,
    pub(crate) receive_inbox_errors: bool,
}

/// A person with an account.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the API has these independent flags"
)]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) is_staff: bool,
    pub(crate) is_admin: bool,
    pub(crate) is_superuser: bool,
    pub(crate) is_sysadmin: bool,
    /// The built-in system user or an API account: exempt from queue rules.
    pub(crate) is_system: bool,
    pub(crate) tonic_notifications: bool,
    /// Password that some forms ask again.
    pub(crate) password: String,
    /// Permissions by queue id; absent queue means none.
    pub(crate) queues: BTreeMap<u64, QueuePermission>,
}

/// A team that tickets can be assigned to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Team {
    pub(crate) id: u64,
    pub(crate) name: String,
    /// User ids.
    pub(crate) members: BTreeSet<u64>,
}

/// An API token.
#[derive(Debug, Clone, Default)]
pub(crate) struct Token {
    pub(crate) id: u64,
    pub(crate) name: String,
    /// What the client presents.
    pub(crate) plain_text: String,
    /// User id of the owner; calls run as this user.
    pub(crate) owner_id: u64,
    pub(crate) abilities: BTreeSet<String>,
    pub(crate) allowed_ip: Option<String>,
    pub(crate) last_used_at: Option<i64>,
}

/// A resolution category.
#[derive(Debug, Clone, Default)]
pub(crate) struct Resolution {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) colour: String,
    pub(crate) selectable: bool,
}

impl State {
    /// The next internal id of a kind (`"ticket"`, `"response"`, a table's name …).
    pub(crate) fn next_id(&mut self, kind: &'static str) -> u64 {
        let next = self.next_ids.entry(kind).or_insert(1);
        let id = *next;
        *next += 1;
        id
    }

    /// Rows of a simple list, in id order.
    pub(crate) fn rows(&self, table: &'static str) -> Vec<Value> {
        let rows = self.tables.get(table);
        rows.into_iter()
            .flat_map(BTreeMap::values)
            .map(|row| Value::Object(row.clone()))
            .collect()
    }

    /// Adds a row; its `id` is set and returned.
    pub(crate) fn insert_row(&mut self, table: &'static str, mut row: Map<String, Value>) -> u64 {
        let id = self.next_id(table);
        row.insert("id".to_owned(), Value::from(id));
        self.tables.entry(table).or_default().insert(id, row);
        id
    }
}
