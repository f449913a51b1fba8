//! `administration`: API keys, whose secrets no model reads.

use std::fs;

use mcp_tools::{Backends, Context, ErrorKind, Secrets, tickiti::Tickiti};
use serde_json::{Value, json};

use super::world;
use crate::harness::{World, instances, object, secrets_folder};

fn key(name: &str) -> Value {
    json!({"name": name, "owner": "system", "abilities": ["tickets:read"]})
}

/// The secret that an answer names the file of, and that the answer does not hold.
fn secret_of(answer: &Value) -> String {
    let path = answer["secret_file"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"));
    let secret = fs::read_to_string(path).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode =
            |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(path.as_ref()), 0o600, "{path}");
    }
    fs::remove_file(path).unwrap();
    let secret = secret.trim().to_owned();
    let (_, random) = secret.split_once('|').unwrap_or(("", &secret));
    assert!(random.len() > 20, "no secret");
    assert!(
        !answer.to_string().contains(random),
        "the answer holds the secret"
    );
    secret
}

async fn works(world: &World, secret: &str) -> bool {
    world
        .call_as(secret, "get_token_info", json!({}))
        .await
        .is_ok()
}

#[tokio::test]
async fn a_key_from_its_making_to_its_end() {
    let world = world().await;
    let made = world
        .sends(
            "create_api_token",
            key("nightly"),
            "administration/api-tokens/create",
            key("nightly"),
        )
        .await;
    let secret = secret_of(&made);
    assert!(works(&world, &secret).await);
    let id = made["id"].clone();
    let all = world
        .sends(
            "list_api_tokens",
            json!({}),
            "administration/api-tokens",
            json!({}),
        )
        .await;
    assert!(all["tokens"].to_string().contains("nightly"), "{all}");
    let change = json!({"id": id, "name": "weekly", "allowed_ip": null});
    let changed = world
        .sends(
            "update_api_token",
            change.clone(),
            "administration/api-tokens/update",
            change,
        )
        .await;
    assert_eq!(changed, json!({"done": true}));
    let of = json!({"id": id});
    world
        .sends(
            "revoke_api_token",
            of.clone(),
            "administration/api-tokens/revoke",
            of,
        )
        .await;
    assert!(!works(&world, &secret).await);
}

#[tokio::test]
async fn the_general_tool_shows_no_secret_either() {
    let world = world().await;
    let made = world
        .endpoint("administration.api_tokens.create", key("general"))
        .await
        .unwrap();
    assert!(works(&world, &secret_of(&made)).await);
    let list = world
        .endpoint("workflow.interventions.index", json!({}))
        .await
        .unwrap();
    let rows = list
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_array)
        .flatten();
    let id = rows.clone().next().unwrap_or_else(|| panic!("{list}"))["id"].clone();
    let issued = world
        .endpoint(
            "workflow.interventions.generate_token",
            json!({"intervention_id": id, "remote_name": "shop"}),
        )
        .await
        .unwrap();
    secret_of(&issued);
}

#[tokio::test]
async fn without_a_place_for_it_no_secret_is_made() {
    let world = world().await;
    let call = |tool: &'static str, arguments: Value| {
        let tickiti = Tickiti::new(instances(
            &["default"],
            &world.sandbox.base_url(),
            "sandbox-admin",
        ));
        let context = Context::new("test", Backends::new().with(tickiti));
        world.registry.call(tool, context, object(arguments))
    };
    let general =
        json!({"family": "administration", "action": "api_tokens.create", "payload": key("x")});
    for (tool, arguments) in [("create_api_token", key("x")), ("tickiti_call", general)] {
        let error = call(tool, arguments).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
        assert!(error.text().contains("nothing was sent"), "{error}");
        assert!(error.text().contains("Administration"), "{error}");
    }
    assert_eq!(
        world.sandbox.executions("administration.api_tokens.create"),
        0
    );
}

#[tokio::test]
async fn what_is_refused_or_rehearsed_leaves_no_file() {
    let world = world().await;
    let folder = secrets_folder().join("of_its_own");
    let call = |arguments: Value| {
        let base = world.sandbox.base_url();
        let tickiti = Tickiti::new(instances(&["default"], &base, "sandbox-admin"));
        let mut context = Context::new("test", Backends::new().with(tickiti));
        context.secrets = Some(Secrets::new(&folder));
        world
            .registry
            .call("create_api_token", context, object(arguments))
    };
    let files = || fs::read_dir(&folder).map_or(0, Iterator::count);
    let unknown = json!({"name": "x", "owner": "987654", "abilities": ["tickets:read"]});
    call(unknown).await.unwrap_err();
    assert!(folder.is_dir() && files() == 0);
    let mut rehearsed = key("x");
    rehearsed["dry_run"] = json!(true);
    let shown = call(rehearsed).await.unwrap();
    assert_eq!(shown["would_send"]["body"], key("x"), "{shown:?}");
    assert_eq!(files(), 0);
    let done = world.sandbox.executions("administration.api_tokens.create");
    assert_eq!(done, 0);
    let made = call(key("x")).await.unwrap();
    assert_eq!(files(), 1);
    secret_of(&Value::Object(made));
    assert_eq!(files(), 0);
}

#[tokio::test]
async fn what_they_refuse() {
    let world = world().await;
    for (tool, arguments, missing) in [
        ("create_api_token", key("x"), "administration:write"),
        (
            "update_api_token",
            json!({"id": 1, "name": "x"}),
            "administration:write",
        ),
        ("revoke_api_token", json!({"id": 1}), "administration:write"),
        ("list_api_tokens", json!({}), "administration:read"),
    ] {
        world.lacks("sandbox-agent", tool, arguments, missing).await;
    }
    let wider = json!({"name": "x", "owner": "nobody", "abilities": ["tickets:read"]});
    world.refuses("create_api_token", wider, &["owner"]).await;
    let none = json!({"name": "x", "owner": "system", "abilities": []});
    world
        .refuses("create_api_token", none, &["abilities"])
        .await;
    world
        .refuses(
            "create_api_token",
            json!({"name": "x"}),
            &["`owner` is required"],
        )
        .await;
    world
        .refuses(
            "update_api_token",
            json!({"id": 1, "abilities": []}),
            &["abilities"],
        )
        .await;
    world
        .refuses(
            "revoke_api_token",
            json!({"token": 1}),
            &["`id` is required"],
        )
        .await;
}
