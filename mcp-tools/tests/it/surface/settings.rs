//! `settings`.

use serde_json::{Value, json};

use super::world;

#[tokio::test]
async fn a_stock_response_from_its_making_to_its_end() {
    let world = world().await;
    let new = json!({"identifier": "Broken plate", "category": "Claims", "content": "<p>Sorry.</p>", "ai_relevance": "compose"});
    let made = world
        .sends(
            "create_stock_response",
            new.clone(),
            "settings/stock-responses/create",
            new,
        )
        .await;
    let id = made["template"]["id"].clone();
    let of = json!({"template_id": id});
    let shown = world
        .sends(
            "get_stock_response",
            of.clone(),
            "settings/stock-responses/show",
            of.clone(),
        )
        .await;
    let change = json!({"id": id, "category": "Claims", "content": "<p>We send another.</p>", "if_version": shown["version"]});
    let only = json!({"template": {"id": id, "content": "<p>We send another.</p>"}});
    let answer = world
        .sends(
            "update_stock_response",
            change,
            "settings/stock-responses/update",
            only,
        )
        .await;
    assert_eq!(answer["changed"], json!(["content"]), "{answer}");
    let ended = world
        .sends(
            "delete_stock_response",
            of.clone(),
            "settings/stock-responses/delete",
            of,
        )
        .await;
    assert_eq!(ended, json!({"done": true}));
}

#[tokio::test]
async fn one_perspective() {
    let world = world().await;
    let named = json!({"name": "For my attention"});
    let shown = world
        .sends(
            "get_perspective",
            named.clone(),
            "settings/perspectives/show",
            named,
        )
        .await;
    assert!(shown.to_string().contains("For my attention"), "{shown}");
}

#[tokio::test]
async fn what_they_refuse() {
    let world = world().await;
    let new = json!({"identifier": "x", "category": "y"});
    let change = json!({"id": 1, "subject": "x"});
    for (tool, arguments) in [
        ("create_stock_response", new),
        ("update_stock_response", change),
        ("delete_stock_response", json!({"template_id": 1})),
    ] {
        world
            .lacks("sandbox-reader", tool, arguments, "settings:write")
            .await;
    }
    let wrong: [(&str, Value, &[&str]); 6] = [
        (
            "create_stock_response",
            json!({"identifier": "x"}),
            &["`category` is required"],
        ),
        (
            "create_stock_response",
            json!({"identifier": "x".repeat(256), "category": "y", "ai_relevance": "quote"}),
            &["identifier", "`ai_relevance` must be one of"],
        ),
        (
            "update_stock_response",
            json!({"id": 1}),
            &["at least one field"],
        ),
        ("delete_stock_response", json!({"id": 1}), &["template_id"]),
        (
            "get_stock_response",
            json!({}),
            &["`template_id` is required"],
        ),
        ("get_perspective", json!({}), &["exactly one"]),
    ];
    for (tool, arguments, parts) in wrong {
        world.refuses(tool, arguments, parts).await;
    }
}
