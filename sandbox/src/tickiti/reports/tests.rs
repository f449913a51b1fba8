//! What the reports count.

use serde_json::{Value, json};

use crate::tickiti::rows::fixture::{ok, refused, state};

const MAY_TO_JUNE: (&str, &str) = ("2026-05-01", "2026-06-15");

fn range(more: Value) -> Value {
    let mut body = json!({"date_from": MAY_TO_JUNE.0, "date_to": MAY_TO_JUNE.1});
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    body
}

#[test]
fn volumes_count_by_day_week_and_month() {
    let mut state = state();
    for (group_by, rows, first) in [
        ("day", 46, "2026-05-01"),
        ("week", 8, "2026-W18"),
        ("month", 2, "2026-05"),
    ] {
        let report = ok(
            &mut state,
            "reports.volumes",
            range(json!({"group_by": group_by})),
        );
        let list = report["rows"].as_array().unwrap();
        assert_eq!(list.len(), rows, "{group_by}");
        assert_eq!(list[0]["period"], first);
        assert_eq!(list[0]["from"], "2026-05-01");
        assert_eq!(
            report["totals"],
            json!({"created": 3, "closed": 2, "responses": 3})
        );
        let created: u64 = list
            .iter()
            .map(|row| row["created"].as_u64().unwrap())
            .sum();
        assert_eq!(created, 3, "the buckets add up to the totals");
    }
}

#[test]
fn deleted_tickets_and_other_queues_do_not_count() {
    let mut state = state();
    state.tickets.get_mut(&13).unwrap().deleted_at = Some(1);
    state.tickets.get_mut(&12).unwrap().queue_id = 3;
    let report = ok(
        &mut state,
        "reports.volumes",
        range(json!({"queue_id": "1"})),
    );
    assert_eq!(
        report["totals"],
        json!({"created": 1, "closed": 0, "responses": 2})
    );
}

#[test]
fn the_default_is_the_last_thirty_days() {
    let report = ok(&mut state(), "reports.volumes", json!({}));
    let rows = report["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 30);
    assert_eq!(rows[29]["period"], "2026-06-15");
    assert_eq!(report["totals"]["created"], 2);
}

#[test]
fn first_answers_are_timed() {
    let report = ok(
        &mut state(),
        "reports.response_times",
        range(json!({"group_by": "month"})),
    );
    assert_eq!(
        report["totals"],
        json!({"tickets": 3, "answered": 1, "average_minutes": 90, "median_minutes": 90})
    );
    assert_eq!(report["rows"][0]["average_minutes"], Value::Null);
}

#[test]
fn resolutions_and_agents_are_counted() {
    let mut state = state();
    let report = ok(&mut state, "reports.resolutions", range(json!({})));
    assert_eq!(report["totals"], json!({"closed": 2, "resolved": 1}));
    assert_eq!(
        report["rows"][0],
        json!({"resolution_id": 1, "name": "Fixed", "count": 1})
    );
    assert_eq!(report["rows"][2]["count"], 1);

    let report = ok(&mut state, "reports.agent_activity", range(json!({})));
    let rows = report["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == "staff").unwrap();
    assert_eq!(
        (&row["public_responses"], &row["tickets"]),
        (&json!(1), &json!(1))
    );
    let queues = ok(&mut state, "reports.meta", json!({}));
    assert_eq!(queues["queues"][1]["name"], "Claims");
}

#[test]
fn ranges_that_make_no_sense_are_refused() {
    let mut state = state();
    for body in [
        json!({"date_from": "2026-06-31"}),
        json!({"date_from": "yesterday"}),
        json!({"date_from": "2026-06-15", "date_to": "2026-06-14"}),
        json!({"date_from": "1990-01-01"}),
        json!({"group_by": "year"}),
        json!({"queue_id": 99}),
    ] {
        refused(&mut state, "reports.volumes", body, 422);
    }
}
