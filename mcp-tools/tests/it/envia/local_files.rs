//! Files of the disk beside those that come as text.

use std::fs;

use mcp_tools::{ErrorKind, JsonObject, ToolError};
use serde_json::{Value, json};

use super::{World, draft, file};
use crate::{files::Place, harness::object};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR picture";

async fn call(
    world: &World,
    place: &Place,
    tool: &str,
    arguments: Value,
) -> Result<JsonObject, ToolError> {
    let mut context = world.context();
    context.roots = place.roots();
    world.registry.call(tool, context, object(arguments)).await
}

#[tokio::test]
async fn a_file_of_the_disk_goes_with_a_ticket_and_with_a_change() {
    let (world, place) = (World::start().await, Place::new());
    fs::write(place.inside("box.png"), PNG).unwrap();
    fs::write(place.inside("claim.pdf"), "%PDF-1.7 x").unwrap();
    let files = json!([
        {"path": "box.png", "description": "the box"},
        {"path": "claim.pdf", "name": "reclamo.pdf"},
        file("inline.png"),
    ]);
    let more = json!({"payment_method_id": 3, "files": files});
    let opened = call(&world, &place, "create_ticket", draft(9, more))
        .await
        .unwrap();
    let names: Vec<&Value> = opened["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| &file["name"])
        .collect();
    assert_eq!(names, ["box.png", "reclamo.pdf", "inline.png"]);
    assert!(
        opened["files"]
            .as_array()
            .unwrap()
            .iter()
            .all(|file| file["ok"] == true),
        "{opened:?}"
    );

    let change = json!({"ticket_id": opened["ticket_id"], "company_id": 4410, "files": [{"path": "box.png"}]});
    let changed = call(&world, &place, "update_ticket", change).await.unwrap();
    assert_eq!(changed["files"][0]["ok"], true, "{changed:?}");
    assert_eq!(world.count("tickets.upload"), 4);
}

#[tokio::test]
async fn what_may_not_be_sent_is_refused_before_anything_is() {
    let (world, place) = (World::start().await, Place::new());
    fs::write(place.inside("box.png"), PNG).unwrap();
    fs::write(place.inside("words.pdf"), "no document").unwrap();
    fs::write(
        place.inside("large.png"),
        [PNG, &vec![0; 10 * 1024 * 1024]].concat(),
    )
    .unwrap();
    for (row, kind, says) in [
        (
            json!({"path": "../outside/secret.txt"}),
            ErrorKind::Denied,
            "leads out",
        ),
        (
            json!({"path": "words.pdf"}),
            ErrorKind::Arguments,
            "must be a JPEG picture or a PNG picture or a PDF document",
        ),
        (
            json!({"path": "large.png"}),
            ErrorKind::Arguments,
            "at most 10485760 are taken",
        ),
        (
            json!({"path": "none.png"}),
            ErrorKind::NotFound,
            "does not exist",
        ),
        (
            json!({"path": "box.png", "content_base64": "aGk="}),
            ErrorKind::Arguments,
            "does not go with `path`",
        ),
        (
            json!({"name": "box.png"}),
            ErrorKind::Arguments,
            "`files[0].content_base64` is required; or give a local file",
        ),
    ] {
        for tool in ["create_ticket", "update_ticket"] {
            let arguments = match tool {
                "create_ticket" => draft(9, json!({"payment_method_id": 3, "files": [row]})),
                _ => json!({"ticket_id": 58201, "company_id": 4410, "files": [row]}),
            };
            let refused = call(&world, &place, tool, arguments).await.unwrap_err();
            assert_eq!(refused.kind(), kind, "{tool} {row}: {refused}");
            assert!(refused.text().contains(says), "{tool} {row}: {refused}");
        }
    }
    assert_eq!(
        world.count("tickets.create") + world.count("tickets.upload"),
        0
    );
}
