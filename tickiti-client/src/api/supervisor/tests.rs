use serde_json::{from_value, json};

use super::{Diagnostics, health, jobs};
use crate::{api::wire::check_wire, types::Id};

#[test]
fn disks_and_exceptions_are_told_apart() {
    let managed: health::Managed = from_value(json!({
        "disks": [{"id": "1", "root_path": "C:/", "min_free_space": "5.5", "warn_free_space": 10}],
        "exceptions": [{"id": 2, "pattern": "Connection*", "description": null}],
    }))
    .unwrap();
    let disk = &managed.disks[0];
    assert_eq!(
        (disk.min_free_space, disk.warn_free_space),
        (Some(5.5), Some(10.0))
    );
    assert_eq!(
        managed.exceptions[0].pattern.as_deref(),
        Some("Connection*")
    );
}

#[test]
fn jobs_are_given_by_ids() {
    let ids = vec![Id::new(118), Id::new(119)];
    check_wire(
        &jobs::Retry::new(ids),
        "supervisor/jobs/retry",
        &json!({"job_ids": [118, 119]}),
    );
}

#[test]
fn the_family_itself_has_an_endpoint() {
    check_wire(&Diagnostics {}, "supervisor/diagnostics", &json!({}));
    check_wire(
        &health::DiskStore::new("C:/", 5.0, 10.5),
        "supervisor/health/disk/store",
        &json!({"root_path": "C:/", "min_free_space": 5.0, "warn_free_space": 10.5}),
    );
}
