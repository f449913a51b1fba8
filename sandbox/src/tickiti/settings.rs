//! The settings family: hashtags, perspectives, stock responses, watchlists.
//!
//! Wrappers other than `watchlists`, `perspective_id` and `template` are ours (inferred).

mod hashtags;
mod perspectives;
mod seed;
mod stock_responses;
mod watchlists;

use super::call::{Call, Handler};
use super::model::User;
use super::reply::Reply;
use super::rows::{Row, flag, is_admin, number, settle};

pub(super) use seed::seed;
pub(super) use stock_responses::{LIST as STOCK_RESPONSES, is_citable};

/// The handler of an action.
pub(super) fn handler(action: &str) -> Option<Handler> {
    let handler: Handler = match action {
        "hashtags.index" => hashtags::index,
        "hashtags.delete" => hashtags::delete,
        "perspectives.index" => |state, call| settle(perspectives::index(state, call)),
        "perspectives.show" => |state, call| settle(perspectives::show(state, call)),
        "perspectives.create" => |state, call| settle(perspectives::create(state, call)),
        "perspectives.update" => |state, call| settle(perspectives::update(state, call)),
        "perspectives.delete" => |state, call| settle(perspectives::delete(state, call)),
        "stock_responses.index" => stock_responses::index,
        "stock_responses.show" => |state, call| settle(stock_responses::show(state, call)),
        "stock_responses.create" => |state, call| settle(stock_responses::create(state, call)),
        "stock_responses.update" => |state, call| settle(stock_responses::update(state, call)),
        "stock_responses.delete" => |state, call| settle(STOCK_RESPONSES.delete(state, call)),
        "stock_responses.image_upload" => |state, call| {
            settle(super::templates::upload_image(
                state,
                call,
                &STOCK_RESPONSES,
            ))
        },
        "watchlists.index" => |state, call| settle(watchlists::index(state, call)),
        "watchlists.create" => |state, call| settle(watchlists::create(state, call)),
        "watchlists.update" => |state, call| settle(watchlists::update(state, call)),
        "watchlists.delete" => |state, call| settle(watchlists::delete(state, call)),
        "watchlists.add_tickets" => |state, call| settle(watchlists::add_tickets(state, call)),
        "watchlists.remove_tickets" => {
            |state, call| settle(watchlists::remove_tickets(state, call))
        }
        "watchlists.reorder" => |state, call| settle(watchlists::reorder(state, call)),
        _ => return None,
    };
    Some(handler)
}

/// True when a user may see a personal or shared thing.
fn is_visible(row: &Row, user: &User) -> bool {
    flag(row, "shared") || flag(row, "built_in") || is_own(row, user)
}

/// True when the thing belongs to the user.
fn is_own(row: &Row, user: &User) -> bool {
    number(row, "owner_id") == Some(user.id)
}

/// Refuses changes of what belongs to somebody else, except shared things by an admin.
fn check_may_change(row: &Row, user: &User) -> Result<(), Reply> {
    let by_admin = is_admin(user) && is_visible(row, user);
    if by_admin || is_own(row, user) {
        return Ok(());
    }
    Err(Reply::forbidden("This belongs to another user."))
}

/// Refuses `shared` from anybody but an admin.
fn check_may_share(call: &Call, user: &User) -> Result<(), Reply> {
    if call.body.contains_key("shared") && !is_admin(user) {
        return Err(Reply::forbidden("Only an admin may set shared."));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
