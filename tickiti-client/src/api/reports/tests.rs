use serde_json::{from_value, json};

use super::{AgentActivity, GroupBy, Meta, Volumes};
use crate::api::wire::{check_refused, check_wire};

#[test]
fn reports_name_days_and_periods() {
    let fields = json!({
        "date_from": "2026-10-01",
        "date_to": "2026-10-31",
        "queue_id": "3",
        "group_by": "week",
    });
    let volumes: Volumes = from_value(fields.clone()).unwrap();
    assert_eq!(volumes.group_by, Some(GroupBy::Week));
    let mut body = fields;
    body["queue_id"] = json!(3);
    check_wire(&volumes, "reports/volumes", &body);
}

#[test]
fn everything_may_be_left_out() {
    check_wire(
        &AgentActivity::default(),
        "reports/agent-activity",
        &json!({}),
    );
    check_wire(&Meta {}, "reports/meta", &json!({}));
}

#[test]
fn what_is_no_date_does_not_leave() {
    for bad in ["2026-02-30", "yesterday", "01.10.2026"] {
        assert!(
            from_value::<Volumes>(json!({"date_from": bad})).is_err(),
            "{bad}"
        );
    }
}

#[test]
fn the_last_day_is_not_before_the_first() {
    let one_day = json!({"date_from": "2026-10-01", "date_to": "2026-10-01"});
    let volumes: Volumes = from_value(one_day.clone()).unwrap();
    check_wire(&volumes, "reports/volumes", &one_day);
    let fields = json!({"date_from": "2026-10-02", "date_to": "2026-10-01"});
    check_refused(&from_value::<Volumes>(fields).unwrap(), &["date_to"]);
}
