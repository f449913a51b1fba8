//! The administration family: the install itself, its people and its API tokens.
//!
//! Only `{users: [...]}` and the answer of `api_tokens.create` are known; the other shapes are
//! ours (inferred).

mod ai;
mod api_tokens;
mod branding;
mod install;
mod seed;
mod storage;
mod teams;
mod users;

use super::call::{Call, Handler};
use super::reply::Reply;
use super::rows::{caller, settle};

pub(super) use api_tokens::new_token;
pub(super) use install::is_permissive;
pub(super) use seed::seed;

/// The handler of an action.
pub(super) fn handler(action: &str) -> Option<Handler> {
    let handler: Handler = match action {
        "ai.index" => ai::index,
        "ai.update" => |state, call| settle(ai::update(state, call)),
        "api_tokens.index" => |state, call| settle(api_tokens::index(state, call)),
        "api_tokens.create" => |state, call| settle(api_tokens::create(state, call)),
        "api_tokens.update" => |state, call| settle(api_tokens::update(state, call)),
        "api_tokens.revoke" => |state, call| settle(api_tokens::revoke(state, call)),
        "branding.index" => branding::index,
        "branding.update" => branding::update,
        "branding.app_logo" => |state, call| settle(branding::set_logo(state, call, "app_logo")),
        "branding.email_logo" => {
            |state, call| settle(branding::set_logo(state, call, "email_logo"))
        }
        "branding.reset_app_logo" => |state, _| branding::reset_logo(state, "app_logo"),
        "branding.reset_email_logo" => |state, _| branding::reset_logo(state, "email_logo"),
        "custom_domain.status" => install::domain_status,
        "custom_domain.update" => |state, call| settle(install::update_domain(state, call)),
        "diagnostics.fetch" => |state, _| settle(install::fetch_diagnostics(state)),
        "diagnostics.index" => |state, _| settle(install::diagnostics(state)),
        "diagnostics.update" => |state, call| settle(install::update_diagnostics(state, call)),
        "diagnostics.upload" => |state, call| settle(install::upload_diagnostics(state, call)),
        "licence.index" => install::licence,
        "storage.delete_closed" => |state, call| settle(storage::delete_closed(state, call)),
        "storage.delete_orphaned" => |state, _| storage::delete_orphaned(state),
        "storage.retention" => |state, call| settle(storage::retention(state, call)),
        "system.index" => install::system,
        "system.update" => |state, call| settle(install::update_system(state, call)),
        "teams.index" => teams::index,
        "teams.create" => |state, call| settle(teams::create(state, call)),
        "teams.update" => |state, call| settle(teams::update(state, call)),
        "teams.delete" => |state, call| settle(teams::delete(state, call)),
        "users.index" => users::index,
        "users.create" => |state, call| settle(users::create(state, call)),
        "users.update" => |state, call| settle(users::update(state, call)),
        "users.queue_upsert" => |state, call| settle(users::set_queue(state, call)),
        "users.queue_detach" => |state, call| settle(users::detach_queue(state, call)),
        _ => return None,
    };
    Some(handler)
}

/// Refuses a `current_password` that is not the caller's.
fn check_password(call: &Call) -> Result<(), Reply> {
    let given = call.text("current_password").unwrap_or_default();
    if caller(call)?.password == given {
        return Ok(());
    }
    Err(Reply::invalid(
        "current_password",
        "The current password is incorrect.",
    ))
}

#[cfg(test)]
mod tests;
