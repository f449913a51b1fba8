//! What the supervisor endpoints do.

use serde_json::json;

use crate::tickiti::rows::fixture::{done, ok, refused, state};

#[test]
fn stores_create_or_update() {
    let mut state = state();
    let disk = |path: &str, min: f64| json!({"root_path": path, "min_free_space": min, "warn_free_space": 500});
    done(&mut state, "supervisor.health.disk_store", disk("E:/", 1.5));
    done(&mut state, "supervisor.health.disk_store", disk("E:/", 2.5));
    let shown = ok(&mut state, "supervisor.health.manage", json!({}));
    let disks = shown["disks"].as_array().unwrap();
    let made: Vec<_> = disks
        .iter()
        .filter(|disk| disk["root_path"] == "E:/")
        .collect();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["min_free_space"], 2.5);
    let health = ok(&mut state, "supervisor.health.status", json!({}));
    assert_eq!(health["status"], "warning");

    let id = made[0]["id"].clone();
    let mut renamed = disk("F:/", 1.0);
    renamed["id"] = id.clone();
    done(&mut state, "supervisor.health.disk_store", renamed.clone());
    done(
        &mut state,
        "supervisor.health.disk_delete",
        json!({"id": id}),
    );
    refused(
        &mut state,
        "supervisor.health.disk_delete",
        json!({"id": id}),
        404,
    );
    refused(&mut state, "supervisor.health.disk_store", renamed, 404);
    let health = ok(&mut state, "supervisor.health.status", json!({}));
    assert_eq!(health["status"], "ok");
    assert_eq!(health["failed_jobs"], 3);
}

#[test]
fn exceptions_are_known_by_their_pattern() {
    let mut state = state();
    let endpoint = "supervisor.health.exception_store";
    done(&mut state, endpoint, json!({"pattern": "*timeout*"}));
    let again = json!({"pattern": "*timeout*", "description": "slow"});
    done(&mut state, endpoint, again);
    let shown = ok(&mut state, "supervisor.health.manage", json!({}));
    let rows = shown["exceptions"].as_array().unwrap();
    let made: Vec<_> = rows
        .iter()
        .filter(|row| row["pattern"] == "*timeout*")
        .collect();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["description"], "slow");
    let by_id = json!({"id": made[0]["id"]});
    done(&mut state, "supervisor.health.exception_delete", by_id);
}

#[test]
fn jobs_of_the_portal_are_never_touched() {
    let mut state = state();
    let before = ok(&mut state, "supervisor.jobs.index", json!({}));
    let failed = before["failed"].as_array().unwrap();
    let mut ids: Vec<_> = failed
        .iter()
        .map(|job| job["id"].as_u64().unwrap())
        .collect();
    ids.push(999);
    done(&mut state, "supervisor.jobs.retry", json!({"job_ids": ids}));
    let after = ok(&mut state, "supervisor.jobs.index", json!({}));
    assert_eq!(after["failed"].as_array().unwrap().len(), 1);
    assert_eq!(after["failed"][0]["queue"], "portal_default");
    assert_eq!(after["queued"].as_array().unwrap().len(), 3);
    done(
        &mut state,
        "supervisor.jobs.delete",
        json!({"job_ids": ids}),
    );
    let after = ok(&mut state, "supervisor.jobs.index", json!({}));
    assert_eq!(after["failed"][0]["queue"], "portal_default");
    assert_eq!(after["queued"].as_array().unwrap().len(), 1);
}

#[test]
fn options_and_tasks_can_be_read() {
    let mut state = state();
    let options = ok(&mut state, "supervisor.diagnostics", json!({}));
    assert_eq!(options["options"]["log_mail"], false);
    let tasks = ok(&mut state, "supervisor.super_tasks.fetch", json!({}));
    assert_eq!(tasks["super_tasks"][0]["enabled"], true);
}
