//! Reports, supervisor and axial.

use serde_json::json;

use super::sweep::{Sweep, find};

/// Every endpoint of the reports family.
pub(super) async fn reports(sweep: &mut Sweep) {
    let meta = sweep.ok("reports.meta", json!({})).await;
    let queue = meta["queues"][0]["id"].clone();
    let all = json!({"date_from": "2020-01-01", "date_to": "2026-12-31", "group_by": "month"});
    let volumes = sweep.ok("reports.volumes", all.clone()).await;
    let found = sweep.tickets(json!({"row_limit": 5000})).await;
    assert_eq!(volumes["totals"]["created"], found.len());
    let mut one = all.clone();
    one["queue_id"] = queue;
    let part = sweep.ok("reports.volumes", one).await;
    assert!(part["totals"]["created"].as_u64() < volumes["totals"]["created"].as_u64());
    let times = sweep.ok("reports.response_times", all.clone()).await;
    assert_eq!(times["totals"]["tickets"], volumes["totals"]["created"]);
    let resolutions = sweep.ok("reports.resolutions", all.clone()).await;
    assert_eq!(resolutions["totals"]["closed"], volumes["totals"]["closed"]);
    let agents = sweep.ok("reports.agent_activity", all).await;
    let rows = agents["rows"].as_array().unwrap();
    assert!(
        rows.iter()
            .any(|row| row["public_responses"].as_u64() > Some(0))
    );
    let turned = json!({"date_from": "2026-06-02", "date_to": "2026-06-01"});
    sweep.fails("reports.volumes", turned, 422).await;
}

/// Every endpoint of the supervisor family.
pub(super) async fn supervisor(sweep: &mut Sweep) {
    let options = sweep.ok("supervisor.diagnostics", json!({})).await;
    assert!(options["options"].is_object());
    let tasks = sweep.ok("supervisor.super_tasks.fetch", json!({})).await;
    assert!(tasks["super_tasks"].is_array());
    let health = sweep.ok("supervisor.health.status", json!({})).await;
    assert_eq!(health["status"], "ok");

    for free in [5, 6] {
        let disk = json!({"root_path": "Z:/", "min_free_space": free, "warn_free_space": 10.5});
        sweep.done("supervisor.health.disk_store", disk).await;
    }
    let pattern = json!({"pattern": "*sweep*"});
    sweep
        .done("supervisor.health.exception_store", pattern)
        .await;
    let shown = sweep.ok("supervisor.health.manage", json!({})).await;
    let disk = find(&shown["disks"], "root_path", "Z:/");
    assert_eq!(disk["min_free_space"], 6);
    sweep
        .done("supervisor.health.disk_delete", json!({"id": disk["id"]}))
        .await;
    let exception = find(&shown["exceptions"], "pattern", "*sweep*")["id"].clone();
    sweep
        .done(
            "supervisor.health.exception_delete",
            json!({"id": exception}),
        )
        .await;

    let jobs = sweep.ok("supervisor.jobs.index", json!({})).await;
    let failed = jobs["failed"].as_array().unwrap();
    let mut ids: Vec<_> = failed.iter().map(|job| job["id"].clone()).collect();
    ids.push(json!(999_999));
    sweep
        .done("supervisor.jobs.retry", json!({"job_ids": ids}))
        .await;
    sweep
        .done("supervisor.jobs.delete", json!({"job_ids": ids}))
        .await;
    let left = sweep.ok("supervisor.jobs.index", json!({})).await;
    assert_eq!(left["failed"].as_array().unwrap().len(), 1);
    assert_eq!(left["failed"][0]["queue"], "portal_default");
}

/// Every endpoint of the axial family.
pub(super) async fn axial(sweep: &mut Sweep) {
    let options = sweep.ok("axial.skills.options", json!({})).await;
    let handler = options["handlers"][0].clone();
    let body = json!({"key": "sweep.one", "title": "T", "description": "D", "instructions": "I"});
    let made = sweep.ok("axial.skills.create", body).await;
    let id = made["skill"]["id"].clone();
    let action = json!({
        "name": "look", "description": "Looks", "handler_type": "local",
        "handler_ref": handler, "permission": "staff",
    });
    let upsert = json!({"skill": "sweep.one", "action": action});
    let skill = sweep.ok("axial.skills.actions.upsert", upsert).await;
    assert_eq!(skill["skill"]["actions"][0]["name"], "look");
    let update = json!({"skill": id, "key": "sweep.two"});
    let skill = sweep.ok("axial.skills.update", update).await;
    assert_eq!(skill["skill"]["title"], "T");
    let list = sweep.ok("axial.skills.index", json!({})).await;
    assert_eq!(find(&list["skills"], "key", "sweep.two")["action_count"], 1);
    let remove = json!({"skill": "sweep.two", "name": "look"});
    let skill = sweep.ok("axial.skills.actions.delete", remove).await;
    assert_eq!(skill["skill"]["actions"], json!([]));
    let by_key = json!({"skill": "sweep.two"});
    let shown = sweep.ok("axial.skills.show", by_key.clone()).await;
    assert_eq!(shown["skill"]["id"], id);
    sweep.done("axial.skills.delete", by_key.clone()).await;
    sweep.fails("axial.skills.show", by_key, 404).await;
    let core = json!({"skill": "axial.core"});
    sweep.fails("axial.skills.delete", core, 403).await;
}
