//! `lookups` that came with the whole surface.

use serde_json::json;

use super::world;

#[tokio::test]
async fn lists_to_choose_from() {
    let world = world().await;
    for (tool, arguments, path, body, list) in [
        (
            "list_staff",
            json!({"search": "a"}),
            "tickets/staff",
            json!({"search": "a"}),
            "staff",
        ),
        ("list_teams", json!({}), "tickets/teams", json!({}), "teams"),
        (
            "list_teams",
            json!({"filters": {"brief": true}}),
            "tickets/teams",
            json!({"brief": true}),
            "teams",
        ),
        (
            "list_resolutions",
            json!({}),
            "tickets/resolutions",
            json!({}),
            "resolutions",
        ),
    ] {
        let answer = world.sends(tool, arguments, path, body).await;
        let rows = answer[list]
            .as_array()
            .unwrap_or_else(|| panic!("{tool}: {answer}"));
        assert!(
            !rows.is_empty() && rows.iter().all(|row| row.is_object()),
            "{tool}: {answer}"
        );
    }
    let modes = world
        .sends(
            "get_search_modes",
            json!({}),
            "tickets/search-modes",
            json!({}),
        )
        .await;
    assert!(modes.to_string().contains("subject_content"), "{modes}");
}

#[tokio::test]
async fn what_they_refuse() {
    let world = world().await;
    world
        .refuses(
            "list_staff",
            json!({"serach": "a"}),
            &["did you mean `search`?"],
        )
        .await;
    world
        .refuses("list_teams", json!({"filters": 7}), &["`filters`"])
        .await;
    world
        .refuses("list_resolutions", json!({"queue": 1}), &["`queue`"])
        .await;
    world
        .refuses("get_search_modes", json!({"mode": "x"}), &["`mode`"])
        .await;
}
