use api_core::Endpoint;
use serde_json::{from_value, json};

use super::{business_hours, escalations, interventions, queues, resolutions};
use crate::{
    api::wire::{check_refused, check_wire},
    types::Id,
};

#[test]
fn business_hours_are_sent_whole() {
    let mut update = business_hours::Update::new(540, 1020);
    check_wire(
        &update,
        "workflow/business-hours/update",
        &json!({
            "mode": "simple",
            "mon_enabled": true,
            "tue_enabled": true,
            "wed_enabled": true,
            "thu_enabled": true,
            "fri_enabled": true,
            "sat_enabled": false,
            "sun_enabled": false,
            "simple_start": 540,
            "simple_end": 1020,
        }),
    );
    update.simple_end = 1441;
    check_refused(&update, &["simple_end"]);
    update.simple_end = 540;
    check_refused(&update, &["simple_end"]);
}

#[test]
fn escalations_keep_fields_that_are_not_known() {
    let fields = json!({"minutes": 240, "action": "notify", "repeat_minutes": 60});
    let create: escalations::Create = from_value(fields.clone()).unwrap();
    assert_eq!(create.action, escalations::Action::Notify);
    check_wire(&create, "workflow/escalations/create", &fields);
    assert!(from_value::<escalations::Create>(json!({"minutes": 1, "action": "sms"})).is_err());
}

#[test]
fn numbers_of_answers_may_be_texts() {
    let answer = json!({"escalations": [
        {"id": "3", "minutes": "240", "action": "email"},
        {"id": 4, "minutes": 60},
        {"id": 5, "minutes": null},
    ]});
    let listed: escalations::Escalations = from_value(answer).unwrap();
    let minutes: Vec<_> = listed.escalations.iter().map(|row| row.minutes).collect();
    assert_eq!(minutes, [Some(240), Some(60), None]);
}

#[test]
fn tickets_move_between_two_queues() {
    check_wire(
        &queues::Move::new(3, 1),
        "workflow/queues/move",
        &json!({"from_queue_id": 3, "to_queue_id": 1}),
    );
    check_refused(&queues::Move::new(3, 3), &["to_queue_id"]);
}

#[test]
fn a_generated_token_is_out_of_sight() {
    const { assert!(interventions::GenerateToken::SPEC.answers_secret) };
    type Issued = <interventions::GenerateToken as Endpoint>::Response;
    let issued: Issued = from_value(json!({"token": "abc"})).unwrap();
    assert!(!format!("{issued:?}").contains("abc"));
}

#[test]
fn resolutions_are_ordered_by_ids() {
    let ids = vec![Id::new(2), Id::new(1)];
    check_wire(
        &resolutions::Reorder::new(ids),
        "workflow/resolution-categories/reorder",
        &json!({"ids": [2, 1]}),
    );
}
