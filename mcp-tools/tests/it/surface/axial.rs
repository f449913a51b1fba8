//! `axial`.

use serde_json::{Value, json};

use super::world;

fn action(name: &str) -> Value {
    json!({"name": name, "description": "Reads an order", "handler_type": "remote", "handler_ref": "orders.read", "permission": "staff"})
}

#[tokio::test]
async fn a_skill_from_its_making_to_its_end() {
    let world = world().await;
    let options = world
        .sends(
            "get_axial_skill_options",
            json!({}),
            "axial/skills/options",
            json!({}),
        )
        .await;
    assert!(options.to_string().contains("vetted"), "{options}");
    let new = json!({
        "key": "claims.broken", "title": "Broken parcels", "description": "Something broke on its way",
        "instructions": "# Ask for a picture", "actions": [action("lookup_order")],
    });
    let made = world
        .sends(
            "create_axial_skill",
            new.clone(),
            "axial/skills/create",
            new,
        )
        .await;
    assert!(made.to_string().contains("lookup_order"), "{made}");
    let change = json!({"skill": "claims.broken", "title": "Broken things", "parent_key": null});
    world
        .sends(
            "update_axial_skill",
            change.clone(),
            "axial/skills/update",
            change,
        )
        .await;
    let more = json!({"skill": "claims.broken", "action": action("lookup_parcel")});
    let whole = world
        .sends(
            "upsert_axial_skill_action",
            more.clone(),
            "axial/skills/actions/upsert",
            more,
        )
        .await;
    assert!(whole.to_string().contains("lookup_parcel"), "{whole}");
    let less = json!({"skill": "claims.broken", "name": "lookup_order"});
    let whole = world
        .sends(
            "delete_axial_skill_action",
            less.clone(),
            "axial/skills/actions/delete",
            less,
        )
        .await;
    assert!(!whole.to_string().contains("lookup_order"), "{whole}");
    let of = json!({"skill": "claims.broken"});
    let shown = world
        .sends(
            "get_axial_skill",
            of.clone(),
            "axial/skills/show",
            of.clone(),
        )
        .await;
    assert!(shown.to_string().contains("Broken things"), "{shown}");
    let all = world
        .sends("list_axial_skills", json!({}), "axial/skills", json!({}))
        .await;
    assert!(all["skills"].to_string().contains("claims.broken"), "{all}");
    let ended = world
        .sends("delete_axial_skill", of.clone(), "axial/skills/delete", of)
        .await;
    assert_eq!(ended, json!({"done": true}));
}

#[tokio::test]
async fn what_they_refuse() {
    let world = world().await;
    let of = json!({"skill": "axial.core"});
    for (tool, arguments, missing) in [
        ("list_axial_skills", json!({}), "skills:read"),
        ("get_axial_skill_options", json!({}), "skills:read"),
        ("get_axial_skill", of.clone(), "skills:read"),
        (
            "create_axial_skill",
            json!({"key": "k", "title": "t", "description": "d", "instructions": "i"}),
            "skills:write",
        ),
        (
            "update_axial_skill",
            json!({"skill": "axial.core", "title": "t"}),
            "skills:write",
        ),
        ("delete_axial_skill", of.clone(), "skills:write"),
        (
            "upsert_axial_skill_action",
            json!({"skill": "axial.core", "action": action("a")}),
            "skills:write",
        ),
        (
            "delete_axial_skill_action",
            json!({"skill": "axial.core", "name": "a"}),
            "skills:write",
        ),
    ] {
        world.lacks("sandbox-agent", tool, arguments, missing).await;
    }
    let wrong: [(&str, Value, &[&str]); 6] = [
        (
            "create_axial_skill",
            json!({"key": "k"}),
            &["`title` is required", "`instructions` is required"],
        ),
        (
            "create_axial_skill",
            json!({"key": "k", "title": "t", "description": "d", "instructions": "i", "actions": [{"description": "d"}]}),
            &["actions", "name"],
        ),
        (
            "update_axial_skill",
            json!({"skill": "a", "composition": "free"}),
            &["`composition` must be one of"],
        ),
        ("get_axial_skill", json!({}), &["`skill` is required"]),
        (
            "upsert_axial_skill_action",
            json!({"skill": "a"}),
            &["`action` is required"],
        ),
        (
            "delete_axial_skill_action",
            json!({"skill": "a"}),
            &["`name` is required"],
        ),
    ];
    for (tool, arguments, parts) in wrong {
        world.refuses(tool, arguments, parts).await;
    }
    // The one that everything rests on stays.
    let error = world.call("delete_axial_skill", of).await.unwrap_err();
    assert!(error.text().contains("axial.core"), "{error}");
}
