use serde_json::{from_value, json};

use super::skills::{self, SkillRef, actions};
use crate::{api::wire::check_wire, types::Id};

#[test]
fn a_skill_is_named_by_key_or_id() {
    for (skill, wire) in [
        (
            SkillRef::from("billing.refund_request"),
            json!("billing.refund_request"),
        ),
        (SkillRef::from(Id::new(7)), json!(7)),
    ] {
        check_wire(
            &skills::Show::new(skill),
            "axial/skills/show",
            &json!({"skill": wire}),
        );
    }
    let error = from_value::<skills::Show>(json!({"skill": true})).unwrap_err();
    assert_eq!(error.to_string(), "the key or the id of a skill");
}

#[test]
fn a_parent_is_kept_set_or_cleared() {
    for fields in [
        json!({"skill": "billing.refund_request"}),
        json!({"skill": "billing.refund_request", "parent_key": null}),
        json!({"skill": "billing.refund_request", "parent_key": "billing"}),
    ] {
        let update: skills::Update = from_value(fields.clone()).unwrap();
        check_wire(&update, "axial/skills/update", &fields);
    }
}

#[test]
fn an_action_lies_inside_action_and_keeps_unknown_keys() {
    let mut action = actions::Action::new("lookup_order");
    action.handler_type = Some(actions::HandlerType::Remote);
    action.permission = Some(actions::Permission::Staff);
    action.extra.insert("cache_seconds".into(), json!(60));
    check_wire(
        &actions::Upsert::new("billing.refund_request", action),
        "axial/skills/actions/upsert",
        &json!({
            "skill": "billing.refund_request",
            "action": {
                "name": "lookup_order",
                "handler_type": "remote",
                "permission": "staff",
                "cache_seconds": 60,
            },
        }),
    );
}

#[test]
fn a_skill_is_created_with_its_actions() {
    let mut create = skills::Create::new("billing.refund", "Refunds", "Money back", "Be brief.");
    create.composition = Some(skills::Composition::Vetted);
    create.actions = Some(vec![actions::Action::new("lookup_order")]);
    check_wire(
        &create,
        "axial/skills/create",
        &json!({
            "key": "billing.refund",
            "title": "Refunds",
            "description": "Money back",
            "instructions": "Be brief.",
            "composition": "vetted",
            "actions": [{"name": "lookup_order"}],
        }),
    );
}
