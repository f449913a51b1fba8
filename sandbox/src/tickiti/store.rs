//! What the ticket handlers share of reading and changing the state.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::clock;
use super::digest::hex;
use super::model::{Attachment, Queue, QueuePermission, Resolution, Response, State, Ticket, User};

/// A response to be added to a thread.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the API has these independent flags"
)]
pub(crate) struct Draft {
    pub(crate) ticket_id: u64,
    pub(crate) author: String,
    pub(crate) html: String,
    pub(crate) plain_text: String,
    pub(crate) is_internal: bool,
    pub(crate) staff_response: bool,
    pub(crate) is_email_sourced: bool,
    /// What changed, by attribute: `{"status": {"from": …, "to": …}}` (form inferred).
    pub(crate) audit: Value,
    pub(crate) is_audit_only: bool,
    pub(crate) at: i64,
}

impl State {
    /// What a user may do in a queue.
    pub(crate) fn permission(&self, user: &User, queue: u64) -> QueuePermission {
        if user.is_system {
            return QueuePermission {
                can_view: true,
                can_manage: true,
                can_delete: true,
                ..QueuePermission::default()
            };
        }
        user.queues.get(&queue).copied().unwrap_or_default()
    }

    /// A queue by name, whatever its capitals.
    pub(crate) fn queue_named(&self, name: &str) -> Option<&Queue> {
        let name = name.trim().to_lowercase();
        self.queues
            .values()
            .find(|queue| queue.name.to_lowercase() == name)
    }

    /// The name of a queue; empty when it is gone.
    pub(crate) fn queue_name(&self, id: u64) -> &str {
        self.queues.get(&id).map_or("", |queue| &queue.name)
    }

    /// A person with an account, by address.
    pub(crate) fn user_by_email(&self, email: &str) -> Option<&User> {
        self.users
            .values()
            .find(|user| user.email.eq_ignore_ascii_case(email))
    }

    /// True for the address of a staff member.
    pub(crate) fn is_staff(&self, email: &str) -> bool {
        self.user_by_email(email).is_some_and(|user| user.is_staff)
    }

    /// A resolution category by id or name.
    pub(crate) fn resolution(&self, key: &str) -> Option<&Resolution> {
        let by_id = key.parse::<u64>().ok();
        self.resolutions
            .iter()
            .find(|r| Some(r.id) == by_id || r.name.eq_ignore_ascii_case(key))
    }

    /// A ticket by its number, deleted or not.
    pub(crate) fn ticket_by_number(&self, number: u64) -> Option<&Ticket> {
        self.tickets.get(self.ticket_numbers.get(&number)?)
    }

    /// The responses of a ticket in order of arrival, deleted ones included.
    pub(crate) fn thread(&self, ticket: u64) -> impl Iterator<Item = &Response> {
        let ids = self.threads.get(&ticket).into_iter().flatten();
        ids.filter_map(|id| self.responses.get(id))
    }

    /// Adds a ticket; sets its id and number.
    pub(crate) fn add_ticket(&mut self, mut ticket: Ticket) -> u64 {
        ticket.id = self.next_id("ticket");
        ticket.number = self.next_ticket_number;
        self.next_ticket_number += 1;
        let id = ticket.id;
        self.ticket_numbers.insert(ticket.number, id);
        self.tickets.insert(id, ticket);
        id
    }

    /// Adds a response to a thread.
    pub(crate) fn add_response(&mut self, draft: Draft) -> u64 {
        let id = self.next_id("response");
        let response = Response {
            id,
            ticket_id: draft.ticket_id,
            is_internal: draft.is_internal,
            staff_response: draft.staff_response,
            created_by_email: draft.author,
            created_at: draft.at,
            updated_at: draft.at,
            is_email_sourced: draft.is_email_sourced,
            is_audit_only: draft.is_audit_only,
            html: draft.html,
            plain_text: draft.plain_text,
            audit: draft.audit,
            ..Response::default()
        };
        self.insert_response(response);
        id
    }

    /// Records a change on a thread without a message.
    pub(crate) fn add_audit(&mut self, ticket_id: u64, author: &str, audit: Value, at: i64) -> u64 {
        let staff_response = self.is_staff(author);
        self.add_response(Draft {
            ticket_id,
            author: author.to_owned(),
            is_internal: true,
            staff_response,
            audit,
            is_audit_only: true,
            at,
            ..Draft::default()
        })
    }

    /// Puts a finished response into its thread and touches the ticket.
    pub(crate) fn insert_response(&mut self, response: Response) {
        self.threads
            .entry(response.ticket_id)
            .or_default()
            .push(response.id);
        if let Some(ticket) = self.tickets.get_mut(&response.ticket_id) {
            ticket.updated_at = ticket.updated_at.max(response.updated_at);
        }
        self.responses.insert(response.id, response);
    }

    /// Keeps bytes under their sha256, which is returned.
    pub(crate) fn store_blob(&mut self, content: Vec<u8>) -> String {
        let sha256 = hex(&Sha256::digest(&content));
        self.blobs.entry(sha256.clone()).or_insert(content);
        sha256
    }

    /// Hangs stored bytes on a response.
    pub(crate) fn attach(
        &mut self,
        response_id: u64,
        name: &str,
        sha256: &str,
        is_inline: bool,
    ) -> u64 {
        let id = self.next_id("attachment");
        let content = self.blobs.get(sha256).map_or(&[][..], Vec::as_slice);
        let attachment = Attachment {
            id,
            response_id,
            name: name.to_owned(),
            mime_type: mime_type(content).to_owned(),
            sha256: sha256.to_owned(),
            file_size: content.len() as u64,
            is_inline,
        };
        self.attachments.insert(id, attachment);
        if let Some(response) = self.responses.get_mut(&response_id) {
            response.attachments.push(id);
        }
        id
    }

    /// Re-creates a response on a ticket under a new id, attachments included.
    pub(crate) fn copy_response(&mut self, id: u64, ticket_id: u64) -> Option<u64> {
        let source = self.responses.get(&id)?;
        let mut copy = source.clone();
        copy.id = self.next_id("response");
        copy.ticket_id = ticket_id;
        let new_id = copy.id;
        for attachment in &mut copy.attachments {
            let file = self.attachments.get(attachment).cloned();
            let fresh = self.next_id("attachment");
            if let Some(file) = file {
                let file = Attachment {
                    id: fresh,
                    response_id: new_id,
                    ..file
                };
                self.attachments.insert(fresh, file);
            }
            *attachment = fresh;
        }
        self.insert_response(copy);
        Some(new_id)
    }

    /// Ids of the teams that a user belongs to.
    pub(crate) fn teams_of(&self, user: u64) -> BTreeSet<u64> {
        let teams = self
            .teams
            .values()
            .filter(|team| team.members.contains(&user));
        teams.map(|team| team.id).collect()
    }
}

impl Ticket {
    /// Adds a participant who is not one yet; says whether that was so.
    pub(crate) fn add_participant(&mut self, email: &str) -> bool {
        let known = self
            .participants
            .iter()
            .any(|known| known.eq_ignore_ascii_case(email));
        if !known {
            self.participants.push(email.to_owned());
        }
        !known
    }
}

/// Opens the held tickets whose date has come.
pub(crate) fn release_holds(state: &mut State, now: i64) {
    let today = clock::date(now);
    let due: Vec<u64> = state
        .tickets
        .values()
        .filter(|t| t.status == "on-hold" && t.deleted_at.is_none())
        .filter(|t| {
            t.on_hold_until
                .as_ref()
                .is_some_and(|until| *until <= today)
        })
        .map(|t| t.id)
        .collect();
    let system = state.users.values().find(|user| user.is_system);
    let author = system.map_or_else(String::new, |user| user.email.clone());
    for id in due {
        if let Some(ticket) = state.tickets.get_mut(&id) {
            ticket.status = "open".to_owned();
            ticket.on_hold_until = None;
        }
        let audit = json!({"status": {"from": "on-hold", "to": "open"}});
        state.add_audit(id, &author, audit, now);
    }
}

/// The type of content, judged by its first bytes.
pub(crate) fn mime_type(content: &[u8]) -> &'static str {
    const MAGIC: [(&[u8], &str); 6] = [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"%PDF-", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"MZ", "application/x-dosexec"),
    ];
    if content.starts_with(b"RIFF") && content.get(8..12) == Some(b"WEBP") {
        return "image/webp";
    }
    let known = MAGIC.iter().find(|(magic, _)| content.starts_with(magic));
    match known {
        Some((_, mime)) => mime,
        None if std::str::from_utf8(content).is_ok() => "text/plain",
        None => "application/octet-stream",
    }
}
