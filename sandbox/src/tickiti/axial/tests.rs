//! What the skill endpoints do.

use serde_json::{Value, json};

use crate::tickiti::model::State;
use crate::tickiti::rows::fixture::{done, ok, refused, state};

fn skill(key: &str) -> Value {
    json!({"key": key, "title": "T", "description": "D", "instructions": "I"})
}

fn action(name: &str) -> Value {
    json!({"name": name, "description": "Reads", "handler_type": "remote",
           "handler_ref": "orders.lookup", "permission": "staff"})
}

#[test]
fn a_skill_lives_from_create_to_delete() {
    let mut state = state();
    let mut body = skill("shop.returns");
    body["parent_key"] = json!("axial.core");
    body["citation_set"] = json!(["refunds.policy"]);
    body["actions"] = json!([action("lookup")]);
    let made = ok(&mut state, "axial.skills.create", body.clone());
    assert_eq!(made["skill"]["actions"][0]["enabled"], true);
    refused(&mut state, "axial.skills.create", body, 422);
    let id = made["skill"]["id"].as_u64().unwrap();
    let update = json!({"skill": id, "key": "shop.back", "title": "Back"});
    let updated = ok(&mut state, "axial.skills.update", update);
    assert_eq!(updated["skill"]["title"], "Back");
    assert_eq!(updated["skill"]["instructions"], "I");
    let shown = ok(
        &mut state,
        "axial.skills.show",
        json!({"skill": "shop.back"}),
    );
    assert_eq!(shown["skill"]["id"], id);
    let list = ok(&mut state, "axial.skills.index", json!({}));
    let row = list["skills"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&row["key"], &row["action_count"]),
        (&json!("shop.back"), &json!(1))
    );
    done(
        &mut state,
        "axial.skills.delete",
        json!({"skill": id.to_string()}),
    );
    refused(&mut state, "axial.skills.show", json!({"skill": id}), 404);
}

#[test]
fn a_skill_with_one_wrong_action_is_not_created() {
    let mut state = state();
    let before = state.tables["skills"].len();
    let mut body = skill("shop.new");
    body["actions"] = json!([action("good"), {"name": "bad"}]);
    refused(&mut state, "axial.skills.create", body, 422);
    for (field, value) in [
        ("key", json!("Shop New")),
        ("composition", json!("loud")),
        ("parent_key", json!("nobody")),
        ("citation_set", json!(["refunds.done"])),
    ] {
        let mut body = skill("shop.new");
        body[field] = value;
        refused(&mut state, "axial.skills.create", body, 422);
    }
    assert_eq!(state.tables["skills"].len(), before);
}

#[test]
fn the_core_skill_is_reserved_and_parents_do_not_circle() {
    let mut state = state();
    refused(
        &mut state,
        "axial.skills.delete",
        json!({"skill": "axial.core"}),
        403,
    );
    let rename = json!({"skill": "axial.core", "key": "core"});
    refused(&mut state, "axial.skills.update", rename, 403);
    let same = json!({"skill": "axial.core", "key": "axial.core", "title": "Kern"});
    ok(&mut state, "axial.skills.update", same);
    let circle = json!({"skill": "axial.core", "parent_key": "billing.refund_request"});
    refused(&mut state, "axial.skills.update", circle, 422);
}

#[test]
fn children_follow_a_renamed_parent_and_outlive_it() {
    let mut state = state();
    let mut child = skill("billing.partial");
    child["parent_key"] = json!("billing.refund_request");
    ok(&mut state, "axial.skills.create", child);
    let rename = json!({"skill": "billing.refund_request", "key": "billing.refunds"});
    ok(&mut state, "axial.skills.update", rename);
    let parent = |state: &mut State| {
        let shown = ok(
            state,
            "axial.skills.show",
            json!({"skill": "billing.partial"}),
        );
        shown["skill"]["parent_key"].clone()
    };
    assert_eq!(parent(&mut state), "billing.refunds");
    done(
        &mut state,
        "axial.skills.delete",
        json!({"skill": "billing.refunds"}),
    );
    assert_eq!(parent(&mut state), Value::Null);
}

#[test]
fn actions_are_added_changed_and_removed_by_name() {
    let mut state = state();
    let key = "billing.refund_request";
    let with = |action: Value| json!({"skill": key, "action": action});
    let endpoint = "axial.skills.actions.upsert";
    let skill = ok(&mut state, endpoint, with(action("pay")));
    assert_eq!(skill["skill"]["actions"].as_array().unwrap().len(), 2);
    let off = with(json!({"name": "pay", "enabled": false}));
    let skill = ok(&mut state, endpoint, off);
    assert_eq!(skill["skill"]["actions"][1]["enabled"], false);
    assert_eq!(skill["skill"]["actions"][1]["handler_ref"], "orders.lookup");
    for wrong in [
        json!({"name": "fresh"}),
        json!({"name": "Pay"}),
        json!({"name": "pay", "permission": "king"}),
        json!({"name": "pay", "handler_type": "local"}),
    ] {
        refused(&mut state, endpoint, with(wrong), 422);
    }
    let gone = json!({"skill": key, "name": "pay"});
    let skill = ok(&mut state, "axial.skills.actions.delete", gone.clone());
    assert_eq!(skill["skill"]["actions"].as_array().unwrap().len(), 1);
    refused(&mut state, "axial.skills.actions.delete", gone, 404);
}

#[test]
fn options_name_the_vocabulary() {
    let options = ok(&mut state(), "axial.skills.options", json!({}));
    assert_eq!(options["compositions"], json!(["vetted", "guided", "open"]));
    assert_eq!(options["handlers"][0], "knowledge.search");
}
