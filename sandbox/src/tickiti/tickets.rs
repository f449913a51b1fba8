//! The tickets family.

mod attachments;
mod attributes;
mod content;
mod create;
mod criteria;
mod directory;
mod edit;
mod lifecycle;
mod links;
mod perspective;
mod query;
mod reference;
mod respond;
mod responses_query;
mod restructure;
mod thread;
mod view;

use super::call::Handler;
use super::rows::settle;

pub(super) use content::plain_text;
pub(super) use reference::lookup;

/// The handler of an action.
pub(super) fn handler(action: &str) -> Option<Handler> {
    let handler: Handler = match action {
        "create" => |state, call| settle(create::create(state, call)),
        "respond" => |state, call| settle(respond::respond(state, call)),
        "close" => |state, call| settle(respond::close(state, call)),
        "participants_add" => |state, call| settle(respond::participants_add(state, call)),
        "participants_remove" => |state, call| settle(respond::participants_remove(state, call)),
        "query" => |state, call| settle(query::query(state, call)),
        "search_modes" => query::search_modes,
        "show" => |state, call| settle(thread::show(state, call)),
        "responses" => |state, call| settle(thread::responses(state, call)),
        "response_show" => |state, call| settle(thread::response_show(state, call)),
        "responses_query" => |state, call| settle(responses_query::run(state, call)),
        "attachment" => |state, call| settle(attachments::download(state, call)),
        "attachment_upload" => |state, call| settle(attachments::upload(state, call)),
        "attachment_delete" => |state, call| settle(attachments::delete(state, call)),
        "response_update" => |state, call| settle(edit::update(state, call)),
        "response_delete" => |state, call| settle(edit::delete(state, call)),
        "response_move" => |state, call| settle(restructure::transfer(state, call, true)),
        "response_copy" => |state, call| settle(restructure::transfer(state, call, false)),
        "split" => |state, call| settle(restructure::split(state, call)),
        "merge" => |state, call| settle(restructure::merge(state, call)),
        "link" => |state, call| settle(links::link(state, call)),
        "unlink" => |state, call| settle(links::unlink(state, call)),
        "links" => |state, call| settle(links::index(state, call)),
        "delete" => |state, call| settle(lifecycle::delete(state, call)),
        "restore" => |state, call| settle(lifecycle::restore(state, call)),
        "originator_update" => |state, call| settle(lifecycle::originator_update(state, call)),
        "queues" => |state, call| settle(directory::queues(state, call)),
        "teams" => directory::teams,
        "staff" => directory::staff,
        "resolutions" => directory::resolutions,
        _ => return None,
    };
    Some(handler)
}
