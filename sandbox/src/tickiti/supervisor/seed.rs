//! Demo rows of the supervisor family.

use serde_json::json;

use super::{DIAGNOSTICS, SUPER_TASKS, health, jobs};
use crate::tickiti::clock::iso;
use crate::tickiti::model::State;
use crate::tickiti::rows::{demo_now, object, settings};

/// Adds disks, exceptions, jobs and scheduled tasks.
pub(in crate::tickiti) fn seed(state: &mut State) {
    let now = demo_now(state);
    health::DISKS.seed(
        state,
        json!([
            {"root_path": "C:/", "min_free_space": 5, "warn_free_space": 10},
            {"root_path": "D:/", "min_free_space": 20, "warn_free_space": 50},
        ]),
    );
    health::EXCEPTIONS.seed(
        state,
        json!([{"pattern": "*IMAP connection reset*", "description": "The provider restarts at night"}]),
    );
    let timeout = "Connection timed out after 10 seconds";
    jobs::LIST.seed(
        state,
        json!([
            {
                "queue": "default", "name": "SendMail", "status": "queued", "attempts": 0,
                "exception": null, "created_at": iso(now - 60),
            },
            {
                "queue": "default", "name": "FetchMailbox", "status": "failed", "attempts": 3,
                "exception": timeout, "created_at": iso(now - 7_200),
            },
            {
                "queue": "mail", "name": "SendMail", "status": "failed", "attempts": 3,
                "exception": "550 mailbox unavailable", "created_at": iso(now - 86_400),
            },
            {
                "queue": "portal_default", "name": "SyncPortal", "status": "failed",
                "attempts": 1, "exception": timeout, "created_at": iso(now - 3_600),
            },
        ]),
    );
    settings(state, DIAGNOSTICS).extend(object(
        json!({"log_queries": false, "log_mail": false, "verbose_jobs": false}),
    ));
    settings(state, SUPER_TASKS).extend(object(json!({
        "super_tasks": [
            {"id": 1, "name": "Reopen held tickets", "schedule": "0 3 * * *", "enabled": true},
            {"id": 2, "name": "Purge sent mail", "schedule": "30 3 * * *", "enabled": true},
        ],
        "settings": {"timezone": "UTC"},
        "templates": [{"id": 1, "name": "Nightly report"}],
    })));
}
