//! Building a demo thread, entry by entry.

use serde_json::Value;

use crate::tickiti::model::State;
use crate::tickiti::store::Draft;
use crate::tickiti::tickets::plain_text;

/// A thread being written.
#[derive(Debug)]
pub(super) struct Thread<'state> {
    pub(super) state: &'state mut State,
    pub(super) ticket_id: u64,
}

impl Thread<'_> {
    /// A mail or form message of a customer.
    pub(super) fn customer(&mut self, author: &str, html: &str, by_mail: bool, at: i64) -> u64 {
        self.add(author, html, at, |draft| draft.is_email_sourced = by_mail)
    }

    /// A public answer of staff.
    pub(super) fn staff(&mut self, author: &str, html: &str, at: i64) -> u64 {
        self.add(author, html, at, |draft| draft.staff_response = true)
    }

    /// An internal note.
    pub(super) fn note(&mut self, author: &str, html: &str, at: i64) -> u64 {
        self.add(author, html, at, |draft| {
            draft.staff_response = true;
            draft.is_internal = true;
        })
    }

    /// A change without a message.
    pub(super) fn audit(&mut self, author: &str, audit: Value, at: i64) {
        self.state.add_audit(self.ticket_id, author, audit, at);
    }

    /// Hangs a file on a response.
    pub(super) fn attach(&mut self, response: u64, name: &str, content: &[u8], is_inline: bool) {
        let sha256 = self.state.store_blob(content.to_vec());
        self.state.attach(response, name, &sha256, is_inline);
    }

    fn add(&mut self, author: &str, html: &str, at: i64, change: impl FnOnce(&mut Draft)) -> u64 {
        let mut draft = Draft {
            ticket_id: self.ticket_id,
            author: author.to_owned(),
            html: html.to_owned(),
            plain_text: plain_text(html),
            at,
            ..Draft::default()
        };
        change(&mut draft);
        self.state.add_response(draft)
    }
}
