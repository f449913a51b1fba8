//! `templates`.

use mcp_tools::ErrorKind;
use sandbox::tickiti::{Install, Switches, Tickiti as Sandbox};
use serde_json::{Value, json};

use super::world;
use crate::harness::{World, registry};

/// Id of the template that was just made.
async fn made(world: &World, identifier: &str) -> Value {
    let new = json!({"type": "email", "identifier": identifier, "subject": "Hello", "content": "<p>Order {{order_no}}</p>"});
    world
        .sends("create_template", new.clone(), "templates/create", new)
        .await;
    let search = json!({"search": identifier});
    let found = world
        .sends(
            "search_templates",
            search.clone(),
            "templates/search",
            search,
        )
        .await;
    let lists = found
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_array);
    let mut rows = lists
        .flatten()
        .filter(|row| row["identifier"] == identifier);
    rows.next().unwrap_or_else(|| panic!("{found}"))["id"].clone()
}

#[tokio::test]
async fn a_template_from_its_making_to_its_change() {
    let world = world().await;
    let id = made(&world, "order_delay_2").await;
    let of = json!({"template_id": id});
    let shown = world
        .sends("get_template", of.clone(), "templates/show", of.clone())
        .await;
    let version = shown["version"].as_str().unwrap().to_owned();

    let render = json!({"template_identifier": "order_delay_2", "data": {"order_no": "5512"}});
    let rendered = world
        .sends(
            "render_template",
            render.clone(),
            "templates/render",
            render,
        )
        .await;
    assert!(rendered.to_string().contains("Order 5512"), "{rendered}");

    // What is the same already does not leave.
    let change = json!({"id": id, "subject": "Hello", "description": "Said when it is late", "if_version": version});
    let only = json!({"template": {"id": id, "description": "Said when it is late"}});
    let answer = world
        .sends("update_template", change.clone(), "templates/update", only)
        .await;
    assert_eq!(answer["changed"], json!(["description"]), "{answer}");
    let now = world.answers("get_template", of).await;
    assert_eq!(now["template"]["content"], shown["template"]["content"]);
    assert_ne!(now["version"], shown["version"]);

    // Whoever has read it before must read it again.
    let stale = json!({"id": id, "subject": "Late", "if_version": version});
    let error = world.call("update_template", stale).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    assert!(
        error.text().contains("nothing was changed") && error.text().contains("get_template"),
        "{error}"
    );
    assert_eq!(world.sandbox.executions("templates.update"), 1);

    let same = json!({"id": id, "subject": "Hello", "is_enabled": true});
    let answer = world.answers("update_template", same).await;
    assert_eq!(answer["changed"], json!([]), "{answer}");
    assert_eq!(world.sandbox.executions("templates.update"), 1);
}

#[tokio::test]
async fn older_installs_reset_nothing() {
    let mut switches = Switches::default();
    switches.install = Install::June;
    let sandbox = Sandbox::builder()
        .switches(switches)
        .whole_log()
        .start()
        .await
        .unwrap();
    let world = World {
        registry: registry(&["default"], &sandbox.base_url()),
        sandbox,
    };
    let id = made(&world, "order_delay_2").await;
    let change = json!({"id": id, "subject": "Late"});
    let whole = json!({"template": {
        "id": id, "subject": "Late", "content": "<p>Order {{order_no}}</p>", "is_enabled": true}});
    world
        .sends("update_template", change, "templates/update", whole)
        .await;
    let now = world
        .answers("get_template", json!({"template_id": id}))
        .await;
    assert_eq!(
        now["template"]["content"], "<p>Order {{order_no}}</p>",
        "{now}"
    );
    assert_eq!(now["template"]["is_enabled"], true, "{now}");
}

#[tokio::test]
async fn what_they_refuse() {
    let world = world().await;
    let new = json!({"type": "email", "identifier": "x"});
    world
        .lacks("sandbox-reader", "create_template", new, "templates:write")
        .await;
    for (tool, arguments) in [
        ("get_template", json!({"template_id": 1})),
        ("search_templates", json!({"search": "x"})),
        (
            "render_template",
            json!({"template_identifier": "x", "data": {}}),
        ),
    ] {
        world
            .lacks("sandbox-agent", tool, arguments, "templates:read")
            .await;
    }
    let id = made(&world, "order_delay_2").await;
    let change = json!({"id": id, "subject": "x"});
    world
        .lacks(
            "sandbox-reader",
            "update_template",
            change,
            "templates:write",
        )
        .await;
    world
        .refuses("update_template", json!({"id": 1}), &["at least one field"])
        .await;
    world
        .refuses(
            "update_template",
            json!({"id": 1, "type": "faq"}),
            &["`type`"],
        )
        .await;
    world
        .refuses(
            "update_template",
            json!({"id": 1, "subject": "x".repeat(256)}),
            &["`subject`"],
        )
        .await;
    world
        .refuses(
            "create_template",
            json!({"type": "email"}),
            &["`identifier` is missing"],
        )
        .await;
    world
        .refuses("search_templates", json!({}), &["`search` is required"])
        .await;
    world
        .refuses(
            "render_template",
            json!({"template_identifier": "x"}),
            &["`data` is required"],
        )
        .await;
    world
        .refuses("get_template", json!({"id": 1}), &["template_id"])
        .await;
    let error = world
        .call("update_template", json!({"id": 987_654, "subject": "x"}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
}
