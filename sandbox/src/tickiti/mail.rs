//! The mail family: excluded addresses, mailboxes, subjects, sending and sent mail.
//!
//! Wrappers of the sent mail, and the queues beside the mailboxes, are ours (inferred).

mod mailboxes;
mod seed;
mod sent_mail;

use super::call::Handler;
use super::reply::Reply;
use super::rows::{List, settle};

pub(super) use seed::seed;
pub(super) use sent_mail::record;

/// Addresses whose mail is ignored.
const EXCLUDED: List = List {
    table: "excluded_emails",
    what: "Excluded email",
    key: "id",
    fields: &["email"],
};

/// Subjects whose mail is ignored.
const SUBJECTS: List = List {
    table: "subjects",
    what: "Subject",
    key: "id",
    fields: &["subject"],
};

/// The handler of an action.
pub(super) fn handler(action: &str) -> Option<Handler> {
    let handler: Handler = match action {
        "excluded.index" => |state, _| EXCLUDED.array(state),
        "excluded.create" => |state, call| {
            EXCLUDED.add(state, ().into(), &call.body);
            Reply::empty()
        },
        "excluded.delete" => |state, call| settle(EXCLUDED.delete(state, call)),
        "subjects.index" => |state, _| SUBJECTS.array(state),
        "subjects.create" => |state, call| {
            SUBJECTS.add(state, ().into(), &call.body);
            Reply::empty()
        },
        "subjects.delete" => |state, call| settle(SUBJECTS.delete(state, call)),
        "mailboxes.index" => mailboxes::index,
        "mailboxes.create" => |state, call| settle(mailboxes::create(state, call)),
        "mailboxes.update" => |state, call| settle(mailboxes::update(state, call)),
        "mailboxes.delete" => |state, call| settle(mailboxes::delete(state, call)),
        "mailboxes.set_password" => |state, call| settle(mailboxes::set_password(state, call)),
        "send" => |state, call| settle(sent_mail::send(state, call)),
        "sent_mail.list" => sent_mail::list,
        "sent_mail.search" => sent_mail::search,
        "sent_mail.show" => |state, call| settle(sent_mail::show(state, call)),
        _ => return None,
    };
    Some(handler)
}

#[cfg(test)]
mod tests;
